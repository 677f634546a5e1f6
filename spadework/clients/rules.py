"""What a client's name, domain and page position may look like; pure."""

import re

from spadework.core.errors import InvalidInput

MAX_PAGE = 500
_DOMAIN = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


def require_name(text: str) -> str:
    """The name without surrounding space; InvalidInput when nothing or too much is left."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= 200:
        raise InvalidInput("A client's name has 1 to 200 characters. Write one within.")
    return name


def require_domain(text: str | None) -> str | None:
    """The bare domain in lower case, from an address as people paste it; None for nothing."""
    if text is None or not text.strip():
        return None
    bare = re.sub(r"^[a-z][a-z0-9+.-]*://", "", text.strip().lower()).split("/")[0].removeprefix("www.")
    try:
        ascii_form = bare.encode("idna").decode()
    except UnicodeError:
        ascii_form = ""
    if not _DOMAIN.fullmatch(ascii_form):
        raise InvalidInput(f"{text[:80]!r} is not a domain. Write it like example.com.")
    return ascii_form
