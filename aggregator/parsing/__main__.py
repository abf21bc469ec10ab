"""The worker process: reads documents from its standard input, answers on its standard output, until that ends.

It bounds itself: memory by RLIMIT_AS (the daemon does not have to watch), time by an alarm whose default action ends
the process even inside C code, so that it never outlives a daemon that was killed. A terminal's interrupts are the
daemon's.
"""

import json
import os
import resource
import signal
import sys
from typing import Any, BinaryIO

from aggregator.errors import Challenge, FeedError, NotAFeed
from aggregator.parsing import wire
from aggregator.parsing.document import parse

_RECYCLE = 96 * 1024 * 1024  # bytes resident; above it the worker ends after its answer, and a fresh one follows
_ALARM = 2.0  # s past the daemon's own limit: the alarm is for the case that the daemon is gone


def main() -> None:
    """Serve until the input ends; the arguments are bytes of memory and seconds per document."""
    memory, seconds = int(sys.argv[1]), float(sys.argv[2])
    for interrupt in (signal.SIGINT, signal.SIGTERM):  # systemd sends it to every process: the daemon decides
        signal.signal(interrupt, signal.SIG_IGN)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    _limit(memory)
    _send(answers, {"ready": True})
    while (head := _receive(requests)) is not None:
        body = _receive(requests) or b""
        _alarm(seconds + _ALARM)
        answer = _answer(json.loads(head), body)
        answer["last"] = "memory" in answer or _resident() > _RECYCLE
        _send(answers, answer)
        if answer["last"]:
            return
        _alarm(0)


def _answer(request: dict[str, Any], body: bytes) -> dict[str, Any]:
    """Parse one document; every outcome is an answer."""
    try:
        return {"feed": wire.encode(parse(body, **request))}
    except Challenge as error:
        return {"challenge": error.reason}
    except NotAFeed as error:
        return {"not_a_feed": error.reason}
    except FeedError as error:
        return {"error": error.reason}
    except (MemoryError, RecursionError):
        return {"memory": True}


def _limit(memory: int) -> None:
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(kind, (most, most))
        except (ValueError, OSError):  # macOS takes no RLIMIT_AS
            continue


def _resident() -> int:
    """Give the bytes of memory it holds. Linux's ru_maxrss will not do: it counts the daemon it was started by."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:  # noqa: PTH123 - once a document
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:  # no such file on macOS
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _alarm(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _receive(stream: BinaryIO) -> bytes | None:
    length = stream.read(wire.LENGTH.size)
    if len(length) < wire.LENGTH.size:
        return None
    return stream.read(wire.LENGTH.unpack(length)[0])


def _send(stream: BinaryIO, message: dict[str, Any]) -> None:
    stream.write(wire.frame(message))
    stream.flush()


if __name__ == "__main__":
    main()
