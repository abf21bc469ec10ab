"""What is typed on the command line, read without pydantic where it needs none.

typer has pydantic convert every value, those too that are not given or stay the words they are, and importing pydantic
takes half as long as a command that lists events.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from typer import BadParameter
from typer.core import TyperCommand, TyperGroup

DIGITS = 19  # shorter numbers fit into 64 bits
PLACES = {"--config": "AGGREGATOR_CONFIG", "--store": "AGGREGATOR_STORE"}


class Group(TyperGroup):
    """A group of commands whose own options are read so."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments before the command's name."""
        _lighten_all(self.get_params(ctx))
        return super().parse_args(ctx, _placed(args))


def _placed(args: Sequence[str]) -> list[str]:
    """Take --config and --store from before the name of a command: they count as the variables do, for all below it.

    Raises:
        BadParameter: one of them names nothing.
    """
    rest = list(args)
    while rest and (option := rest[0].partition("=")[0]) in PLACES:
        value = rest.pop(0).partition("=")[2] or (rest.pop(0) if rest else "")
        if not value or value.startswith("-"):
            raise BadParameter(f"{option} needs the path of a {'file' if option == '--config' else 'folder'} after it")
        os.environ[PLACES[option]] = value
    return rest


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
    descriptor = getattr(param, "type_descriptor", None)
    annotation = getattr(descriptor, "annotation", None)
    many = bool(getattr(param, "multiple", False)) or param.nargs == -1

    def checked(ctx: Any, value: Any) -> Any:
        try:
            return convert(ctx, value)
        except BadParameter as error:
            error.message = error.message.removeprefix("Value error, ")  # pydantic's, for a programmer
            raise

    def process_value(ctx: Any, value: Any) -> Any:
        if not param.required and (value is None or (many and not value)):
            given = () if many else None
            return given if param.callback is None else param.callback(ctx, param, given)
        if param.callback is not None:
            return checked(ctx, value)
        if many and value and annotation == list[str]:
            return list(value)
        if not many and isinstance(value, str) and (read := _read(value, annotation, descriptor)) is not None:
            return read
        if not many and isinstance(value, int | str) and value is param.default:
            return value
        return checked(ctx, value)

    param.process_value = process_value


def _read(word: str, annotation: Any, descriptor: Any) -> Any:
    """Read a word that is plainly what is wanted; None where pydantic has to look, or to say what is wrong."""
    if annotation in (str, Path):
        return annotation(word)
    if get_origin(annotation) is Literal:
        return word if word in get_args(annotation) else None
    if annotation is int and word.isascii() and word.isdigit() and len(word) < DIGITS:
        number, bounds = int(word), descriptor.parameter_info
        below = bounds.min is not None and number < bounds.min
        above = bounds.max is not None and number > bounds.max
        return None if below or above else number
    return None
