"""URLs, networks and domains as feeds.yaml holds them: checked and brought to one form. Pure."""

import re
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_LONGEST_URL = 2_048
_LONGEST_CONTACT = 200
_COMMENT = re.compile(rf"""(?:(?![()<>\[\]{{}}\\"'])[!-~]){{1,{_LONGEST_CONTACT}}}""")
_MAIL = re.compile(r"[^@/:;,]+@[^@/:;,]+\.[^@/:;,.]+")
_HOST = re.compile(r"(?=.{1,253}\.?$)[^\s/?#@:\[\]\\<>\"'%]+$")
_PARAMETER = re.compile(r"([?&]([^=&#]*)=)[^&#]+")
_SECRET_NAMES = ("token", "key", "secret", "pass", "pwd", "auth", "sig", "sess", "cred", "jwt")
_INNOCENT = re.compile(r"keywords?|authors?(?![a-z])|design")
_CREDENTIALS = re.compile(r"^((?:[a-zA-Z][\w+.-]*:)?//)[^/?#]*@")
_PERHAPS = re.compile(r"^([a-zA-Z][\w+.-]*://)?(?:.*:.*@|(?://)?[^/?#]*@)", re.DOTALL)
_V4_IN_V6 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"), IPv6Network("2002::/16"), IPv6Network("::/96"))
_WIDEST = {4: 8, 6: 7}  # 10.0.0.0/8 and fc00::/7 are the widest private networks


def feed_url(text: str) -> str:
    """Check a feed's URL; `feed:` becomes http.

    Raises:
        ValueError: when it is no http or https URL, with a remedy.
    """
    url = text.strip()
    if url.lower().startswith("feed:"):
        rest = url[5:]
        url = rest if rest.lower().startswith(("http:", "https:")) else "http://" + rest.lstrip("/")
    split = _split(url)
    told = without_credentials(url)
    if url.startswith(("/", "./", "../", "~")) and not url.startswith("//"):
        raise ValueError(f"{told!r} is a path; feeds are http or https URLs")
    if not split.scheme or (split.scheme not in ("http", "https") and "." in split.scheme):
        remedy = f"did you mean https://{told}?" if told.endswith(url) else "write https:// before it"
        raise ValueError(f"{told!r} has no scheme; {remedy}")
    if split.scheme not in ("http", "https"):
        raise ValueError(f"the scheme {split.scheme}: is not fetched; feeds are http or https URLs")
    if not split.hostname:
        raise ValueError(f"{told!r} has no host")
    if not _HOST.match(split.hostname) and not _is_address(split.hostname):
        raise ValueError(f"{told!r} has no usable host name")
    return url


def base_url(text: str) -> str:
    """Check the URL under which the server is reached from outside; it ends without a slash.

    Raises:
        ValueError: when it is no http or https URL, or carries a query, fragment or credentials.
    """
    url = feed_url(text)
    split = urlsplit(url)
    if split.query or split.fragment or "@" in split.netloc:
        raise ValueError("public_url is scheme, host and path only, as https://news.example/events")
    return url.rstrip("/")


def contact(text: str) -> str:
    """Check how a publisher reaches who polls: a web page or a mail address, as it stands in a header's comment.

    Raises:
        ValueError: when it is neither, or would not fit there (RFC 9110 §5.6.5).
    """
    told = text.strip()
    told = told[len("mailto:") :] if told.lower().startswith("mailto:") else told
    if not _COMMENT.fullmatch(told):
        raise ValueError(
            f"a contact is of at most {_LONGEST_CONTACT} characters of ASCII, without spaces, quotes and brackets"
        )
    if not _MAIL.fullmatch(told) and ("@" in told.partition("//")[2].partition("/")[0] or not _is_web(told)):
        raise ValueError(
            "a contact is an http or https URL without a password, or a mail address, as desk@news.example"
        )
    return told


def _is_web(url: str) -> bool:
    try:
        return feed_url(url) == url
    except ValueError:
        return False


def _split(url: str) -> SplitResult:
    if len(url) > _LONGEST_URL:
        raise ValueError(f"the URL is longer than {_LONGEST_URL} characters")
    if not url:
        raise ValueError("the URL is empty")
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ValueError(f"{without_credentials(url)!r} holds a space or a control character")
    split = _parsed(url)
    if split is None:
        raise ValueError(
            "is not a URL: its port is no number, or a bracket is not closed (in a name or password, write / as %2F,"
            " # as %23, ? as %3F and @ as %40)"
        )
    return split


def _parsed(url: str) -> SplitResult | None:
    try:
        split = urlsplit(url)
        _ = split.port  # urlsplit checks it only when asked
    except ValueError:  # its words would quote the beginning of a password
        return None
    return split


def without_credentials(url: str) -> str:
    """Leave name and password out of a URL and mask parameters that sound like secrets, for messages and output.

    Of what is no URL, or one without a scheme, all before the last @ is left out where a colon may part a password
    from a name: what ends a host may stand in a password.
    """
    split = _parsed(url)
    whole = split is not None and split.scheme in ("http", "https") and split.hostname
    return masked((_CREDENTIALS if whole else _PERHAPS).sub(r"\1", url))


def masked(url: str) -> str:
    """Mask the parameters of a URL that sound like secrets."""
    names = {name.lower() for _, name in _PARAMETER.findall(url)}
    of_reddit = {"feed"} if {"feed", "user"} <= names else set()  # its private feeds: ?feed=SECRET&user=NAME

    def told(found: re.Match[str]) -> str:
        return f"{found[1]}***" if secretive(unquote(found[2])) or found[2].lower() in of_reddit else found[0]

    return _PARAMETER.sub(told, url)


def secretive(name: str) -> bool:
    """Tell whether the name of a parameter or header sounds as if it held a secret."""
    bare = _INNOCENT.sub("", name.lower())
    return any(word in bare for word in _SECRET_NAMES)


def same_feed(url: str) -> str:
    """Give the key that two spellings of one feed share: http or https, www or not, slash at the end or not."""
    split = urlsplit(url)
    host = (split.hostname or "").removeprefix("www.").rstrip(".")
    port = f":{split.port}" if split.port not in (None, 80, 443) else ""
    return urlunsplit(("", host + port, split.path.rstrip("/"), split.query, ""))


def allowed(text: str) -> str:
    """Check a line of `polling.allow`: an address, a network, or host:port.

    Raises:
        ValueError: when it is none of them, or so wide that the address guard would guard nothing.
    """
    line = text.strip()
    if "/" in line:
        return _network(line)
    if "*" in line:
        raise ValueError(
            f"{text!r}: * stands for nothing here; name each host with its port, or a network (10.1.0.0/16)"
        )
    if _is_address(line.strip("[]")):
        return str(ip_address(line.strip("[]")))
    host, colon, port = line.rpartition(":")
    if colon and port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65_536:
        bare = host[1:-1] if host.startswith("[") and host.endswith("]") else host
        if _is_address(bare) or _HOST.match(bare):
            return f"{host.lower()}:{int(port)}"
    raise ValueError(f"{text!r} is none of: an address (10.1.2.3), a network (10.1.0.0/16), host:port (localhost:8080)")


def _network(line: str) -> str:
    try:
        network = ip_network(line)
    except ValueError as error:
        try:
            meant = ip_network(line, strict=False)
        except ValueError:
            raise ValueError(f"{line!r} is not a network; write it as 10.1.0.0/16 or fd00::/8") from error
        raise ValueError(f"{line!r} is not a network; did you mean {meant}?") from error
    if network.prefixlen < _WIDEST[network.version] or _reaches_most_of_ipv4(network):
        raise ValueError(f"{line!r} would let nearly every address through; name the networks your feeds are in")
    return str(network)


def _reaches_most_of_ipv4(network: IPv4Network | IPv6Network) -> bool:
    """Tell whether an IPv6 network embeds more than an IPv4 /8 (RFC 4291 §2.5.5, RFC 6052, RFC 3056)."""
    if isinstance(network, IPv4Network):
        return False
    return any(
        network.overlaps(embedding) and network.prefixlen < embedding.prefixlen + _WIDEST[4] for embedding in _V4_IN_V6
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def domain(text: str) -> str:
    """Check a key of `outlets`: a domain name, in lower case.

    Raises:
        ValueError: when it is a URL, a path or a suffix under which anybody may register.
    """
    name = text.strip().lower().rstrip(".")
    if "/" in name:
        raise ValueError(f"{text!r} is a URL; write the domain alone, as detik.com")
    if name == "localhost" or _is_address(name) or re.fullmatch(r"[\w.-]+:\d+", name):
        return name
    if "." not in name or not _HOST.match(name):
        raise ValueError(f"{text!r} is not a domain; write it as detik.com")
    if _suffixes().is_public(name):
        raise ValueError(f"anybody may register under {text!r}; name one outlet's domain, as bbc.co.uk")
    return name


def is_internal(url: str) -> bool:
    """Tell whether a URL's host is an address or a bare name: nothing that is registered to an outlet."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    return _is_address(host) or "." not in host


def outlet_keys(url: str) -> tuple[str, ...]:
    """List the names under which a URL's outlet may stand in `outlets`, the most particular first.

    The last is what the outlet is called when none does: the registrable domain (publicsuffix.org), or host and port
    for an address, where every port may be another outlet.
    """
    split = urlsplit(url)
    host = (split.hostname or "").rstrip(".")
    if is_internal(url):
        return (f"{host}:{split.port}",) if split.port else (host,)
    registrable = _suffixes().privatesuffix(host) or host
    names = [host]
    while names[-1] != registrable and "." in names[-1]:
        names.append(names[-1].partition(".")[2])
    return tuple(names)


@cache
def _suffixes() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415  # reads a list of 10,000 lines; few commands need it

    return PublicSuffixList()
