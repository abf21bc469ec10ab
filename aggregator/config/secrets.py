"""Secrets where they lie, in the environment or in a file: read, and checked without repeating them."""

import re
import ssl
import stat
from collections.abc import Mapping
from pathlib import Path

_LONGEST = 8_000  # characters of a header's value; servers refuse longer ones
# RFC 9110 §5.5, obs-text as Latin-1
_TEXT = re.compile(r"[\x21-\x7e\xa0-\xff](?:[\t\x20-\x7e\xa0-\xff]*[\x21-\x7e\xa0-\xff])?")


def clean_value(text: str) -> str:
    """Check what is to be sent as the value of a header.

    Raises:
        ValueError: it would break the request (RFC 9110 §5.5); its text is not repeated.
    """
    if not text:
        raise ValueError("is empty")
    if len(text) > _LONGEST or not _TEXT.fullmatch(text):
        raise ValueError(
            f"cannot be sent in a header: one line of Latin-1 without spaces around it, at most {_LONGEST} characters"
        )
    return text


def read_secret(variable: str | None, file: str | None, environment: Mapping[str, str]) -> str:
    """Read a secret from the environment or from a file, without the line end that editors leave there.

    Raises:
        ValueError: it is not there, or cannot be sent in a header.
    """
    if variable is not None:
        if variable not in environment:
            raise ValueError(
                f"the variable {_named(variable)} is not set where this program runs; set it there, or name a file"
            )
        place, text = f"what the variable {_named(variable)} holds", environment[variable]
    else:
        path = Path(str(file)).expanduser()
        try:
            check_regular(path)
            with path.open(encoding="utf-8") as opened:
                text = opened.read(_LONGEST + 2)
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ValueError(f"{path} does not hold text") from None
        place = f"what {path} holds"
    try:
        return clean_value(text.rstrip("\r\n"))
    except ValueError as error:
        raise ValueError(f"{place} {error}") from None


def _named(variable: str) -> str:
    """Give the name of a variable; of one in other letters than is usual the beginning: it may be the secret itself."""
    return variable if re.fullmatch(r"[A-Z][A-Z0-9_]*", variable) else f"{variable[:3]}***"


def check_ca_file(file: str) -> None:
    """Check that a file holds certificates.

    Raises:
        ValueError: it is missing, or holds none.
    """
    path = Path(file).expanduser()
    try:
        check_regular(path)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError:
        raise ValueError(f"{path} holds no certificate in PEM") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None


def check_regular(path: Path) -> None:
    """Check that a file is one that can be read to its end: a pipe or device may keep its reader waiting for ever.

    Raises:
        ValueError: it is something else.
        OSError: it cannot be looked at.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError(f"{path} is not a regular file but a folder, pipe or device; name a file")
