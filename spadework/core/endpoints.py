"""Where nothing of ours connects, whoever wrote the address: a cloud's metadata, link-local, multicast.

Loopback and private networks are no part of it: a language model of one's own lives there. What a
model or a page chose is held to more; see `core.addresses`.
"""

import asyncio
import ipaddress
import socket
from functools import lru_cache
from urllib.parse import urlsplit

from spadework.core.errors import InvalidInput

_NEVER = tuple(
    ipaddress.ip_network(each)
    for each in (
        "169.254.0.0/16", "fe80::/10", "224.0.0.0/4", "ff00::/8", "255.255.255.255/32",
        # Metadata services outside link-local: Azure's wire server, Alibaba, Oracle, AWS and Google over IPv6
        # (each vendor's page on its instance metadata service, read 2026-11).
        "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::/32",
    )
)  # fmt: skip
_IPV4_INSIDE_IPV6 = tuple(ipaddress.ip_network(each) for each in ("::/96", "64:ff9b::/96"))


def is_callable_address(text: str) -> bool:
    """Whether an IP address is one that an adapter may be pointed at."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return not any(each in network for each in _forms(address) for network in _NEVER if each.version == network.version)


def check_host(url: str) -> None:
    """Refuse a URL whose host is an IP address nothing connects to, in any spelling; names are left to `resolve`.

    Raises:
        InvalidInput: the address is a metadata service's, link-local or the like.
    """
    # Up to the path, so that one vendor's thousands of addresses are read once.
    end = url.find("/", len("https://"))
    _check_origin(url if end < 0 else url[:end])


@lru_cache(maxsize=1024)
def _check_origin(origin: str) -> None:
    try:
        host = urlsplit(origin).hostname or ""
        # The system's own reading: it takes 2852039166 and 0xa9fea9fe for 169.254.169.254, and asks nobody.
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return  # a name, or nothing that could be called at all
    _require_callable(host, [str(each[4][0]) for each in found])


async def resolve(host: str, port: int) -> list[str]:
    """The IP addresses of a host, every one of which may be called; connect to these and look up no second time.

    Raises:
        InvalidInput: one of them is a metadata service's, link-local or the like. OSError: there is no such host.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    _require_callable(host, addresses)
    return addresses


def _require_callable(host: str, addresses: list[str]) -> None:
    if not all(is_callable_address(each) for each in addresses):
        raise InvalidInput(
            f"{host} is the address of a cloud's metadata service or of the local link, so it is not called."
            " Enter the address of the service itself.",
            details={"sent": False, "reason": "bad_address"},
        )


def _forms(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    """The address, and every IPv4 address that it carries inside it."""
    if isinstance(address, ipaddress.IPv4Address):
        return [address]
    inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if any(address in each for each in _IPV4_INSIDE_IPV6):
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *(each for each in inside if each is not None)]
