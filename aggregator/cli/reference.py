"""docs/cli.md, written from the commands themselves: `python tools/write_cli_reference.py`."""

from collections.abc import Iterator, Mapping
from typing import Any

from aggregator.cli import assemble

SHARED = ("config", "store", "help")

OPENING = """\
# Commands

Written from the program itself by `python tools/write_cli_reference.py`; a test sees that it is current.

Every command understands, wherever they stand: `--config FILE` (else `AGGREGATOR_CONFIG`, else `./feeds.yaml`, else
your own folder), `--store DIR` (else `AGGREGATOR_STORE`, else `store` beside the configuration) and `--help`.

- **Output.** On a terminal: tables that fit its width, through `$PAGER` (`less`) where they are longer than the screen;
  `PAGER=cat` turns that off. Piped: a line a row, cells parted by tabs, no colours. `NO_COLOR` takes colours off a
  terminal too.
- **For programs.** `--json` prints one object with `schema_version`, which rises when a shape changes incompatibly;
  keys may be added at any time. `--jsonl` prints an object a line, `--csv` comma-separated values. Times are UTC
  (`2026-03-01T14:00:00Z`).
- **Errors** go to stderr: a sentence, under `--json` and `--jsonl` one JSON line `{"error": ..., "code": ...}`.
- **Exit codes.** 0 fine, 1 failed, 2 wrong usage, 3 not found.
- **Times** on the command line are dates (`2026-03-01`), times (`2026-03-01T14:00Z`) or spans before now (`24h`, `7d`).
- **Ids** of events may be cut short where the beginning is unique; close ones are suggested where there is none.
- **Completion** of commands and options: `aggregator --install-completion`, once for your shell.
"""

# The keys of what commands print for programs; tests compare them with what is printed.
SHAPES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "event": (
        "`events` of `events list` and `events search`, `event` of `events show` and of lines of `events watch`",
        {
            "id": "its short name",
            "headline": "the title of the report that speaks for it",
            "url": "the address of that report, or null",
            "language": "ISO 639, or null",
            "first_seen": "when its first report was seen",
            "updated": "when its reports last changed",
            "entries": "how many reports it has",
            "outlets": "how many outlets report it",
            "independent": "the same after copies and families are counted once",
            "muted": "whether a person has it left out of the feeds",
            "sources": "its reports in the order of first sight",
        },
    ),
    "source": (
        "`sources` of an event",
        {
            "outlet": "who publishes it",
            "entry": "its number, as `events why` takes it",
            "feed": "the id of the feed that brought it",
            "title": "its headline",
            "url": "its address, or null",
            "language": "ISO 639, or null",
            "published": "as it claims, or null",
            "first_seen": "when it was seen",
            "copy_of": "the entry whose text it repeats, or null",
            "agency": "the news agency that it credits, or null",
        },
    ),
    "related": (
        "`related` of `events show`, the nearest first: reports of one just missed the other",
        {
            "id": "the event's short name",
            "headline": "its headline",
            "url": "where that leads, or null",
            "outlets": "how many outlets report it",
        },
    ),
    "change": (
        "a line of `events watch --jsonl`",
        {
            "schema_version": "1",
            "cursor": "what `--after` takes to go on behind this line",
            "change": "new, changed or merged",
            "merged_into": "the id of the event that it went up in, or null",
            "event": "the event as it is now",
        },
    ),
    "decision": (
        "`decisions` of `events history`",
        {
            "at": "when",
            "batch": "in which batch of clustering",
            "entry": "about which entry",
            "outlet": "of which outlet; null where the entry was deleted for its age",
            "title": "its headline, or null",
            "reason": "founded, joined, copy, repair, merge, split, correction or recluster",
            "event": "the event that it went to",
            "from_event": "the one that it came from; null at its first decision",
            "evidence": "what was decided from",
        },
    ),
    "correction": (
        "`correction` of `events merge` ... `events unmute` and `undo`; of `events history` and `events corrections`",
        {
            "number": "what `undo` takes",
            "at": "when it was asked for",
            "kind": "merge, split, move, pin, mute or undo",
            "reason": "as given, or empty",
            "events": "the ids that were named, then those that it changed; null for one that is gone",
            "entries": "that were named, or all of what was merged",
            "together": "pairs of entries that it keeps together",
            "apart": "pairs of entries that it keeps apart",
            "moved": "entry, from_event and to_event of what it moved",
            "undoes": "the number of the correction that it took back, or null",
            "instead_of": "the numbers of the earlier moves of its entry, whose place it took",
            "undone": "when it was taken back, or another took its place; or null",
            "carried_out": "when that was; null while a running daemon has yet to",
        },
    ),
    "evidence": (
        "`evidence` of `events show`, `events history` and `events why`",
        {
            "rule": "as `reason`; after a recluster what decided there",
            "revision": "of the entry that was judged, from 0; null in evidence of former versions",
            "compared": "the nearest member, or null",
            "compared_revision": "which of its revisions",
            "jaccard": "MinHash's estimate for the words of the two texts",
            "cosine": "similarity of the weighed words",
            "score": "against the event, of a merge of the events; null where there was none to try",
            "parts": "what the score is the sum of; of a merge both ways, the lower of which it is",
            "terms": "shared words, each with what it adds to the similarity",
            "numbers": "numbers that both name",
            "gap": "seconds after the compared entry",
            "members": "of the event before",
            "thresholds": "in force; `needed` is what the score was compared with",
            "versions": "of the rules that made words and signatures",
            "correction": "number, kind and reason of the correction that put it there, or null",
        },
    ),
    "member": (
        "`members` of `events why`",
        {
            "entry": "its number",
            "outlet": "who published it",
            "title": "its headline",
            "sentence": "why it is there, in words",
            "jaccard": "of the two texts, exactly; null without a compared entry",
            "compared": "entry, outlet and title of the compared entry, or null",
            "evidence": "what was decided from, or null",
            "at": "when",
            "batch": "in which batch",
        },
    ),
    "why-not": (
        "`events why-not`",
        {
            "schema_version": "1",
            "a": "event and headline",
            "b": "event and headline",
            "missing": "sentences; the first is what decided",
            "would_join": "thresholds that would have joined them",
            "proposed": "whether MinHash proposed the pair",
            "pair": "the nearest two entries, and all that was measured of them",
            "fits": "how well each entry fits the other event, the best first",
            "affinity": "how well the events fit each other",
            "in_window": "false: measured by the texts alone, for their neighbours have left the window",
            "thresholds": "in force",
        },
    ),
    "recluster": (
        "`recluster`",
        {
            "schema_version": "1",
            "dry_run": "true: nothing was changed",
            "set": "what `--set` gave",
            "entries": "how many reports were clustered anew",
            "events": "in how many events they are then",
            "stayed": "how many stay where they are",
            "merged": "events that go up in others: event, headline, reports, into, into_headline",
            "split": "new events: event, headline, reports, from, from_headline, and how many were taken from there",
            "moved": "every report whose event changes: entry, outlet, title, from, to",
        },
    ),
    "outlet": (
        "`outlets` of `outlets list`",
        {
            "outlet": "its name",
            "reports": "how many",
            "events": "in how many events",
            "shared_events": "of these, reported by others too",
            "first": "of these, reported first",
            "first_share": "the share, or null",
            "copies": "reports that repeat another's text",
            "independent": "the others",
        },
    ),
    "pair": (
        "`pairs` of `feeds overlap`",
        {
            "feed": "id, name and events of the feed with fewer events",
            "with": "the same of the other",
            "common": "events of both",
            "share": "of the first feed's events",
            "first": "common events that the first feed told first",
            "copies": "common events in which its report is a copy",
        },
    ),
}


def document() -> str:
    """Write the page."""
    import typer

    return "\n".join([OPENING, *_group(typer.main.get_command(assemble()), "aggregator"), *_shapes()])


def _group(group: Any, path: str) -> Iterator[str]:
    for name in sorted(group.commands, key=lambda name: (hasattr(group.commands[name], "commands"), name)):
        found = group.commands[name]
        if found.hidden:
            continue
        if hasattr(found, "commands"):
            yield f"## {path} {name}\n\n{found.help}\n"
            yield from _group(found, f"{path} {name}")
        else:
            yield from _command(found, f"{path} {name}", level=2 if path == "aggregator" else 3)


def _command(command: Any, path: str, *, level: int) -> Iterator[str]:
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    words = [_word(param) for param in arguments]
    yield f"{'#' * level} {path}\n"
    yield f"{_sentences(command.help)}\n"
    yield f"    {' '.join([path, *words])}\n"
    options = [p for p in command.params if p.param_type_name == "option" and p.name not in SHARED and not p.hidden]
    rows = [(f"`{_word(param)}`", param.help or "") for param in arguments]
    rows += [(f"`{_option(param)}`", _explained(param)) for param in options]
    if rows:
        yield "| | |\n|---|---|"
        yield from (f"| {_cell(what)} | {_cell(means)} |" for what, means in rows)
        yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _word(param: Any) -> str:
    name = param.metavar or param.name.upper()
    return f"{name if param.required else f'[{name}]'}{'...' if param.nargs == -1 else ''}"


def _option(param: Any) -> str:
    names = ", ".join(param.opts)
    if param.is_flag:
        return names
    choices = param.type_descriptor.choices
    kind = "|".join(map(str, choices)) if choices else "N" if param.type_descriptor.is_ranged else "WORD"
    return f"{names} {param.metavar or kind}"


def _explained(param: Any) -> str:
    default = param.default
    told = default is not None and default is not False and not callable(default) and default not in ((), [], "")
    return (param.help or "") + (f" Default: {default}." if told else "")


def _sentences(text: str) -> str:
    return " ".join(line.strip() for line in text.splitlines() if line.strip())


def _shapes() -> Iterator[str]:
    yield "## JSON shapes\n"
    for name, (where, keys) in SHAPES.items():
        yield f"### {name}\n\n{where[0].upper() + where[1:] if where[0] != '`' else where}:\n"
        yield "| key | |\n|---|---|"
        yield from (f"| `{key}` | {means} |" for key, means in keys.items())
        yield ""
