"""The readable text of a web page, as it stands: title, day, paragraphs, tables; menus and banners left out."""

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import charset_normalizer

MAX_PAGE_BYTES = 2 * 1024 * 1024
"""What is read of a page; its main text comes long before, and a hostile page must not occupy a processor."""
MAX_TAGS = 100_000
_WHOLE_PAGE = re.compile(r"<(html|body)[\s>]", re.IGNORECASE)
_RULED_LINE = re.compile(r"^\|[-|]+\|$\n?", re.MULTILINE)
"""What the extraction draws below a table's head; nobody wrote it."""
_CHARSET = re.compile(rb"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_HEAD_BYTES = 4_096
_GUESS_BYTES = 65_536
# What trafilatura and lxml raise at markup that no browser would write (2.3.1 and 6.1.3); such a page is unreadable.
_UNREADABLE = (ValueError, TypeError, AttributeError, LookupError, SyntaxError, RecursionError, AssertionError)

for _each in ("trafilatura", "htmldate"):
    # They report every odd page as an error of the program.
    logging.getLogger(_each).setLevel(logging.CRITICAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """What a reader sees; `published` is the day the page itself names, `is_cut` that its end was not read."""

    text: str
    title: str | None = None
    published: str | None = None
    is_cut: bool = False


def extract(body: bytes, content_type: str = "") -> Extracted | None:
    """The text of an HTML page; None when there is nothing to read, as on pages that scripts fill in.

    Takes a second or two for the largest pages, so call it beside the event loop.
    """
    html, is_cut = _shortened(decode(body[:MAX_PAGE_BYTES], content_type))
    is_cut = is_cut or len(body) > MAX_PAGE_BYTES
    if not _WHOLE_PAGE.search(html):
        html = f"<html><body>{html}</body></html>"
    try:
        document = _document(html)
        text = (document.text if document else None) or _all_text(html)
    except _UNREADABLE:
        return None
    text = _RULED_LINE.sub("", text or "").strip()
    if not text:
        return None
    return Extracted(
        text=text,
        title=document.title if document else None,
        published=document.date if document else None,
        is_cut=is_cut,
    )


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a body by the charset its header or its head names, else as UTF-8, else guessed."""
    named = _CHARSET.search(content_type.encode("ascii", "replace")) or _CHARSET.search(body[:_HEAD_BYTES])
    for charset in ([named[1].decode("ascii")] if named else []) + ["utf-8-sig"]:
        try:
            # A cut at the limit may fall within a letter; a page has the right to a few broken ones too.
            text = body.decode(charset, "replace")
        except LookupError:
            continue
        if text.count("�") <= len(text) // 200:
            return text
    guessed = charset_normalizer.from_bytes(body[:_GUESS_BYTES]).best()
    return body.decode(guessed.encoding if guessed else "utf-8", "replace")


def _shortened(html: str) -> tuple[str, bool]:
    tag = next(islice(re.finditer("<", html), MAX_TAGS, None), None)
    return (html[: tag.start()], True) if tag else (html, False)


def _document(html: str) -> Any:
    import trafilatura  # a fifth of a second to import, which only readers of pages should wait for

    _hash_stopwords_once()
    return trafilatura.bare_extraction(
        html,
        with_metadata=True,
        include_comments=False,
        include_tables=True,
        favor_recall=True,
        # Only what the page says about itself; the extensive search takes any number for a date.
        date_extraction_params={"extensive_search": False, "original_date": True},
    )


class _Stopwords(tuple[str, ...]):
    """Words whose hash is computed once."""

    _hash: int

    def __new__(cls, words: Iterable[str]) -> "_Stopwords":
        made = super().__new__(cls, words)
        made._hash = tuple.__hash__(made)
        return made

    def __hash__(self) -> int:
        return self._hash


@cache
def _hash_stopwords_once() -> None:
    # For a short page trafilatura asks justext, which finds its prepared stop words by the hash of all of them, in all
    # languages: 4 of the 4.5 ms that such a page takes (trafilatura 2.3.1, external.py; justext 3.0.2, core.py).
    from trafilatura import external

    words = _Stopwords(external.JT_STOPLIST or external.jt_stoplist_init())
    external.JT_STOPLIST = words  # type: ignore[assignment]  # declared by its first value, None


def _all_text(html: str) -> str:
    import trafilatura

    return str(trafilatura.html2txt(html))
