"""From groups of claims to merged claims, resolved objects and counts: the second half of a merge; pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal, Protocol, cast
from urllib.parse import urlsplit

from spadework.research.rules.extraction import confidence_ceiling, is_specific, weaker
from spadework.research.types.claims import (
    CONFIDENCES,
    SOURCE_TIERS,
    Claim,
    Confidence,
    Merge,
    MergedClaim,
    MergeStats,
    Patch,
    RejectedPatch,
    ResolvedKind,
    ResolvedObject,
    SourceRef,
    TimelineEntry,
)

RECENT = timedelta(days=183)
_DONE = ("opened", "completed", "finished", "began", "started", "signed", "closed", "is open", "has been")
_MOVED = (
    "revised",
    "delayed",
    "postponed",
    "pushed",
    "now expected",
    "raised to",
    "increased to",
    "cut to",
    "moved to",
)
_Status = Literal["ANNOUNCED", "REVISED", "ACTUAL"]
_RANKS: tuple[_Status, ...] = ("ANNOUNCED", "REVISED", "ACTUAL")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Something several claims are about together, as a patch said it; `claims` by original id."""

    patch: Patch
    kind: ResolvedKind
    claims: tuple[str, ...]
    label: str
    statuses: Mapping[str, str] = field(default_factory=dict)


class Grouped(Protocol):
    """What a merge knows of its claims once every patch has been applied."""

    claims: Mapping[str, Claim]
    members: dict[str, list[str]]
    invalid: dict[str, str]
    notes: dict[str, list[str]]
    added: dict[str, list[str]]
    dates: dict[str, date]
    people: dict[str, tuple[str, str]]


def build(groups: Grouped, flags: Sequence[Flag], rejected: Sequence[RejectedPatch], *, on: date) -> Merge:
    """The merge: claims in the order they were found, numbered MERGED_001 onwards."""
    places = {claim: place for place, claim in enumerate(groups.claims)}
    heads = sorted(groups.members, key=lambda head: min(places[each] for each in groups.members[head]))
    ids = {head: f"MERGED_{number:03d}" for number, head in enumerate(heads, 1)}
    merged = {ids[head]: _united(groups, head, ids[head], places, on) for head in heads}
    resolved = [
        *_people(groups, merged, ids),
        *(_resolved(flag, merged, ids) for flag in flags),
    ]
    numbers: Counter[str] = Counter()
    named: list[ResolvedObject] = []
    for each in resolved:
        numbers[each.kind] += 1
        named.append(replace(each, object_id=f"{each.kind}_{numbers[each.kind]:03d}"))
        _mark(merged, named[-1])
    placed = {member: ids[head] for head in heads for member in groups.members[head]}
    claims = tuple(merged.values())
    return Merge(
        claims=claims, resolved=tuple(named), placed=placed, rejected=tuple(rejected),
        stats=_count(groups, claims, numbers, len(rejected)),
    )  # fmt: skip


def _united(groups: Grouped, head: str, merged_id: str, places: Mapping[str, int], on: date) -> MergedClaim:
    kept = groups.claims[head]
    members = sorted((groups.claims[each] for each in groups.members[head]), key=lambda each: places[each.claim_id])
    entities = [entity for each in (kept, *members) for entity in each.entities] + groups.added.get(head, [])
    dated = (
        kept.date_in_claim
        or groups.dates.get(head)
        or next((e.date_in_claim for e in members if e.date_in_claim), None)
    )
    return MergedClaim(
        merged_claim_id=merged_id,
        type=kept.type,
        statement=kept.statement,
        entities=_distinct(entities),
        date_in_claim=dated,
        original_claim_ids=tuple(each.claim_id for each in members),
        sources=tuple(_source(each) for each in members),
        confidence=_confidence(members, kept, dated, on),
        reconciliation_type="DUPLICATE" if len(members) > 1 else "PASS_THROUGH",
        notes=tuple(dict.fromkeys(groups.notes.get(head, []))),
        invalid_because=groups.invalid.get(head),
    )


def _source(claim: Claim) -> SourceRef:
    evidence = claim.evidence
    return SourceRef(
        original_claim_id=claim.claim_id,
        url=claim.source_url,
        name=claim.source_name,
        tier=claim.source_tier,
        quote=claim.quote,
        source_id=evidence.source_id if evidence else None,
        start=evidence.start if evidence else None,
        end=evidence.end if evidence else None,
    )


def _confidence(members: Sequence[Claim], kept: Claim, dated: date | None, on: date) -> Confidence:
    """The best of the supported members, one step up for several sites, a registry, or news of these months."""
    supported = [each for each in members if each.is_supported]
    if not supported:
        return "LOW"
    best = min((each.confidence for each in supported), key=CONFIDENCES.index)
    sites = {urlsplit(each.source_url or "").hostname for each in supported if each.source_url}
    tiers = {each.source_tier for each in supported}
    is_recent = dated is not None and on - RECENT <= dated <= on and not tiers <= {"OTHER"}
    if len(sites) > 1 or "GOV" in tiers or is_recent:
        best = CONFIDENCES[max(0, CONFIDENCES.index(best) - 1)]
    # However many say it, what could not be wrong is never certain.
    return (
        best if is_specific(kept.statement, dated) else weaker(best, confidence_ceiling("PRIMARY", is_specific=False))
    )


def _people(groups: Grouped, merged: Mapping[str, MergedClaim], ids: Mapping[str, str]) -> list[ResolvedObject]:
    return [
        ResolvedObject(
            object_id="",
            kind="CONTACT",
            label=name,
            evidence_claim_ids=(ids[head],),
            confidence=merged[ids[head]].confidence,
            resolution="SAME_PERSON",
            reason=reason,
        )
        for head, (name, reason) in groups.people.items()
    ]


def _resolved(flag: Flag, merged: Mapping[str, MergedClaim], ids: Mapping[str, str]) -> ResolvedObject:
    claims = [merged[ids[each]] for each in flag.claims]
    evidence = tuple(each.merged_claim_id for each in claims)
    confidence = max((each.confidence for each in claims), key=CONFIDENCES.index)
    label = flag.label or claims[0].statement[:80]
    common: dict[str, Any] = {
        "object_id": "",
        "label": label,
        "evidence_claim_ids": evidence,
        "reason": flag.patch.reason,
    }
    if flag.kind == "TIMELINE":
        timeline = _timeline(claims, {ids[each]: status for each, status in flag.statuses.items()})
        return ResolvedObject(
            **common,
            kind="TIMELINE",
            confidence=confidence,
            resolution=timeline[-1].status,
            timeline=timeline,
            preferred_claim_id=timeline[-1].merged_claim_id,
        )
    if flag.kind == "CONFLICT":
        preferred, why = prefer(claims)
        return ResolvedObject(
            **common, kind="CONFLICT", confidence="LOW", resolution=why, preferred_claim_id=preferred, needs_review=True
        )
    is_open = flag.kind == "AMBIGUOUS"
    return ResolvedObject(
        **common,
        kind=flag.kind,
        confidence="LOW" if is_open else confidence,
        resolution="UNSURE" if is_open else "DIFFERENT_PERSON",
        needs_review=is_open,
    )


def prefer(claims: Sequence[MergedClaim]) -> tuple[str | None, str]:
    """Which of contradicting claims to go by, and why: the better source, then the newer date; None when neither tells."""
    usable = [each for each in claims if each.is_usable]
    if not usable:
        return None, "None of the claims is supported; a person has to decide."
    tiers = {each.merged_claim_id: best_tier(each) for each in usable}
    top = min(tiers.values())
    best = [each for each in usable if tiers[each.merged_claim_id] == top]
    if len(best) == 1:
        others = sorted({SOURCE_TIERS[each] for each in tiers.values() if each != top}, key=SOURCE_TIERS.index)
        beaten = " and ".join(others) if others else "claims without support"
        return best[0].merged_claim_id, f"{SOURCE_TIERS[top]} goes before {beaten}."
    dates = sorted({each.date_in_claim for each in best if each.date_in_claim}, reverse=True)
    newest = [each for each in best if dates and each.date_in_claim == dates[0]]
    if len(newest) == 1 and all(each.date_in_claim for each in best):
        return newest[0].merged_claim_id, f"Both are {SOURCE_TIERS[top]}; {dates[0]} is newer."
    return None, f"Both are {SOURCE_TIERS[top]} and neither is newer; a person has to decide."


def best_tier(claim: MergedClaim) -> int:
    """The place in GOV, PRIMARY, NEWS, OTHER of the best source whose quote was found."""
    return min(
        (SOURCE_TIERS.index(each.tier) for each in claim.sources if each.is_supported), default=len(SOURCE_TIERS) - 1
    )


def _timeline(claims: Sequence[MergedClaim], statuses: Mapping[str, str]) -> tuple[TimelineEntry, ...]:
    stated = {
        each.merged_claim_id: cast(_Status, statuses.get(each.merged_claim_id) or _guess(each.statement))
        for each in claims
    }
    ordered = sorted(
        claims, key=lambda each: (_RANKS.index(stated[each.merged_claim_id]), each.date_in_claim or date.min)
    )
    return tuple(
        TimelineEntry(
            merged_claim_id=each.merged_claim_id,
            statement=each.statement,
            on=each.date_in_claim,
            status=stated[each.merged_claim_id] if each is ordered[-1] else "SUPERSEDED",
            stated_status=stated[each.merged_claim_id],
        )
        for each in ordered
    )


def _guess(statement: str) -> _Status:
    said = statement.casefold()
    if any(each in said for each in _MOVED):
        return "REVISED"
    return "ACTUAL" if any(each in said for each in _DONE) else "ANNOUNCED"


def _mark(merged: dict[str, MergedClaim], found: ResolvedObject) -> None:
    """Write on each claim what a conflict or timeline says of it."""
    for each in found.evidence_claim_ids if found.kind in ("CONFLICT", "TIMELINE") else ():
        claim = merged[each]
        if found.kind == "CONFLICT":
            is_preferred = each == found.preferred_claim_id
            others = (other for other in found.evidence_claim_ids if other != each)
            merged[each] = replace(
                claim, reconciliation_type="CONFLICT",
                confidence=weaker(claim.confidence, "MEDIUM" if is_preferred else "LOW"),
                conflicts_with=_distinct([*claim.conflicts_with, *others]),
                notes=(*claim.notes, f"In conflict ({found.object_id}). {found.resolution}"),
            )  # fmt: skip
            continue
        order = [entry.merged_claim_id for entry in found.timeline]
        earlier, later = order[: order.index(each)], order[order.index(each) + 1 :]
        merged[each] = replace(
            claim, reconciliation_type="TIMELINE", supersedes=_distinct([*claim.supersedes, *earlier]),
            notes=(*claim.notes, f"Superseded by {later[-1]}.") if later else claim.notes,
        )  # fmt: skip


def _count(groups: Grouped, claims: Sequence[MergedClaim], kinds: Mapping[str, int], rejected: int) -> MergeStats:
    return MergeStats(
        input=len(groups.claims),
        output=len(claims),
        duplicates=len(groups.claims) - len(claims),
        conflicts=kinds.get("CONFLICT", 0),
        timelines=kinds.get("TIMELINE", 0),
        contacts=kinds.get("CONTACT", 0),
        ambiguous=kinds.get("AMBIGUOUS", 0),
        passed_through=sum(each.reconciliation_type == "PASS_THROUGH" for each in claims),
        invalidated=len(groups.invalid),
        unsupported=sum(not each.is_supported for each in claims),
        rejected_patches=rejected,
    )


def _distinct(words: Sequence[str]) -> tuple[str, ...]:
    """Each once, by its letters whatever their case, spelled as it came first."""
    return tuple(
        {each.casefold(): each for each in reversed(words)}[key] for key in dict.fromkeys(e.casefold() for e in words)
    )
