"""Tables that fit the terminal: wide columns give way, their cells go on below.

A column of words may leave for lines of its own below its row, and names end in an ellipsis, so that the rest keeps its
shape. Where not even the heads fit, a row is a card.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

GAP = 2  # spaces between columns
NARROWEST = 8  # cells that a column is not squeezed below, unless nothing else helps
LONG_WORD = 14  # words up to here are not cut, unless nothing else helps
NAME, SENTENCE = 24, 40  # cells that a name has before columns leave for it, and that words have or leave
INDENT = 4  # cells at most, and a gap, before what stands below its row
SURVEYED = 200  # rows that decide the widths; longer tables are printed as they are read


def terminal_width() -> int:
    """Give the columns of the terminal: COLUMNS, else what it says, else 80."""
    return max(20, shutil.get_terminal_size((80, 24)).columns)


def coloured() -> bool:
    """Tell whether a terminal may be given colours (https://no-color.org, and TERM=dumb)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def lines(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    below: Sequence[str] = (),
    names: Sequence[str] = (),
    width: int,
    colour: bool,
) -> Iterator[str]:
    """Give the lines of a table of at most `width` cells: heads, a rule, and each row on as many lines as it needs.

    `right`: columns of numbers. `below`: columns that leave for lines below their row where there is no room, the first
    one first; addresses stay whole there. `names`: columns that are shortened. Given either, other cells stay whole.
    """
    waiting = iter(rows)
    surveyed = list(islice(waiting, SURVEYED))
    told, apart = list(range(len(columns))), list[int]()
    widths = natural(columns, surveyed)
    if 0 < len(surveyed) < SURVEYED and _taken(widths) > width:
        told = [n for n in told if any(row[n] for row in surveyed)]  # an empty column only takes room
    floors = _floors(columns, surveyed, widths, right=right, below=below, names=names)
    for column in map(columns.index, below):
        if column in told and _taken([floors[n] for n in told]) > width:
            told.remove(column)
            apart.append(column)
    heads = [columns[n] for n in told]
    least = [min(floors[n], NARROWEST) if columns[n] in names else floors[n] for n in told]
    if _taken(_heads(heads)) > width or (below and _taken(least) > width):
        told = sorted([*told, *apart])
        cards = ([row[n] for n in told] for row in chain(surveyed, waiting))
        yield from _cards([columns[n] for n in told], cards, width=width, colour=colour)
        return
    widths = fitted([widths[n] for n in told], [[floors[n] for n in told], least, [1] * len(told)], width)
    justified = [column in right for column in heads]
    for line in _row(heads, widths, justified):
        yield f"\x1b[1m{line}\x1b[0m" if colour else line
    yield "─" * _taken(widths)
    for row in chain(surveyed, waiting):
        short = [
            shortened(row[n], room) if columns[n] in names else row[n] for n, room in zip(told, widths, strict=True)
        ]
        yield from _row(short, widths, justified)
        words = [f"{row[n]} {columns[n]}" if columns[n] in right else row[n] for n in apart if row[n]]
        yield from _below(" · ".join(words), min(widths[0], INDENT) + GAP, width)


def natural(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Give each column the width of its longest cell."""
    return [max(cells(name), *(cells(row[n]) for row in rows), 1) for n, name in enumerate(columns)]


def _floors(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    widths: Sequence[int],
    *,
    right: Sequence[str],
    below: Sequence[str],
    names: Sequence[str],
) -> list[int]:
    """Give the cells that each column wants at least."""
    found = []
    for n, (name, have, head) in enumerate(zip(columns, widths, _heads(columns), strict=True)):
        if name in names:
            least = NAME
        elif name in below and name not in right:
            least = SENTENCE
        elif below or names:
            least = max((cells(row[n]) for row in rows), default=0)
        else:
            words = map(cells, " ".join(row[n] for row in rows).split())
            least = max(NARROWEST, min(LONG_WORD, max(words, default=0)))
        found.append(min(have, max(head, least)))
    return found


def fitted(widths: Sequence[int], floors: Sequence[Sequence[int]], width: int) -> list[int]:
    """Narrow the widest columns until all fit: down to the first floors, then to the next where that is not enough."""
    given = list(widths)
    over = _taken(given) - width
    for floor in floors:
        while over > 0 and any(have > low for have, low in zip(given, floor, strict=True)):
            widest = max(range(len(given)), key=lambda n: (given[n] > floor[n], given[n]))
            given[widest] -= 1
            over -= 1
    return given


def _taken(widths: Sequence[int]) -> int:
    """Give the cells of a line of columns that are so wide."""
    return sum(widths) + GAP * (len(widths) - 1)


def _heads(columns: Sequence[str]) -> list[int]:
    """Give the longest word of each head."""
    return [max(map(cells, name.split()), default=0) for name in columns]


def _cards(columns: Sequence[str], rows: Iterable[Sequence[str]], *, width: int, colour: bool) -> Iterator[str]:
    """Give the lines of a terminal too narrow for a table: a row as a card, a column a line, an empty line between."""
    indent = max(map(cells, columns)) + GAP
    for number, row in enumerate(rows):
        if number:
            yield ""
        for name, cell in zip(columns, row, strict=True):
            if not cell:
                continue
            first, *more = wrap(cell, max(1, width - indent))
            head = name + " " * (indent - cells(name))
            yield (f"\x1b[1m{head}\x1b[0m" if colour else head) + first
            yield from (" " * indent + part for part in more)


def _row(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    wrapped = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
    for n in range(max(map(len, wrapped))):
        parts = []
        for cell, width, to_right in zip(wrapped, widths, right, strict=True):
            text = cell[n] if n < len(cell) else ""
            space = " " * (width - cells(text))
            parts.append(space + text if to_right else text + space)
        yield (" " * GAP).join(parts).rstrip()


def _below(text: str, indent: int, width: int) -> Iterator[str]:
    """Give the lines of what left its row; an address goes on over the edge, for it is copied whole."""
    for line in wrap(text, width - indent, cut=False) if text else ():
        yield " " * indent + line


def shortened(text: str, width: int) -> str:
    """Give a text that fits, with an ellipsis for what is left out."""
    return text if cells(text) <= width else _head(text, width - 1).rstrip() + "…"


def wrap(text: str, width: int, *, cut: bool = True) -> list[str]:
    """Break a text at spaces into lines of at most `width` cells; a longer word is cut, or has a line of its own.

    All lines are indented as the text is, where that leaves room.
    """
    bare = text.lstrip(" ")
    indent = text[: len(text) - len(bare)]
    if indent and bare and len(indent) < width // 2:
        return [indent + part for part in wrap(bare, width - len(indent), cut=cut)]
    found, line = [], ""
    for word in text.split(" "):
        rest, joined = word, f"{line} {word}" if line else word
        if cells(joined) <= width:
            line = joined
            continue
        if line:
            found.append(line)
        while cut and cells(rest) > width:
            head = _head(rest, width)
            found.append(head)
            rest = rest[len(head) :]
        line = rest
    return [*found, line]


def _head(text: str, width: int) -> str:
    used = 0
    for at, letter in enumerate(text):
        used += cells(letter)
        if used > width:
            return text[: max(1, at)]
    return text


def cells(text: str) -> int:
    """Count the cells that a terminal gives a text: two for Chinese, none for combining marks."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
