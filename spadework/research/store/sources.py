"""The table `sources`: pages as they were read; and all SQL on it."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.research.types.claims import Source

_COLUMNS = "id, run_id, url, name, text, tier, published_on, is_simulated, fetched_at"


async def add_all(tx: Transaction, sources: Sequence[Source]) -> None:
    """Keep those whose words the run does not have yet under their address."""
    rows = [
        (each.id, each.run_id, each.url, each.name, each.text, hashlib.sha256(each.text.encode()).digest(), each.tier,
         each.published_on, each.is_simulated, each.fetched_at)
        for each in sources
    ]  # fmt: skip
    await tx.execute(
        "insert into sources (account_id, id, run_id, url, name, text, sha256, tier, published_on, is_simulated,"
        " fetched_at) select $1, * from unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::bytea[],"
        " $8::text[], $9::date[], $10::boolean[], $11::timestamptz[])"
        " on conflict (account_id, run_id, url, sha256) do nothing",
        tx.account, *(list(column) for column in zip(*rows, strict=True)),
    )  # fmt: skip


async def find(tx: ReadOnly, source_id: UUID) -> Source | None:
    row = await tx.fetchrow(f"select {_COLUMNS} from sources where account_id = $1 and id = $2", tx.account, source_id)
    return Source(**row) if row else None


async def list_of_run(tx: ReadOnly, run_id: UUID, *, ids: Sequence[UUID] | None = None) -> list[Source]:
    """The sources of a run in the order they were read; of those only the ones with these ids, when ids are given."""
    rows: list[Record] = await tx.fetch(
        f"select {_COLUMNS} from sources where account_id = $1 and run_id = $2"
        " and ($3::uuid[] is null or id = any($3)) order by fetched_at, id",
        tx.account, run_id, list(ids) if ids is not None else None,
    )  # fmt: skip
    return [Source(**row) for row in rows]


async def copy_run(tx: Transaction, from_run: UUID, to_run: UUID) -> None:
    """Give a run the sources of another, so that its claims stand on rows of its own; safe to call twice."""
    await tx.execute(
        "insert into sources (account_id, id, run_id, url, name, text, sha256, tier, published_on, is_simulated,"
        " fetched_at) select account_id, gen_random_uuid(), $3, url, name, text, sha256, tier, published_on,"
        " is_simulated, fetched_at from sources where account_id = $1 and run_id = $2"
        " on conflict (account_id, run_id, url, sha256) do nothing",
        tx.account, from_run, to_run,
    )  # fmt: skip
