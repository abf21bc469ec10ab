"""`aggregator events merge`, `split`, `move`, `pin`, `mute`, `events corrections` and `undo`, without a daemon."""

import json
from typing import Any

import pytest

from aggregator.cli.reference import SHAPES
from aggregator.database.lock import sole
from tests.cli import newsroom
from tests.cli.running import Here, Ran

NOW = newsroom.NOW.isoformat()
LATER = "2021-09-03T22:00Z"


def listed(here: Here) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = here.run("events", "list", "--all", "--json", "--now", NOW).json["events"]
    return found


def largest(here: Here, language: str) -> dict[str, Any]:
    return max((e for e in listed(here) if e["language"] == language), key=lambda e: e["entries"])


def members(here: Here, name: str) -> set[int]:
    return {s["entry"] for s in here.run("events", "show", name, "--json").json["event"]["sources"]}


def corrected(here: Here, *words: str, now: str = LATER) -> dict[str, Any]:
    group = () if words[0] == "undo" else ("events",)
    ran = here.run(*group, *words, "--json", "--now", now)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = ran.json["correction"]
    assert found.keys() == set(SHAPES["correction"][1])
    assert found["carried_out"] is not None
    return found


def refused(here: Here, *words: str) -> Ran:
    """Run a correction that cannot be; nothing is stored by it."""
    before = here.run("export").out.splitlines()[1:], here.run("events", "corrections", "--all").out
    ran = here.run(*words, "--json")
    assert (here.run("export").out.splitlines()[1:], here.run("events", "corrections", "--all").out) == before
    assert json.loads(ran.err)["code"] == ran.code
    assert ran.out == ""
    return ran


def output(here: Here, name: str = "all") -> str:
    return (here.folder / "store" / "feeds" / f"{name}.json").read_text(encoding="utf-8")


def test_a_merge_keeps_the_larger_id_and_the_other_leads_to_it(own: Here) -> None:
    one, other = largest(own, "en"), largest(own, "es")
    assert one["entries"] > other["entries"]
    done = corrected(own, "merge", other["id"][:4], one["id"], "--reason", "the same attack")
    assert done["reason"] == "the same attack"
    both = {s["entry"] for event in (one, other) for s in event["sources"]}
    assert members(own, one["id"]) == members(own, other["id"]) == both
    assert own.run("events", "show", other["id"], "--json").json["event"]["id"] == one["id"]


def test_why_names_the_correction_with_its_reason(own: Here) -> None:
    one, other = largest(own, "en"), largest(own, "es")
    corrected(own, "merge", one["id"], other["id"], "--reason", "the same attack")
    text = own.run("events", "why", one["id"], str(other["sources"][0]["entry"])).out
    assert "placed by a person, correction 1 (merge), because: the same attack" in text
    told = own.run("events", "why", one["id"], "--json").json["members"]
    [moved] = [member for member in told if member["entry"] == other["sources"][0]["entry"]]
    assert moved["evidence"]["rule"] == "correction"
    assert moved["evidence"]["correction"] == {"number": 1, "kind": "merge", "reason": "the same attack"}


def test_why_not_names_the_correction_that_keeps_two_apart(own: Here) -> None:
    event = largest(own, "en")
    entries = [s["entry"] for s in event["sources"]]
    corrected(own, "split", event["id"], str(entries[0]), "--reason", "another attack")
    told = own.run("events", "why-not", str(entries[0]), str(entries[1]), "--json").json
    assert told["missing"][0] == "a person keeps them apart, correction 1 (split), because: another attack"
    assert told["would_join"] == []
    corrected(own, "undo")
    corrected(own, "move", str(entries[0]), largest(own, "es")["id"])
    corrected(own, "undo")
    other = own.run("events", "why-not", str(entries[0]), largest(own, "es")["id"], "--json").json
    assert "a person" not in " ".join(other["missing"])


def test_history_shows_corrections_beside_decisions(own: Here) -> None:
    one, other = largest(own, "en"), largest(own, "es")
    corrected(own, "merge", one["id"], other["id"], "--reason", "the same attack")
    told = own.run("events", "history", other["id"], "--json").json
    assert [one["kind"] for one in told["corrections"]] == ["merge"]
    assert "correction 1, merge of" in own.run("events", "history", one["id"]).out
    corrected(own, "undo")
    assert "undone 2021-09-03 22:00" in own.run("events", "history", one["id"]).out


def test_the_smaller_half_of_a_split_gets_a_new_id(own: Here) -> None:
    event = largest(own, "en")
    ids = {e["id"] for e in listed(own)}
    entries = [s["entry"] for s in event["sources"]]
    corrected(own, "split", event["id"], str(entries[0]), f"entry:{entries[1]}")
    [fresh] = {e["id"] for e in listed(own)} - ids
    assert members(own, fresh) == set(entries[:2])
    assert members(own, event["id"]) == set(entries[2:])
    corrected(own, "undo", "1")
    assert members(own, event["id"]) == members(own, fresh) == set(entries)
    corrected(own, "split", event["id"], *map(str, entries[1:]))
    assert members(own, event["id"]) == set(entries[1:])
    [newer] = {e["id"] for e in listed(own)} - ids
    assert newer != fresh


def test_a_report_is_moved_and_its_copies_are_counted_anew(own: Here) -> None:
    one, other = largest(own, "en"), largest(own, "es")
    [copy, *_] = [s for s in one["sources"] if s["copy_of"] is not None]
    corrected(own, "move", str(copy["entry"]), other["id"])
    assert members(own, other["id"]) == {s["entry"] for s in other["sources"]} | {copy["entry"]}
    [moved] = [s for e in listed(own) for s in e["sources"] if s["entry"] == copy["entry"]]
    assert moved["copy_of"] is None
    corrected(own, "undo")
    [back] = [s for e in listed(own) for s in e["sources"] if s["entry"] == copy["entry"]]
    assert back["copy_of"] == copy["copy_of"]


def test_an_emptied_event_leads_to_where_its_report_went(own: Here) -> None:
    alone = next(e for e in listed(own) if e["entries"] == 1)
    other = largest(own, "en")
    corrected(own, "move", str(alone["sources"][0]["entry"]), other["id"])
    assert own.run("events", "show", alone["id"], "--json").json["event"]["id"] == other["id"]
    corrected(own, "undo")
    assert own.run("events", "show", alone["id"], "--json").json["event"]["id"] == alone["id"]


def test_a_pinned_report_speaks_for_its_event_until_that_is_undone(own: Here) -> None:
    event = largest(own, "en")
    chosen = next(s for s in event["sources"] if s["copy_of"] is not None)
    corrected(own, "pin", event["id"], str(chosen["entry"]))
    assert "already, by correction 1" in refused(own, "events", "pin", event["id"], str(chosen["entry"])).err
    assert own.run("events", "show", event["id"], "--json").json["event"]["headline"] == chosen["title"]
    newsroom.add(own.folder, "Specimen Wire", event["headline"])
    assert own.run("events", "show", event["id"], "--json").json["event"]["headline"] == chosen["title"]
    corrected(own, "undo")
    assert own.run("events", "show", event["id"], "--json").json["event"]["headline"] == event["headline"]


def test_a_muted_event_is_shown_but_in_no_feed(own: Here) -> None:
    event = largest(own, "en")
    corrected(own, "pin", event["id"], str(event["sources"][0]["entry"]))
    assert event["headline"] in output(own)
    corrected(own, "mute", event["id"], "--reason", "enough of it")
    assert event["headline"] not in output(own)
    assert own.run("events", "show", event["id"], "--json").json["event"]["muted"]
    assert "muted" in own.run("events", "show", event["id"]).out
    assert f"(muted) {event['headline']}" in own.run("events", "list", "--all", "--now", NOW).out
    assert refused(own, "events", "mute", event["id"]).code == 1
    corrected(own, "unmute", event["id"])
    assert event["headline"] in output(own)
    assert refused(own, "events", "unmute", event["id"]).code == 1


def test_a_correction_is_told_in_the_feeds_as_one(own: Here) -> None:
    one, other = largest(own, "en"), largest(own, "es")
    corrected(own, "pin", one["id"], str(one["sources"][0]["entry"]))
    corrected(own, "pin", other["id"], str(other["sources"][0]["entry"]))
    corrected(own, "merge", one["id"], other["id"], now="2021-09-03T23:00Z")
    items = {item["title"]: item for item in json.loads(output(own))["items"]}
    assert "orrected" in items[one["headline"]]["content_html"]
    gone = items[other["headline"]]["content_html"]
    assert "Merged" in gone
    corrected(own, "undo", now="2021-09-03T23:30Z")
    items = {item["title"]: item for item in json.loads(output(own))["items"]}
    assert "Merged:" not in items[other["headline"]]["content_html"]


def test_a_contradiction_is_refused_with_its_chain(own: Here) -> None:
    one, other = largest(own, "en"), largest(own, "es")
    corrected(own, "merge", one["id"], other["id"], "--reason", "the same attack")
    entry, kept = (event["sources"][0]["entry"] for event in (other, one))
    ran = refused(own, "events", "split", one["id"], str(entry))
    assert ran.code == 1
    said = json.loads(ran.err)["error"]
    for words in (f"entry {entry}", "since correction 1 (merge", "the same attack", "`aggregator undo 1`"):
        assert words in said
    corrected(own, "undo", "1")
    corrected(own, "move", str(entry), one["id"])
    ran = refused(own, "events", "merge", one["id"], other["id"])
    assert f"entry {entry}" in ran.err
    assert "since correction 3 (move" in ran.err
    assert str(kept)


def test_a_report_that_is_moved_again_is_where_it_was_moved_last(own: Here) -> None:
    first, one, other = (largest(own, language) for language in ("en", "es", "de"))
    entry = first["sources"][0]["entry"]
    corrected(own, "move", str(entry), one["id"])
    again = corrected(own, "move", str(entry), other["id"])
    assert again["instead_of"] == [1]
    assert entry in members(own, other["id"])
    apart = {kept for _, kept in again["apart"]}
    assert apart == (members(own, first["id"]) | members(own, one["id"])) - {entry}
    assert "`aggregator undo 2` brings it back" in refused(own, "undo", "1").err
    assert "move instead of 1" in own.run("events", "corrections").out
    assert "correction 1 is in force again" in own.run("undo", "--now", LATER).out
    assert entry in members(own, one["id"])
    assert "since correction 1 (move" in refused(own, "events", "split", one["id"], str(entry)).err
    corrected(own, "undo")
    assert entry in members(own, first["id"])


def test_a_report_is_moved_and_back_to_where_it_was_before(own: Here) -> None:
    one, other = largest(own, "en"), largest(own, "es")
    entry = one["sources"][0]["entry"]
    corrected(own, "move", str(entry), other["id"])
    back = corrected(own, "move", str(entry), one["id"])
    assert members(own, one["id"]) == {source["entry"] for source in one["sources"]}
    assert {kept for _, kept in back["apart"]} == members(own, other["id"])


def test_what_contradicts_a_move_by_now_does_not_bring_it_back(own: Here) -> None:
    first, one, other = (largest(own, language) for language in ("en", "es", "de"))
    entry = first["sources"][0]["entry"]
    [[_, speaker]] = corrected(own, "move", str(entry), one["id"])["together"]
    corrected(own, "move", str(entry), other["id"])
    corrected(own, "move", str(speaker), first["id"])  # with those from which the first move kept the entry apart
    assert "in force again" not in own.run("undo", "2", "--now", LATER).out
    assert own.run("events", "corrections").out.count("in force") == 1


def test_a_reason_is_a_line_that_steers_no_terminal(own: Here) -> None:
    one, other = largest(own, "en"), largest(own, "es")
    corrected(own, "merge", one["id"], other["id"], "--reason", "two\nlines\x1b[2J and " + "x" * 600)
    [told] = own.run("events", "corrections", "--json").json["corrections"]
    assert told["reason"].startswith("two lines")
    assert len(told["reason"]) <= 500
    ran = refused(own, "events", "split", one["id"], str(other["sources"][0]["entry"]))
    assert "\x1b" not in json.loads(ran.err)["error"]


def test_corrections_still_hold_when_an_entry_is_edited_and_news_comes(own: Here) -> None:
    event = largest(own, "en")
    first, *rest = [s["entry"] for s in event["sources"]]
    corrected(own, "split", event["id"], str(first))
    newsroom.edit(own.folder, first, event["sources"][-1]["title"])
    newsroom.add(own.folder, "The Sample Post", event["headline"])
    newsroom.add(own.folder, "Example Broadcasting", event["sources"][0]["title"])
    for found in listed(own):
        inside = {s["entry"] for s in found["sources"]}
        assert not (first in inside and inside & set(rest))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("merge", "{one}", "{one}"), 1, "one event already"),
        (("merge", "{one}"), 1, "two events or more"),
        (("merge", "{one}", "zzzzz"), 3, "no event zzzzz"),
        (("split", "{one}", "{all}"), 1, "all the reports"),
        (("split", "{one}", "99999"), 3, "its entries are"),
        (("split", "{one}", "x"), 1, "is no entry"),
        (("split", "{one}"), 2, "ENTRY"),
        (("move", "{entry}", "{one}"), 1, "already"),
        (("move", "99999", "{one}"), 3, "no entry 99999"),
        (("pin", "{one}", "99999"), 3, "its entries are"),
        (("mute", "zzzzz"), 3, "no event"),
        (("unmute", "{one}"), 1, "is not muted"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(own: Here, words: tuple[str, ...], code: int, said: str) -> None:
    event = largest(own, "en")
    entries = [str(s["entry"]) for s in event["sources"]]
    given = []
    for word in words:
        given += entries if word == "{all}" else [word.format(one=event["id"], entry=entries[0])]
    ran = refused(own, "events", *given)
    assert ran.code == code
    assert said in ran.err


def test_an_ambiguous_id_names_both_and_a_near_one_is_suggested(own: Here) -> None:
    name = largest(own, "en")["id"]
    mistyped = name[:2] + ("0" if name[2] != "0" else "1") + name[3:]
    ran = refused(own, "events", "mute", mistyped)
    assert ran.code == 3
    assert name in ran.err


def test_undo_without_anything_to_undo_says_so(own: Here) -> None:
    assert refused(own, "undo").code == 3
    assert refused(own, "undo", "7").code == 3
    assert refused(own, "undo", "9" * 23).code == 3
    corrected(own, "mute", largest(own, "en")["id"])
    corrected(own, "undo", "1")
    assert "was undone on" in refused(own, "undo", "1").err
    assert "undoing itself" in refused(own, "undo", "2").err


def test_the_list_of_corrections_tells_what_became_of_them(own: Here) -> None:
    event = largest(own, "en")
    corrected(own, "mute", event["id"], "--reason", "enough of it")
    assert "enough of it\tin force" in own.run("events", "corrections").out
    corrected(own, "undo")
    assert own.run("events", "corrections", "--json").json["corrections"] == []
    told = own.run("events", "corrections", "--all", "--json").json["corrections"]
    assert [one["kind"] for one in told] == ["undo", "mute"]
    assert told[0]["undoes"] == told[1]["number"]
    assert told[1]["undone"] is not None


def test_what_another_process_holds_is_left_to_it(own: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.cli.correcting.PATIENCE", 0.3)
    event = largest(own, "en")
    with sole(own.folder / "store", "a daemon"):
        ran = own.run("events", "mute", event["id"], "--json", "--now", LATER)
        assert ran.json["correction"]["carried_out"] is None
        assert "running daemon" in own.run("undo", "--now", LATER).out
    [_head, told] = own.run("events", "corrections").out.splitlines()
    assert told == "nothing was put right, or it was undone; see --all"
    corrected(own, "pin", event["id"], str(event["sources"][0]["entry"]))
    assert not own.run("events", "show", event["id"], "--json").json["event"]["muted"]
