"""What a text says, as values to compare: language, words, numbers and names. Pure."""
