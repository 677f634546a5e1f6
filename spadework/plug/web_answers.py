"""Puts the answers of web search and page reading together from what vendors send; for providers only."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from spadework.core import clock
from spadework.core.errors import InvalidInput
from spadework.core.http import HttpResponse
from spadework.plug import reading
from spadework.plug.questions import SearchWeb, WebPage, WebResult, WebResults

MAX_SNIPPET_CHARACTERS = 1_000
MAX_PAGE_CHARACTERS = 200_000
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|[T ])")
_AGO = re.compile(r"(\d{1,3}) (minute|hour|day|week)s? ago", re.IGNORECASE)
_SPOKEN_FORMS = ("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?")


def results(
    listed: Iterable[Mapping[str, Any]], response: HttpResponse, *, url: str, snippet: str, published: str
) -> WebResults | None:
    """The usable hits of a list by the vendor's names for the parts; None when none is usable."""
    found = [
        WebResult(
            title=reading.text(each.get("title")) or address,
            url=address,
            snippet=(reading.text(each.get(snippet)) or "")[:MAX_SNIPPET_CHARACTERS].strip() or None,
            published=day(each.get(published), response),
        )
        for each in listed
        if (address := web_address(each.get(url)))
    ]
    return WebResults(results=tuple(found)) if found else None


def page(
    asked: str, response: HttpResponse, *, text: Any, title: Any = None, final_url: Any = None,
    published: Any = None, is_cut: bool = False,
) -> WebPage | None:  # fmt: skip
    """The page with its digest and the time it was read; None without any text."""
    whole = reading.clean_text(text)
    if not whole:
        return None
    kept = whole[:MAX_PAGE_CHARACTERS].rstrip()
    return WebPage(
        url=asked,
        final_url=web_address(final_url) or asked,
        title=reading.text(title),
        text=kept,
        published=day(published, response),
        fetched_at=(response.received_at or clock.now()).astimezone(UTC).isoformat(timespec="seconds"),
        sha256=hashlib.sha256(kept.encode()).hexdigest(),
        is_cut=is_cut or len(kept) < len(whole),
    )


def web_address(value: Any) -> str | None:
    """An absolute http(s) address without user name, as vendors list them; whether to call it is another question."""
    found = reading.text(value)
    if not found or len(found) > 4_000:
        return None
    try:
        parts = urlsplit(found)
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return found if is_usable else None


def day(value: Any, response: HttpResponse) -> str | None:
    """A day as YYYY-MM-DD from the forms vendors use; "2 days ago" counts from when the reply came."""
    found = reading.text(value)
    if not found or len(found) > 60:
        return None
    if iso := _ISO_DAY.match(found):
        return _checked(iso[0])
    if ago := _AGO.fullmatch(found):
        since = response.received_at or clock.now()
        return (since - timedelta(**{f"{ago[2].lower()}s": int(ago[1])})).date().isoformat()
    for form in _SPOKEN_FORMS:
        try:
            return datetime.strptime(found, form).replace(tzinfo=UTC).date().isoformat()
        except ValueError:
            continue
    try:
        return parsedate_to_datetime(found).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def check_search(question: SearchWeb) -> tuple[date | None, tuple[str, ...]]:
    """The day and the sites of a search, checked before they become part of a query.

    Raises:
        InvalidInput: `after` is no day, or a domain none; the message says which.
    """
    hosts = tuple(dict.fromkeys(each.strip().lower().removeprefix("www.") for each in question.domains))
    for each in hosts:
        if not _HOST.fullmatch(each):
            raise InvalidInput(f"{each!r} is no domain. Write it as example.com, without https:// and path.")
    if not question.after:
        return None, hosts
    if (after := _checked(question.after)) is None:
        raise InvalidInput(f"{question.after!r} is no day. Write it as 2026-01-31.")
    return date.fromisoformat(after), hosts


def with_sites(query: str, hosts: tuple[str, ...]) -> str:
    """The query restricted to sites in the operators that web search engines share."""
    if not hosts:
        return query
    sites = " OR ".join(f"site:{each}" for each in hosts)
    return f"{query} ({sites})" if len(hosts) > 1 else f"{query} {sites}"


def _checked(text: str) -> str | None:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None
