"""Registrable domains and web addresses out of messy text; offline, against the bundled public suffix list."""

import ipaddress
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract

_LONGEST = 2_048
_CANDIDATE = re.compile(r"[^\s<>\"'(),;|\[\]{}]+")


@dataclass(frozen=True, slots=True)
class Website:
    """A web address in parts: `domain` is registrable ("example.co.uk"), `host` what stands before the path.

    All are lower case ASCII (punycode); `unicode_domain` is the domain as people read it.
    """

    domain: str
    host: str
    subdomain: str
    suffix: str
    url: str
    unicode_domain: str


def parse_website(text: object) -> Website | None:
    """The first web address in a text, from a URL, a bare host or an e-mail address.

    None when no word of it ends in a public suffix: "Marui", "localhost" and IP addresses have no domain.
    """
    if not isinstance(text, str):
        return None
    # Wikipedia breaks long addresses with spaces: "www.meiji.com /english /".
    joined = re.sub(r"(?<=\S)\s+/(?=\S)", "/", text[:_LONGEST])
    for match in _CANDIDATE.finditer(joined):
        if found := _parse_one(match[0]):
            return found
    return None


def domain_of(text: object) -> str | None:
    """The registrable domain in a text, None when there is none."""
    website = parse_website(text)
    return website.domain if website else None


def _parse_one(text: str) -> Website | None:
    scheme, has_scheme, rest = text.partition("://")
    address = (rest if has_scheme else text.removeprefix("mailto:")).lstrip("/")
    authority, *path = re.split(r"(?=[/?#])", address, maxsplit=1)
    host, _, port = authority.rpartition("@")[2].partition(":")
    host = host.strip(".。").lower()
    if "." not in host or _is_ip(host):
        return None
    ascii_host = _to_ascii(host)
    if ascii_host is None:
        return None
    found = _extract()(ascii_host)
    if not found.domain or not found.suffix:
        return None
    is_web = has_scheme and scheme.lower() in ("http", "https")
    is_mail = "@" in authority and not has_scheme
    tail = path[0] if path and path[0] != "/" and not is_mail else ""
    place = f"{ascii_host}:{port}" if port.isdigit() else ascii_host
    return Website(
        domain=f"{found.domain}.{found.suffix}",
        host=ascii_host,
        subdomain=found.subdomain,
        suffix=found.suffix,
        url=f"{scheme.lower() if is_web else 'https'}://{place}{tail}",
        unicode_domain=_to_unicode(f"{found.domain}.{found.suffix}"),
    )


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _to_ascii(host: str) -> str | None:
    try:
        host = host.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = host.split(".")
    fine = all(re.fullmatch(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", label) for label in labels)
    return host if fine and len(host) <= 253 else None


def _to_unicode(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


@cache
def _extract() -> "TLDExtract":
    # Importing it pulls in an HTTP library, a fifth of a second that most commands need not spend.
    from tldextract import TLDExtract

    # No addresses and no cache folder: the list bundled with the library is used, nothing is fetched or written.
    return TLDExtract(suffix_list_urls=(), fallback_to_snapshot=True, cache_dir=None)
