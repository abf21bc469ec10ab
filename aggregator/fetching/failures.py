"""Exceptions of the network, TLS and the decoders, as kinds and sentences. Pure."""

import os
import ssl
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Whom a request went to, as far as the wording of its failure needs it."""

    url: str
    proxy: str | None = None
    ca_file: str | None = None
    feed: bool = True  # one of feeds.yaml, with its keys; else another address of the configuration

    @property
    def tls_with(self) -> str:
        """Say who answered wrongly to TLS; behind a proxy that speaks it as well that is one of two."""
        if self.proxy is None or not self.proxy.lower().startswith("https:"):
            return "the server"
        behind = ", or the server behind it," if self.url.lower().startswith("https:") else ""
        return f"the feed's proxy{behind}"


def explained(error: Exception, way: Way, *, reading: bool) -> tuple[FailureKind, str]:
    """Name the kind of a failure and word it for a person; `reading`: the head of the answer had come already."""
    for ours, kind in _OWN:
        if isinstance(error, ours):
            whose = "the feed's proxy: " if way.proxy is not None and kind is FailureKind.DNS else ""
            return kind, f"{whose}{error}"
    if isinstance(error, httpcore.LocalProtocolError):  # its own words would quote the header, secret or not
        return FailureKind.PROTOCOL, "a header of ours would break HTTP; check the feed's headers, auth and user_agent"
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return FailureKind.TIMEOUT, _timeout(error)
    if isinstance(error, httpcore.ConnectError):
        return _connection(error, way)
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
    return FailureKind.PROTOCOL, _not_http(_words(error))


def _not_http(said: str) -> str:
    """Word h11's complaint about the head of an answer."""
    if said.startswith(("illegal status line", "illegal request line")):
        return "what came is no answer of HTTP; is it another service, or https?"
    if said.startswith("Receive buffer too long"):
        return "its headers are too long"
    return f"not an answer of HTTP: {said}"


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


def _connection(error: Exception, way: Way) -> tuple[FailureKind, str]:
    cause = error.args[0] if error.args else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        hint = _authority(way) if cause.verify_code in _UNKNOWN_ISSUER else ""
        whose = "" if way.tls_with == "the server" else f" of {way.tls_with.rstrip(',')}"
        return FailureKind.TLS, f"TLS: the certificate{whose} is not valid: {cause.verify_message}{hint}"
    if isinstance(cause, ssl.SSLError):
        if cause.reason in _NOT_TLS:
            return FailureKind.TLS, f"{way.tls_with} does not speak TLS there; is it http?"
        return FailureKind.TLS, f"TLS with {way.tls_with.rstrip(',')}: {_openssl(cause)}"
    where = " to the feed's proxy" if way.proxy is not None else ""
    said = _words(cause) if str(cause) else "it was closed before TLS was agreed on"  # anyio's EndOfStream
    return FailureKind.CONNECT, f"no connection{where}: {said}"


def _authority(way: Way) -> str:
    if not way.feed:
        return ""
    if way.ca_file is not None:
        return "; it is not signed by what the feed's ca_file holds"
    return "; for a private authority set the feed's ca_file"


def _openssl(error: ssl.SSLError) -> str:
    return (error.reason or str(error)).replace("_", " ").lower()


_UNKNOWN_ISSUER = {18, 19, 20, 21}  # X509_V_ERR_*: self-signed, or no known authority in the chain
# What OpenSSL makes of an answer in plain text; of which it speaks depends on its version and on the text.
_NOT_TLS = {
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "RECORD_LAYER_FAILURE",
    "PACKET_LENGTH_TOO_LONG",
}


def _words(error: object) -> str:
    number = getattr(error, "errno", None)
    if isinstance(number, int) and number in _ERRNOS:
        return os.strerror(number)
    if isinstance(error, Exception) and error.__cause__ is not None:
        return _words(error.__cause__)
    inner = error.args[0] if isinstance(error, Exception) and error.args else error
    if isinstance(inner, Exception) and inner is not error:
        return _words(inner)
    return " ".join(str(error).partition(": bytearray(")[0].split())[:200] or type(error).__name__


_ERRNOS = frozenset(range(1, 134))
