"""Which URLs and addresses may be asked: a table, without I/O.

A feed's URL is written by a stranger, and so is every redirect: neither may reach the machine itself or its network.
`ipaddress.is_global` does not answer that (on Python 3.11.7 it is true for ::127.0.0.1, 64:ff9b::7f00:1 and 224.0.0.1),
so the table below follows IANA's special-purpose registries (RFC 6890), and IPv4 addresses embedded in IPv6 ones
are judged as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import inet_aton, inet_ntoa
from urllib.parse import urlsplit

from aggregator.errors import ConfigError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_V4: dict[str, str] = {
    "0.0.0.0/8": "unspecified",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carrier-grade NAT",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "cloud metadata",  # Azure's, in public space
    "169.254.0.0/16": "link-local or cloud metadata",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "reserved",  # 6to4 relays, RFC 7526
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "benchmarking",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
_V6: dict[str, str] = {
    "::/128": "unspecified",
    "::1/128": "loopback",
    "64:ff9b:1::/48": "private",  # NAT64 of local use, RFC 8215
    "100::/64": "discard-only",
    "2001::/23": "reserved",  # IETF protocols, Teredo among them
    "2001:db8::/32": "documentation",
    "3fff::/20": "documentation",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "private",  # site-local, RFC 3879
    "ff00::/8": "multicast",
}
_REFUSED: tuple[tuple[Network, str], ...] = tuple((ip_network(n), why) for n, why in (_V4 | _V6).items())
_UNICAST = IPv6Network("2000::/3")  # all that IANA has handed out
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291 §2.5.5.1, deprecated
_WIDEST = {4: 8, 6: 7}  # shortest prefix of an allowed network: 10.0.0.0/8 and fc00::/7


@dataclass(frozen=True, slots=True)
class AllowList:
    """What the operator lets through of what the guard would refuse."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def parse(cls, lines: Iterable[str]) -> "AllowList":
        """Read addresses, networks and host:port.

        Raises:
            ConfigError: a line is none of these, or a network is so wide that nothing would be guarded.
        """
        networks: list[Network] = []
        hosts: set[tuple[str, int]] = set()
        for line in lines:
            match _read(line.strip()):
                case IPv4Network() | IPv6Network() as network:
                    networks.append(network)
                case host, port:
                    hosts.add((host, port))
        return cls(tuple(networks), frozenset(hosts))

    def with_host(self, host: str, port: int) -> "AllowList":
        """Let one more host through."""
        return AllowList(self.networks, self.hosts | {(host, port)})

    def lets_through(self, address: Address, host: str, port: int) -> bool:
        """Tell whether the address, or the host it was found for, is let through at that port."""
        names = {(host.lower().rstrip("."), port), (str(address), port)}
        return not names.isdisjoint(self.hosts) or any(
            candidate in network for candidate in (address, *embedded(address)) for network in self.networks
        )


def _read(line: str) -> Network | tuple[str, int]:
    try:
        network = ip_network(line, strict=False)
    except ValueError:
        return _host_and_port(line)
    if network.prefixlen < _WIDEST[network.version]:
        raise ConfigError(
            f"polling.allow: {line} is too wide: it would switch the guard off; name the addresses that you need"
        )
    return network


def _host_and_port(line: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{line}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or "@" in line or "/" in line:
        raise ConfigError(
            f"polling.allow: {line!r} is not an address (192.168.1.5), a network (192.168.1.0/24) "
            "or a host with its port (intranet.lan:8080)"
        )
    return host.rstrip("."), port


def embedded(address: Address) -> tuple[Address, ...]:
    """Give the IPv4 addresses that an IPv6 address leads to: mapped, compatible, 6to4, NAT64, Teredo."""
    if isinstance(address, IPv4Address):
        return ()
    if address.ipv4_mapped:
        return (address.ipv4_mapped,)
    if address.sixtofour:
        return (address.sixtofour,)
    if address.teredo:
        return address.teredo
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def kind_of(address: Address) -> str | None:
    """Name what makes an address one that no feed has; None: it is public."""
    for inner in embedded(address):
        if why := kind_of(inner):
            return why
    for network, why in _REFUSED:
        if address in network:
            return why
    if isinstance(address, IPv6Address) and address not in _UNICAST:
        known = address.ipv4_mapped or address in _NAT64
        return None if known else "reserved"
    return None


def refusal(address: str, allow: AllowList, *, host: str = "", port: int = 80) -> str | None:
    """Say why this address is not connected to, and what would let it through; None: it may be."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return f"{address} is not an address"
    why = kind_of(found)
    if why is None or allow.lets_through(found, host, port):
        return None
    if "metadata" in why:
        return f"{f'{host} is ' if host and host != address else ''}{address}: {why}, where no feed is"
    place = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    named = bool(host) and host != address
    return (
        f"{f'{host} is ' if named else ''}{address}: {why}, which feeds may not reach; "
        f'if it is yours, add this line under polling.allow: - "{f"{host}:{port}" if named else place}"'
    )


def url_refusal(url: str, allow: AllowList) -> str | None:
    """Say why this URL is not asked, as far as can be told without I/O: its scheme, or an address as its host."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme.lower() == "https" else 80)
    except ValueError:
        return "the URL cannot be read"
    if parts.scheme.lower() not in ("http", "https"):
        return f"the scheme {parts.scheme or '(none)'}: is not http or https"
    if not host:
        return "the URL names no host"
    address = _written_as(host)
    return None if address is None else refusal(address, allow, host=host, port=port)


def _written_as(host: str) -> str | None:
    """Give the address that a host is, also in the spellings that resolvers take (127.1, 0x7f000001); None: a name."""
    bare = host.partition("%")[0].rstrip(".")
    try:
        return str(ip_address(bare))
    except ValueError:
        pass
    try:
        return inet_ntoa(inet_aton(bare))
    except (OSError, ValueError):  # UnicodeError among them
        return None
