"""How a feed is reached where that takes more than its URL: headers, passwords, a proxy, a private authority.

Secrets are named here and lie elsewhere, in the environment or in a file: a feeds.yaml is copied, shown and kept in
version control. They are read when a configuration is taken up, and never shown.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    SerializerFunctionWrapHandler,
    StringConstraints,
    model_serializer,
    model_validator,
)
from pydantic_core import PydanticCustomError

from aggregator.config.addresses import feed_url, without_credentials
from aggregator.config.secrets import clean_value, read_secret

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # RFC 9110 §5.6.2
_OURS = {
    "user-agent": "write it as user_agent",
    "authorization": "write it as auth",
    "proxy-authorization": "write user and password into proxy",
    "accept-encoding": "bodies are decoded within limits, so that we say which codings",
    **dict.fromkeys(("if-none-match", "if-modified-since"), "it is sent as the server gave it"),
    **dict.fromkeys(("if-match", "if-unmodified-since", "if-range", "range"), "a feed is read whole"),
}
# RFC 9110 §7.6.1, RFC 9112 §6: who says these twice is misunderstood, or worse
_FRAMING = frozenset(
    {"connection", "content-encoding", "content-length", "content-type", "expect", "host", "http2-settings"}
    | {"keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
)


def _header_name(name: str) -> str:
    if not _TOKEN.fullmatch(name):
        raise ValueError("is not the name of a header; letters, digits and hyphens are, as X-Key")
    if name.lower() in _FRAMING:
        raise ValueError("is said by the connection itself; it would break the request")
    if name.lower() in _OURS:
        raise ValueError(f"is not set here: {_OURS[name.lower()]}")
    return name


def _whole_path(text: str) -> str:
    if not text.startswith(("/", "~/")) or "\0" in text:
        raise ValueError(f"{text!r} is not a whole path; write it from the root, as /etc/aggregator/key, or from ~/")
    return text


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("is not the name of a variable; letters, digits and _ are, as NEWS_PASSWORD")
    return name


def _user_name(name: str) -> str:
    if ":" in name:
        raise ValueError("holds a colon, which parts the name from the password (RFC 7617); leave it out")
    return name


def proxy_url(text: str) -> str:
    """Check the URL of a proxy.

    Raises:
        ValueError: it is no http or https URL.
    """
    try:
        url = feed_url(text)
    except ValueError as error:
        reason = str(error).partition(";")[0]
        raise ValueError(f"a proxy is an http or https URL, as http://proxy.lan:3128; {reason}") from None
    if urlsplit(url).path.strip("/") or urlsplit(url).query:
        raise ValueError("a proxy is scheme, host and port only, as http://proxy.lan:3128")
    return url


Variable = Annotated[str, AfterValidator(_variable)]
WholePath = Annotated[str, AfterValidator(_whole_path)]
HeaderName = Annotated[str, AfterValidator(_header_name)]
HeaderText = Annotated[str, AfterValidator(clean_value)]
HeaderValue = Annotated[str, AfterValidator(clean_value), PlainSerializer(lambda _value: "***", return_type=str)]
ProxyUrl = Annotated[str, AfterValidator(proxy_url), PlainSerializer(without_credentials, return_type=str)]
UserName = Annotated[
    str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$"), AfterValidator(_user_name)
]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


def _contradiction(message: str) -> PydanticCustomError:
    return PydanticCustomError("contradiction", "{message}", {"key": "", "message": message})


class _Kept(_Part):
    """A text as it is, or where it is found."""

    value: str | None = Field(default=None, description="the text itself")
    env: Variable | None = Field(default=None, description="variable of the environment that holds it")
    file: WholePath | None = Field(default=None, description="file that holds it, as a whole path")

    @model_validator(mode="before")
    @classmethod
    def _bare_value(cls, value: Any) -> Any:
        if isinstance(value, (bool, int, float)):
            raise ValueError("expected text; put the value in quotes")  # noqa: TRY004  pydantic's way to say no
        return {"value": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(part is not None for part in (self.value, self.env, self.file)) != 1:
            raise _contradiction("give its value, or one of env and file")
        return self

    def read(self, environment: Mapping[str, str]) -> str:
        """Give the text.

        Raises:
            ValueError: it is not where it is said to be, or cannot be sent.
        """
        return self.value if self.value is not None else read_secret(self.env, self.file, environment)


class HeaderConfig(_Kept):
    """The value of a header: as text, or where it is found."""

    value: HeaderValue | None = Field(default=None, description="the value itself")


class ProxyConfig(_Kept):
    """The URL of a proxy: as text, or where it is found."""

    value: ProxyUrl | None = Field(default=None, description="http or https URL of the proxy")

    def read(self, environment: Mapping[str, str]) -> str:
        """Give the URL.

        Raises:
            ValueError: it is not where it is said to be, or is no URL of a proxy; its text is not repeated.
        """
        found = super().read(environment)
        try:
            return proxy_url(found)
        except ValueError:
            raise ValueError(f"what {self.env or self.file} holds is no http or https URL of a proxy") from None

    @model_serializer(mode="wrap")
    def _bare_again(self, written: SerializerFunctionWrapHandler) -> Any:
        parts = written(self)
        return parts["value"] if self.value is not None else parts


class AuthConfig(_Part):
    """A user with a password (HTTP Basic), or a token (Bearer)."""

    user: UserName | None = Field(default=None, description="name of the user, for password_env or password_file")
    password_env: Variable | None = Field(default=None, description="variable of the environment with the password")
    password_file: WholePath | None = Field(default=None, description="file with the password, as a whole path")
    token_env: Variable | None = Field(default=None, description="variable of the environment with a bearer token")
    token_file: WholePath | None = Field(default=None, description="file with a bearer token, as a whole path")

    @model_validator(mode="after")
    def _has_its_secret(self) -> Self:
        passwords = [part for part in (self.password_env, self.password_file) if part is not None]
        tokens = [part for part in (self.token_env, self.token_file) if part is not None]
        if not passwords and not tokens:
            raise _contradiction(
                "has no secret; name the variable or file that holds it: password_env, password_file, token_env or"
                " token_file"
            )
        if len(passwords) + len(tokens) > 1:
            raise _contradiction("names several secrets; keep one")
        if bool(passwords) != (self.user is not None):
            raise _contradiction("a password needs its user" if passwords else "a token has no user; leave it out")
        return self

    def secret(self, environment: Mapping[str, str]) -> str:
        """Give the password or token.

        Raises:
            ValueError: it is not where it is said to be, or cannot be sent.
        """
        return read_secret(self.password_env or self.token_env, self.password_file or self.token_file, environment)


def repeated(names: Mapping[str, Any]) -> Iterator[str]:
    """Give the headers that are named twice, for case does not part them (RFC 9110 §5.1)."""
    seen: set[str] = set()
    for name in names:
        if name.lower() in seen:
            yield name
        seen.add(name.lower())
