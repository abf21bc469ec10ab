"""Tables that fit the terminal: wide columns give way, their cells go on below."""

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

GAP = 2  # spaces between columns
NARROWEST = 8  # cells that a column is not squeezed below, unless nothing else helps
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
    widths = fitted(columns, surveyed, width)
    justified = [column in right for column in columns]
    for line in _row(columns, widths, justified):
        yield f"\x1b[1m{line}\x1b[0m" if colour else line
    yield "─" * (sum(widths) + GAP * (len(widths) - 1))
    for row in chain(surveyed, waiting):
        yield from _row(row, widths, justified)


def fitted(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """Give each column the width of its longest cell; the widest ones give way until all fit."""
    widths = [max(cells(name), *(cells(row[n]) for row in rows), 1) for n, name in enumerate(columns)]
    least = [min(have, max(NARROWEST, cells(name))) for have, name in zip(widths, columns, strict=True)]
    over = sum(widths) + GAP * (len(widths) - 1) - width
    for floor in (least, [1] * len(widths)):
        while over > 0 and any(have > low for have, low in zip(widths, floor, strict=True)):
            widest = max(range(len(widths)), key=lambda n: (widths[n] > floor[n], widths[n]))
            widths[widest] -= 1
            over -= 1
    return widths


def _row(row: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> Iterator[str]:
    wrapped = [wrap(cell, width) for cell, width in zip(row, widths, strict=True)]
    for n in range(max(map(len, wrapped))):
        parts = []
        for cell, width, to_right in zip(wrapped, widths, right, strict=True):
            text = cell[n] if n < len(cell) else ""
            space = " " * (width - cells(text))
            parts.append(space + text if to_right else text + space)
        yield (" " * GAP).join(parts).rstrip()


def wrap(text: str, width: int) -> list[str]:
    """Break a text at spaces into lines of at most `width` cells; a longer word is cut."""
    found, line = [], ""
    for word in text.split(" "):
        rest, joined = word, f"{line} {word}" if line else word
        if cells(joined) <= width:
            line = joined
            continue
        if line:
            found.append(line)
        while cells(rest) > width:
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
