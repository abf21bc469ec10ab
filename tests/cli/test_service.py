import shutil
import subprocess
from pathlib import Path

import pytest

from aggregator.cli.service import Service, quoted, starting, unit
from aggregator.errors import InputError
from tests.cli.running import Here

OWN = Service(python=Path("/usr/bin/env"), config=Path("/home/ana/my feeds/feeds.yaml"), store=Path("/srv/a%b"))
SYSTEM = Service(python=Path("/usr/bin/env"), config=OWN.config, store=OWN.store, account="root")


def settings(text: str) -> list[str]:
    return [line for line in text.splitlines() if "=" in line and not line.startswith("#")]


def test_the_unit_starts_the_daemon_on_its_instance() -> None:
    command = 'ExecStart=/usr/bin/env -m aggregator run --config "/home/ana/my feeds/feeds.yaml" --store /srv/a%%b'
    assert command in settings(unit(OWN))
    for line in (
        "Type=notify",
        "WatchdogSec=2min",
        "Restart=on-failure",
        "StartLimitIntervalSec=0",
        "WantedBy=default.target",
    ):
        assert line in settings(unit(OWN))


def test_a_unit_for_the_machine_may_write_its_store_alone() -> None:
    lines = settings(unit(SYSTEM))
    for line in ("User=root", "ProtectSystem=strict", "ReadWritePaths=/srv/a%%b", "CapabilityBoundingSet="):
        assert line in lines
    assert "WantedBy=multi-user.target" in lines
    assert not [line for line in settings(unit(OWN)) if line.startswith(("User", "ProtectSystem"))]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("service", [OWN, SYSTEM])
def test_systemd_understands_the_unit(service: Service, tmp_path: Path) -> None:
    path = tmp_path / "aggregator.service"
    path.write_text(unit(service))
    ran = subprocess.run(["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/plain/path", "/plain/path"),
        ("/with space", '"/with space"'),
        ("/100%", "/100%%"),
        ("/$HOME", "/$$HOME"),
        ('/a"b\\c', '"/a\\"b\\\\c"'),
    ],
)
def test_words_are_quoted_for_systemd(word: str, written: str) -> None:
    assert quoted(word) == written


def test_a_path_that_would_break_the_unit_is_refused() -> None:
    with pytest.raises(InputError):
        quoted("/a\nExecStart=/bin/sh")


def test_install_writes_the_unit_and_says_how_to_start_it(here: Here) -> None:
    here.config.write_text("feeds: []\n")
    ran = here.run("service", "install", "--user", env={"XDG_CONFIG_HOME": str(here.folder / "c")})
    assert ran.code == 0
    written = (here.folder / "c" / "systemd" / "user" / "aggregator.service").read_text()
    assert f"--config {here.config} --store {here.folder / 'store'}" in written
    assert (here.folder / "store").is_dir()
    assert starting(True) in ran.out
    assert "systemctl --user enable --now aggregator" in ran.out


def test_a_service_that_could_not_start_is_not_installed(here: Here) -> None:
    here.config.write_text("poling: {}\n")
    ran = here.run("service", "install", "--user", env={"XDG_CONFIG_HOME": str(here.folder / "c")})
    assert ran.code == 1
    assert not (here.folder / "c").exists()


def test_the_unit_can_be_looked_at_first(here: Here) -> None:
    here.config.write_text("feeds: []\n")
    ran = here.run("service", "install", "--print")
    assert ran.out.startswith("[Unit]\n")
    assert not (here.folder / "store").exists()
