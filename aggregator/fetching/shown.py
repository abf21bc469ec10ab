"""URLs with and without their secrets: what is asked, what is sent, what may be shown."""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from aggregator.config.addresses import masked

_LONGEST_WORD, _SHORTEST_SECRET = 12, 6  # characters
_DEFAULT_PORTS = {"http": 80, "https": 443}


def shown(url: str) -> str:
    """Give the URL as it may be logged: without user name and password, with secret parameters masked."""
    try:
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2]
        return masked(urlunsplit((parts.scheme, netloc, parts.path, parts.query, "")))
    except ValueError:
        return "(a URL that cannot be read)"


def parted(url: str) -> tuple[str, str | None]:
    """Split a URL into itself without user name and password, and the Authorization value they make.

    RFC 7617 §2: the two are percent-decoded, joined with a colon, and encoded as UTF-8.
    """
    parts = urlsplit(url)
    userinfo, at, netloc = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = userinfo.partition(":")
    bare = urlunsplit((parts.scheme, netloc, parts.path, parts.query, parts.fragment))
    return bare, basic(unquote(user), unquote(password)) if userinfo else None


def carried(url: str, to: str) -> str:
    """Give another URL with the user name and password of this one, where both are of one origin."""
    userinfo, at, _ = urlsplit(url).netloc.rpartition("@")
    if not at or not same_origin(url, to):
        return to
    parts = urlsplit(to)
    return urlunsplit(parts._replace(netloc=f"{userinfo}@{parts.netloc.rpartition('@')[2]}"))


def basic(user: str, password: str) -> str:
    """Give the value of an Authorization header for a user and a password (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


def held_in(authorization: str) -> tuple[str, ...]:
    """Give what is secret in the value of an Authorization header: the token, and of Basic the password too."""
    scheme, _, token = authorization.partition(" ")
    if scheme != "Basic":
        return (token,)
    return token, b64decode(token).decode(errors="replace").partition(":")[2]


def blanked(text: str, secrets: Sequence[str]) -> str:
    """Blank secrets in a text, as they are and as they stand in a URL; short ones are words of any text."""
    for secret in secrets:
        if len(secret) >= _SHORTEST_SECRET:
            for form in (secret, quote(secret, safe=""), quote(secret)):
                text = text.replace(form, "***")
    return text


def holds(url: str, secrets: Sequence[str]) -> bool:
    """Tell whether a URL repeats one of these secrets, however it is percent-encoded.

    A password that is a word, such as "premium", may stand in a path by chance: it counts in the query alone.
    """
    return any(
        len(secret) >= _SHORTEST_SECRET and secret in text
        for secret in secrets
        for text in _readings(_after_path(url) if _is_word(secret) else url)
    )


def _readings(text: str) -> tuple[str, ...]:
    return text, unquote(text), unquote(text.replace("+", " ")), unquote(unquote(text))


def _after_path(url: str) -> str:
    return url[len(re.split("[?#]", url, maxsplit=1)[0]) :]


def _is_word(secret: str) -> bool:
    return len(secret) < _LONGEST_WORD and secret.isalpha()


def origin(url: str) -> tuple[str, str, int | None]:
    """Give scheme, host and port (RFC 6454 §4), the default port filled in."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").rstrip("."), parts.port or _DEFAULT_PORTS.get(scheme)


def same_origin(one: str, other: str) -> bool:
    """Tell whether credentials for the one may be sent to the other."""
    try:
        return origin(one) == origin(other)
    except ValueError:
        return False
