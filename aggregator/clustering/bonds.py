"""What people put right, as the clusterer needs it during a batch."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Bonds:
    """Groups of entries that are in one event, and the groups that they are kept apart from (clustering.constraints).

    An entry of which nothing was said is in none.
    """

    event_of: Mapping[int, int]  # of the entries of the window, by position
    group_of: dict[int, int] = field(default_factory=dict)  # by position
    members: dict[int, list[int]] = field(default_factory=dict)  # positions of each group
    left: dict[int, int] = field(default_factory=dict)  # the events of groups with entries that have left the window
    apart: Mapping[int, frozenset[int]] = field(default_factory=dict)
    _left_in: dict[int, set[int]] = field(default_factory=dict)  # the groups of `left` by event

    def bind(self, position: int, group: int) -> None:
        """Note an entry of the window."""
        self.group_of[position] = group
        self.members.setdefault(group, []).append(position)

    def leave(self, group: int, event: int) -> None:
        """Note that entries of a group are in an event, but in the window no more."""
        self.left[group] = event
        self._left_in.setdefault(event, set()).add(group)

    def home(self, group: int) -> int | None:
        """Give the event of a group; None where none of it is in one."""
        for position in self.members.get(group, ()):
            if (event := self.event_of.get(position)) is not None:
                return event
        return self.left.get(group)

    def home_of(self, position: int) -> int | None:
        """Give the event of those that an entry belongs together with; None where there are none."""
        group = self.group_of.get(position)
        return None if group is None else self.home(group)

    def keep_out(self, position: int, event: int) -> bool:
        """Tell whether an event holds an entry that this one must stay apart from."""
        group = self.group_of.get(position)
        return group is not None and any(self.home(other) == event for other in self.apart.get(group, ()))

    def keep_apart(self, one: int, ones: Iterable[int], other: int, others: Iterable[int]) -> bool:
        """Tell whether two events must not become one; `ones` and `others` are their members in the window."""
        if not self.apart:
            return False
        there = self._groups(other, others)
        return any(not there.isdisjoint(self.apart.get(group, ())) for group in self._groups(one, ones))

    def _groups(self, event: int, members: Iterable[int]) -> set[int]:
        group_of = self.group_of
        found = {group_of[position] for position in members if position in group_of}
        return found | self._left_in.get(event, set())

    def absorb(self, event: int, survivor: int) -> None:
        """Take what has left the window along with the rest: an event is absorbed whole."""
        for group in self._left_in.pop(event, set()):
            self.leave(group, survivor)
