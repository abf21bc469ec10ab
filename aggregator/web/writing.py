"""Write pages from templates: what they may call, and how times, links and texts look."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from aggregator.config.durations import format_duration
from aggregator.model import Event, Source
from aggregator.publishing.escaping import clean, language_tag, one_line, web_url
from aggregator.publishing.sources import lines
from aggregator.publishing.words import counter
from aggregator.web import charts
from aggregator.web.messages import translator


class Writing:
    """The templates, loaded once."""

    def __init__(self, prefix: str, title: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(Path(__file__).parent / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "prefix": prefix,
            "site": one_line(title, 100),
            "when": when,
            "chart_of": _chart_of,
            "summary_of": summary_of,
            "named": _named,
            "others": _others,
            "rhythm": charts.rhythm,
            "clock": charts.clock,
        }
        self._environment.filters |= {
            "line": one_line,
            "web": web_url,
            "tag": language_tag,
            "span": span,
            "segment": lambda text: quote(text, safe=""),
        }

    def page(self, template: str, language: str, **values: object) -> str:
        """Write a page in a language of the interface."""
        say = translator(language)
        text = self._environment.get_template(template).render(language=language, say=say, count=counter(say), **values)
        return clean(text)


def when(at: datetime | None) -> Markup:
    """Write an instant; a script turns it into the reader's own time where scripts run."""
    if at is None:
        return Markup()
    moment = at.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        moment.strftime("%Y-%m-%dT%H:%M:%SZ"), f"{moment.day} {moment:%b %H:%M} UTC"
    )


def span(duration: timedelta) -> str:
    """Write a duration to the minute: a page is no place for the seconds of an interval."""
    return format_duration(timedelta(minutes=round(duration / timedelta(minutes=1))))


def summary_of(event: Event) -> str:
    """Give what the representative says, else the first report that says anything."""
    first = [source for source in event.sources if source.entry == event.representative]
    texts = (one_line(source.summary, 260) for source in (*first, *event.sources))
    return next((text for text in texts if text and text != one_line(event.headline, 260)), "")


def _chart_of(event: Event, label: str) -> Markup:
    return charts.arrivals([source.first_seen for source in event.sources], label)


def _named(event: Event) -> list[Source]:
    """Give the report of each outlet that stands under a headline, at most five."""
    return [line.first for line in lines(event.sources)[:5]]


def _others(event: Event) -> int:
    """Count the outlets that do not."""
    return event.outlets - min(5, len(lines(event.sources)))
