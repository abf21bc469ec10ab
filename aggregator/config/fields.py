"""What the sections of feeds.yaml are made of: lines, durations, languages, and how mistakes are blamed."""

import re
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from aggregator.config.durations import PATTERN, format_duration, parse_duration

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")
]


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    if isinstance(value, (str, int)) and not isinstance(value, bool):
        return parse_duration(str(value))
    raise ValueError("expected a duration such as 15m, 48h or 7d")


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": PATTERN, "examples": ["15m", "48h", "90d", "1h30m"]}),
]


def _language(code: str) -> str:
    """Check the shape of a BCP 47 tag (RFC 5646 §2.1)."""
    if not re.fullmatch(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,4}", code):
        raise ValueError(f"{code!r} is not a language code; write it as en, id or pt-BR")
    return code.replace("_", "-")


def at_least(shortest: timedelta, longest: timedelta | None = None) -> AfterValidator:
    """Bound a duration."""

    def check(value: timedelta) -> timedelta:
        if value < shortest:
            raise ValueError(
                f"{format_duration(value)} is below {format_duration(shortest)}, the least that is allowed"
            )
        if longest is not None and value > longest:
            raise ValueError(f"{format_duration(value)} is above {format_duration(longest)}, the most that is allowed")
        return value

    return AfterValidator(check)


Language = Annotated[str, AfterValidator(_language)]


def _on_or_off(value: Any) -> Any:
    """Take YAML 1.2's true and false for what YAML 1.1 calls on and off."""
    return {True: "on", False: "off"}.get(value, value) if isinstance(value, bool) else value


OnOff = Annotated[Literal["on", "off"], BeforeValidator(_on_or_off)]


def mistake(key: str, message: str) -> PydanticCustomError:
    """Blame one key of a section for a contradiction between two; `loading` reads the key back."""
    return PydanticCustomError("contradiction", "{message}", {"key": key, "message": message})


class Section(BaseModel):
    """A mapping of feeds.yaml: frozen, and with no key that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
