"""Exceptions of the network, TLS and the decoders, as kinds and sentences. Pure."""

import os
import ssl
from http import HTTPStatus

import httpcore
import httpx

from aggregator.errors import RefusedAddress
from aggregator.fetching.backend import UnknownHost
from aggregator.fetching.decoding import Incomplete, TooLarge, Undecodable
from aggregator.model import FailureKind

EXPECTED: tuple[type[Exception], ...] = (
    RefusedAddress,
    UnknownHost,
    Undecodable,
    OSError,  # TimeoutError and ssl.SSLError among them
    ValueError,  # UnicodeError among them: bytes of a URL or header that no codec takes
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
)


_OWN: tuple[tuple[type[Exception], FailureKind], ...] = (
    (RefusedAddress, FailureKind.REFUSED),
    (UnknownHost, FailureKind.DNS),
    (TooLarge, FailureKind.TOO_LARGE),
    (Incomplete, FailureKind.TRUNCATED),
    (Undecodable, FailureKind.ENCODING),
)


def explained(error: Exception, *, reading: bool, proxy: bool = False) -> tuple[FailureKind, str]:
    """Name the kind of a failure and word it for a person.

    `reading`: the head of the answer had come already; `proxy`: who was connected to is the feed's proxy.
    """
    for ours, kind in _OWN:
        if isinstance(error, ours):
            whose = ", which is the feed's proxy" if proxy and kind is FailureKind.DNS else ""
            return kind, f"{error}{whose}"
    if isinstance(error, httpcore.LocalProtocolError):  # its own words would quote the header, secret or not
        return FailureKind.PROTOCOL, "a header of ours would break HTTP; check the feed's headers, auth and user_agent"
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return FailureKind.TIMEOUT, _timeout(error)
    if isinstance(error, httpcore.ConnectError):
        return _connection(error, " to the feed's proxy" if proxy else "")
    if reading:
        return FailureKind.TRUNCATED, f"the answer broke off: {_words(error)}"
    return _no_answer(error)


def _no_answer(error: Exception) -> tuple[FailureKind, str]:
    """Word what came between a connection and the head of an answer."""
    if isinstance(error, httpcore.ProxyError):
        return _proxy(str(error))
    if isinstance(error, httpcore.RemoteProtocolError) and str(error).startswith("Server disconnected"):
        return FailureKind.PROTOCOL, "the server closed the connection without an answer"
    if isinstance(error, httpcore.NetworkError | OSError):
        return FailureKind.CONNECT, f"the connection broke: {_words(error)}"
    return FailureKind.PROTOCOL, f"not an answer of HTTP: {_words(error)}"


def _timeout(error: Exception) -> str:
    if isinstance(error, httpcore.ConnectTimeout):
        return str(error) or "no connection in time"
    if isinstance(error, httpcore.PoolTimeout):
        return "our own connections were lost, and are begun anew"
    if isinstance(error, httpcore.ReadTimeout):
        return "the server fell silent"
    return "not finished in time"


def _proxy(said: str) -> tuple[FailureKind, str]:
    """Word the answer of a proxy that opens no tunnel; httpcore gives its status and phrase."""
    if said.startswith(f"{HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:d}"):
        return FailureKind.BLOCKED, "the feed's proxy asks for a name and password; write them into its URL under proxy"
    return FailureKind.CONNECT, f"the feed's proxy does not let us through: {' '.join(said.split())[:100]}"


def _connection(error: Exception, where: str) -> tuple[FailureKind, str]:
    cause = error.args[0] if error.args else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        hint = "; for a private authority set the feed's ca_file" if cause.verify_code in _UNKNOWN_ISSUER else ""
        return FailureKind.TLS, f"TLS: the certificate is not valid: {cause.verify_message}{hint}"
    if isinstance(cause, ssl.SSLError):
        return FailureKind.TLS, f"TLS: {(cause.reason or str(cause)).replace('_', ' ').lower()}"
    return FailureKind.CONNECT, f"no connection{where}: {_words(cause)}"


_UNKNOWN_ISSUER = {18, 19, 20, 21}  # X509_V_ERR_*: self-signed, or no known authority in the chain


def _words(error: object) -> str:
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number in _ERRNOS:
        return os.strerror(number)
    if isinstance(error, Exception) and error.__cause__ is not None:
        return _words(error.__cause__)
    inner = error.args[0] if isinstance(error, Exception) and error.args else error
    if isinstance(inner, Exception) and inner is not error:
        return _words(inner)
    return " ".join(str(error).split())[:200] or type(error).__name__


_ERRNOS = frozenset(range(1, 134))
