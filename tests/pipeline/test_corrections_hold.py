"""Every correction holds, and nothing is lost, after any corrections, news, edits, restarts and re-clusterings."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from aggregator.database import corrections, entries
from aggregator.database.corrections import Correction
from aggregator.errors import InputError
from aggregator.pipeline import correcting
from tests.pipeline.correcting import SETTINGS, Desk, desk, empty, events_of

OTHER = (SETTINGS, replace(SETTINGS, join=0.2, merge=0.2), replace(SETTINGS, join=-0.3, merge=-0.3))
ANY = st.integers(0, 10_000)


def has_entries(machine: "Correcting") -> bool:
    return bool(machine.desk.stored)


class Correcting(RuleBasedStateMachine):
    """A person at work on a store that does not stand still."""

    template: Path
    folder: Path
    cases = 0
    steps = 0

    @initialize(seed=st.integers(0, 50))
    def begin(self, seed: int) -> None:
        type(self).cases += 1
        self.stack = ExitStack()
        self.desk: Desk = self.stack.enter_context(desk(self.template, self.folder, seed))
        self.desk.news(25, 1)

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def _event(self, which: int) -> tuple[str, list[int]]:
        known = events_of(self.desk.database)
        large = sorted(known, key=lambda event: -len(event[1]))[: max(1, len(known) // 2)]
        return large[which % len(large)]

    def _entry(self, which: int) -> int:
        stored = sorted(self.desk.stored)
        return stored[which % len(stored)]

    @precondition(lambda self: self.desk.stream)
    @rule(count=st.integers(1, 30), hours=st.integers(0, 10))
    def news(self, count: int, hours: int) -> None:
        self.desk.news(count, hours)

    @precondition(has_entries)
    @rule(one=ANY, other=ANY)
    def merge(self, one: int, other: int) -> None:
        self.desk.merge([self._event(one)[0], self._event(other)[0]])

    @precondition(has_entries)
    @rule(one=ANY, count=st.integers(1, 4), begin=ANY)
    def split(self, one: int, count: int, begin: int) -> None:
        name, inside = self._event(one)
        first = begin % len(inside)
        self.desk.split(name, (inside[first:] + inside[:first])[:count])

    @precondition(has_entries)
    @rule(entry=ANY, events=st.lists(ANY, min_size=1, max_size=3))
    def move(self, entry: int, events: list[int]) -> None:
        for event in events:
            self.desk.move(self._entry(entry), self._event(event)[0])
            self.desk.check()

    @precondition(has_entries)
    @rule(event=ANY, entry=ANY, mute=st.booleans())
    def point(self, event: int, entry: int, mute: bool) -> None:
        name, inside = self._event(event)
        time = self.desk.time
        if mute:
            self.desk.point(lambda connection: correcting.mute(connection, name, "", time))
        else:
            self.desk.point(lambda connection: correcting.pin(connection, name, inside[entry % len(inside)], "", time))

    @precondition(lambda self: self.desk.said)
    @rule(which=ANY)
    def undo(self, which: int) -> None:
        with self.desk.database.read() as connection:
            known = [one.id for one in corrections.in_force(connection) if one.kind != "undo"]
        if known:
            assert self.desk.undo(known[which % len(known)])

    @precondition(has_entries)
    @rule(entry=ANY, other=ANY)
    def edit(self, entry: int, other: int) -> None:
        self.desk.edit(self._entry(entry), self._entry(other))

    @rule()
    def restart(self) -> None:
        self.desk.restart()

    @rule(which=st.sampled_from(OTHER))
    def recluster(self, which: object) -> None:
        self.desk.recluster(which)

    @precondition(lambda self: self.desk.now > 30)
    @rule(hours=st.integers(14, 40))
    def prune(self, hours: int) -> None:
        self.desk.prune(hours)

    @invariant()
    def everything_holds(self) -> None:
        if hasattr(self, "desk"):
            type(self).steps += 1
            self.desk.check()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    return empty(tmp_path_factory.mktemp("corrections"))


def run(template: Path, folder: Path, cases: int, steps: int) -> None:
    Correcting.template, Correcting.folder = template, folder / "store"
    Correcting.cases = Correcting.steps = 0
    run_state_machine_as_test(
        Correcting,
        settings=settings(
            max_examples=cases, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    print(f"{Correcting.cases} sequences, {Correcting.steps} steps")


def test_corrections_hold_whatever_comes(template: Path, tmp_path: Path) -> None:
    run(template, tmp_path, cases=12, steps=15)


def test_moves_that_wait_together_tear_nothing_out_of_the_events_where_they_go(template: Path, tmp_path: Path) -> None:
    with desk(template, tmp_path / "store", 1) as own:
        own.news(60, 1)
        known = sorted(events_of(own.database), key=lambda event: -len(event[1]))
        (here, left), (there, inside), (third, others), (fourth, more) = known[:4]
        with own.database.write() as connection:
            for entry, event in ((left[0], third), (more[0], there), (left[0], there)):
                correcting.move(connection, entry, event, "", own.time)
        own.settle()
        placed = dict(events_of(own.database))
        assert placed[there] == sorted([*inside, left[0], more[0]])
        assert (placed[here], placed[third], placed[fourth]) == (left[1:], others, more[1:])
        with own.database.write() as connection:
            assert correcting.undo(connection, None, "", own.time).undoes == 3
        own.settle()
        placed = dict(events_of(own.database))
        assert placed[there] == sorted([*inside, more[0]])
        assert (placed[here], placed[third], placed[fourth]) == (left[1:], sorted([*others, left[0]]), more[1:])


@pytest.mark.parametrize("place", [0, 1])  # one of the two does not speak for their event
def test_a_report_moved_and_back_before_the_first_was_carried_out_stays(
    template: Path, tmp_path: Path, place: int
) -> None:
    with desk(template, tmp_path / "store", 1) as own:
        own.news(60, 1)
        known = sorted(events_of(own.database), key=lambda event: -len(event[1]))
        (here, left), (there, inside), (third, others) = known[:3]
        entry = left[place]
        with own.database.write() as connection:
            correcting.move(connection, entry, there, "", own.time)
            correcting.move(connection, entry, third, "", own.time)
            last = correcting.move(connection, entry, here, "", own.time)
        assert {other for _, other in last.apart} == {*inside, *others}
        assert [other for _, other in last.together] != [entry]
        own.settle()
        placed = dict(events_of(own.database))
        assert (placed[here], placed[there], placed[third]) == (left, inside, others)
        own.check()
        with own.database.write() as connection:
            correcting.undo(connection, None, "", own.time)
        own.settle()
        assert entry in dict(events_of(own.database))[third], "the move before is in force again"


def test_the_only_report_of_an_event_moved_and_back_stays_its_event(template: Path, tmp_path: Path) -> None:
    with desk(template, tmp_path / "store", 1) as own:
        own.news(60, 1)
        known = sorted(events_of(own.database), key=lambda event: -len(event[1]))
        (there, inside), (here, [only]) = known[0], known[-1]
        with own.database.write() as connection:
            correcting.move(connection, only, there, "", own.time)
            last = correcting.move(connection, only, here, "", own.time)
        assert (last.together, {other for _, other in last.apart}) == ((), set(inside))
        own.settle()
        assert dict(events_of(own.database))[here] == [only]
        own.check()


def test_what_is_on_its_way_is_not_sent_there_again(template: Path, tmp_path: Path) -> None:
    with desk(template, tmp_path / "store", 1) as own:
        own.news(60, 1)
        (_, left), (there, _), *_ = sorted(events_of(own.database), key=lambda event: -len(event[1]))
        with own.database.write() as connection:
            correcting.move(connection, left[0], there, "", own.time)
            with pytest.raises(InputError, match=f"on its way to event {there} already"):
                correcting.move(connection, left[0], there, "", own.time)


def test_a_correction_that_cannot_be_carried_out_keeps_no_news_waiting(
    template: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with desk(template, tmp_path / "store", 1) as own:
        own.news(10, 1)
        with own.database.write() as connection:
            beyond = Correction(at=own.time, kind="merge", entries=(2**70,))  # what SQLite cannot hold
            number = corrections.add(connection, beyond)
            made = correcting.mute(connection, events_of(own.database)[0][0], "", own.time)
        own.news(10, 1)
        with own.database.read() as connection:
            assert [one.id for one in corrections.waiting(connection)] == [number]
            assert made.events[0] in corrections.muted(connection)
            assert entries.count_pending(connection) == 0
    assert [f"correction {number} cannot be carried out" in one.message for one in caplog.records] == [True]


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_corrections_hold_whatever_comes_at_length(template: Path, tmp_path: Path) -> None:
    run(template, tmp_path, cases=500, steps=40)
