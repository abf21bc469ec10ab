"""URLs with and without their secrets: what is asked, what is sent, what may be shown."""

from base64 import b64encode
from urllib.parse import parse_qsl, quote, unquote, urlsplit, urlunsplit

_SECRET_NAMES = ("token", "key", "secret", "password", "passwd", "pwd", "auth", "signature", "sig", "session")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def shown(url: str) -> str:
    """Give the URL as it may be logged: without user name and password, with secret parameters masked."""
    try:
        parts = urlsplit(url)
        netloc = parts.netloc.rpartition("@")[2]
        return urlunsplit((parts.scheme, netloc, parts.path, _masked(parts.query), ""))
    except ValueError:
        return "(a URL that cannot be read)"


def _masked(query: str) -> str:
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(_secret(name) for name, _ in pairs):
        return query
    return "&".join(f"{quote(name)}={'***' if _secret(name) else quote(value)}" for name, value in pairs)


def _secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_NAMES)


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


def basic(user: str, password: str) -> str:
    """Give the value of an Authorization header for a user and a password (RFC 7617)."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode("ascii")


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
