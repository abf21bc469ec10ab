"""What every command shares: the instance it works on, how it prints, how it fails.

A command is a function whose first parameter is the `Context`; `command` registers it with `--config` and `--store`
added, so that they are understood wherever they stand, and turns errors into a message and an exit code.
"""

import errno
import functools
import inspect
import json as json_module
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from aggregator.cli.pager import on_terminal, pager
from aggregator.cli.parameters import Command, Group
from aggregator.errors import AggregatorError

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Task

    from aggregator.config import Config, Instance

FAILED, USAGE, NOT_FOUND = 1, 2, 3
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}  # what a disk says

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The feeds.yaml to use.", envvar="AGGREGATOR_CONFIG", metavar="FILE")
]
StoreOption = Annotated[
    Path | None, typer.Option("--store", help="The data folder to use.", envvar="AGGREGATOR_STORE", metavar="DIR")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a command was asked to work on, and how it is to print."""

    config: Path | None = None
    store: Path | None = None
    json: bool = False

    def instance(self) -> "Instance":
        """Find the configuration file and the store (see `aggregator.config.locate`)."""
        from aggregator.config import locate

        return locate(self.config, self.store, dict(os.environ), Path.cwd())

    def load(self, *, secrets: bool = False) -> "Config":
        """Read the configuration in force; `secrets`: see that those it names are there, for what asks servers.

        Raises:
            ConfigError: it is missing or holds mistakes.
        """
        from aggregator.config import load

        return load(self.instance().config, os.environ if secrets else None)


UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # typer exports no more of the tree than its leaf


class Program(Group):
    """All commands; wrong usage under --json is a JSON line as any other error is."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **how: Any) -> Any:
        """Run the command that `args` name and end."""
        words = list(sys.argv[1:] if args is None else args)
        if not {"--json", "--jsonl"} & set(words):
            return super().main(words, *rest, **how)
        try:
            code = super().main(words, *rest, **{**how, "standalone_mode": False})
        except UsageError as error:
            _print_error(error.format_message(), code=USAGE, json=True)  # type: ignore[attr-defined]  # typer's own
            code = USAGE
        sys.exit(code if isinstance(code, int) else 0)


def new_app(help: str) -> typer.Typer:  # noqa: A002  typer's own word
    """Make a group of commands."""
    return typer.Typer(
        help=help, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None, cls=Program
    )


def command(
    app: typer.Typer, name: str | None = None, *, hidden: bool = False, paged: bool = False
) -> Callable[[Any], Any]:
    """Register a function as a command of `app`; its first parameter receives the `Context`.

    `paged`: it may print more than a screen, for a person to read.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(function)
        own = list(signature.parameters.values())[1:]
        shared = [
            inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ConfigOption),
            inspect.Parameter("store", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=StoreOption),
        ]

        @functools.wraps(function)
        def run(*args: Any, config: Path | None, store: Path | None, **kwargs: Any) -> None:
            context = Context(config=config, store=store, json=bool(kwargs.get("json") or kwargs.get("jsonl")))
            with pager() if paged and not context.json else nullcontext():
                with_errors(context, lambda: function(context, *args, **kwargs))

        run.__signature__ = signature.replace(parameters=[*own, *shared])  # type: ignore[attr-defined]  # read by typer
        run.__annotations__ = {p.name: p.annotation for p in [*own, *shared]}
        del run.__wrapped__  # else typer sees the function without the shared options
        app.command(name, hidden=hidden, cls=Command)(run)
        return function

    return register


def with_errors(context: Context, call: Callable[[], None]) -> None:
    """Run a command; an error that the operator can act on becomes its message and exit code."""
    try:
        try:
            call()
        finally:
            sys.stdout.flush()  # here, where what goes wrong is told, and not when Python ends
    except AggregatorError as error:
        fail(str(error), code=error.exit_code, json=context.json)
    except BrokenPipeError:
        _close_stdout()  # `aggregator ... | head`: the reader has seen enough
        raise typer.Exit(0) from None
    except OSError as error:
        if error.errno not in _FULL:
            raise
        _close_stdout()
        fail(f"cannot write: {error.strerror}; is there room where the output goes?", json=context.json)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _close_stdout() -> None:
    """Drop what is still to be printed: Python would complain of it once more at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def fail(message: str, *, code: int = FAILED, json: bool = False) -> NoReturn:
    """End with a message on stderr: plain, or one JSON line."""
    _print_error(message, code=code, json=json)
    raise typer.Exit(code)


def _print_error(message: str, *, code: int, json: bool) -> None:
    line = json_module.dumps({"error": message, "code": code}, ensure_ascii=False) if json else f"aggregator: {message}"
    print(line, file=sys.stderr)


def teller(context: Context) -> Callable[[str], None]:
    """Give what says on stderr what goes on; under --json it says nothing, for only errors stand there."""
    return lambda message: None if context.json else print(f"aggregator: {message}", file=sys.stderr)


def print_json(value: object) -> None:
    """Print a value as JSON: indented for a person, the same bytes for a program."""
    print(json_module.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_jsonl(rows: Iterable[object]) -> None:
    """Print one JSON value a line."""
    for row in rows:
        print(json_module.dumps(row, ensure_ascii=False, default=str))


def console(*, stderr: bool = False) -> "Console":
    """Make a rich console; colours and width follow the terminal, NO_COLOR and COLUMNS."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, emoji=False, markup=False)


def print_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    right: Sequence[str] = (),
    below: Sequence[str] = (),
    names: Sequence[str] = (),
) -> None:
    """Print a table that fits the terminal (`table.lines`); piped, a tab-separated line a row."""
    if not on_terminal():
        print("\t".join(columns))
        for row in rows:
            print("\t".join(shown(cell) for cell in row))
        return
    from aggregator.cli.table import coloured, lines, terminal_width

    cells = ([shown(cell) for cell in row] for row in rows)
    how = {"right": right, "below": below, "names": names}
    for line in lines(columns, cells, **how, width=terminal_width(), colour=coloured()):
        print(line)


def print_text(*lines: str) -> None:
    """Print lines; on a terminal they are broken at spaces, and go on below where they began. Addresses stay whole."""
    if not on_terminal():
        print("\n".join(lines))
        return
    from aggregator.cli.table import terminal_width, wrap

    for line in lines:
        for part in line.split("\n"):
            indent = part[: len(part) - len(part.lstrip())]
            for wrapped in wrap(part.lstrip(), max(20, terminal_width() - len(indent)), cut=False):
                print(indent + wrapped)


def print_facts(facts: Iterable[tuple[str, object]], width: int = 15) -> None:
    """Print names, in so many cells, and values; on a terminal a long value goes on below itself."""
    from aggregator.cli.table import terminal_width, wrap

    for name, value in facts:
        told = shown(value)
        lines = wrap(told, max(20, terminal_width() - width), cut=False) if on_terminal() else [told]
        print(f"{name:<{width}}" + ("\n" + " " * width).join(lines))


def flush() -> None:
    """Hand on what was printed, before something that takes its time."""
    sys.stdout.flush()


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print comma-separated values with a line of heads (RFC 4180), but with plain line ends."""
    import csv

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)


def shown(cell: object) -> str:
    """Give a cell as text on one line, without characters that would steer the terminal."""
    text = "" if cell is None else str(cell)
    return "".join(c if c.isprintable() else " " for c in text)


def bytes_shown(count: float) -> str:
    """Give a number of bytes for a person."""
    for unit in ("B", "KB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar with its rate on stderr while a long work goes on; nothing where stderr is no terminal.

    Gives the function that moves it on; a total of None shows a count.
    """
    if not sys.stderr.isatty():
        yield lambda _steps: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: "Task") -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)
