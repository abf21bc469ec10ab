"""What the daemon says while it works: lines for a person, or JSON for a program."""

import json
import logging
import sys
from datetime import UTC, datetime


class Lines(logging.Formatter):
    """The local time and the message; a level where it is a warning or worse."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one line, and a traceback below it where there is one."""
        when = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        level = f"{record.levelname.lower()}: " if record.levelno >= logging.WARNING else ""
        text = f"{when}  {level}{printable(record.getMessage())}"
        return f"{text}\n{self.formatException(record.exc_info)}" if record.exc_info else text


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, message, and the fields of what happened."""

    def format(self, record: logging.LogRecord) -> str:
        """Give one line."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        row = {
            "time": when.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            row["traceback"] = self.formatException(record.exc_info)
        return json.dumps(row, ensure_ascii=False)


def printable(text: str) -> str:
    """Keep what a feed said from steering the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in text)


def start_logging(style: str) -> None:
    """Send the program's own lines to stderr, and of libraries the warnings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if style == "json" else Lines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("aggregator").setLevel(logging.INFO)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # warns of every run that a slow one covers
