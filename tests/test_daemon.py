"""The daemon as a process: its first line, its feeds over HTTP, its configuration, its end."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from aggregator.daemon import PUBLISH
from tests.pipeline.newsstand import Told, rss

QUAKE = Told(
    "quake", "Earthquake of magnitude 7.1 strikes Luzon", "A strong earthquake struck Luzon near Vigan on Sunday."
)
QUAKE_TOO = Told(
    "quake2", "Magnitude 7.1 earthquake hits Luzon near Vigan", "Luzon near Vigan was struck by a strong earthquake."
)


@contextmanager
def newsstand(pages: dict[str, bytes]) -> Iterator[str]:
    """Serve these pages on loopback while the block lasts; gives their base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, b"")
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def started(words: list[str], log: Path) -> "subprocess.Popen[bytes]":
    """Start `aggregator` with these words; what it logs goes to a file."""
    with log.open("wb") as file:
        return subprocess.Popen([*PROGRAM, *words], stderr=file, env=os.environ | {"PYTHONWARNINGS": "default"})


class Running:
    """A daemon under test, with the JSON lines that it logged."""

    def __init__(self, folder: Path, *more: str, start: Callable[[list[str], Path], Any] = started) -> None:
        self.log = folder / "log"
        where = ["--config", str(folder / "feeds.yaml"), "--store", str(folder / "store")]
        self.process = start(["run", *where, "--log-format", "json", *more], self.log)

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def wait_for(self, condition: Callable[[dict[str, Any]], bool], seconds: float = 40) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in self.lines():
                if condition(line):
                    return line
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"not said in time; exit {self.process.poll()}\n{self.log.read_text()}")

    def event(self, name: str, **fields: object) -> dict[str, Any]:
        return self.wait_for(
            lambda line: line.get("event") == name and all(line.get(key) == value for key, value in fields.items())
        )


PROGRAM = [sys.executable, "-m", "aggregator"]


@contextmanager
def daemon(folder: Path, *more: str, start: Callable[[list[str], Path], Any] = started) -> Iterator[Running]:
    running = Running(folder, *more, start=start)
    try:
        yield running
    finally:
        running.process.terminate()
        try:
            running.process.wait(10)
        finally:
            running.process.kill()
            running.process.wait()


def configure(folder: Path, urls: list[str], port: int = 0) -> None:
    feeds = "".join(f"  - {{url: '{url}', outlet: Outlet {number}}}\n" for number, url in enumerate(urls))
    (folder / "feeds.yaml").write_text(
        f"server: {{port: {port}}}\npolling: {{allow: [127.0.0.1]}}\nfeeds:\n{feeds}", encoding="utf-8"
    )


def get(url: str, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def test_the_daemon_polls_clusters_publishes_and_ends_in_time(tmp_path: Path) -> None:
    with newsstand({"/a": rss([QUAKE]), "/b": rss([QUAKE_TOO])}) as base:
        configure(tmp_path, [f"{base}/a", f"{base}/b"])
        with daemon(tmp_path) as running:
            started = running.event("started")
            assert started["feeds"] == 2
            address = started["subscribe"]
            assert address.endswith("/feeds/events.atom")
            running.event("batch")
            every_event = address.replace("events.atom", "all.atom")
            wait_until(lambda: b"Luzon" in get(every_event)[2], PUBLISH - 5)  # the first news waits for no pause
            published = running.wait_for(lambda line: "events.atom" in line.get("files", ()))
            assert published
            wait_until(lambda: b"Luzon" in get(address)[2])
            status, headers, body = get(address)
            assert status == 200
            assert headers["Content-Type"].startswith("application/atom+xml")
            assert get(address, If_None_Match=headers["ETag"])[0] == 304
            assert json.loads(get(address.replace(".atom", ".json"))[2])["items"][0]["title"] in body.decode()
            before = time.monotonic()
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(10) == 0
            assert time.monotonic() - before < 5
            assert running.event("stopped")["message"] == "stopped; nothing is lost, the next start goes on from here"
    assert not (tmp_path / "store/daemon.lock").read_text()


def wait_until(condition: Callable[[], bool], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.1)


def test_a_changed_configuration_is_taken_up_and_a_broken_one_reported(tmp_path: Path) -> None:
    with newsstand({"/a": rss([QUAKE]), "/b": rss([QUAKE_TOO])}) as base:
        configure(tmp_path, [f"{base}/a"])
        with daemon(tmp_path) as running:
            running.event("poll", outcome="new")
            configure(tmp_path, [f"{base}/a", f"{base}/b"])
            assert running.event("configuration")["feeds"] == 2
            running.wait_for(lambda _: len([1 for one in running.lines() if one.get("event") == "poll"]) == 2)
            (tmp_path / "feeds.yaml").write_text("feeds: [not a url]\n")
            said = running.wait_for(lambda line: line["level"] == "error")
            assert "feeds.yaml" in said["message"]
            assert "stays in force" in said["message"]
            os.mkfifo(tmp_path / "pipe")
            where = f"{{url: {base}/a, auth: {{token_file: {tmp_path}/pipe}}}}"
            (tmp_path / "feeds.yaml").write_text(f"feeds: [{where}]\n")
            running.process.send_signal(signal.SIGHUP)
            said = running.wait_for(lambda line: line["level"] == "error" and "pipe" in line["message"])
            assert "feeds[0].auth" in said["message"]
            configure(tmp_path, [])
            running.process.send_signal(signal.SIGHUP)
            running.event("configuration", feeds=0)


def test_sighup_takes_up_the_configuration_at_once(tmp_path: Path) -> None:
    configure(tmp_path, [])
    with daemon(tmp_path) as running:
        running.event("started")
        running.process.send_signal(signal.SIGHUP)
        running.event("configuration", feeds=0)


def run_to_its_end(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    places = ["--config", str(folder / "feeds.yaml"), "--store", str(folder / "store")]
    return subprocess.run([*PROGRAM, *words, *places], capture_output=True, text=True, timeout=60, check=False)


def test_a_second_daemon_and_a_poll_beside_it_are_refused_with_the_key(tmp_path: Path) -> None:
    configure(tmp_path, [])
    with daemon(tmp_path) as running:
        running.event("started")
        for words in (["run"], ["poll"]):
            second = run_to_its_end(tmp_path, *words)
            assert second.returncode == 1
            assert "--store" in second.stderr
            assert f"process {running.process.pid}" in second.stderr
            assert "Traceback" not in second.stderr


def test_reading_commands_work_beside_a_running_daemon(tmp_path: Path) -> None:
    with newsstand({"/a": rss([QUAKE])}) as base:
        configure(tmp_path, [f"{base}/a"])
        with daemon(tmp_path) as running:
            running.event("batch")
            status = json.loads(run_to_its_end(tmp_path, "status", "--json").stdout)
            assert f"process {running.process.pid}" in status["running"]
            assert status["entries"] == 1
            listed = json.loads(run_to_its_end(tmp_path, "events", "list", "--all", "--json").stdout)
            assert [event["headline"] for event in listed["events"]] == [QUAKE.title]
            saved = run_to_its_end(tmp_path, "store", "backup", str(tmp_path / "copy.db"))
            assert saved.returncode == 0, saved.stderr


def test_a_taken_port_is_refused_with_the_key(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        configure(tmp_path, [], port=taken.getsockname()[1])
        ended = run_to_its_end(tmp_path, "run")
    assert ended.returncode == 1
    assert "server.port" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_daemon_does_not_start_on_a_mistake_in_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text("polling: {intervall: 15m}\nfeeds: []\n")
    ended = run_to_its_end(tmp_path, "run")
    assert ended.returncode == 1
    assert "intervall" in ended.stderr
    assert not (tmp_path / "store/aggregator.db").exists()


def test_a_killed_daemon_goes_on_where_it_was(tmp_path: Path) -> None:
    with newsstand({"/a": rss([QUAKE]), "/b": rss([QUAKE_TOO])}) as base:
        configure(tmp_path, [f"{base}/a", f"{base}/b"])
        with daemon(tmp_path) as running:
            running.event("batch")
            running.process.send_signal(signal.SIGKILL)
            running.process.wait(10)
        with daemon(tmp_path) as running:
            running.event("started")
            wait_until(lambda: pending(tmp_path) == 0 and entry_count(tmp_path) >= 1)


def entry_count(folder: Path) -> int:
    return count(folder, "SELECT count(*) FROM entries")


def pending(folder: Path) -> int:
    return count(folder, "SELECT count(*) FROM entries WHERE event_id IS NULL")


def count(folder: Path, query: str) -> int:
    with closing(sqlite3.connect(folder / "store/aggregator.db")) as file:
        return int(file.execute(query).fetchone()[0])


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="systemd's notifications need a Unix socket")
def test_systemd_is_told_when_the_daemon_is_ready_alive_and_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(tmp_path, [])
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(30)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with daemon(tmp_path):
            assert channel.recv(100) == b"READY=1"
            assert channel.recv(100) == b"WATCHDOG=1"
        said = [channel.recv(100)]
        while said[-1] == b"WATCHDOG=1":
            said.append(channel.recv(100))
        assert said[-1] == b"STOPPING=1"
