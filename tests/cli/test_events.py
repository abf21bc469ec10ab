"""`aggregator events`, `outlets`, `feeds overlap` and `export` over the demo's reports."""

import csv
import io
import json
import sqlite3
from collections import Counter

import pytest

from aggregator.cli.reference import SHAPES
from aggregator.demo.reports import reports
from tests.cli import newsroom
from tests.cli.running import Here

NOW = newsroom.NOW.isoformat()
LONG_AGO = "2021-08-01"


def listed(room: Here, *options: str) -> list[dict]:
    return room.run("events", "list", "--all", "--json", "--now", NOW, *options).json["events"]


def the_assault(room: Here) -> dict:
    [found] = [e for e in listed(room, "--language", "en", "--min-sources", "3") if "Panjshir" in e["headline"]]
    return found


def keys(name: str) -> set[str]:
    return set(SHAPES[name][1])


def test_every_report_is_in_one_event(room: Here) -> None:
    entries = [source["entry"] for event in listed(room) for source in event["sources"]]
    assert len(entries) == len(set(entries)) == len(reports())


def test_the_shapes_are_the_documented_ones(room: Here) -> None:
    event = listed(room)[0]
    assert event.keys() == keys("event")
    assert event["sources"][0].keys() == keys("source")


def test_each_filter_narrows_to_what_it_names(room: Here) -> None:
    every = listed(room)
    assert [e["id"] for e in listed(room, "--outlet", "Specimen Wire")] == [
        e["id"] for e in every if any(s["outlet"] == "Specimen Wire" for s in e["sources"])
    ]
    assert {e["id"] for e in listed(room, "--tag", "english")} == {e["id"] for e in every if e["language"] == "en"}
    assert len(listed(room, "--tag", "world")) == len(every)
    assert listed(room, "--tag", "nothing") == []
    independent = listed(room, "--min-independent", "3")
    assert {e["id"] for e in independent} == {e["id"] for e in every if e["independent"] >= 3}
    assert 0 < len(independent) < len(every)
    recent = listed(room, "--since", "2021-09-03")
    assert 0 < len(recent) < len(every)
    assert all(e["updated"] >= "2021-09-03" for e in recent)
    old = listed(room, "--until", "2021-09-01")
    assert all(e["first_seen"] < "2021-09-01" for e in old)


def test_pages_follow_one_another(room: Here) -> None:
    every = [e["id"] for e in listed(room, "--sort", "first-seen")]
    pages = []
    for offset in range(0, len(every), 7):
        ran = room.run(
            "events", "list", "--since", LONG_AGO, "--min-sources", "1", "--sort", "first-seen", "--json",
            "--limit", "7", "--offset", str(offset),
        )  # fmt: skip
        pages += [e["id"] for e in ran.json["events"]]
    assert pages == every


def test_csv_and_json_lines_say_the_same(room: Here) -> None:
    every = listed(room)
    rows = list(csv.DictReader(io.StringIO(room.run("events", "list", "--all", "--csv").out)))
    assert [row["id"] for row in rows] == [e["id"] for e in every]
    assert [row["headline"] for row in rows] == [e["headline"] for e in every]
    lines = [json.loads(line) for line in room.run("events", "list", "--all", "--jsonl").out.splitlines()]
    assert [{k: v for k, v in line.items() if k != "schema_version"} for line in lines] == every


def test_two_forms_at_once_are_refused(room: Here) -> None:
    ran = room.run("events", "list", "--csv", "--json")
    assert (ran.code, json.loads(ran.err)["code"]) == (1, 1)
    assert ran.out == ""


def test_an_empty_list_is_json_too(room: Here) -> None:
    assert listed(room, "--outlet", "Nobody") == []


def test_outlets_and_languages_are_found_in_any_case(room: Here) -> None:
    assert listed(room, "--outlet", "the sample POST") == listed(room, "--outlet", "The Sample Post") != []
    assert listed(room, "--language", "EN") == listed(room, "--language", "en") != []


def test_who_names_no_outlet_is_told_which_are_called_alike(room: Here) -> None:
    told = room.run("events", "list", "--all", "--outlet", "Sampel Post")
    assert told.out.splitlines()[-1] == "no outlet is called Sampel Post; did you mean The Sample Post?"
    told = room.run("events", "list", "--all", "--outlet", "sample")
    assert "did you mean The Sample Post?" in told.out
    assert "outlet is called" not in room.run("events", "list", "--all", "--outlet", "Nobody whatsoever").out


def test_a_link_to_its_page_names_an_event(room: Here) -> None:
    name = listed(room)[0]["id"]
    for link in (f"http://127.0.0.1:8650/events/{name}", f"https://news.example/events/{name.upper()}/?lang=id"):
        assert room.run("events", "show", link, "--json").json["event"]["id"] == name
    for nothing in ("", " ", "/"):
        ran = room.run("events", "show", nothing)
        assert (ran.code, "could be" in ran.err) == (3, False)


def test_a_search_finds_the_newest_first(room: Here) -> None:
    found = room.run("events", "search", "panjshir", "OR", "pandschir", "--json").json["events"]
    assert len(found) > 2
    assert [e["updated"] for e in found] == sorted((e["updated"] for e in found), reverse=True)
    for event in found:
        assert any(word in json.dumps(event, ensure_ascii=False).lower() for word in ("panjshir", "pandschir"))


def test_show_names_each_report_once_and_copies_below_their_original(room: Here) -> None:
    event = the_assault(room)
    text = room.run("events", "show", event["id"][:4]).out
    for source in event["sources"]:
        assert text.count(f"entry {source['entry']}") == 1, source
    assert "reports by " in text


def test_show_names_what_is_near_and_not_the_same(room: Here) -> None:
    shown = [room.run("events", "show", event["id"], "--json").json for event in listed(room)]
    near = [(told["event"], told["related"]) for told in shown if told["related"]]
    assert near
    for event, related in near:
        assert event["id"] not in {other["id"] for other in related}
        text = room.run("events", "show", event["id"]).out.partition("Related, not the same:\n")[2]
        assert [line.split()[0] for line in text.splitlines()] == [other["id"] for other in related]
    ids = {told["event"]["id"] for told in shown}
    assert {other["id"] for _, related in near for other in related} <= ids


def test_show_revisions_tells_what_was_edited(own: Here) -> None:
    event = the_assault(own)
    entry = event["sources"][0]["entry"]
    before = event["sources"][0]["title"]
    newsroom.edit(own.folder, entry, before.replace("Taliban", "Fighters"))
    ran = own.run("events", "show", event["id"], "--revisions")
    assert "[-Taliban-] {+Fighters+}" in ran.out
    [edit] = own.run("events", "show", event["id"], "--revisions", "--json").json["revisions"]
    assert (edit["before"]["title"], edit["entry"]) == (before, entry)
    assert "Fighters" in edit["after"]["title"]


def test_an_unknown_id_suggests_close_ones(room: Here) -> None:
    name = the_assault(room)["id"]
    mistyped = name[:2] + ("0" if name[2] != "0" else "1") + name[3:]
    ran = room.run("events", "show", mistyped, "--json")
    assert ran.code == 3
    assert name in json.loads(ran.err)["error"]
    assert ran.out == ""


def test_a_beginning_of_two_ids_names_both(room: Here) -> None:
    names = [event["id"] for event in listed(room)]
    letter, count = Counter(name[0] for name in names).most_common(1)[0]
    assert count > 1
    ran = room.run("events", "show", letter)
    assert ran.code == 3
    assert all(name in ran.err for name in names if name[0] == letter)


def test_history_tells_every_decision(own: Here) -> None:
    event = the_assault(own)
    before = own.run("events", "history", event["id"], "--json").json
    assert before["decisions"][0].keys() == keys("decision")
    assert before["decisions"][0]["evidence"].keys() == keys("evidence")
    assert {one["entry"] for one in before["decisions"]} >= {source["entry"] for source in event["sources"]}
    times = [one["at"] for one in before["decisions"]]
    assert times == sorted(times)
    text = own.run("events", "history", event["id"]).out
    assert f"entry {event['sources'][0]['entry']}" in text


def test_why_measures_each_member(room: Here) -> None:
    event = the_assault(room)
    told = room.run("events", "why", event["id"], "--json").json
    assert [member["entry"] for member in told["members"]] == [source["entry"] for source in event["sources"]]
    compared = [member for member in told["members"] if member["compared"]]
    assert compared
    assert told["members"][0].keys() == keys("member")
    for member in compared:
        # 128 permutations: a standard error of at most 0.045 (Broder 1997)
        assert abs(member["jaccard"] - member["evidence"]["jaccard"]) < 0.2
        assert member["evidence"]["thresholds"]["join"] is not None
        assert str(member["compared"]["entry"]) in member["sentence"]


def test_why_tells_one_entry_with_its_terms(room: Here) -> None:
    event = the_assault(room)
    entry = event["sources"][-1]["entry"]
    text = room.run("events", "why", event["id"], str(entry)).out
    assert "same words, exactly" in text
    assert "panjshir" in text
    other = room.run("events", "why", event["id"], "99999")
    assert other.code == 3
    assert str(entry) in other.err


def test_why_not_says_what_was_missing_and_what_would_have_joined_them(room: Here) -> None:
    one = the_assault(room)
    other = next(e for e in listed(room, "--language", "en") if e["id"] != one["id"])
    told = room.run("events", "why-not", one["id"], other["id"], "--json").json
    assert told.keys() == keys("why-not")
    assert told["missing"]
    best = told["fits"][0]
    assert best["total"] < best["needed"]
    assert best["missing"] == pytest.approx(best["needed"] - best["total"])
    assert told["pair"]["one"] in [source["entry"] for source in one["sources"]]
    text = room.run("events", "why-not", str(told["pair"]["one"]), str(told["pair"]["other"])).out
    assert "They are apart because" in text


def test_a_clusterer_of_these_entries_alone_measures_them_when_the_window_has_moved_on(own: Here) -> None:
    one = the_assault(own)
    other = next(e for e in listed(own, "--language", "en") if e["id"] != one["id"])
    nearest = own.run("events", "why-not", one["id"], other["id"], "--json").json["pair"]  # of several as near
    pair = str(nearest["one"]), str(nearest["other"])
    near = own.run("events", "why-not", *pair, "--json").json
    newsroom.add(own.folder, "Specimen Wire", "Something else altogether", newsroom.NOW.replace(month=10))
    far = own.run("events", "why-not", *pair, "--json").json
    assert (near["in_window"], far["in_window"]) == (True, False)
    assert far["pair"]["exact"] == pytest.approx(near["pair"]["exact"], abs=0.02)  # one report more taught boilerplate
    assert far["pair"]["cosine"] == pytest.approx(near["pair"]["cosine"], abs=0.1)


def test_after_an_upgrade_why_not_measures_the_entries_alone(own: Here) -> None:
    one = the_assault(own)
    other = next(e for e in listed(own, "--language", "en") if e["id"] != one["id"])
    with sqlite3.connect(own.folder / "store" / "aggregator.db") as connection:
        connection.execute("update records set record = cast('none' || substr(record, 5) as blob)")
    connection.close()
    ran = own.run("events", "why-not", one["id"], other["id"], "--json")
    assert ran.code == 0, ran.err
    assert not ran.json["in_window"]


def test_why_not_asks_about_two_events(room: Here) -> None:
    event = the_assault(room)
    ran = room.run("events", "why-not", event["id"], str(event["sources"][0]["entry"]))
    assert ran.code == 1
    assert "events why" in ran.err
    languages = listed(room, "--language", "id")[0]
    told = room.run("events", "why-not", event["id"], languages["id"], "--json").json
    assert told["would_join"] == []
    assert "different languages" in told["missing"][0]


def test_asking_changes_nothing(own: Here) -> None:
    before = own.run("export").out.splitlines()[1:]
    event = the_assault(own)
    other = next(e for e in listed(own, "--language", "en") if e["id"] != event["id"])
    own.run("events", "why-not", event["id"], other["id"])
    own.run("events", "why", event["id"])
    assert own.run("export").out.splitlines()[1:] == before


def test_watch_goes_on_after_a_cursor_without_gaps(own: Here) -> None:
    lines = own.run("events", "watch", "--once", "--jsonl", "--after", "0").out.splitlines()
    told = [json.loads(line) for line in lines]
    assert told[0].keys() == keys("change")
    assert {one["event"]["id"] for one in told if one["change"] != "merged"} == {e["id"] for e in listed(own)}
    for cut in (0, len(told) // 2, len(told) - 1):
        rest = own.run("events", "watch", "--once", "--jsonl", "--after", told[cut]["cursor"]).out.splitlines()
        assert rest == lines[cut + 1 :]
    newsroom.add(own.folder, "Specimen Wire", "Fighting for Panjshir: Taliban and resistance both claim the upper hand")
    newsroom.add(own.folder, "The Sample Post", "Museum of buttons opens in Ravenna")
    later = own.run("events", "watch", "--once", "--jsonl", "--after", told[-1]["cursor"]).out.splitlines()
    assert [json.loads(line)["change"] for line in later][-1] == "new"
    assert "Ravenna" in later[-1]
    searched = own.run(
        "events", "watch", "--once", "--jsonl", "--after", told[-1]["cursor"], "--search", "ravenna OR x"
    )
    assert searched.out.splitlines() == later[-1:]


def test_watch_refuses_what_is_no_cursor(room: Here) -> None:
    ran = room.run("events", "watch", "--once", "--after", "yesterday")
    assert ran.code == 1
    assert "cursor" in ran.err


def test_outlets_add_up(room: Here) -> None:
    told = room.run("outlets", "list", "--since", LONG_AGO, "--json").json["outlets"]
    assert told[0].keys() == keys("outlet")
    assert {one["outlet"]: one["reports"] for one in told} == Counter(report.outlet.name for report in reports())
    shared = [event for event in listed(room) if event["outlets"] > 1]
    assert sum(one["first"] for one in told) == len(shared)
    copies = sum(s["copy_of"] is not None for event in listed(room) for s in event["sources"])
    assert sum(one["copies"] for one in told) == copies > 0


def test_overlap_counts_common_events_and_who_is_first(room: Here) -> None:
    told = room.run("feeds", "overlap", "--since", LONG_AGO, "--json").json
    for pair in told["pairs"]:
        assert pair.keys() == keys("pair")
        names = {pair["feed"]["name"], pair["with"]["name"]}
        common = [e for e in listed(room) if names <= {source["outlet"] for source in e["sources"]}]
        assert pair["common"] == len(common)
        firsts = [next(s["outlet"] for s in e["sources"] if s["outlet"] in names) for e in common]
        assert pair["first"] == firsts.count(pair["feed"]["name"])


def test_a_feed_that_only_repeats_another_could_be_dropped(own: Here) -> None:
    at = newsroom.NOW.replace(month=10)
    for title in (
        "Museum of buttons opens in Ravenna with a concert",
        "Turin tramway line closed after flood damages depot",
        "Court in Lisbon frees three fishermen accused of smuggling",
        "Cracow circus elephant retires to a farm near Tarnow",
        "Chess champion Novak withdraws from tournament with fever",
    ):
        newsroom.add(own.folder, "Specimen Wire", title, at)
        newsroom.add(own.folder, "The Sample Post", title, at)
    told = own.run("feeds", "overlap", "--since", "2021-10-01", "--json").json
    assert [(one["name"], one["share"]) for one in told["could_drop"]] == [("The Sample Post", 1.0)]
    assert "you could drop The Sample Post" in own.run("feeds", "overlap", "--since", "2021-10-01").out


def test_export_holds_everything(room: Here) -> None:
    rows = [json.loads(line) for line in room.run("export").out.splitlines()]
    assert rows[0]["type"] == "export"
    counts = Counter(row["type"] for row in rows)
    assert counts["entry"] == len(reports())
    assert counts["event"] >= len(listed(room))
    assert counts["decision"] >= len(reports())
    later = [json.loads(line) for line in room.run("export", "--since", "2021-09-03").out.splitlines()]
    assert 0 < Counter(row["type"] for row in later)["entry"] < counts["entry"]
