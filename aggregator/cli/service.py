"""`aggregator service install`: have systemd run the daemon in the background."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from aggregator.cli.console import Context, command, new_app

app = new_app("Run the daemon in the background.")

NAME = "aggregator.service"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What a unit is written from. `account` is the user that a system-wide unit runs as; None in a user's own unit."""

    python: Path
    config: Path
    store: Path
    account: str | None = None


@app.callback()
def root() -> None:
    """Run the daemon in the background."""  # with one command alone, typer would leave its name out


@command(app)
def install(
    context: Context,
    *,
    user: Annotated[bool, typer.Option("--user", help="As your own service, without root.")] = False,
    print_only: Annotated[bool, typer.Option("--print", help="Print the unit instead of writing it.")] = False,
) -> None:
    """Write a systemd unit for this configuration and store, and say how to start it."""
    import sys

    from aggregator.errors import InputError

    context.load()  # a service that cannot start is not installed
    instance = context.instance()
    account = None if user else _account()
    # not resolved: .venv/bin/python is a link, and what it links to knows nothing of the environment
    service = Service(
        python=Path(sys.executable).absolute(), config=instance.config, store=instance.store, account=account
    )
    text = unit(service)
    if print_only:
        print(text, end="")
        return
    path = _folder(user) / NAME
    try:
        _make_store(instance.store, account)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    except OSError as error:
        remedy = "" if user else "; run it with sudo, or with --user for a service of your own"
        raise InputError(f"{error.filename}: cannot be written: {error.strerror}{remedy}") from error
    print(f"{path} is written. {starting(user)}")


def starting(user: bool) -> str:
    """Say how to start the service and how to see what it does."""
    systemctl, journalctl = ("systemctl --user", "journalctl --user") if user else ("sudo systemctl", "journalctl")
    linger = "\nTo have it run while you are logged out: loginctl enable-linger" if user else ""
    return (
        "Start it, now and with the machine:\n\n"
        f"    {systemctl} daemon-reload\n    {systemctl} enable --now aggregator\n\n"
        f"See what it does: {journalctl} -u aggregator -f, or aggregator status{linger}"
    )


def unit(service: Service) -> str:
    """Write the unit: the daemon says when it is ready, is restarted when it hangs, and may write its store alone."""
    command_line = " ".join(
        quoted(word)
        for word in (
            str(service.python),
            *("-m", "aggregator", "run", "--config", str(service.config), "--store", str(service.store)),
        )
    )
    confinement = _CONFINED_SYSTEM.format(account=service.account, store=quoted(str(service.store), dollar=False))
    return _UNIT.format(
        command=command_line,
        confinement=confinement if service.account is not None else "",
        target="default.target" if service.account is None else "multi-user.target",
    )


def quoted(word: str, *, dollar: bool = True) -> str:
    """Quote a word for a unit file (systemd.syntax(7), and systemd.service(5) for the dollar of command lines).

    Raises:
        InputError: it holds a control character.
    """
    from aggregator.errors import InputError

    if not word.isprintable():
        raise InputError(f"{word!r} holds a control character; use another folder")
    word = word.replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    if dollar:
        word = word.replace("$", "$$")
    return f'"{word}"' if set(word) & set(" '\"\\;") else word


def _folder(user: bool) -> Path:
    if not user:
        return Path("/etc/systemd/system")
    home = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(home) if Path(home).is_absolute() else Path.home() / ".config") / "systemd" / "user"


def _account() -> str:
    """Name the user that the daemon is to run as: who called sudo, else who runs this."""
    import getpass

    return os.environ.get("SUDO_USER") or getpass.getuser()


def _make_store(store: Path, account: str | None) -> None:
    """Make the store before systemd is told of it: a folder that is to be writable must exist."""
    import shutil

    if store.exists():
        return
    store.mkdir(parents=True)
    if account is not None and os.geteuid() == 0:
        shutil.chown(store, account)


_UNIT = """\
[Unit]
Description=News aggregator: polls feeds, groups reports into events, publishes them as a feed
Wants=network-online.target
After=network-online.target time-sync.target
# never given up: a disk that is full when it starts may have room tomorrow, and starting asks no server anything early
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
ExecReload=/bin/kill -HUP $MAINPID
# the daemon reports that it is alive at half this time; one that hangs is killed and started anew
WatchdogSec=2min
Restart=on-failure
RestartSec=30s
TimeoutStartSec=5min
TimeoutStopSec=20s
KillMode=mixed
UMask=0022

# It reads feeds of strangers: what it does not need it cannot do. (MemoryDenyWriteExecute is left out, for Python's
# ctypes may need it; AF_NETLINK is how names are resolved.)
NoNewPrivileges=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallErrorNumber=EPERM
{confinement}
[Install]
WantedBy={target}
"""

# What systemd can do for the whole machine alone.
_CONFINED_SYSTEM = """\
User={account}
ProtectSystem=strict
ReadWritePaths={store}
ProtectHome=read-only
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectControlGroups=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictNamespaces=yes
CapabilityBoundingSet=
AmbientCapabilities=
RemoveIPC=yes
"""
