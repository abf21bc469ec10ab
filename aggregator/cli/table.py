"""Tables that fit the terminal: wide columns give way, their cells go on below.

Where not even the heads fit, a row is a card.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

GAP = 2  # spaces between columns
NARROWEST = 8  # cells that a column is not squeezed below, unless nothing else helps
LONG_WORD = 14  # words up to here are not cut, unless nothing else helps
SURVEYED = 200  # rows that decide the widths; longer tables are printed as they are read


def terminal_width() -> int:
    """Give the columns of the terminal: COLUMNS, else what it says, else 80."""
    return max(20, shutil.get_terminal_size((80, 24)).columns)


def coloured() -> bool:
    """Tell whether a terminal may be given colours (https://no-color.org, and TERM=dumb)."""
    return not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def lines(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[str] = (), width: int, colour: bool
) -> Iterator[str]:
    """Give the lines of a table of at most `width` cells: heads, a rule, and each row on as many lines as it needs."""
    waiting = iter(rows)
    surveyed = list(islice(waiting, SURVEYED))
    if 0 < len(surveyed) < SURVEYED and sum(natural(columns, surveyed)) + GAP * (len(columns) - 1) > width:
        told = [n for n in range(len(columns)) if any(row[n] for row in surveyed)]  # an empty column only takes room
        columns, surveyed = [columns[n] for n in told], [[row[n] for n in told] for row in surveyed]
    if sum(_heads(columns)) + GAP * (len(columns) - 1) > width:
        yield from _cards(columns, chain(surveyed, waiting), width=width, colour=colour)
        return
    widths = fitted(columns, surveyed, width)
    justified = [column in right for column in columns]
    for line in _row(columns, widths, justified):
        yield f"\x1b[1m{line}\x1b[0m" if colour else line
    yield "─" * (sum(widths) + GAP * (len(widths) - 1))
    for row in chain(surveyed, waiting):
        yield from _row(row, widths, justified)


def natural(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[int]:
    """Give each column the width of its longest cell."""
    return [max(cells(name), *(cells(row[n]) for row in rows), 1) for n, name in enumerate(columns)]


def fitted(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Give each column the width of its longest cell; the widest ones give way until all fit."""
    widths = natural(columns, rows)
    words = (
        min(LONG_WORD, max(map(cells, " ".join(row[n] for row in rows).split()), default=0))
        for n in range(len(columns))
    )
    least = [
        min(have, max(NARROWEST, head, word)) for have, head, word in zip(widths, _heads(columns), words, strict=True)
    ]
    over = sum(widths) + GAP * (len(widths) - 1) - width
    for floor in (least, [1] * len(widths)):
        while over > 0 and any(have > low for have, low in zip(widths, floor, strict=True)):
            widest = max(range(len(widths)), key=lambda n: (widths[n] > floor[n], widths[n]))
            widths[widest] -= 1
            over -= 1
    return widths


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
