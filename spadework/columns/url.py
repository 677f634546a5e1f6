"""URL column: a web address with its scheme."""

from typing import Any

from spadework.columns._texts import shown, typed
from spadework.core.errors import InvalidInput
from spadework.plug.column import ColumnKind, Settings, Value
from spadework.plug.parsing.domains import parse_website


class UrlColumn(ColumnKind):
    """Takes "example.com/x" as https; refuses what has no public domain, and every scheme but http(s)."""

    key = "url"
    label = "URL"
    summary = "A web address; https:// is added where it is missing"

    def parse(self, raw: Any, settings: Settings) -> Value:
        text = typed(raw)
        if not text:
            return None
        scheme, has_scheme, _ = text.partition("://")
        website = parse_website(text)
        is_web = not has_scheme or scheme.casefold() in ("http", "https")
        # javascript: and data: have no "//"; a link in a grid must never run anything.
        is_plain = not any(each.isspace() for each in text) and "@" not in text.partition("/")[0]
        if website is None or not is_web or not is_plain or text.casefold().startswith(("javascript:", "data:")):
            raise InvalidInput(f"{shown(text)} is no web address. Write one such as https://example.com/about.")
        return website.url
