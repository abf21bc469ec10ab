"""Daemons that start in a tenth of the time: forked from a process that has imported the program already.

That process is a plain `python -m tests.faults.nursery` of one thread; each child is a process like any other, and is
killed like one. What it saves is two seconds of imports for each start.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Forked:
    """A daemon; the part of subprocess.Popen that tests use."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._nursery = nursery

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._nursery.ask({"ended": self.pid})
        return self.returncode

    def wait(self, seconds: float = 10) -> int:
        end = time.monotonic() + seconds
        while (code := self.poll()) is None:
            if time.monotonic() > end:
                raise subprocess.TimeoutExpired(f"daemon {self.pid}", seconds)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(9)

    def terminate(self) -> None:
        self.send_signal(15)


class Nursery:
    """The process that forks."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, wish: dict[str, object]) -> int | None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(wish) + "\n")
        self._process.stdin.flush()
        answer: int | None = json.loads(self._process.stdout.readline())
        return answer

    def start(self, words: list[str], log: Path) -> Forked:
        """Start `aggregator` with these words; what it logs goes to a file."""
        log.write_bytes(b"")
        pid = self.ask({"words": words, "log": str(log)})
        assert pid is not None
        return Forked(self, pid)


@contextmanager
def nursery() -> Iterator[Nursery]:
    environment = os.environ | {"PYTHONWARNINGS": "default", "PYTHONPATH": f"{ROOT}:{os.environ.get('PYTHONPATH', '')}"}
    command = [sys.executable, "-m", "tests.faults.nursery"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
    ) as process:
        yield Nursery(process)


def serve() -> None:
    """Fork a daemon for each line that names one; tell of one that ended."""
    import datasketch  # noqa: F401
    import py3langid.langid  # noqa: F401

    import aggregator.cli.run
    import aggregator.daemon  # noqa: F401

    for line in sys.stdin:
        wish = json.loads(line)
        if "ended" in wish:
            pid, status = os.waitpid(wish["ended"], os.WNOHANG)
            print(json.dumps(os.waitstatus_to_exitcode(status) if pid else None), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            be(wish["words"], wish["log"])
        print(pid, flush=True)


def be(words: list[str], log: str) -> None:
    """Become that daemon."""
    from aggregator.cli import main

    for number, path in enumerate((os.devnull, os.devnull, log)):
        file = os.open(path, os.O_RDWR | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["aggregator", *words]
    code = 0
    try:
        main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve()
