"""What batches need of the table `runs`: the dossiers of one, and what past dossiers cost."""

from uuid import UUID

from spadework.core.db import ReadOnly
from spadework.research.types.claims import PIPELINE_KIND


async def list_dossiers(tx: ReadOnly, batch_id: UUID) -> dict[int, UUID]:
    """The runs of a batch by the place of their seed."""
    rows = await tx.fetch(
        "select id, (subject ->> 'batch_place')::int as place from runs where account_id = $1 and parent_run_id = $2"
        " and kind = $3 order by place",
        tx.account, batch_id, PIPELINE_KIND,
    )  # fmt: skip
    return {row["place"]: row["id"] for row in rows}


async def list_costs(tx: ReadOnly, *, limit: int) -> list[int]:
    """Micro-dollars of the newest whole dossiers that were no training."""
    rows = await tx.fetch(
        "select coalesce((progress ->> 'cost_micro_usd')::bigint, 0) as cost from runs where account_id = $1 and kind = $2"
        " and state = 'succeeded' and not is_simulated and input -> 'base' is null order by created_at desc limit $3",
        tx.account, PIPELINE_KIND, limit,
    )  # fmt: skip
    return [row["cost"] for row in rows]
