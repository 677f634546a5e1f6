"""The table `context_packs`, and all SQL on it."""

from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.core.ids import new_id
from spadework.research.types.dossiers import ContextPack

_COLUMNS = "consumer, content, do_not_repeat, anchor_claim_ids, estimated_tokens"


async def replace(
    tx: Transaction, run_id: UUID, pack: ContextPack, *, client_id: UUID | None, step_run_id: UUID | None
) -> None:
    """Store the run's pack for its consumer in place of the one before; each consumer has its own."""
    await tx.execute(
        "insert into context_packs (account_id, id, run_id, client_id, step_run_id, consumer, content, do_not_repeat,"
        " anchor_claim_ids, estimated_tokens) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " on conflict (account_id, run_id, consumer) do update set step_run_id = excluded.step_run_id,"
        " content = excluded.content, do_not_repeat = excluded.do_not_repeat,"
        " anchor_claim_ids = excluded.anchor_claim_ids, estimated_tokens = excluded.estimated_tokens",
        tx.account, new_id(), run_id, client_id, step_run_id, pack.consumer, dict(pack.content),
        list(pack.do_not_repeat), list(pack.anchor_claim_ids), pack.estimated_tokens,
    )  # fmt: skip


async def find(tx: ReadOnly, run_id: UUID, consumer: str) -> ContextPack | None:
    row = await tx.fetchrow(
        f"select {_COLUMNS} from context_packs where account_id = $1 and run_id = $2 and consumer = $3",
        tx.account, run_id, consumer,
    )  # fmt: skip
    return _pack(row) if row else None


async def list_of_run(tx: ReadOnly, run_id: UUID) -> list[ContextPack]:
    rows = await tx.fetch(
        f"select {_COLUMNS} from context_packs where account_id = $1 and run_id = $2 order by created_at",
        tx.account, run_id,
    )  # fmt: skip
    return [_pack(row) for row in rows]


def _pack(row: Record) -> ContextPack:
    return ContextPack(
        consumer=row["consumer"], content=row["content"], do_not_repeat=tuple(row["do_not_repeat"]),
        anchor_claim_ids=tuple(row["anchor_claim_ids"]), estimated_tokens=row["estimated_tokens"],
    )  # fmt: skip
