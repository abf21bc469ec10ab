"""The newsroom: ninety hours of fifteen real outlets, served on loopback as they changed."""

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path


class Newsroom:
    """The outlets' servers, and the clock that moves them."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/clock"

    def now(self, advance: timedelta | None = None) -> datetime:
        seconds = f"?advance={advance.total_seconds():.0f}" if advance else ""
        request = urllib.request.Request(self.url + seconds, method="POST" if advance else "GET")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return datetime.fromisoformat(answer.read().decode().strip())


@contextmanager
def replaying(shared: Path, folder: Path, *options: str) -> Iterator[Newsroom]:
    """Serve the newsroom, and write a feeds.yaml for it into a folder."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, str(shared / "newsroom" / "replay.py"), "--port", str(port), *options]
    configured = subprocess.run([*command, "--print-feeds"], capture_output=True, text=True, check=True)
    (folder / "feeds.yaml").write_text(configured.stdout, encoding="utf-8")
    with subprocess.Popen([*command, "--speed", "0"], stdout=subprocess.DEVNULL) as server:
        try:
            room = Newsroom(port)
            for _ in range(200):
                try:
                    room.now()
                    break
                except (urllib.error.URLError, ConnectionError):
                    time.sleep(0.1)
            yield room
        finally:
            server.terminate()
