"""The text of a configuration file, and what tells it from another text."""

from hashlib import sha256
from pathlib import Path

from aggregator import __version__
from aggregator.errors import ConfigError, Mistake

LARGEST = 4 * 1024 * 1024  # bytes; 10,000 feeds with every key


def read_text(path: Path) -> str:
    """Read a configuration file as text, its line ends kept.

    Raises:
        ConfigError: it is missing, unreadable, too large or not UTF-8.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such file; `aggregator init` writes one") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise ConfigError(f"{path}: larger than {LARGEST // 1024 // 1024} MB; is it the right file?")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        raise ConfigError(Mistake(file=str(path), line=line, column=column, message=message)) from error


def fingerprint(text: str) -> str:
    """Tell a text from every other; another version of the program may read the same text in another way."""
    return sha256(f"{__version__}\n{text}".encode()).hexdigest()
