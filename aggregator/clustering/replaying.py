"""From stored evidence alone back to the decision: what anybody can check who has the row and these lines."""

from math import fsum, isclose

from aggregator.clustering.evidence import Evidence

WAYS = ("goes_in_stays", "stays_in_goes")  # the parts of a merge: how well the event that went fitted, and back
ROUNDED = 1e-5  # what rounding its parts may take off a score


def adds_up(evidence: Evidence) -> bool:
    """Tell whether the score is what its parts come to: their sum, or of a merge the lower of both ways."""
    if evidence.score is None:
        return not evidence.parts
    if set(evidence.parts) == set(WAYS):
        return evidence.score == min(evidence.parts.values())
    return isclose(evidence.score, fsum(evidence.parts.values()), abs_tol=ROUNDED)


def replayed(evidence: Evidence) -> str:
    """Give the rule that follows from the numbers; a correction follows from what a person said, and no number.

    That an entry was in another event before (`repair`) no number tells: it is what its rule says.
    """
    if evidence.rule == "correction":
        return "correction"
    enough = evidence.score is not None and evidence.score >= _needed(evidence)
    if set(evidence.parts) == set(WAYS):
        return "merge" if enough else "apart"
    if enough != (evidence.members > 0):
        return "joined without enough" if evidence.members else "founded in spite of enough"
    if evidence.rule == "repair":
        return "repair"
    if not enough:
        return "founded"
    return "copy" if evidence.parts.get("copy") else "joined"


def _needed(evidence: Evidence) -> float:
    """Give the threshold; evidence of former versions knows that for joining alone."""
    return evidence.thresholds.get("needed", evidence.thresholds["join"])
