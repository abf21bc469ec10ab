"""How good decisions are: labelled entries, figures, and what stood between two entries."""
