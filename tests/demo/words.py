"""Word sets of reports, and how far they overlap."""

import regex

from aggregator.demo.reports import NewsReport


def words(text: str) -> frozenset[str]:
    return frozenset(regex.findall(r"[\p{L}\p{N}]+", text.lower()))


def words_without_byline(report: NewsReport) -> frozenset[str]:
    return words(f"{report.title} {report.summary}")


def jaccard(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / len(a | b)
