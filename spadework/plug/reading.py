"""Reads what vendors send without trusting it: each function gives the wanted type or None, none raises.

For providers only: every field of a vendor's reply may be missing, null, of another type or absurd.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from spadework.core import clock
from spadework.core.http import HttpRequest, HttpResponse
from spadework.plug.provider import RefusalKind, Refused

MAX_DEPTH = 60
MAX_TEXT_CHARACTERS = 20_000
MAX_WHOLE = 2**53
_EMAIL = re.compile(r"[^@\s<>\",;:()\[\]\\]{1,64}@[^@\s<>\",;:()\[\]\\]{1,255}")
_TAG = re.compile(r"<[^>]{0,500}>")
_NUMBER = re.compile(r"[+-]?\d{1,18}(\.\d{1,9})?")
_NEXT_MOVE: dict[RefusalKind, str] = {
    "bad_key": "{label} rejected the key. Replace it in Settings › Keys.",
    "out_of_credits": "{label} has no credits left on this account. Top it up, or use another provider.",
    "rate_limited": "{label} asked us to slow down. The call is repeated later by itself.",
    "forbidden": "{label} does not allow this with the present key or plan. Check the plan at the vendor.",
    "invalid_request": "{label} could not use the question. Check the row's values.",
    "do_not_contact": "This person asked {label} not to be processed. Do not contact them; suppress them.",
    "vendor_down": "{label} failed on its own side. Try again later.",
    "garbage": "{label} sent a reply its documentation does not describe. Open the cell to see it.",
}


def parse(body: bytes) -> Any:
    """The JSON of a body, safe to store (no NUL, half surrogate, NaN or deep nesting); None if it is none."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _parse_slowly(body)
    # Most replies are small and clean; only those that could hide something are walked through.
    is_plain = b"\\u0000" not in body and body.count(b"[") + body.count(b"{") < MAX_DEPTH
    return parsed if is_plain else clean(parsed)


def clean(parsed: Any) -> Any:
    """Parsed JSON made safe to store as `parse` does; None when it is nested too deeply to be an answer."""
    try:
        return _cleaned(parsed, depth=0)
    except ValueError:
        return None


def mapping(value: Any) -> dict[str, Any]:
    """The object, {} for anything else."""
    return value if isinstance(value, dict) else {}


def mappings(value: Any) -> list[dict[str, Any]]:
    """The objects of a list, leaving out whatever else is in it; [] for anything else."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text(value: Any) -> str | None:
    """Text with something in it, trimmed; a whole number as its digits, since vendors send ids as either."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**30 else ""
    if not isinstance(value, str):
        return None
    return value.strip()[:MAX_TEXT_CHARACTERS] or None


def clean_text(value: Any) -> str | None:
    """Text of any length with its lines, trimmed and safe to store; None for anything else or nothing in it."""
    if not isinstance(value, str):
        return None
    return _cleaned_text(value).replace("\r\n", "\n").strip() or None


def text_at(value: Mapping[str, Any], *names: str) -> str | None:
    """The first of the named fields that holds text."""
    return next((found for each in names if (found := text(value.get(each)))), None)


def is_blank(value: Any) -> bool:
    """Whether there is nothing in a value at any depth: null, empty text, or lists and objects of those."""
    if isinstance(value, dict):
        return all(is_blank(each) for each in value.values())
    if isinstance(value, list):
        return all(is_blank(each) for each in value)
    return value is None or value == ""


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list in their order, each once; () for anything else."""
    found = (text(each) for each in value) if isinstance(value, list) else ()
    return tuple(dict.fromkeys(each for each in found if each))


def amount(value: Any) -> float | None:
    """A finite, non-negative number, also when it is sent as text."""
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e300:
        return None
    return float(value)


def whole(value: Any) -> int | None:
    """A non-negative whole number below 2**53, also when it is sent as text or as 12.0."""
    number = amount(value)
    return int(number) if number is not None and number < MAX_WHOLE and number.is_integer() else None


def percent(value: Any) -> int | None:
    """A share as 0..100; None outside of it."""
    number = amount(value)
    return round(number) if number is not None and number <= 100 else None


def year(value: Any) -> int | None:
    """A year between 1000 and 2999."""
    number = whole(value)
    return number if number is not None and 1000 <= number <= 2999 else None


def email(value: Any) -> str | None:
    """An address of the shape x@y without blanks; whether it takes mail is another question."""
    found = text(value)
    return found if found and _EMAIL.fullmatch(found) else None


def host(value: Any) -> str | None:
    """The host name of a website or bare domain, without `www.`."""
    found = text(value)
    if not found:
        return None
    try:
        name = urlsplit(found if "://" in found else f"//{found}").hostname or ""
    except ValueError:
        return None
    return name.removeprefix("www.") or None


def query(request: HttpRequest) -> dict[str, list[str]]:
    """The request's query by name, wherever it was written: in the URL or in `params`."""
    try:
        return parse_qs(urlsplit(request.full_url).query, keep_blank_values=True)
    except ValueError:
        return {}


def path(request: HttpRequest) -> str:
    """The request's path without a slash at its end."""
    try:
        return urlsplit(request.url).path.rstrip("/")
    except ValueError:
        return ""


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Seconds a `retry-after` header asks for, in either of its forms (RFC 9110 10.2.3); None without one."""
    lowered = {key.lower(): value for key, value in headers.items()}
    asked = str(lowered.get("retry-after", "")).strip()
    if (seconds := amount(asked)) is not None:
        return seconds
    until = _date(asked)
    if until is None:
        return None
    # The vendor's own clock, where it is sent, makes the difference right whatever ours says.
    since = _date(lowered.get("date", "")) or clock.now()
    return max(0.0, (until - since).total_seconds())


def refused(label: str, kind: RefusalKind, response: HttpResponse | None = None, said: Any = None) -> Refused:
    """A refusal whose message says what happened, the next move, and in the vendor's words why."""
    message = _NEXT_MOVE[kind].format(label=label)
    words = " ".join(_TAG.sub("", text(said) or "").split())[:300]
    status = f"HTTP {response.status}" if response is not None else ""
    why = ": ".join(each for each in (status, words) if each)
    return Refused(
        kind=kind,
        message=f"{message} ({why})" if why else message,
        retry_after_seconds=retry_after_seconds(response.headers) if response is not None else None,
    )


def _date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(str(value))
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _parse_slowly(body: bytes) -> Any:
    try:
        return clean(json.loads(body))
    except (ValueError, RecursionError):
        return None


def _cleaned(value: Any, *, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply to be an answer")
    if isinstance(value, dict):
        return {_cleaned_text(key): _cleaned(each, depth=depth + 1) for key, each in value.items()}
    if isinstance(value, list):
        return [_cleaned(each, depth=depth + 1) for each in value]
    if isinstance(value, str):
        return _cleaned_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    return value


def _cleaned_text(value: str) -> str:
    # Postgres stores neither NUL nor half a surrogate pair.
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
