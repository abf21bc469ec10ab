"""Find the instance that a command works on: its configuration file and its store."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

FILE = "feeds.yaml"
STORE = "store"


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """A configuration file and a data folder; neither needs to exist yet."""

    config: Path
    store: Path


def locate(config: Path | None, store: Path | None, env: Mapping[str, str], cwd: Path) -> Instance:
    """Choose by the options, else AGGREGATOR_CONFIG and AGGREGATOR_STORE, else ./feeds.yaml, else the XDG folders.

    A store that nothing names lies beside its feeds.yaml, as `store`; that of the XDG configuration in the XDG data
    folder. Paths come out absolute.
    """
    personal = personal_instance(env)
    file = _chosen(config, env.get("AGGREGATOR_CONFIG"), cwd)
    if file is None:
        file = cwd / FILE if (cwd / FILE).exists() else personal.config
    folder = _chosen(store, env.get("AGGREGATOR_STORE"), cwd)
    if folder is None:
        folder = personal.store if file == personal.config else file.parent / STORE
    return Instance(config=file, store=folder)


def personal_instance(env: Mapping[str, str]) -> Instance:
    """Give the instance in the user's own folders (XDG Base Directory Specification, or what the system uses)."""
    return Instance(
        config=_home(env.get("XDG_CONFIG_HOME"), platformdirs.user_config_path("aggregator")) / FILE,
        store=_home(env.get("XDG_DATA_HOME"), platformdirs.user_data_path("aggregator")),
    )


def _home(folder: str | None, otherwise: Path) -> Path:
    # the specification: a relative path is invalid and is to be ignored
    return Path(folder) / "aggregator" if folder and Path(folder).is_absolute() else otherwise


def _chosen(option: Path | None, variable: str | None, cwd: Path) -> Path | None:
    chosen = option or (Path(variable) if variable else None)
    return cwd / chosen.expanduser() if chosen else None
