"""Who is told at once of which events: the section `alerts` of feeds.yaml."""

from collections.abc import Mapping
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints, model_validator

from aggregator.config import access, addresses
from aggregator.config.fields import Line, Section, mistake
from aggregator.config.outputs import Languages, Search, Words
from aggregator.config.secrets import read_secret


def _origin(url: str) -> str:
    """Show whose webhook it is; its path is often the secret."""
    split = urlsplit(url)
    return f"{split.scheme}://{split.netloc.rpartition('@')[2]}/***"


def _webhook_url(text: str) -> str:
    try:
        return addresses.feed_url(text)
    except ValueError:
        raise ValueError("is no http or https URL; write all of it, as https://hooks.example/...") from None


Webhook = Annotated[str, AfterValidator(_webhook_url), PlainSerializer(_origin, return_type=str)]
_FILTER = ("search", "exclude", "min_sources", "min_independent", "language", "tags")
Argument = Annotated[str, StringConstraints(min_length=1, max_length=1_000, pattern=r"^[^\x00]*$")]


class AlertConfig(Section):
    """An alert: which events, and where word of them goes. It is sent once for an event."""

    name: Line | None = Field(default=None, description="what it is called in messages and the log; unset: its filter")
    search: Search | None = Field(default=None, description='what a report must say: panjshir OR taliban, "a phrase"')
    exclude: Search | None = Field(default=None, description="what no report may say")
    min_sources: int = Field(default=1, ge=1, le=10_000, strict=True, description="outlets that report an event")
    min_independent: int = Field(
        default=1, ge=1, le=10_000, strict=True, description="the same; copies, families and agencies counted once"
    )
    language: Languages = Field(default=(), description="languages of its events; unset: all")
    tags: Words = Field(default=(), description="tags of feeds, one of which a report must come from")
    webhook: Webhook | None = Field(default=None, description="http or https URL that is sent a POST with JSON")
    webhook_env: access.Variable | None = Field(
        default=None, description="variable of the environment with that URL, where it is a secret"
    )
    webhook_file: access.WholePath | None = Field(default=None, description="file with that URL")
    exec: tuple[Argument, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=50,
        description="program and arguments, run without a shell, with the JSON on its standard input",
    )

    @model_validator(mode="after")
    def _goes_to_one_place(self) -> Self:
        places = (self.webhook, self.webhook_env, self.webhook_file, self.exec)
        if sum(place is not None for place in places) != 1:
            raise mistake(
                "webhook", "goes nowhere or to several places; give one of webhook, webhook_env, webhook_file, exec"
            )
        return self

    @property
    def label(self) -> str:
        """Give its name, or its filter in words; by that it is known again, and under another it begins anew."""
        if self.name is not None:
            return self.name
        told = self.model_dump(mode="json", include={*_FILTER}, exclude_defaults=True)
        parts = (f"{key}={','.join(value) if isinstance(value, list) else value}" for key, value in told.items())
        return " ".join(parts) or "every event"

    def url(self, environment: Mapping[str, str]) -> str | None:
        """Give the URL of its webhook; None where it runs a program.

        Raises:
            ValueError: it is not where it is said to be, or is no URL; its text is not repeated.
        """
        if self.exec is not None or self.webhook is not None:
            return self.webhook
        found = read_secret(self.webhook_env, self.webhook_file, environment)
        try:
            return addresses.feed_url(found)
        except ValueError:
            raise ValueError(f"{self.webhook_env or self.webhook_file} holds no http or https URL") from None
