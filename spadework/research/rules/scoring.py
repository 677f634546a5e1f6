"""The lead score: points per part within its limit, summed by us, with reasons and claims; pure.

Source of parts, limits and the bands of signals: domain facts 2.5.
"""

from collections.abc import Collection, Mapping
from typing import Any

from spadework.plug import json_text, reading
from spadework.research.rules.extraction import texts
from spadework.research.types.dossiers import LeadScore, ScorePart, Urgency

MOST_POINTS: Mapping[str, int] = {
    "signal": 30, "timing": 20, "geography": 15, "project_type": 15, "budget": 10, "relationship": 10,
}  # fmt: skip
SIGNAL_BANDS: Mapping[str, tuple[int, int]] = {"hot": (25, 30), "warm": (15, 24), "passive": (5, 14)}
_OTHER_NAMES = {"project": "project_type", "geo": "geography", "urgency": "timing"}
_URGENCIES: tuple[Urgency, ...] = ("CRITICAL", "HIGH", "MEDIUM", "LOW")


def read(
    reply: Any, *, claim_ids: Collection[str] | None = None, weights: Mapping[str, Any] | None = None
) -> LeadScore:
    """The score of a reply. `weights` are a client's own limits of the parts; they are scaled to 100 together.

    Parts that are missing count nothing, and `problems` says so, as of points beyond a limit, of an unknown
    part and of claims that are not among `claim_ids`. A total the reply gives counts for nothing.
    """
    value = json_text.find_first(reply, dict) if isinstance(reply, str) else reply
    said = reading.mapping(reading.clean(value))
    score = reading.mapping(said.get("lead_score")) or said
    limits = limits_of(weights)
    problems: list[str] = []
    parts = {name: ScorePart(name=name, points=0, most=most, reason="Not scored.") for name, most in limits.items()}
    missing = dict.fromkeys(parts)
    for entry in _entries(score):
        name = _name(entry)
        if name not in parts:
            problems.append(f"There is no part {name[:60]!r} of the score.")
            continue
        missing.pop(name, None)
        parts[name] = _part(entry, name, limits[name], claim_ids, problems)
    problems += [f"The part {name} was not scored and counts nothing." for name in missing]
    urgency = read_urgency(said.get("timing_urgency", score.get("timing_urgency")))
    if urgency is None:
        problems.append("No urgency was given; it counts as LOW.")
    return LeadScore(
        total=sum(each.points for each in parts.values()),
        parts=tuple(parts.values()),
        urgency=urgency or "LOW",
        urgency_reason=(reading.text_at(said, "urgency_reason", "timing_reason") or "")[:1000],
        problems=tuple(problems),
    )


def limits_of(weights: Mapping[str, Any] | None) -> dict[str, int]:
    """The most points of each part, 100 together; ours where a client has set none that can be used."""
    given = {
        _OTHER_NAMES.get(name.lower(), name.lower()): number
        for name, value in (weights or {}).items()
        if (number := reading.amount(value)) is not None
    }
    given = {name: given.get(name, 0.0) for name in MOST_POINTS} if set(given) & set(MOST_POINTS) else {}
    total = sum(given.values())
    if not total:
        return dict(MOST_POINTS)
    shares = {name: value * 100 / total for name, value in given.items()}
    limits = {name: int(value) for name, value in shares.items()}
    by_remainder = sorted(shares, key=lambda name: shares[name] - limits[name], reverse=True)
    for name in by_remainder[: 100 - sum(limits.values())]:
        limits[name] += 1
    return limits


def read_urgency(value: Any) -> Urgency | None:
    """CRITICAL, HIGH, MEDIUM or LOW, however it is spelled; None for anything else."""
    said = (reading.text(value) or "").upper()
    return next((each for each in _URGENCIES if each == said), None)


def intro_urgency(urgency: Urgency) -> Urgency:
    """The urgency as the intro knows it, whose highest is HIGH."""
    return "HIGH" if urgency == "CRITICAL" else urgency


def _entries(score: Mapping[str, Any]) -> list[dict[str, Any]]:
    for name in ("parts", "breakdown", "components"):
        if found := reading.mappings(score.get(name)):
            return found
        if by_name := reading.mapping(score.get(name)):
            return [{"name": part, **(reading.mapping(value) or {"points": value})} for part, value in by_name.items()]
    return [
        {"name": name, **(reading.mapping(value) or {"points": value})}
        for name, value in score.items()
        if _OTHER_NAMES.get(name.lower(), name.lower()) in MOST_POINTS
    ]


def _name(entry: Mapping[str, Any]) -> str:
    name = (reading.text_at(entry, "name", "part", "component") or "").lower().replace(" ", "_").replace("-", "_")
    return _OTHER_NAMES.get(name, name)


def _part(
    entry: Mapping[str, Any], name: str, most: int, claim_ids: Collection[str] | None, problems: list[str]
) -> ScorePart:
    points = reading.amount(entry.get("points", entry.get("score")))
    if points is None:
        problems.append(f"The part {name} has no number of points and counts nothing.")
        points = 0.0
    low, high = _band(entry, name, most)
    kept = round(min(max(points, low), high))
    if kept != round(points):
        problems.append(f"The part {name} had {points:g} points; {kept} is what it can have ({low} to {high}).")
    given = texts(entry.get("claim_ids"))
    if claim_ids is not None and (unknown := [each for each in given if each not in claim_ids]):
        problems.append(f"The part {name} rests on claims that do not exist: {', '.join(unknown)[:200]}.")
        given = tuple(each for each in given if each in claim_ids)
    reason = (reading.text_at(entry, "reason", "why", "explanation") or "No reason was given.")[:1000]
    urls = tuple(each for each in texts(entry.get("source_urls")) if each.startswith(("http://", "https://")))
    return ScorePart(name=name, points=kept, most=most, reason=reason, claim_ids=given, source_urls=urls)


def _band(entry: Mapping[str, Any], name: str, most: int) -> tuple[int, int]:
    """The points a part can have; a signal whose tier is said stays within the tier's band."""
    tier = (reading.text(entry.get("tier")) or "").lower()
    if name != "signal" or tier not in SIGNAL_BANDS:
        return 0, most
    low, high = SIGNAL_BANDS[tier]
    return round(low * most / MOST_POINTS["signal"]), round(high * most / MOST_POINTS["signal"])
