"""What is typed on the command line, read without pydantic where it needs none.

typer has pydantic convert every value, those too that are not given or stay the words they are, and importing pydantic
takes half as long as a command that lists events.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from typer.core import TyperCommand, TyperGroup


class Group(TyperGroup):
    """A group of commands whose own options are read so."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments before the command's name."""
        _lighten_all(self.get_params(ctx))
        return super().parse_args(ctx, args)


class Command(TyperCommand):
    """A command whose words, paths and unset options are taken as they are."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments."""
        _lighten_all(self.get_params(ctx))
        return super().parse_args(ctx, args)


def _lighten_all(params: Iterable[Any]) -> None:
    for param in params:
        if "process_value" not in vars(param):  # once
            _lighten(param)


def _lighten(param: Any) -> None:
    convert = param.process_value
    annotation = getattr(getattr(param, "type_descriptor", None), "annotation", None)
    many = bool(getattr(param, "multiple", False)) or param.nargs == -1

    def process_value(ctx: Any, value: Any) -> Any:
        if not param.required and (value is None or (many and not value)):
            given = () if many else None
            return given if param.callback is None else param.callback(ctx, param, given)
        if param.callback is not None:
            return convert(ctx, value)
        if many and value and annotation == list[str]:
            return list(value)
        if not many and isinstance(value, str) and annotation in (str, Path):
            return annotation(value)
        if not many and isinstance(value, int | str) and value is param.default:
            return value
        return convert(ctx, value)

    param.process_value = process_value
