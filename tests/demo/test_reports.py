from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import combinations
from urllib.parse import urlsplit

import pytest

from aggregator.demo.newsroom import FIRST_ROUND, SECOND_ROUND
from aggregator.demo.reports import LANGUAGES, NewsReport, outlets, reports
from tests.demo.words import jaccard, words, words_without_byline

PANJSHIR = "panjshir-assault"
LOOK_ALIKES = ("baghlan-clashes", "kabul-airport", "doha-talks", "new-government", "cleric-arrest", "us-poll")
COPIES = [report for report in reports() if report.copy_of]


def named(name: str) -> NewsReport:
    return next(report for report in reports() if report.id == name)


def test_there_are_some_sixty_reports_of_twelve_happenings_in_five_languages():
    assert 55 <= len(reports()) <= 70
    assert len({report.happening for report in reports()}) == 12
    assert {report.language for report in reports()} == set(LANGUAGES)


def test_ids_and_urls_name_one_report_each():
    assert max(Counter(report.id for report in reports()).values()) == 1
    assert max(Counter(report.url for report in reports()).values()) == 1


@pytest.mark.parametrize("outlet", outlets(), ids=lambda outlet: outlet.key)
def test_an_outlet_lives_under_a_name_that_never_resolves(outlet):
    assert urlsplit(outlet.site).hostname.endswith(".example")
    assert any(report.outlet == outlet for report in reports())


def test_every_format_is_served_by_some_outlet():
    assert {outlet.format for outlet in outlets()} == {"rss", "atom", "json", "rdf"}


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.id)
def test_a_report_reads_like_news(report):
    assert datetime(2021, 8, 31, tzinfo=UTC) <= report.published <= SECOND_ROUND
    assert 4 <= len(report.title.split()) <= 18
    assert 30 <= len(report.summary.split()) <= 90
    assert report.summary.endswith(".")
    assert report.summary == " ".join(report.summary.split())


def test_what_the_first_round_brings_is_a_day_old_at_most():
    first = [report for report in reports() if report.published <= FIRST_ROUND]
    assert all(FIRST_ROUND - report.published <= timedelta(days=1) for report in first)
    assert len(first) > len(reports()) / 2


def test_the_assault_is_told_in_every_language_by_three_outlets():
    for language in LANGUAGES:
        told = [r for r in reports() if r.happening == PANJSHIR and r.language == language]
        assert len({report.outlet for report in told}) == 3


def test_the_assault_is_followed_up_two_days_later_in_every_language():
    later = {r.language for r in reports() if r.happening == PANJSHIR and r.published > FIRST_ROUND}
    assert later == set(LANGUAGES)


@pytest.mark.parametrize("copy", COPIES, ids=lambda report: report.id)
def test_wire_copy_is_nearly_the_original_without_its_byline(copy):
    original = named(copy.copy_of)
    assert jaccard(words_without_byline(copy), words_without_byline(original)) >= 0.8
    assert copy.outlet != original.outlet
    assert copy.published > original.published
    assert copy.text != original.text
    assert copy.text.startswith(copy.byline)


def test_reports_that_are_no_copies_are_written_anew():
    for a, b in combinations(reports(), 2):
        if a.copy_of != b.id and b.copy_of != a.id:
            assert jaccard(words_without_byline(a), words_without_byline(b)) < 0.5, f"{a.id} and {b.id}"


@pytest.mark.parametrize("language", ["id", "en"])
def test_look_alikes_share_words_with_the_assault_without_telling_of_it(language):
    assault = [r for r in reports() if r.happening == PANJSHIR and r.language == language]
    vocabulary = frozenset().union(*(words_without_byline(report) for report in assault))
    told = [r for r in reports() if r.happening in LOOK_ALIKES and r.language == language]
    assert len({report.happening for report in told}) >= 5
    for report in told:
        assert len(words_without_byline(report) & vocabulary) >= 6
        assert not words(report.text) & {"panjshir", "massoud", "dashti", "muttaqi", "shotul"}
