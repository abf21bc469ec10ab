"""Known, edited or new."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.model import ParsedEntry
from aggregator.parsing.identity import Decision, Edited, Known, KnownEntry, New, match
from aggregator.parsing.keys import digest, keys

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def an_entry(
    guid: str | None = "1",
    url: str | None = "https://contoh.example/news/1",
    title: str = "Dam overflows after a week of rain",
    summary: str = "",
    published: datetime | None = NOON,
) -> ParsedEntry:
    return ParsedEntry(guid=guid, url=url, title=title, summary=summary, published=published)


def stored(*entries: ParsedEntry) -> list[KnownEntry]:
    return [
        KnownEntry(id=number, keys=keys(each), title=each.title, published=each.published, digest=digest(each))
        for number, each in enumerate(entries, 1)
    ]


def kinds(decisions: list[Decision]) -> list[type]:
    return [type(each) for each in decisions]


def test_an_entry_seen_before_is_known() -> None:
    assert kinds(match([an_entry()], stored(an_entry()))) == [Known]


def test_an_entry_never_seen_is_new() -> None:
    other = an_entry("2", "https://contoh.example/news/2", "Ferry service resumes")
    assert kinds(match([other], stored(an_entry()))) == [New]


def test_a_changed_title_or_summary_is_an_edit_in_place() -> None:
    for edit in (an_entry(title="Dam breaks"), an_entry(summary="Villages are evacuated.")):
        (decision,) = match([edit], stored(an_entry()))
        assert isinstance(decision, Edited)
        assert decision.known.id == 1


def test_blanks_alone_are_no_edit() -> None:
    assert kinds(match([an_entry(summary="a  b\n c")], stored(an_entry(summary="a b c")))) == [Known]


def test_a_guid_that_differs_in_scheme_www_or_a_trailing_slash_is_the_same() -> None:
    before = stored(an_entry("http://www.contoh.example/news/1/", url=None))
    assert kinds(match([an_entry("https://contoh.example/news/1", url=None)], before)) == [Known]


def test_without_a_guid_the_link_is_the_identity() -> None:
    before = stored(an_entry(None))
    assert kinds(match([an_entry(None, title="Dam breaks", published=None)], before)) == [Edited]
    assert kinds(match([an_entry(None, "https://contoh.example/news/2", published=None)], before)) == [New]


def test_a_link_to_the_front_page_is_no_identity() -> None:
    before = stored(an_entry(None, "https://contoh.example/"))
    other = an_entry(None, "https://contoh.example/", "Ferry service resumes", published=NOON + timedelta(hours=1))
    assert kinds(match([other], before)) == [New]


def test_without_guid_and_link_title_and_date_are_the_identity() -> None:
    before = stored(an_entry(None, None))
    assert kinds(match([an_entry(None, None, summary="More.")], before)) == [Edited]
    assert kinds(match([an_entry(None, None, published=NOON + timedelta(days=1))], before)) == [New]


def test_one_guid_on_different_entries_of_a_document_keeps_all() -> None:
    document = [
        an_entry("feed", f"https://contoh.example/news/{n}", f"Report {word}", published=NOON + timedelta(hours=n))
        for n, word in enumerate(("one", "two", "three"))
    ]
    assert kinds(match(document, [])) == [New, New, New]
    assert kinds(match(document, stored(*document))) == [Known, Known, Known]
    assert kinds(match(document[1:], stored(*document[:2]))) == [Known, New]


def test_one_guid_without_links_keeps_all_titles() -> None:
    document = [an_entry("1", None, f"Report {word}", published=None) for word in ("one", "two", "three")]
    assert kinds(match(document, [])) == [New, New, New]
    assert kinds(match(document, stored(*document))) == [Known, Known, Known]


def test_a_guid_used_again_for_another_report_does_not_overwrite_the_first() -> None:
    before = stored(an_entry("latest"))
    later = an_entry("latest", "https://contoh.example/news/2", "Ferry service resumes", "", NOON + timedelta(hours=2))
    assert kinds(match([later], before)) == [New]


def test_an_edit_that_moves_link_and_title_keeps_its_guid_and_date() -> None:
    moved = an_entry("1", "https://contoh.example/news/1-dam-breaks", "Thousands flee as barrier gives way")
    assert kinds(match([moved], stored(an_entry()))) == [Edited]


def test_a_guid_that_changes_at_every_fetch_is_matched_by_link_and_title() -> None:
    first = [an_entry(f"session-1-{n}", f"https://contoh.example/{n}", f"Report number {n} of today") for n in range(6)]
    again = [an_entry(f"session-2-{n}", f"https://contoh.example/{n}", f"Report number {n} of today") for n in range(6)]
    assert kinds(match(again, stored(*first))) == [Known] * 6


def test_where_every_guid_changes_the_link_alone_finds_an_edit() -> None:
    first = [an_entry(f"a{n}", f"https://contoh.example/{n}", f"Report number {n} of today") for n in range(6)]
    again = [an_entry(f"b{n}", f"https://contoh.example/{n}", f"Report number {n} of today") for n in range(5)]
    again.append(an_entry("b5", "https://contoh.example/5", "Everything is different now"))
    assert kinds(match(again, stored(*first))) == [Known] * 5 + [Edited]


def test_a_changing_guid_without_a_link_is_matched_by_its_text() -> None:
    assert kinds(match([an_entry("b", None)], stored(an_entry("a", None)))) == [Known]


def test_a_new_guid_under_a_page_that_carries_many_reports_is_new() -> None:
    live = "https://contoh.example/live"
    before = stored(an_entry("1", live, "First update"))
    document = [an_entry("2", live, "Second update"), an_entry("1", live, "First update")]
    assert kinds(match(document, before)) == [New, Known]


def test_a_version_counted_in_the_guid_is_an_edit() -> None:
    before = stored(an_entry("https://contoh.example/news/1#0"))
    assert kinds(match([an_entry("https://contoh.example/news/1#1", title="Dam breaks")], before)) == [Edited]


def test_a_repeat_within_a_document_counts_once() -> None:
    assert kinds(match([an_entry(), an_entry()], [])) == [New]


def test_a_report_that_is_listed_again_as_edited_counts_once() -> None:
    """Its guid is its own, as those of the others are; where two reports are all there is, nobody can tell."""
    page = "https://contoh.example/alert-level"
    edited = an_entry("7", page, "Alert level to fall", "On Tuesday, says the mayor.", NOON + timedelta(hours=3))
    earlier = an_entry("7", page, "Alert level to fall", "On Tuesday.", NOON)
    others = [an_entry(str(n), f"https://contoh.example/{n}", f"Report {n}") for n in range(3)]
    assert kinds(match([edited, *others, earlier], [])) == [New] * 4
    assert kinds(match([edited, *others, earlier], stored(earlier))) == [Edited, New, New, New]
    assert kinds(match([edited, earlier], [])) == [New, New]


def test_an_edit_of_one_of_two_titles_under_a_guid_and_link_is_an_edit() -> None:
    page = "https://contoh.example/live"
    one = an_entry("7", page, "Live: the vote", "Polls are open.", NOON)
    other = an_entry("7", page, "What we know of the vote so far", "Polls are open.", NOON)
    edit = an_entry("7", page, "Live: the vote", "Polls are closed.", NOON + timedelta(hours=3))
    assert kinds(match([edit, other], stored(one, other))) == [Edited, Known]


def test_reordered_and_returning_entries_are_not_new() -> None:
    document = [an_entry(str(n), f"https://contoh.example/{n}", f"Report {n}") for n in range(9)]
    known = stored(*document)
    assert kinds(match(document[::-1], known)) == [Known] * 9
    assert kinds(match(document[3:4], known[3:4])) == [Known]


def test_a_feed_that_starts_to_give_guids_repeats_nothing() -> None:
    before = [an_entry(None, f"https://contoh.example/{n}", f"Report {n} of the day") for n in range(4)]
    after = [an_entry(f"g{n}", f"https://contoh.example/{n}", f"Report {n} of the day") for n in range(4)]
    assert kinds(match(after, stored(*before))) == [Known] * 4
    assert kinds(match(before, stored(*after))) == [Known] * 4


ALERTS = "https://contoh.example/alerts"
SHARED = pytest.mark.parametrize(("guid", "url"), [(None, ALERTS), ("alerts", ALERTS), ("alerts", None), (None, None)])


def warnings(guid: str | None, url: str | None) -> list[ParsedEntry]:
    """Give the flood warnings of three days under one title, the newest first."""
    return [
        an_entry(guid, url, "Flood warning", f"For the {river}.", NOON + timedelta(days=day))
        for day, river in ((2, "Mura"), (1, "Sava"), (0, "Drava"))
    ]


@SHARED
def test_reports_of_one_title_are_all_kept(guid: str | None, url: str | None) -> None:
    document = warnings(guid, url)
    assert kinds(match(document, [])) == [New, New, New]
    assert kinds(match(document, stored(*document[::-1]))) == [Known, Known, Known]
    assert kinds(match(document[:2], stored(*document[1:]))) == [New, Known]
    assert kinds(match(document[:1], stored(*document[1:]))) == [New]


@pytest.mark.parametrize("url", [ALERTS, None])
def test_without_a_guid_a_report_of_one_title_does_not_overwrite_those_before(url: str | None) -> None:
    later, *earlier = warnings(None, url)
    assert kinds(match([later], stored(*earlier))) == [New]
    renamed = an_entry(None, url, "Drought", "No rain.", later.published)
    assert kinds(match([renamed], stored(*earlier))) == [New]


def test_without_guid_and_link_a_report_does_not_overwrite_the_one_before() -> None:
    later, earlier, _ = warnings(None, None)
    assert kinds(match([later], stored(earlier))) == [New]


def test_without_a_guid_a_page_of_its_own_may_change_date_and_text_together() -> None:
    later, earlier, _ = warnings(None, "http://news.example/2026/09/18/dam-holds")
    assert kinds(match([later], stored(earlier))) == [Edited]


def test_a_new_guid_under_one_link_and_title_is_another_report_of_another_date_and_text() -> None:
    later, earlier = warnings("later", ALERTS)[0], warnings("earlier", ALERTS)[1]
    assert kinds(match([later], stored(earlier))) == [New]


@SHARED
def test_an_edit_under_one_title_is_that_of_its_date(guid: str | None, url: str | None) -> None:
    later, middle, earlier = warnings(guid, url)
    edit = an_entry(guid, url, middle.title, "For the Sava, lifted.", middle.published)
    decided = match([later, edit, earlier], stored(earlier, middle, later))
    assert kinds(decided) == [Known, Edited, Known]
    assert isinstance(decided[1], Edited)
    assert decided[1].known.id == 2


def test_an_entry_with_a_guid_of_its_own_may_change_date_and_text_together() -> None:
    for edit in (
        an_entry(summary="Villages are evacuated.", published=NOON + timedelta(hours=1)),
        an_entry(title="Dam breaks", summary="Villages are evacuated.", published=NOON + timedelta(hours=1)),
    ):
        assert kinds(match([edit], stored(an_entry()))) == [Edited]


@SHARED
def test_a_date_that_is_set_anew_at_every_fetch_makes_nothing_new(guid: str | None, url: str | None) -> None:
    if url is None and guid is None:
        return  # nothing but title and date tells such entries apart
    titles = ("Dam overflows", "Ferry service resumes", "Vote is delayed")
    before = [an_entry(guid, url, title, f"{title}.") for title in titles]
    again = [an_entry(guid, url, title, f"{title}.", NOON + timedelta(hours=1)) for title in titles]
    assert kinds(match(again, stored(*before))) == [Known, Known, Known]


def test_another_title_under_a_shared_guid_and_link_overwrites_nothing() -> None:
    before = [an_entry("x", ALERTS, title, published=None) for title in ("Storm", "Flood")]
    after = [an_entry("x", ALERTS, title, published=None) for title in ("Drought", "Storm")]
    assert kinds(match(after, stored(*before))) == [New, Known]


SMALL = st.builds(
    an_entry,
    guid=st.sampled_from([None, "1", "2", "https://e.org/1"]),
    url=st.sampled_from([None, "https://e.org/", "https://e.org/1", "https://e.org/2"]),
    title=st.sampled_from(["", "one", "two", "one two"]),
    summary=st.sampled_from(["", "x", "y"]),
    published=st.sampled_from([None, NOON, NOON + timedelta(days=1)]),
)


@pytest.mark.parametrize(
    "guid", ["http://[", "https://[::1", "http://e.org:99999999/", "http://", "https://\u2100.org/"]
)
def test_a_guid_that_only_looks_like_a_url_is_a_guid(guid: str) -> None:
    assert kinds(match([an_entry(guid, None)], stored(an_entry(guid, None)))) == [Known]


@given(st.text(max_size=40).map("https://".__add__))
def test_any_guid_has_keys(guid: str) -> None:
    assert keys(an_entry(guid, None)).guid


@given(st.lists(SMALL, max_size=12))
def test_a_document_fetched_again_brings_nothing_new(document: list[ParsedEntry]) -> None:
    first = match(document, [])
    for order in (1, -1):
        known = stored(*[decision.entry for decision in first][::order])
        assert kinds(match(document, known)) == [Known] * len(first)


@given(st.lists(SMALL, max_size=12), st.lists(SMALL, max_size=12))
def test_no_stored_entry_is_matched_twice(before: list[ParsedEntry], document: list[ParsedEntry]) -> None:
    found = [d.known.id for d in match(document, stored(*before)) if not isinstance(d, New)]
    assert len(found) == len(set(found))


@given(st.lists(SMALL, max_size=12))
def test_nothing_distinct_is_lost(document: list[ParsedEntry]) -> None:
    kept = {(e.guid, e.title) for e in (d.entry for d in match(document, []))}
    assert {(e.guid, e.title) for e in document if e.title} <= kept | {
        (e.guid, e.title) for e in document if not e.title
    }


@given(st.lists(SMALL.filter(lambda each: each.guid or each.url in {"https://e.org/1", "https://e.org/2"}), max_size=8))
def test_dates_set_anew_all_at_once_make_nothing_new(document: list[ParsedEntry]) -> None:
    known = stored(*(decision.entry for decision in match(document, [])))
    again = [replace(each, published=each.published and each.published + timedelta(hours=1)) for each in document]
    assert New not in kinds(match(again, known))
