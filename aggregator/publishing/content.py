"""The HTML inside an entry: the source list on top, then summaries, then what changed. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

import nh3

from aggregator.model import Source
from aggregator.publishing.channel import Channel, Release
from aggregator.publishing.escaping import clean, html, language_tag, one_line, web_url
from aggregator.publishing.publication import Change, ChangeKind, Content
from aggregator.publishing.sources import Line
from aggregator.publishing.words import Manner

# An event of 2,000 sources must stay readable: what is past these stands behind a count, and on the event's page.
_MOST_LINES = 100
_MOST_COPIES = 10
_MOST_SUMMARIES = 5
_MOST_CHANGES = 20
_SUMMARY = 500  # characters

# What stays of a report's own HTML: text with its structure. No style, class, form, frame or script.
_TAGS = {
    *("a", "abbr", "b", "blockquote", "br", "cite", "code", "dd", "del", "dl", "dt", "em", "figcaption", "figure"),
    *("h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "q", "s", "small", "span"),
    *("strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul"),
}
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "*": {"lang", "dir"}}


@dataclass(frozen=True, slots=True)
class Body:
    """What an entry says, in every format."""

    html: str  # a fragment without parse errors, with absolute URLs only
    summary: str  # plain text


def body(channel: Channel, release: Release) -> Body:
    """Write what an entry says."""
    return Body(content_html(channel, release), summary_text(release))


def content_html(channel: Channel, release: Release) -> str:
    """Write the content of a release as an HTML fragment without parse errors, with absolute URLs only."""
    manner = channel.manner
    parts = [*_status(release, manner), _head(release, manner), _source_list(release, manner)]
    if channel.content is not Content.LIST:
        parts += _summaries(release, full=channel.content is Content.FULL, pictures=channel.place.pictures)
    parts += _change_log(release, manner)
    return clean("\n".join(part for part in parts if part))


def summary_text(release: Release) -> str:
    """Summarise a release in plain text: who reports, and what the representative says."""
    outlets = [line.outlet for line in release.lines]
    named = ", ".join(one_line(outlet, 60) for outlet in outlets[:5])
    more = f" (+{len(outlets) - 5})" if len(outlets) > 5 else ""
    told = next((text for source in _spokesmen(release) if (text := one_line(source.summary, _SUMMARY))), "")
    return f"{named}{more}. {told}".strip(" .") or release.title


def _status(release: Release, manner: Manner) -> Iterator[str]:
    if release.publication.merged_into is None:
        return
    told = release.successor
    headline = _link(release.successor_link, told.headline) if told else manner.say("another event")
    yield f"<p><strong>{manner.say('Merged:')}</strong> {manner.say('this event goes on as')} {headline}.</p>"


def _head(release: Release, manner: Manner) -> str:
    if not release.lines:
        return f"<p>{manner.say('The reports of this event have moved to other events.')}</p>"
    outlets = release.event.outlets
    words = manner.count(outlets, "1 outlet", "{n} outlets")
    first = release.lines[0].first
    at, zone = manner.when(first.first_seen), manner.zone.tzname(first.first_seen)
    if outlets == 1:
        return f"<p><strong>{words}</strong>; {manner.say('first seen {when} ({zone})', when=at, zone=zone)}</p>"
    words += f", {manner.say('{n} independent', n=release.event.independent)}"
    outlet = html(one_line(first.outlet, 100))
    seen = manner.say("first seen {when} ({zone}) at {outlet}", when=at, zone=zone, outlet=outlet)
    return f"<p><strong>{words}</strong>; {seen}</p>"


def _source_list(release: Release, manner: Manner) -> str:
    shown = release.lines[:_MOST_LINES]
    items = [_line(line, release, manner) for line in shown]
    if len(release.lines) > len(shown):
        rest = manner.say("and {n} more outlets", n=len(release.lines) - len(shown))
        items.append(f"<li>{_link(release.page, rest) if release.page else rest}</li>")
    return "<ul>\n{}\n</ul>".format("\n".join(items)) if items else ""


def _line(line: Line, release: Release, manner: Manner) -> str:
    first = line.first
    told = ", ".join(filter(None, (manner.when(first.first_seen), html(language_tag(first.language) or ""))))
    agency = f" ({html(line.agency)})" if line.agency else ""
    text = f"<strong>{html(one_line(line.outlet, 100))}</strong>{agency} {_report(first, manner)} <small>{told}</small>"
    text += _marked(line.reports, release, manner)
    if line.copies:
        text += f"; {manner.say('the same text at')} {_copies(line.copies, release, manner)}"
    if len(line.reports) > 1:
        further = [_report(report, manner) for report in line.reports[1:_MOST_COPIES]]
        text += f"; {manner.say('also')}: " + "; ".join(further) + _more(len(line.reports) - 1 - len(further))
    return f'<li dir="auto">{text}</li>'


def _copies(copies: tuple[Line, ...], release: Release, manner: Manner) -> str:
    shown = [
        _link(web_url(copy.first.url), one_line(copy.outlet, 100)) + _marked(copy.reports, release, manner)
        for copy in copies[:_MOST_COPIES]
    ]
    return ", ".join(shown) + _more(len(copies) - len(shown))


def _more(number: int) -> str:
    return f" (+{number})" if number > 0 else ""


def _marked(reports: tuple[Source, ...], release: Release, manner: Manner) -> str:
    times = [at for report in reports if (at := release.new.get(report.entry)) is not None]
    return f" <em>{manner.say('new {when}', when=manner.when(max(times)))}</em>" if times else ""


def _report(source: Source, manner: Manner) -> str:
    title = one_line(source.title) or manner.say("untitled")
    return _link(web_url(source.url), title, language_tag(source.language))


def _link(url: str | None, text: str, language: str | None = None) -> str:
    """Link plain text; both are escaped here."""
    if url is None:
        return html(text)
    spoken = f' hreflang="{html(language)}"' if language else ""
    return f'<a href="{html(url)}"{spoken}>{html(text)}</a>'


def _spokesmen(release: Release) -> list[Source]:
    """Order what is worth quoting: the representative, then the first report of each outlet with text of its own."""
    told = release.publication.representative
    own = [line.first for line in release.lines]
    chosen = [source for source in release.event.sources if source.entry == told]
    return chosen + [source for source in own if source.entry != told]


def _summaries(release: Release, *, full: bool, pictures: bool) -> Iterator[str]:
    quoted: set[str] = set()
    if release.image is not None:
        yield f'<p><img src="{html(release.image)}" alt=""></p>'
    for source in _spokesmen(release):
        text = one_line(source.summary, _SUMMARY)
        body = _sanitised(source.html, pictures=pictures) if full and source.html else f"<p>{html(text)}</p>"
        if text in quoted or not (text or source.html):
            continue
        quoted.add(text)
        yield f'<h4>{html(one_line(source.outlet, 100))}</h4>\n<div dir="auto">{body}</div>'
        if len(quoted) >= _MOST_SUMMARIES:
            return


def _sanitised(markup: str, *, pictures: bool) -> str:
    tags = _TAGS if pictures else _TAGS - {"img"}
    return nh3.clean(
        clean(markup),
        tags=tags,
        attributes={tag: names for tag, names in _ATTRIBUTES.items() if tag == "*" or tag in tags},
        attribute_filter=_only_web,
        link_rel=None,
        url_schemes={"http", "https"},
    )


def _only_web(tag: str, attribute: str, value: str) -> str | None:
    """Keep absolute http and https URLs, in their ASCII form, and tags of languages."""
    if attribute in ("href", "src"):
        return web_url(value)
    if attribute == "lang":
        return language_tag(value)
    return value if attribute != "dir" or value in ("ltr", "rtl", "auto") else None


def _change_log(release: Release, manner: Manner) -> Iterator[str]:
    shown = release.publication.changes[-_MOST_CHANGES:]
    items = [text for change in shown if (text := _change(change, release, manner))]
    if items:
        listed = "\n".join(f'<li dir="auto">{item}</li>' for item in items)
        yield f"<p>{manner.say('Changes')}</p>\n<ul>\n{listed}\n</ul>"


def _change(change: Change, release: Release, manner: Manner) -> str:
    when = manner.when(change.at)
    match change.kind:
        case ChangeKind.GREW:
            found = {source.entry: source for source in release.event.sources}
            gained = [found[entry] for entry in change.entries if entry in found]
            named = [
                f"{html(one_line(report.outlet, 100))}: {_report(report, manner)}" for report in gained[:_MOST_COPIES]
            ]
            return f"+ {when} {'; '.join(named)}{_more(len(gained) - len(named))}" if named else ""
        case ChangeKind.SHRANK:
            one, many = "1 report moved to another event", "{n} reports moved to another event"
            return f"− {when} {manner.count(len(change.entries), one, many)}"
        case ChangeKind.HEADLINE:
            return f"{when} {manner.say('the headline was')}: {html(one_line(change.text))}"
        case ChangeKind.CORRECTED:
            return f"{when} {manner.say('corrected by hand')}"
        case ChangeKind.MERGED:
            return f"{when} {manner.say('merged into another event')}"
        case ChangeKind.RESTORED:
            return f"{when} {manner.say('apart again')}"
