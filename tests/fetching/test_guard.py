"""Which addresses feeds may reach. Polling rules 1 and 2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.errors import ConfigError
from aggregator.fetching.guard import AllowList, refusal, url_refusal

NOTHING = AllowList()

REFUSED = [
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("0.0.0.0", "unspecified"),  # noqa: S104  # nothing is bound: an address to refuse
    ("0.1.2.3", "unspecified"),
    ("10.0.0.1", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.1.1", "private"),
    ("100.64.0.1", "carrier-grade NAT"),
    ("100.100.100.200", "carrier-grade NAT"),
    ("100.127.255.255", "carrier-grade NAT"),
    ("169.254.169.254", "link-local or cloud metadata"),
    ("168.63.129.16", "cloud metadata"),
    ("192.0.0.8", "reserved"),
    ("192.0.0.192", "reserved"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "reserved"),
    ("198.18.0.1", "benchmarking"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("224.0.0.1", "multicast"),
    ("239.255.255.250", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("::", "unspecified"),
    ("::1", "loopback"),
    ("::127.0.0.1", "loopback"),
    ("::ffff:127.0.0.1", "loopback"),
    ("::ffff:10.0.0.1", "private"),
    ("::ffff:169.254.169.254", "link-local or cloud metadata"),
    ("64:ff9b::7f00:1", "loopback"),
    ("64:ff9b::a9fe:a9fe", "link-local or cloud metadata"),
    ("64:ff9b:1::1", "private"),
    ("2002:7f00:1::", "loopback"),
    ("2002:c0a8:101::1", "private"),
    ("2001:0:7f00:1::", "loopback"),
    ("2001:0:808:808:0:0:f7f7:f7f7", "reserved"),
    ("2001:2::1", "reserved"),
    ("2001:db8::1", "documentation"),
    ("3fff::1", "documentation"),
    ("fc00::1", "private"),
    ("fd00:ec2::254", "private"),
    ("fe80::1", "link-local"),
    ("fe80::1%eth0", "link-local"),
    ("fec0::1", "private"),
    ("ff02::1", "multicast"),
    ("ff0e::1", "multicast"),
    ("100::1", "discard-only"),
    ("4000::1", "reserved"),
    ("::2", "unspecified"),
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.1",
    "223.255.255.255",
    "2606:4700::1111",
    "2a00:1450:4001::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]


@pytest.mark.parametrize(("address", "why"), REFUSED)
def test_an_address_that_no_public_feed_has_is_refused(address: str, why: str) -> None:
    said = refusal(address, NOTHING)
    assert said is not None
    assert f"{address}: {why}, " in said
    assert ("polling.allow" in said) != ("metadata" in why)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_passes(address: str) -> None:
    assert refusal(address, NOTHING) is None


@given(st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_no_way_of_embedding_a_private_address_passes(address: object) -> None:
    number = int(address)  # type: ignore[call-overload]
    high, low = number >> 16, number & 0xFFFF
    for spelt in (f"::ffff:{address}", f"::{address}", f"64:ff9b::{address}", f"2002:{high:x}:{low:x}::1"):
        assert refusal(spelt, NOTHING) is not None


@given(st.text(max_size=40))
def test_what_is_no_address_is_refused(text: str) -> None:
    assert refusal(text + "!", NOTHING) is not None


@pytest.mark.parametrize(
    ("line", "address", "host", "port"),
    [
        ("127.0.0.1", "127.0.0.1", "", 80),
        ("192.168.0.0/16", "192.168.7.7", "nas.lan", 8080),
        ("10.0.0.0/8", "::ffff:10.1.1.1", "", 80),
        ("fd00::/8", "fd00::5", "", 443),
        ("127.0.0.1:8600", "127.0.0.1", "", 8600),
        ("[::1]:8600", "::1", "", 8600),
        ("nas.lan:8080", "192.168.1.9", "NAS.lan.", 8080),
    ],
)
def test_what_the_operator_allows_passes(line: str, address: str, host: str, port: int) -> None:
    assert refusal(address, AllowList.parse([line]), host=host, port=port) is None
    assert refusal(address, NOTHING, host=host, port=port) is not None


@pytest.mark.parametrize(("host", "port"), [("nas.lan", 8081), ("other.lan", 8080), ("evil.nas.lan", 8080)])
def test_an_allowed_host_and_port_lets_no_other_through(host: str, port: int) -> None:
    assert refusal("192.168.1.9", AllowList.parse(["nas.lan:8080"]), host=host, port=port) is not None


@pytest.mark.parametrize("line", ["0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "2000::/3"])
def test_an_allow_list_that_would_switch_the_guard_off_is_refused(line: str) -> None:
    with pytest.raises(ConfigError, match=r"polling\.allow.*too wide"):
        AllowList.parse([line])


@pytest.mark.parametrize(
    "line", ["", "nas.lan", "http://nas.lan", "nas.lan:99999", "nas.lan:x", "a@b:80", "10.0.0.0/99"]
)
def test_a_line_that_cannot_be_read_is_named(line: str) -> None:
    with pytest.raises(ConfigError, match=r"polling\.allow.*is not"):
        AllowList.parse([line])


def test_a_refusal_names_the_line_that_would_allow_it() -> None:
    for address, host, line in [
        ("192.168.1.9", "nas.lan", "nas.lan:8080"),
        ("192.168.1.9", "192.168.1.9", "192.168.1.9:8080"),
        ("::1", "::1", "[::1]:8080"),
    ]:
        said = refusal(address, NOTHING, host=host, port=8080)
        assert said is not None
        assert f'polling.allow: - "{line}"' in said
        assert refusal(address, AllowList.parse([line]), host=host, port=8080) is None


@pytest.mark.parametrize(
    "url",
    [
        "ftp://x/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "gopher://x/",
        "data:,x",
        "//x/",
        "x",
        "http://",
        "http:///x",
    ],
)
def test_a_url_without_http_and_a_host_is_refused(url: str) -> None:
    assert url_refusal(url, NOTHING) is not None


@pytest.mark.parametrize(
    "url",
    [
        *("http://127.0.0.1/", "https://[::1]:8443/", "http://169.254.169.254/latest", "http://[::ffff:a00:1]/"),
        *("http://127.1/", "http://2130706433/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.0.0.1./"),
    ],
)
def test_a_url_of_a_private_address_is_refused_without_a_look_up(url: str) -> None:
    assert url_refusal(url, NOTHING) is not None


def test_a_url_of_a_name_is_judged_when_its_addresses_are_known() -> None:
    assert url_refusal("http://localhost/", NOTHING) is None
