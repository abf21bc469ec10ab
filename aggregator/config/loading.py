"""feeds.yaml -> Config, or every mistake in it."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from aggregator.config import tree
from aggregator.config.mistakes import absent_secrets, repeated_feeds, spelled, words_of
from aggregator.config.text import fingerprint, read_text
from aggregator.config.values import Config
from aggregator.errors import ConfigError, Mistake


def load(path: Path, environment: Mapping[str, str] | None = None) -> Config:
    """Read and check a configuration file; with an environment also that the secrets it names are there.

    Raises:
        ConfigError: it cannot be read, or holds mistakes; all of them are named, in the order of the file.
    """
    text = read_text(path)
    return parse(text, str(path), environment).of_text(fingerprint(text))


def parse(text: str, file: str = "feeds.yaml", environment: Mapping[str, str] | None = None) -> Config:
    """Read and check the text of a configuration; `file` is what messages call it, `environment` as for `load`.

    Raises:
        ConfigError: it holds mistakes; all of them are named, in the order of the text.
    """
    try:
        document = tree.read(text)
    except tree.NotYaml as error:
        line, column = error.place or (None, None)
        raise ConfigError(Mistake(file=file, line=line, column=column, message=str(error))) from error
    values = document.values
    if values is not None and not isinstance(values, dict):
        message = "expected a mapping that starts with a key such as feeds:"
        raise ConfigError(Mistake(file=file, line=1, column=1, message=message))
    problems = list(document.problems)
    problems += ((path, document.place(path), message) for path, message in repeated_feeds(document))
    try:
        config = Config.model_validate(values or {})
        absent = absent_secrets(config, environment) if environment is not None else ()
        problems += ((path, document.place(path), message) for path, message in absent)
    except ValidationError as error:
        found = map(words_of, error.errors(include_url=False))
        problems += ((path, document.place(path), message) for path, message in found)
    if problems:
        raise ConfigError(*(_mistake(file, problem) for problem in sorted(problems, key=lambda p: p[1] or (0, 0))))
    return config


def _mistake(file: str, problem: tree.Problem) -> Mistake:
    path, place, message = problem
    line, column = place or (None, None)
    return Mistake(file=file, line=line, column=column, key=spelled(path), message=message)
