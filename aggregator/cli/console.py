"""What every command shares: the instance it works on, how it prints, how it fails.

A command is a function whose first parameter is the `Context`; `command` registers it with `--config` and `--store`
added, so that they are understood wherever they stand, and turns errors into a message and an exit code.
"""

import functools
import inspect
import json as json_module
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from aggregator.errors import AggregatorError

if TYPE_CHECKING:
    from rich.console import Console

    from aggregator.config import Config, Instance

FAILED, USAGE, NOT_FOUND = 1, 2, 3

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


def new_app(help: str) -> typer.Typer:  # noqa: A002  typer's own word
    """Make a group of commands."""
    return typer.Typer(help=help, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None)


def command(app: typer.Typer, name: str | None = None, *, hidden: bool = False) -> Callable[[Any], Any]:
    """Register a function as a command of `app`; its first parameter receives the `Context`."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(function)
        own = list(signature.parameters.values())[1:]
        shared = [
            inspect.Parameter("config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=ConfigOption),
            inspect.Parameter("store", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=StoreOption),
        ]

        @functools.wraps(function)
        def run(*args: Any, config: Path | None, store: Path | None, **kwargs: Any) -> None:
            context = Context(config=config, store=store, json=bool(kwargs.get("json", False)))
            with_errors(context, lambda: function(context, *args, **kwargs))

        run.__signature__ = signature.replace(parameters=[*own, *shared])  # type: ignore[attr-defined]  # read by typer
        run.__annotations__ = {p.name: p.annotation for p in [*own, *shared]}
        del run.__wrapped__  # else typer sees the function without the shared options
        app.command(name, hidden=hidden)(run)
        return function

    return register


def with_errors(context: Context, call: Callable[[], None]) -> None:
    """Run a command; an error that the operator can act on becomes its message and exit code."""
    try:
        call()
        sys.stdout.flush()
    except AggregatorError as error:
        fail(str(error), code=error.exit_code, json=context.json)
    except BrokenPipeError:
        # `aggregator ... | head`: the reader has seen enough. Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def fail(message: str, *, code: int = FAILED, json: bool = False) -> NoReturn:
    """End with a message on stderr: plain, or one JSON line."""
    line = json_module.dumps({"error": message, "code": code}, ensure_ascii=False) if json else f"aggregator: {message}"
    print(line, file=sys.stderr)
    raise typer.Exit(code)


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


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()) -> None:
    """Print a table that fits the terminal; piped, a tab-separated line a row."""
    if not sys.stdout.isatty():
        print("\t".join(columns))
        for row in rows:
            print("\t".join(shown(cell) for cell in row))
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(cell)) for cell in row))
    console().print(table)


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
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda steps: bar.advance(task, steps)
