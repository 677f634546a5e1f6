"""Which addresses a request may reach that a person, a page or a model chose: every family and notation."""

import ipaddress

import pytest

from spadework.core.addresses import ANYWHERE, MAX_URL_CHARACTERS, AddressRules
from spadework.core.errors import InvalidInput

RULES = AddressRules()
INSIDE = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.168.1.1", "192.0.0.8", "192.0.0.192", "192.0.2.1", "192.88.99.1",
    "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "168.63.129.16",
    "::", "::1", "::7f00:1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "fec0::1",
    "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "100::1", "3fff::1", "5f00::1",
    "64:ff9b:1::7f00:1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::a9fe:a9fe",
    "::ffff:127.0.0.1", "::ffff:7f00:1", "::ffff:169.254.169.254", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1",
]  # fmt: skip
OUTSIDE = ["1.1.1.1", "93.184.215.14", "8.8.8.8", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1"]
NUMBERS_IN_DISGUISE = [
    "127.1", "127.0.1", "2130706433", "0177.0.0.1", "017700000001", "2852039166", "0", "1", "127.0.0.1.",
    "①②⑦.⓪.⓪.①", "１２７.0.0.1", "0.0.0.0.0", "999.1.1.1", "[::1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]",
    "[64:ff9b::7f00:1]", "[fe80::1%25eth0]", "[::]",
]  # fmt: skip
UNCLEAN = [
    "", "example.com", "//example.com", "file:///etc/passwd", "ftp://example.com/", "gopher://example.com:70/_x",
    "data:text/html,x", "javascript:alert(1)", "http://", "http:///path", "https://:443/", "http://example.com:99999/",
    "http://example.com:x/", "http://[::1", "http://a b.example/", "http://example.com/\n", "http://exa\tmple.com/",
    "http://example.com\\@127.0.0.1/", "http://example.com/\x00", "http://example.com/" + "x" * MAX_URL_CHARACTERS,
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_inside_is_not_permitted(address):
    assert not RULES.permits(address)


@pytest.mark.parametrize("address", OUTSIDE)
def test_an_address_of_the_public_internet_is_permitted(address):
    assert RULES.permits(address)


@pytest.mark.parametrize("text", ["", "localhost", "1.1.1", "1.1.1.1/8", "::g", "①.①.①.①"])
def test_what_is_no_address_is_not_permitted(text):
    assert not RULES.permits(text)


@pytest.mark.parametrize("host", [*NUMBERS_IN_DISGUISE, *(each for each in INSIDE if ":" not in each)])
def test_a_url_whose_host_is_a_number_inside_is_refused_in_any_notation(host):
    with pytest.raises(InvalidInput, match="not"):
        RULES.check_url(f"http://{host}/")


@pytest.mark.parametrize("url", UNCLEAN)
def test_a_url_that_is_not_plain_http_is_refused(url):
    with pytest.raises(InvalidInput):
        RULES.check_url(url)


@pytest.mark.parametrize("login", ["user@", "user:pass@", ":@", "127.0.0.1@", "%00@"])
def test_a_url_with_a_user_name_is_refused(login):
    with pytest.raises(InvalidInput, match="user name"):
        RULES.check_url(f"https://{login}kestrel.example/")


@pytest.mark.parametrize("port", [0, 21, 22, 25, 5432, 6379, 8080, 8300, 65535])
def test_a_port_that_is_not_of_the_web_is_refused(port):
    with pytest.raises(InvalidInput, match="80 or 443"):
        RULES.check_url(f"http://kestrel.example:{port}/")


@pytest.mark.parametrize(
    "url",
    ["https://kestrel.example", "http://kestrel.example:80/a?b=c#d", "https://bücher.example/", "https://1.1.1.1/"],
)
def test_an_ordinary_url_passes(url):
    RULES.check_url(url)


def test_an_operator_may_allow_one_network_and_refuse_another():
    rules = AddressRules(
        allowed=(ipaddress.ip_network("10.1.2.0/24"), ipaddress.ip_network("10.9.0.0/16")),
        refused=(ipaddress.ip_network("1.1.1.0/24"), ipaddress.ip_network("10.9.9.0/24")),
    )
    wanted = {
        "10.1.2.3": True,
        "10.1.3.3": False,
        "10.9.1.1": True,
        "10.9.9.1": False,
        "1.1.1.1": False,
        "8.8.8.8": True,
    }
    assert {each: rules.permits(each) for each in wanted} == wanted


def test_without_restriction_an_own_server_on_any_port_may_be_asked_and_a_file_still_not():
    ANYWHERE.check_url("http://127.0.0.1:8300/")
    assert all(ANYWHERE.permits(each) for each in ("127.0.0.1", "::1", "10.0.0.1"))
    with pytest.raises(InvalidInput):
        ANYWHERE.check_url("file:///etc/passwd")
