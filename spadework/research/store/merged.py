"""The tables of a merge (merged claims, resolved objects, statistics) and of its routing; and all SQL on them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.core.ids import RunId, new_id
from spadework.research.types.claims import (
    Merge,
    MergedClaim,
    MergedRecord,
    MergeStats,
    ResolvedObject,
    SourceRef,
    TimelineEntry,
)
from spadework.research.types.dossiers import Routing

_CLAIM = (
    "m.id, m.run_id, m.merged_claim_id, m.claim_type, m.statement, m.entities, m.date_in_claim, m.original_claim_ids,"
    " m.sources, m.confidence, m.reconciliation_type, m.conflicts_with, m.supersedes, m.notes, m.invalid_because,"
    " m.created_at, array(select a.section_key from claim_assignments a where a.account_id = m.account_id"
    " and a.run_id = m.run_id and a.merged_claim_id = m.merged_claim_id order by a.section_key) as sections"
)

_MERGED = (
    "merged_claim_id, claim_type, statement, entities, date_in_claim, original_claim_ids, sources, confidence,"
    " reconciliation_type, conflicts_with, supersedes, notes, invalid_because, is_supported"
)
_RESOLVED = (
    "object_id, kind, label, evidence_claim_ids, confidence, resolution, reason, preferred_claim_id, needs_review,"
    " timeline"
)


async def replace(tx: Transaction, run_id: UUID, merge: Merge, *, client_id: UUID | None) -> None:
    """Store a run's merge in place of the one before, its routing with it; safe to repeat."""
    for table in ("merged_claims", "resolved_objects", "merge_stats"):
        await tx.execute(f"delete from {table} where account_id = $1 and run_id = $2", tx.account, run_id)
    # Each kind in one statement: planning row by row took longer than writing, while the next step waits.
    await tx.execute(
        f"insert into merged_claims (account_id, run_id, client_id, id, {_MERGED}) select $1, $2, $3, id, {_MERGED}"
        " from jsonb_populate_recordset(null::merged_claims, $4)",
        tx.account, run_id, client_id, [_merged(each) for each in merge.claims],
    )  # fmt: skip
    await tx.execute(
        f"insert into resolved_objects (account_id, run_id, {_RESOLVED}) select $1, $2, {_RESOLVED}"
        " from jsonb_populate_recordset(null::resolved_objects, $3)",
        tx.account, run_id, merge.resolved,
    )  # fmt: skip
    await tx.execute(
        "insert into merge_stats (account_id, run_id, stats) values ($1, $2, $3)",
        tx.account, run_id, asdict(merge.stats),
    )  # fmt: skip


async def list_of_run(tx: ReadOnly, run_id: UUID) -> list[MergedRecord]:
    """A run's merged claims by their number."""
    rows = await tx.fetch(
        f"select {_CLAIM} from merged_claims m where m.account_id = $1 and m.run_id = $2 order by m.merged_claim_id",
        tx.account, run_id,
    )  # fmt: skip
    return [_record(row) for row in rows]


async def list_resolved(tx: ReadOnly, run_id: UUID) -> list[ResolvedObject]:
    rows = await tx.fetch(
        f"select {_RESOLVED} from resolved_objects where account_id = $1 and run_id = $2 order by object_id",
        tx.account, run_id,
    )  # fmt: skip
    return [
        ResolvedObject(
            **{**row, "evidence_claim_ids": tuple(row["evidence_claim_ids"]),
               "timeline": tuple(_entry(each) for each in row["timeline"])}
        )
        for row in rows
    ]  # fmt: skip


async def find_stats(tx: ReadOnly, run_id: UUID) -> MergeStats | None:
    """The counts of a run's merge; None when it has not merged."""
    stats = await tx.fetchval("select stats from merge_stats where account_id = $1 and run_id = $2", tx.account, run_id)
    return MergeStats(**stats) if stats is not None else None


async def replace_routing(tx: Transaction, run_id: UUID, routing: Routing) -> None:
    """Store which merged claims go to which section in place of what was stored before."""
    for table in ("claim_assignments", "section_routes", "unmapped_claims"):
        await tx.execute(f"delete from {table} where account_id = $1 and run_id = $2", tx.account, run_id)
    await tx.execute(
        "insert into section_routes (account_id, run_id, section_key, resolved_object_ids, coverage_notes)"
        " select $1, $2, section_key, resolved_object_ids, coverage_notes"
        " from jsonb_populate_recordset(null::section_routes, $3)",
        tx.account, run_id,
        [
            {"section_key": each.section, "resolved_object_ids": each.resolved_object_ids,
             "coverage_notes": each.coverage_notes}
            for each in routing.routes
        ],
    )  # fmt: skip
    placed = [
        (route.section, claim, claim in route.default_claim_ids)
        for route in routing.routes
        for claim in route.claim_ids
    ]
    await tx.execute(
        "insert into claim_assignments (account_id, run_id, section_key, merged_claim_id, is_default)"
        " select $1, $2, * from unnest($3::text[], $4::text[], $5::boolean[])",
        tx.account, run_id, [each[0] for each in placed], [each[1] for each in placed], [each[2] for each in placed],
    )  # fmt: skip
    await tx.executemany(
        "insert into unmapped_claims (account_id, run_id, merged_claim_id, reason) values ($1, $2, $3, $4)",
        [(tx.account, run_id, claim, reason) for claim, reason in routing.unmapped.items()],
    )


async def list_assignments(tx: ReadOnly, run_id: UUID) -> list[Record]:
    """section_key, merged_claim_id, is_default of a run."""
    return await tx.fetch(
        "select section_key, merged_claim_id, is_default from claim_assignments where account_id = $1 and run_id = $2"
        " order by section_key, merged_claim_id",
        tx.account, run_id,
    )  # fmt: skip


async def list_routes(tx: ReadOnly, run_id: UUID) -> list[Record]:
    """section_key, resolved_object_ids, coverage_notes of a run."""
    return await tx.fetch(
        "select section_key, resolved_object_ids, coverage_notes from section_routes"
        " where account_id = $1 and run_id = $2 order by section_key",
        tx.account, run_id,
    )  # fmt: skip


async def list_unmapped(tx: ReadOnly, run_id: UUID) -> dict[str, str]:
    """The claims left out on purpose, with the reason."""
    rows: Sequence[Record] = await tx.fetch(
        "select merged_claim_id, reason from unmapped_claims where account_id = $1 and run_id = $2", tx.account, run_id
    )
    return {row["merged_claim_id"]: row["reason"] for row in rows}


def _record(row: Record) -> MergedRecord:
    claim = MergedClaim(
        merged_claim_id=row["merged_claim_id"], type=row["claim_type"], statement=row["statement"],
        entities=tuple(row["entities"]), date_in_claim=row["date_in_claim"],
        original_claim_ids=tuple(row["original_claim_ids"]), sources=tuple(_source(each) for each in row["sources"]),
        confidence=row["confidence"], reconciliation_type=row["reconciliation_type"],
        conflicts_with=tuple(row["conflicts_with"]), supersedes=tuple(row["supersedes"]), notes=tuple(row["notes"]),
        invalid_because=row["invalid_because"],
    )  # fmt: skip
    return MergedRecord(
        id=row["id"], run_id=RunId(row["run_id"]), created_at=row["created_at"], claim=claim,
        sections=tuple(row["sections"]),
    )  # fmt: skip


def _merged(claim: MergedClaim) -> dict[str, Any]:
    return {
        "id": new_id(), "merged_claim_id": claim.merged_claim_id, "claim_type": claim.type,
        "statement": claim.statement, "entities": claim.entities, "date_in_claim": claim.date_in_claim,
        "original_claim_ids": claim.original_claim_ids, "sources": claim.sources, "confidence": claim.confidence,
        "reconciliation_type": claim.reconciliation_type, "conflicts_with": claim.conflicts_with,
        "supersedes": claim.supersedes, "notes": claim.notes, "invalid_because": claim.invalid_because,
        "is_supported": claim.is_supported,
    }  # fmt: skip


def _source(stored: Mapping[str, Any]) -> SourceRef:
    source_id = stored["source_id"]
    return SourceRef(**{**stored, "source_id": UUID(source_id) if source_id else None})


def _entry(stored: Mapping[str, Any]) -> TimelineEntry:
    on = stored["on"]
    return TimelineEntry(**{**stored, "on": date.fromisoformat(on) if on else None})
