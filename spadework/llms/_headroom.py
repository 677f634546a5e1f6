"""What a service's reply headers say about its rate limits, in the two spellings that are in use."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from spadework.plug.llm import RateHeadroom

_GO_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|h|m|s)")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
# docs.anthropic.com/en/api/rate-limits and platform.openai.com/docs/guides/rate-limits (read 2026-11).
# OpenAI counts prompt and reply together, so its `tokens` is a dimension of its own.
_SPELLINGS = {
    "requests": ("anthropic-ratelimit-requests-{}", "x-ratelimit-{}-requests"),
    "input_tokens": ("anthropic-ratelimit-input-tokens-{}",),
    "output_tokens": ("anthropic-ratelimit-output-tokens-{}",),
    "tokens": ("x-ratelimit-{}-tokens",),
}


@dataclass(frozen=True, slots=True)
class Limit:
    """One dimension as the service states it; `resets_in_seconds` is when it will be full again."""

    limit: float
    left: float
    resets_in_seconds: float | None


def read_limits(headers: Mapping[str, str], *, at: datetime) -> dict[str, Limit]:
    """The limits a reply states, by dimension; what it does not state, or garbles, is left out."""
    found = {}
    for dimension, spellings in _SPELLINGS.items():
        for spelling in spellings:
            limit = _number(headers.get(spelling.format("limit")))
            left = _number(headers.get(spelling.format("remaining")))
            if limit and left is not None:
                resets = _seconds(headers.get(spelling.format("reset")), at)
                found[dimension] = Limit(limit, min(left, limit), resets)
    return found


def as_headroom(limits: Mapping[str, Limit]) -> RateHeadroom:
    """The same as one value; a service that counts tokens together shows them as input tokens."""
    resets = [each.resets_in_seconds for each in limits.values() if each.resets_in_seconds is not None]
    return RateHeadroom(
        requests_left=_left(limits, "requests"),
        input_tokens_left=_left(limits, "input_tokens", "tokens"),
        output_tokens_left=_left(limits, "output_tokens"),
        resets_in_seconds=max(resets) if resets else None,
    )


def _left(limits: Mapping[str, Limit], *dimensions: str) -> int | None:
    return next((int(limits[each].left) for each in dimensions if each in limits), None)


def _number(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None


def _seconds(text: str | None, at: datetime) -> float | None:
    """Seconds from now for a moment ("2026-11-01T12:00:00Z") or a duration ("6m0s", "20ms", "1.5s")."""
    if not text:
        return None
    if (parts := _GO_DURATION.findall(text)) and "".join(number + unit for number, unit in parts) == text:
        return float(sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return max(0.0, (moment - at).total_seconds()) if moment.tzinfo else None
