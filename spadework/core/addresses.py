"""Which addresses a request may reach when a person, a page or a model chose them; nothing is dialled here."""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from spadework.core.errors import InvalidInput

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MAX_URL_CHARACTERS = 4_000
_ANYWHERE: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ROUTED_IPV6 = ipaddress.ip_network("2000::/3")
"""All of IPv6 that the public internet routes; beside it stand local, mapped and translated addresses."""
# Python's is_global says True for these although they lead inside or nowhere: 6to4, Teredo, documentation,
# protocol assignments, relays, a cloud's own server, multicast (Python 3.11.7).
_SPECIAL_NETWORKS: tuple[Network, ...] = tuple(
    ipaddress.ip_network(each)
    for each in (
        "2002::/16", "2001::/32", "3fff::/20", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "224.0.0.0/4",
    )
)  # fmt: skip
# What browsers quietly drop or turn round, and what parsers therefore read in different ways.
_AMBIGUOUS = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRules:
    """The public internet on the ports of the web, unless widened; `ports` None allows every port.

    `refused` networks are never reached, `allowed` ones are even where the public internet is not.
    """

    ports: frozenset[int] | None = frozenset({80, 443})
    allowed: tuple[Network, ...] = ()
    refused: tuple[Network, ...] = ()

    def permits(self, text: str) -> bool:
        """Whether a request may be sent to this IP address; False for what is none."""
        address = _read(text)
        if address is None or _is_in(address, self.refused):
            return False
        return _is_in(address, self.allowed) or is_public(address)

    def check_url(self, url: str) -> None:
        """Refuse a URL that is not plain http(s) on a permitted port; a name is judged by where it leads.

        Raises:
            InvalidInput: the message says what is wrong with it.
        """
        if len(url) > MAX_URL_CHARACTERS or _AMBIGUOUS.search(url):
            raise InvalidInput(
                f"{url[:100]!r} is no clean address: blanks, control characters, backslashes and more than "
                f"{MAX_URL_CHARACTERS} characters are not allowed. Copy it anew."
            )
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise InvalidInput(f"{url[:100]!r} cannot be read ({error}). Use an http or https address.") from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput(f"{url[:100]!r} is not an http or https address.")
        if parts.username is not None or parts.password is not None:
            raise InvalidInput("Put no user name or password into an address; store a key in Settings › Keys.")
        if port is not None and self.ports is not None and port not in self.ports:
            wanted = " or ".join(str(each) for each in sorted(self.ports))
            raise InvalidInput(f"Port {port} is not allowed in an address. Use {wanted}.")
        self.check_host(parts.hostname)

    def check_host(self, host: str) -> None:
        """Refuse a host that is a number and not permitted; a name passes, since it is judged once it is resolved.

        Raises:
            InvalidInput: it is an address that is not reached from here, in whatever notation.
        """
        if not _is_name(host) and not self.permits(host):
            raise InvalidInput(f"{host} is not a public address, so it is not called.")


ANYWHERE = AddressRules(ports=None, allowed=_ANYWHERE)
"""No restriction, for an operator who wants pages of the own network read too."""


def is_public(address: Address) -> bool:
    """Whether the public internet routes to the address and nothing of ours hides behind it."""
    if isinstance(address, ipaddress.IPv6Address) and address in _NAT64:
        # The gateway's way to IPv4, all that an IPv6-only network has; what counts is where it ends.
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if isinstance(address, ipaddress.IPv6Address) and address not in _ROUTED_IPV6:
        return False
    return address.is_global and not _is_in(address, _SPECIAL_NETWORKS)


def _read(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _is_in(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(each.version == address.version and address in each for each in networks)


def _is_name(host: str) -> bool:
    # 0x7f000001 counts as a name: it is then resolved, and the address it leads to is what is judged.
    return any(character.isalpha() for character in host) and ":" not in host
