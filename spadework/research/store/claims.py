"""The tables `claims` and `rejected_claims`, and all SQL on them."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.core.ids import ClientId, RunId, new_id
from spadework.research.types.claims import Claim, ClaimRecord, Evidence

_COLUMNS = (
    "id, seq, run_id, client_id, step_run_id, claim_id, claim_type, statement, entities, date_in_claim, source_url,"
    " source_name, source_tier, confidence, source_step, quote, source_id, quote_start, quote_end,"
    " unsupported_because, defaulted, merged_into, is_simulated, created_at"
)


async def replace_of_step(
    tx: Transaction,
    run_id: UUID,
    step: str,
    claims: Sequence[Claim],
    *,
    client_id: UUID | None,
    step_run_id: UUID | None,
    is_simulated: bool = False,
) -> None:
    """Store a step's claims in place of those it made before; safe to repeat."""
    await tx.execute(
        "delete from claims where account_id = $1 and run_id = $2 and source_step = $3", tx.account, run_id, step
    )
    # In one statement: planning claim by claim took longer than writing, while the next step waits.
    await tx.execute(
        "insert into claims (account_id, run_id, client_id, step_run_id, is_simulated, id, claim_id, claim_type, statement,"
        " entities, date_in_claim, source_url, source_name, source_tier, confidence, source_step, quote, source_id,"
        " quote_start, quote_end, unsupported_because, defaulted)"
        " select $1, $2, $3, $4, $5, id, claim_id, claim_type, statement, entities, date_in_claim, source_url, source_name,"
        " source_tier, confidence, source_step, quote, source_id, quote_start, quote_end, unsupported_because, defaulted"
        " from jsonb_populate_recordset(null::claims, $6)",
        tx.account, run_id, client_id, step_run_id, is_simulated, [_stored(each) for each in claims],
    )  # fmt: skip


async def count_with_prefix(tx: ReadOnly, run_id: UUID, prefix: str, *, besides_step: str) -> int:
    """The highest number given to claims of other steps under the prefix; 0 when there is none."""
    found = await tx.fetchval(
        "select max(substring(claim_id from '_([0-9]+)$')::int) from claims"
        " where account_id = $1 and run_id = $2 and claim_id ~ ('^' || $3 || '_[0-9]+$') and source_step <> $4",
        tx.account, run_id, prefix, besides_step,
    )  # fmt: skip
    return int(found or 0)


async def list_of_run(tx: ReadOnly, run_id: UUID) -> list[Claim]:
    """All claims of a run in the order they were made."""
    rows = await tx.fetch(
        f"select {_COLUMNS} from claims where account_id = $1 and run_id = $2 order by seq", tx.account, run_id
    )
    return [_claim(row) for row in rows]


async def set_merged(tx: Transaction, run_id: UUID, placed: Mapping[str, str]) -> None:
    """Write on each original claim which merged claim holds it; none for claims that are not named."""
    await tx.execute(
        "update claims c set merged_into = p.merged from"
        " (select c2.claim_id, x.merged from claims c2 left join unnest($3::text[], $4::text[]) as x(claim, merged)"
        "  on x.claim = c2.claim_id where c2.account_id = $1 and c2.run_id = $2) p"
        " where c.account_id = $1 and c.run_id = $2 and c.claim_id = p.claim_id",
        tx.account, run_id, list(placed), list(placed.values()),
    )  # fmt: skip


async def list_filtered(
    tx: ReadOnly,
    *,
    run_id: UUID | None,
    client_id: UUID | None,
    claim_type: str | None,
    source_tier: str | None,
    confidence: str | None,
    step: str | None,
    is_supported: bool | None,
    section: str | None,
    search: str,
    after: int | None,
    limit: int,
) -> list[tuple[int, ClaimRecord]]:
    """Claims that match, newest first, or in a run's own order when one is named; each with its place for the cursor."""
    order = "asc" if run_id else "desc"
    beyond = ">" if run_id else "<"
    rows = await tx.fetch(
        f"select {_COLUMNS} from claims where account_id = $1 and ($2::uuid is null or run_id = $2)"
        " and ($3::uuid is null or client_id = $3) and ($4::text is null or claim_type = $4)"
        " and ($5::text is null or source_tier = $5) and ($6::text is null or confidence = $6)"
        " and ($7::text is null or source_step = $7) and ($8::bool is null or (source_id is not null) = $8)"
        f" and ($9 = '' or statement ilike '%' || $9 || '%') and ($10::bigint is null or seq {beyond} $10)"
        " and ($12::text is null or exists (select from claim_assignments a where a.account_id = claims.account_id"
        "  and a.run_id = claims.run_id and a.merged_claim_id = claims.merged_into and a.section_key = $12))"
        f" order by seq {order} limit $11",
        tx.account, run_id, client_id, claim_type, source_tier, confidence, step, is_supported, _escaped(search),
        after, limit, section,
    )  # fmt: skip
    return [(row["seq"], _record(row)) for row in rows]


async def summarize(tx: ReadOnly, run_id: UUID) -> list[Record]:
    """Counts of a run's claims by type, tier, confidence, step and support."""
    return await tx.fetch(
        "select claim_type, source_tier, confidence, source_step, source_id is not null as is_supported,"
        " merged_into is not null as is_merged, count(*) as count from claims where account_id = $1 and run_id = $2"
        " group by 1, 2, 3, 4, 5, 6",
        tx.account, run_id,
    )  # fmt: skip


async def replace_rejected(
    tx: Transaction, run_id: UUID, kind: str, entries: Sequence[tuple[int, str, Any, Sequence[str]]], *,
    step_run_id: UUID | None = None,
) -> None:  # fmt: skip
    """Store what was refused of one kind (claim: of one step run) in place of what was stored before."""
    await tx.execute(
        "delete from rejected_claims where account_id = $1 and run_id = $2 and kind = $3"
        " and ($4::uuid is null or step_run_id = $4)",
        tx.account, run_id, kind, step_run_id,
    )  # fmt: skip
    await tx.executemany(
        "insert into rejected_claims (account_id, id, run_id, step_run_id, kind, position, reason, given, unknown_ids)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        [
            (tx.account, new_id(), run_id, step_run_id, kind, position, reason, given, list(unknown))
            for position, reason, given, unknown in entries
        ],
    )


async def list_rejected(tx: ReadOnly, run_id: UUID) -> list[Record]:
    """What was refused in a run: kind, position, reason, given, unknown_ids, step_run_id."""
    return await tx.fetch(
        "select kind, position, reason, given, unknown_ids, step_run_id from rejected_claims"
        " where account_id = $1 and run_id = $2 order by created_at, kind, position",
        tx.account, run_id,
    )  # fmt: skip


def _stored(claim: Claim) -> dict[str, Any]:
    found = claim.evidence
    return {
        "id": new_id(), "claim_id": claim.claim_id, "claim_type": claim.type, "statement": claim.statement,
        "entities": claim.entities, "date_in_claim": claim.date_in_claim, "source_url": claim.source_url,
        "source_name": claim.source_name, "source_tier": claim.source_tier, "confidence": claim.confidence,
        "source_step": claim.source_step, "quote": claim.quote, "source_id": found.source_id if found else None,
        "quote_start": found.start if found else None, "quote_end": found.end if found else None,
        "unsupported_because": claim.unsupported_because, "defaulted": claim.defaulted,
    }  # fmt: skip


def _claim(row: Record) -> Claim:
    evidence = None
    if row["source_id"] is not None:
        evidence = Evidence(source_id=row["source_id"], start=row["quote_start"], end=row["quote_end"])
    return Claim(
        claim_id=row["claim_id"], type=row["claim_type"], statement=row["statement"], entities=tuple(row["entities"]),
        date_in_claim=row["date_in_claim"], source_url=row["source_url"], source_name=row["source_name"],
        source_tier=row["source_tier"], confidence=row["confidence"], source_step=row["source_step"],
        quote=row["quote"], evidence=evidence, unsupported_because=row["unsupported_because"],
        defaulted=tuple(row["defaulted"]), merged_into=row["merged_into"],
    )  # fmt: skip


def _record(row: Record) -> ClaimRecord:
    return ClaimRecord(
        id=row["id"], run_id=RunId(row["run_id"]), client_id=ClientId(row["client_id"]) if row["client_id"] else None,
        step_run_id=row["step_run_id"], created_at=row["created_at"], claim=_claim(row),
        is_simulated=row["is_simulated"],
    )  # fmt: skip


def _escaped(search: str) -> str:
    return search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
