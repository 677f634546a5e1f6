"""Addresses that no adapter may be pointed at, in every spelling, and those a model of one's own has."""

import pytest

from spadework.core import endpoints
from spadework.core.errors import InvalidInput

NEVER = [
    "169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200", "192.0.0.192", "224.0.0.1",
    "255.255.255.255", "fe80::1", "fe80::1%eth0", "fd00:ec2::254", "fd20:ce::254", "ff02::1", "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::", "::169.254.169.254", "no address",
]  # fmt: skip
FINE = ["127.0.0.1", "::1", "10.0.0.5", "192.168.1.20", "172.17.0.1", "fd12:3456::1", "8.8.8.8", "2606:4700::1"]
SPELLINGS = [
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "[::ffff:169.254.169.254]", "[fe80::1]", "①⑥⑨.②⑤④.①⑥⑨.②⑤④",
]  # fmt: skip


@pytest.mark.parametrize("address", NEVER)
def test_metadata_and_link_local_addresses_are_never_called(address: str) -> None:
    assert not endpoints.is_callable_address(address)


@pytest.mark.parametrize("address", FINE)
def test_loopback_private_and_public_addresses_may_be_called(address: str) -> None:
    assert endpoints.is_callable_address(address)


@pytest.mark.parametrize("host", SPELLINGS)
def test_an_ip_address_is_known_in_every_spelling_the_system_reads(host: str) -> None:
    with pytest.raises(InvalidInput, match="metadata"):
        endpoints.check_host(f"http://{host}:8080/v1")


@pytest.mark.parametrize("host", ["llm.example.com", "127.0.0.1", "[::1]", "localhost", "10.0.0.5"])
def test_names_and_addresses_of_ones_own_pass(host: str) -> None:
    endpoints.check_host(f"http://{host}:11434/v1")


async def test_what_a_host_resolves_to_is_checked_and_handed_on() -> None:
    assert await endpoints.resolve("localhost", 80)
    with pytest.raises(InvalidInput, match="not called"):
        await endpoints.resolve("2852039166", 80)
