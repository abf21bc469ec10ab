"""`aggregator recluster`: what would change is printed, and changed when that is wanted."""

import fcntl

from aggregator.cli.reference import SHAPES
from tests.cli.running import Here

STRICT = ("--set", "clustering.join=0.3", "--set", "clustering.merge=0.3")
LATER = ("--now", "2021-09-03T22:00Z")


def placed(here: Here) -> dict[int, str]:
    listed = here.run("events", "list", "--all", "--json").json["events"]
    return {source["entry"]: event["id"] for event in listed for source in event["sources"]}


def test_nothing_changes_where_nothing_is_other(room: Here) -> None:
    ran = room.run("recluster", "--dry-run", "--json")
    assert ran.json.keys() == SHAPES["recluster"][1].keys()
    assert (ran.code, ran.json["merged"], ran.json["split"], ran.json["moved"]) == (0, [], [], [])
    assert ran.json["stayed"] == ran.json["entries"] == 65


def test_a_dry_run_says_what_would_change_and_changes_nothing(own: Here) -> None:
    before = placed(own)
    ran = own.run("recluster", "--dry-run", *STRICT)
    assert "split: " in ran.out
    assert "Panjshir" in ran.out
    assert ran.out.rstrip().endswith("nothing was changed; without --dry-run it is")
    assert placed(own) == before


def test_what_a_dry_run_says_is_what_is_done(own: Here) -> None:
    before = placed(own)
    said = own.run("recluster", "--dry-run", "--json", *STRICT).json
    done = own.run("recluster", "--json", *LATER, *STRICT).json
    assert {**done, "dry_run": True} == said
    after = placed(own)
    assert {one["entry"]: one["to"] for one in said["moved"]} == {
        entry: event for entry, event in after.items() if before[entry] != event
    }
    [first, *_] = said["split"]
    assert first["event"] not in before.values()
    assert own.run("events", "show", first["event"]).code == 0
    why = own.run("events", "why", first["event"]).out
    assert "placed anew when all of the window was clustered again" in why


def test_new_events_reach_the_feeds_and_absorbed_ones_say_so_once(own: Here) -> None:
    assert own.run("recluster", *LATER, *STRICT).code == 0
    split = own.run("recluster", "--dry-run", "--json").json["merged"][0]
    feeds = own.folder / "store" / "feeds"
    told = (feeds / "singles.atom").read_text()
    assert split["headline"] in told
    own.run("recluster", "--now", "2021-09-03T23:00Z")
    [name] = [own.run("events", "show", split["event"], "--json").json["event"]["id"]]
    assert name == split["into"]
    assert (feeds / "singles.atom").read_text() != told


def test_an_unknown_key_names_the_near_one_or_all(room: Here) -> None:
    ran = room.run("recluster", "--dry-run", "--set", "clustering.jion=0.1")
    assert ran.code == 1
    assert ran.err.endswith("; did you mean clustering.join?\n")
    assert "clustering.join?" in room.run("recluster", "--dry-run", "--set", "join=0.1").err
    assert "clustering.window" in room.run("recluster", "--dry-run", "--set", "zzz=1").err
    for value in ("clustering.join", "clustering.join=much", "clustering.window=5", "clustering.bands=0"):
        assert room.run("recluster", "--dry-run", "--set", value).code == 1, value
    assert room.run("recluster", "--dry-run", "--set", "clustering.join=1", "--set", "clustering.join=2").code == 1


def test_signatures_of_other_bands_can_be_tried_but_not_kept(own: Here) -> None:
    assert own.run("recluster", "--dry-run", "--set", "clustering.bands=24").code == 0
    ran = own.run("recluster", "--set", "clustering.bands=24")
    assert ran.code == 1
    assert "--dry-run" in ran.err


def test_a_running_daemon_keeps_its_store(own: Here) -> None:
    lock = own.folder / "store" / "daemon.lock"
    with lock.open("a+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        held.write("a daemon, process 1")
        held.flush()
        assert own.run("recluster", "--dry-run").code == 0
        ran = own.run("recluster", *LATER)
    assert ran.code == 1
    assert "in use by a daemon" in ran.err


def test_a_store_that_is_not_there_is_not_made(here: Here) -> None:
    here.config.write_text("feeds: []\n")
    assert here.run("recluster").code == 3
    assert not (here.folder / "store").exists()
