"""The tables `budgets`, `ledger`, `ledger_balances` and `calls`, and all SQL on them.

Every change of money is one group: one conditional update per budget, one ledger entry with the
balances after it, and the calls it is about, in one transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from spadework.core.db import ReadOnly, Transaction, json_array
from spadework.core.ids import new_id
from spadework.spend.types import Budget, Call, NewCall, ProviderSpend, Scopes, Settlement

_ENTRY = (
    "insert into ledger (account_id, id, kind, amount_micro_usd, released_micro_usd, calls, provider, capability,"
    " is_simulated, client_id, workbook_id, table_id, field_id, run_id)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"
)
# One statement with whatever belongs to it: others wait for the budgets meanwhile.
_MOVED = (
    f"with entry as ({_ENTRY}), changed as (update budgets set updated_at = now(),"
    " reserved_micro_usd = greatest(0, reserved_micro_usd + case when $3 = 'reserve' then $4::bigint else -$5::bigint end),"
    " spent_micro_usd = spent_micro_usd + case when $3 = 'settle' then $4::bigint else 0 end"
    " where account_id = $1 and id = any($15) returning id, reserved_micro_usd, spent_micro_usd, limit_micro_usd),"
    " balances as (insert into ledger_balances (account_id, entry_id, budget_id, reserved_after_micro_usd,"
    " spent_after_micro_usd, limit_micro_usd)"
    " select $1, $2, id, reserved_micro_usd, spent_micro_usd, limit_micro_usd from changed returning entry_id)"
)


async def lock_budgets(tx: Transaction, places: Iterable[tuple[str, UUID]]) -> list[Budget]:
    """The budgets that apply, locked in one order so that two groups never wait for each other in a ring."""
    pairs = list(places)
    rows = await tx.fetch(
        "select b.* from budgets b join unnest($2::text[], $3::uuid[]) as wanted(scope, scope_id) using (scope, scope_id)"
        " where b.account_id = $1 order by b.id for update of b",
        tx.account, [scope for scope, _ in pairs], [scope_id for _, scope_id in pairs],
    )  # fmt: skip
    return [_budget(row) for row in rows]


async def budgets_over(tx: ReadOnly, scopes: Scopes) -> list[Budget]:
    pairs = scopes.pairs()
    rows = await tx.fetch(
        "select b.* from budgets b join unnest($2::text[], $3::uuid[]) as wanted(scope, scope_id) using (scope, scope_id)"
        " where b.account_id = $1 order by b.id",
        tx.account, [scope for scope, _ in pairs], [scope_id for _, scope_id in pairs],
    )  # fmt: skip
    return [_budget(row) for row in rows]


async def list_budgets(tx: ReadOnly) -> list[Budget]:
    return [
        _budget(row) for row in await tx.fetch("select * from budgets where account_id = $1 order by id", tx.account)
    ]


async def put_budget(tx: Transaction, *, scope: str, scope_id: UUID, limit: int, by: UUID | None) -> Budget:
    # A budget set late counts what was spent before it: the past is not free.
    row = await tx.fetchrow(
        "insert into budgets (account_id, id, scope, scope_id, limit_micro_usd, updated_by, spent_micro_usd,"
        " reserved_micro_usd) select $1, $2, $3, $4, $5, $6,"
        " coalesce(sum(amount_micro_usd) filter (where kind = 'settle'), 0),"
        " greatest(0, coalesce(sum(case kind when 'reserve' then amount_micro_usd else -released_micro_usd end), 0))"
        " from ledger where account_id = $1 and not is_simulated and case $3 when 'account' then true when 'client' then client_id = $4"
        "  when 'workbook' then workbook_id = $4 when 'table' then table_id = $4 when 'column' then field_id = $4"
        "  else run_id = $4 end"
        " on conflict (account_id, scope, scope_id) do update set limit_micro_usd = excluded.limit_micro_usd,"
        " updated_by = excluded.updated_by, updated_at = now() returning *",
        tx.account, new_id(), scope, scope_id, limit, by,
    )  # fmt: skip
    return _budget(row)


async def delete_budget(tx: Transaction, budget_id: UUID) -> bool:
    tag = await tx.execute("delete from budgets where account_id = $1 and id = $2", tx.account, budget_id)
    return tag.endswith(" 1")


async def move(
    tx: Transaction, kind: str, scopes: Scopes, budgets: Sequence[Budget], *, provider: str, capability: str,
    is_simulated: bool, calls: int, amount: int, released: int,
) -> None:  # fmt: skip
    """One entry of the ledger and its effect on each budget: settle spends, void gives back."""
    entry = (
        tx.account, new_id(), kind, amount, released, calls, provider, capability, is_simulated,
        scopes.client_id, scopes.workbook_id, scopes.table_id, scopes.field_id, scopes.run_id,
    )  # fmt: skip
    if not (budgets and (amount or released)):
        await tx.execute(_ENTRY, *entry)
        return
    await tx.execute(f"{_MOVED} select from balances", *entry, [each.id for each in budgets])


async def reserve(
    tx: Transaction, scopes: Scopes, budgets: Sequence[Budget], calls: Sequence[NewCall], *, worker_id: str
) -> None:
    """Set aside the price of calls of one provider, capability and kind of money, and write their intents.

    A key known from an attempt that ended without effect is taken up again.
    """
    first, amount = calls[0], sum(each.reserved_micro_usd for each in calls)
    await tx.execute(
        f"{_MOVED} insert into calls (account_id, id, key, question_sha256, run_id, table_id, row_id, field_id, provider,"
        " capability, call_class, state, is_simulated, request, reserved_micro_usd, worker_id, client_id, workbook_id)"
        " select $1, c.id, c.key, c.question, $14, $12, c.row_id, c.field_id, $7, $8, c.class, 'intent', $9,"
        " c.request::jsonb, c.price, $16, $10, $11"
        " from unnest($17::uuid[], $18::bytea[], $19::bytea[], $20::bigint[], $21::uuid[], $22::text[], $23::text[],"
        " $24::bigint[]) as c(id, key, question, row_id, field_id, class, request, price)"
        " on conflict (account_id, key) do update set state = 'intent', attempt = calls.attempt + 1, id = excluded.id,"
        " intent_at = clock_timestamp(), worker_id = excluded.worker_id, run_id = excluded.run_id,"
        " reserved_micro_usd = excluded.reserved_micro_usd, settled_micro_usd = null, settled_at = null, error = null,"
        " request = excluded.request, response = null, needs_decision = false where calls.state in ('void', 'failed', 'unknown', 'intent')",
        tx.account, new_id(), "reserve", amount, 0, len(calls), first.provider, first.capability, first.is_simulated,
        scopes.client_id, scopes.workbook_id, scopes.table_id, scopes.field_id, scopes.run_id,
        [each.id for each in budgets] if amount else [], worker_id,
        [c.id for c in calls], [c.key for c in calls], [c.question_sha256 for c in calls], [c.row_id for c in calls],
        [c.field_id for c in calls], [c.call_class for c in calls], json_array(c.request for c in calls),
        [c.reserved_micro_usd for c in calls],
    )  # fmt: skip


async def end_calls(tx: Transaction, ends: Sequence[Settlement]) -> set[UUID]:
    """Write how calls ended; the ids that really changed, so that nothing is settled twice."""
    rows = await tx.fetch(
        "update calls set state = e.state, settled_micro_usd = e.settled, response = e.response::jsonb, error = e.error,"
        " settled_at = clock_timestamp(), needs_decision = e.state = 'unknown'"
        " from unnest($2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[]) as e(id, state, settled, response, error)"
        " where calls.account_id = $1 and calls.id = e.id and calls.state in ('intent', 'sent', 'unknown') returning calls.id",
        tx.account, [e.call_id for e in ends], [e.state for e in ends], [e.settled_micro_usd for e in ends],
        json_array(e.response for e in ends), [e.error for e in ends],
    )  # fmt: skip
    return {row["id"] for row in rows}


async def keep_reply(tx: Transaction, call_id: UUID, reply: Any, *, has_failed: bool) -> None:
    await tx.execute(
        "update calls set response = $3,"
        " state = case when state = 'intent' then 'sent' when $4 then 'failed' else state end"
        " where account_id = $1 and id = $2 and state in ('intent', 'sent', 'ok')",
        tx.account, call_id, reply, has_failed,
    )  # fmt: skip


async def known_calls(
    tx: ReadOnly, keys: Sequence[bytes], questions: Sequence[bytes], *, fresh_days: int
) -> tuple[dict[bytes, Call], dict[bytes, Call]]:
    """Calls by their keys, and the newest good answer to each question, young enough, in money or in training alike."""
    # One index look-up each, whatever the planner believes about a table that is filling right now.
    rows = await tx.fetch(
        "select true as is_by_key, found.* from unnest($2::bytea[]) as asked(key) cross join lateral"
        " (select * from calls where account_id = $1 and key = asked.key limit 1) as found"
        " union all"
        " select false, found.* from unnest($3::bytea[]) as asked(question) cross join lateral"
        " (select * from calls where account_id = $1 and question_sha256 = asked.question and state = 'ok'"
        "  and settled_at > now() - make_interval(days => $4) order by settled_at desc limit 1) as found",
        tx.account, list(keys), list(questions), fresh_days,
    )  # fmt: skip
    by_key = {row["key"]: to_call(row) for row in rows if row["is_by_key"]}
    return by_key, {row["question_sha256"]: to_call(row) for row in rows if not row["is_by_key"]}


async def open_calls(tx: ReadOnly, *, run_id: UUID | None = None, worker_id: str | None = None) -> list[Call]:
    rows = await tx.fetch(
        "select * from calls where account_id = $1 and state in ('intent', 'sent')"
        " and ($2::uuid is null or run_id = $2) and ($3::text is null or worker_id = $3)",
        tx.account, run_id, worker_id,
    )  # fmt: skip
    return [to_call(row) for row in rows]


async def find_call(tx: ReadOnly, call_id: UUID) -> Call | None:
    row = await tx.fetchrow("select * from calls where account_id = $1 and id = $2", tx.account, call_id)
    return to_call(row) if row else None


async def lock_call(tx: Transaction, call_id: UUID) -> Call | None:
    row = await tx.fetchrow("select * from calls where account_id = $1 and id = $2 for update", tx.account, call_id)
    return to_call(row) if row else None


async def set_resolution(tx: Transaction, call_id: UUID, *, resolution: str, by: UUID | None) -> None:
    await tx.execute(
        "update calls set resolution = $3, resolved_by = $4 where account_id = $1 and id = $2",
        tx.account, call_id, resolution, by,
    )  # fmt: skip


async def list_unknown(tx: ReadOnly, *, client_id: UUID | None) -> list[Call]:
    rows = await tx.fetch(
        "select c.* from calls c left join runs r on r.account_id = c.account_id and r.id = c.run_id"
        " where c.account_id = $1 and c.needs_decision and ($2::uuid is null or r.client_id = $2)"
        " order by c.intent_at desc limit 500",
        tx.account, client_id,
    )  # fmt: skip
    return [to_call(row) for row in rows]


async def spend_by_provider(
    tx: ReadOnly, *, client_id: UUID | None = None, run_id: UUID | None = None, since: datetime | None = None,
    until: datetime | None = None,
) -> list[ProviderSpend]:  # fmt: skip
    rows = await tx.fetch(
        "select provider, capability, is_simulated,"
        " coalesce(sum(calls) filter (where kind = 'settle'), 0)::bigint as calls,"
        " coalesce(sum(amount_micro_usd) filter (where kind = 'settle'), 0)::bigint as settled,"
        " coalesce(sum(case kind when 'reserve' then amount_micro_usd else -released_micro_usd end), 0)::bigint as reserved"
        " from ledger where account_id = $1 and ($2::uuid is null or client_id = $2) and ($3::uuid is null or run_id = $3)"
        " and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)"
        " group by provider, capability, is_simulated order by settled desc, provider, capability",
        tx.account, client_id, run_id, since, until,
    )  # fmt: skip
    return [
        ProviderSpend(
            provider=row["provider"], capability=row["capability"], calls=row["calls"], is_simulated=row["is_simulated"],
            settled_micro_usd=row["settled"], reserved_micro_usd=max(0, row["reserved"]),
        )
        for row in rows
    ]  # fmt: skip


async def spend_by_day(
    tx: ReadOnly, *, client_id: UUID | None, since: datetime | None, until: datetime | None
) -> list[Any]:
    return await tx.fetch(
        "select at::date as day, sum(amount_micro_usd)::bigint as settled from ledger where account_id = $1 and kind = 'settle'"
        " and not is_simulated and ($2::uuid is null or client_id = $2) and ($3::timestamptz is null or at >= $3)"
        " and ($4::timestamptz is null or at < $4) group by 1 order by 1",
        tx.account, client_id, since, until,
    )  # fmt: skip


async def spend_by_client(tx: ReadOnly, *, since: datetime | None, until: datetime | None) -> list[Any]:
    return await tx.fetch(
        "select l.client_id, c.name, sum(l.amount_micro_usd)::bigint as settled from ledger l"
        " left join clients c on c.account_id = l.account_id and c.id = l.client_id"
        " where l.account_id = $1 and l.kind = 'settle' and not l.is_simulated and ($2::timestamptz is null or l.at >= $2)"
        " and ($3::timestamptz is null or l.at < $3) group by 1, 2 order by 3 desc",
        tx.account, since, until,
    )  # fmt: skip


def _budget(row: asyncpg.Record) -> Budget:
    return Budget(
        id=row["id"], scope=row["scope"], scope_id=row["scope_id"], limit_micro_usd=row["limit_micro_usd"],
        reserved_micro_usd=row["reserved_micro_usd"], spent_micro_usd=row["spent_micro_usd"],
    )  # fmt: skip


def to_call(row: asyncpg.Record) -> Call:
    return Call(
        id=row["id"], key=row["key"], question_sha256=row["question_sha256"], run_id=row["run_id"],
        client_id=row["client_id"], workbook_id=row["workbook_id"], table_id=row["table_id"],
        row_id=row["row_id"], field_id=row["field_id"], provider=row["provider"], capability=row["capability"],
        call_class=row["call_class"], state=row["state"], is_simulated=row["is_simulated"], attempt=row["attempt"],
        request=row["request"], response=row["response"], error=row["error"], reserved_micro_usd=row["reserved_micro_usd"],
        settled_micro_usd=row["settled_micro_usd"], worker_id=row["worker_id"], intent_at=row["intent_at"],
        settled_at=row["settled_at"],
    )  # fmt: skip


# --- what must always hold ------------------------------------------------------------------------


async def entries_over_limit(tx: ReadOnly) -> tuple[int, int]:
    """How many balances there are, and how many grew beyond the limit of their moment.

    A limit lowered later than the money was spent is no fault of the entries after it, so only entries
    that set aside or spend more than they release count.
    """
    row = await tx.fetchrow(
        "select count(*) as checked, count(*) filter (where b.reserved_after_micro_usd + b.spent_after_micro_usd"
        " > b.limit_micro_usd and l.amount_micro_usd > l.released_micro_usd) as over"
        " from ledger_balances b join ledger l on l.account_id = b.account_id and l.id = b.entry_id"
        " where b.account_id = $1",
        tx.account,
    )  # fmt: skip
    assert row is not None
    return row["checked"], row["over"]


async def budgets_unlike_calls(tx: ReadOnly) -> tuple[int, int]:
    """How many budgets there are, and how many set aside something else than their open and unknown calls."""
    row = await tx.fetchrow(
        "select count(*) as checked, count(*) filter (where b.reserved_micro_usd <> coalesce(("
        "  select sum(c.reserved_micro_usd) from calls c where c.account_id = b.account_id"
        "  and c.state in ('intent', 'sent', 'unknown') and b.scope_id = case b.scope when 'account' then c.account_id"
        "  when 'client' then c.client_id when 'workbook' then c.workbook_id when 'table' then c.table_id"
        "  when 'column' then c.field_id else c.run_id end), 0)) as wrong from budgets b where b.account_id = $1",
        tx.account,
    )  # fmt: skip
    assert row is not None
    return row["checked"], row["wrong"]


async def budgets_unlike_ledger(tx: ReadOnly) -> tuple[int, int]:
    """How many budgets there are, and how many show another sum spent than the ledger has for their place."""
    row = await tx.fetchrow(
        "select count(*) as checked, count(*) filter (where b.spent_micro_usd <> coalesce(("
        "  select sum(l.amount_micro_usd) from ledger l where l.account_id = b.account_id and l.kind = 'settle'"
        "  and not l.is_simulated and b.scope_id = case b.scope when 'account' then l.account_id"
        "  when 'client' then l.client_id when 'workbook' then l.workbook_id when 'table' then l.table_id"
        "  when 'column' then l.field_id else l.run_id end), 0)) as wrong from budgets b where b.account_id = $1",
        tx.account,
    )  # fmt: skip
    assert row is not None
    return row["checked"], row["wrong"]


async def idle_open_calls(tx: ReadOnly) -> tuple[int, int]:
    """How many calls have no end, and how many of these belong to no run that may still write one."""
    row = await tx.fetchrow(
        "select count(*) as checked, count(*) filter (where r.id is null) as idle from calls c"
        " left join runs r on r.account_id = c.account_id and r.id = c.run_id"
        "  and r.state in ('queued', 'running', 'waiting', 'stopping')"
        " where c.account_id = $1 and c.state in ('intent', 'sent')",
        tx.account,
    )  # fmt: skip
    assert row is not None
    return row["checked"], row["idle"]


async def settled_sums(tx: ReadOnly) -> tuple[int, int]:
    """What the ledger says was spent, and what the ended calls say."""
    row = await tx.fetchrow(
        "select coalesce((select sum(amount_micro_usd) from ledger where account_id = $1 and kind = 'settle'), 0)::bigint"
        " as ledger, coalesce((select sum(settled_micro_usd) from calls where account_id = $1"
        "  and state in ('ok', 'failed', 'void')), 0)::bigint as calls",
        tx.account,
    )  # fmt: skip
    assert row is not None
    return row["ledger"], row["calls"]
