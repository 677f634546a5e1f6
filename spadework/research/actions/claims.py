"""Claims as people read them: raw and merged with their origins, conflicts, counts, and the quote in its page."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly
from spadework.core.errors import InvalidInput, NotFound
from spadework.research.store import claims as store
from spadework.research.store import merged as merged_store
from spadework.research.store import packs as pack_store
from spadework.research.store import sources as source_store
from spadework.research.types.claims import (
    ClaimRecord,
    Evidence,
    MergedRecord,
    MergeStats,
    ResolvedObject,
    Source,
)
from spadework.research.types.dossiers import ContextPack
from spadework.runs import actions as runs

MAX_PAGE = 500
_AROUND_QUOTE = 400
_LAST_PLACE = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimFilter:
    """Which claims to list; None and "" do not restrict."""

    run_id: UUID | None = None
    client_id: UUID | None = None
    claim_type: str | None = None
    source_tier: str | None = None
    confidence: str | None = None
    step: str | None = None
    is_supported: bool | None = None
    section: str | None = None
    search: str = ""


@dataclass(frozen=True, slots=True)
class ClaimPage:
    """Claims and where the next page begins; None on the last."""

    claims: list[ClaimRecord]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Something a model asked for that was not done: an entry that is no claim, a patch, a route, an anchor."""

    kind: str
    position: int
    reason: str
    given: Any
    unknown_ids: tuple[str, ...]
    step_run_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsSummary:
    """Counts of a run's claims; `stats` None until the merge."""

    total: int
    supported: int
    merged: int
    by_type: Mapping[str, int] = field(default_factory=dict)
    by_tier: Mapping[str, int] = field(default_factory=dict)
    by_confidence: Mapping[str, int] = field(default_factory=dict)
    by_step: Mapping[str, int] = field(default_factory=dict)
    stats: MergeStats | None
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeView:
    """A run's merge as people read it: merged claims with the originals each came from, and what was resolved."""

    claims: list[MergedRecord]
    originals: Mapping[str, ClaimRecord]
    resolved: list[ResolvedObject]
    stats: MergeStats | None
    unmapped: Mapping[str, str]
    is_simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A claim's quote where it stands, with the words around it. All of it is a stranger's text."""

    source: Source
    before: str
    quote: str
    after: str
    evidence: Evidence


async def list_claims(tx: ReadOnly, wanted: ClaimFilter, *, limit: int = 200, cursor: str | None = None) -> ClaimPage:
    """Raw claims that match: of one run in the order they were made, else newest first.

    Raises:
        NotFound: no such run. InvalidInput: the cursor is not one of ours.
    """
    if wanted.run_id is not None:
        await runs.get(tx, wanted.run_id)
    after = _after(cursor)
    limit = max(1, min(limit, MAX_PAGE))
    found = await store.list_filtered(
        tx, run_id=wanted.run_id, client_id=wanted.client_id, claim_type=wanted.claim_type,
        source_tier=wanted.source_tier, confidence=wanted.confidence, step=wanted.step,
        is_supported=wanted.is_supported, section=wanted.section, search=wanted.search.strip(),
        after=after, limit=limit + 1,
    )  # fmt: skip
    page = found[:limit]
    return ClaimPage([each for _, each in page], str(page[-1][0]) if len(found) > limit else None)


async def summarize(tx: ReadOnly, run_id: UUID) -> ClaimsSummary:
    """Counts of a run's claims, of its merge, and what was refused; NotFound without such a run."""
    await runs.get(tx, run_id)
    rows = await store.summarize(tx, run_id)
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("claim_type", "source_tier", "confidence", "source_step")
    }
    for row in rows:
        for name, counter in counts.items():
            counter[row[name]] += row["count"]
    return ClaimsSummary(
        total=sum(row["count"] for row in rows),
        supported=sum(row["count"] for row in rows if row["is_supported"]),
        merged=sum(row["count"] for row in rows if row["is_merged"]),
        by_type=counts["claim_type"], by_tier=counts["source_tier"], by_confidence=counts["confidence"],
        by_step=counts["source_step"], stats=await merged_store.find_stats(tx, run_id),
        refusals=tuple(
            Refusal(**{**row, "unknown_ids": tuple(row["unknown_ids"])})
            for row in await store.list_rejected(tx, run_id)
        ),
    )  # fmt: skip


async def get_merge(tx: ReadOnly, run_id: UUID) -> MergeView:
    """A run's merged claims with their originals, resolved objects and counts; NotFound without such a run."""
    run = await runs.get(tx, run_id)
    wanted = ClaimFilter(run_id=run_id)
    originals: dict[str, ClaimRecord] = {}
    cursor: str | None = None
    while True:
        page = await list_claims(tx, wanted, limit=MAX_PAGE, cursor=cursor)
        originals |= {each.claim.claim_id: each for each in page.claims}
        cursor = page.next_cursor
        if cursor is None:
            break
    return MergeView(
        claims=await merged_store.list_of_run(tx, run_id),
        originals=originals,
        resolved=await merged_store.list_resolved(tx, run_id),
        stats=await merged_store.find_stats(tx, run_id),
        unmapped=await merged_store.list_unmapped(tx, run_id),
        is_simulated=run.is_simulated,
    )


async def get_quote(tx: ReadOnly, source_id: UUID, start: int, end: int) -> Quote:
    """A passage of a stored page with what stands around it.

    Raises:
        NotFound: no such source. InvalidInput: the passage lies outside of it.
    """
    source = await get_source(tx, source_id)
    if not 0 <= start < end <= len(source.text):
        raise InvalidInput(f"The page has {len(source.text)} characters; the passage lies outside of it.")
    return Quote(
        source=source,
        before=source.text[max(0, start - _AROUND_QUOTE) : start],
        quote=source.text[start:end],
        after=source.text[end : end + _AROUND_QUOTE],
        evidence=Evidence(source_id=source.id, start=start, end=end),
    )


async def get_source(tx: ReadOnly, source_id: UUID) -> Source:
    """The stored page of that id; NotFound when the account has none."""
    found = await source_store.find(tx, source_id)
    if found is None:
        raise NotFound("There is no such source in this account.")
    return found


async def list_sources(tx: ReadOnly, run_id: UUID) -> list[Source]:
    """The pages a run has read, in their order; NotFound without such a run."""
    await runs.get(tx, run_id)
    return await source_store.list_of_run(tx, run_id)


async def list_packs(tx: ReadOnly, run_id: UUID) -> list[ContextPack]:
    """The context packs of a run; NotFound without such a run."""
    await runs.get(tx, run_id)
    return await pack_store.list_of_run(tx, run_id)


def _after(cursor: str | None) -> int | None:
    if not cursor:
        return None
    # Digits of other scripts count as digits too, and some of them are no numbers.
    if not (cursor.isascii() and cursor.isdigit()) or int(cursor) > _LAST_PLACE:
        raise InvalidInput("The cursor is not one this list gave out. Begin without a cursor.")
    return int(cursor)
