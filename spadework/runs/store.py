"""The tables `runs`, `step_runs`, `run_signals` and `schedules`, and all SQL on them.

Whoever writes a step run's state tells live pages of it: a trigger of the table stores the event.
"""

import json
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from spadework.core.db import RUNS_CHANNEL, Database, ReadOnly, Transaction
from spadework.core.ids import AccountId, ClientId, RunId, TableId, UserId, new_id
from spadework.engine.workers import DEAD_AFTER_SECONDS
from spadework.runs.types import NewRun, PromptUse, Run, Schedule, StepRun

_RUN = (
    "select r.*, u.name as created_by_name from runs r"
    " left join users u on u.account_id = r.account_id and u.id = r.created_by where r.account_id = $1"
)


async def add_run(tx: Transaction, new: NewRun, *, by: UserId | None) -> RunId:
    run_id = RunId(new_id())
    await tx.execute(
        "insert into runs (account_id, id, client_id, kind, title, subject, table_id, input, is_simulated,"
        " parent_run_id, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        tx.account, run_id, new.client_id, new.kind, new.title, dict(new.subject), new.table_id, dict(new.input),
        new.is_simulated, new.parent_run_id, by,
    )  # fmt: skip
    await wake(tx)
    return run_id


async def wake(tx: Transaction) -> None:
    """Have every worker look for work when this transaction commits."""
    await tx.execute("select pg_notify($1, '')", RUNS_CHANNEL)


async def find_run(tx: ReadOnly, run_id: UUID) -> Run | None:
    row = await tx.fetchrow(f"{_RUN} and r.id = $2", tx.account, run_id)
    return _run(row) if row else None


async def lock_run(tx: Transaction, run_id: UUID) -> Run | None:
    row = await tx.fetchrow(
        "select r.*, null as created_by_name from runs r where account_id = $1 and id = $2 for update",
        tx.account, run_id,
    )  # fmt: skip
    return _run(row) if row else None


async def find_child(tx: ReadOnly, run_id: UUID, kind: str) -> Run | None:
    row = await tx.fetchrow(
        f"{_RUN} and r.parent_run_id = $2 and r.kind = $3 order by r.created_at desc limit 1", tx.account, run_id, kind
    )
    return _run(row) if row else None


async def list_runs(
    tx: ReadOnly, *, client_id: UUID | None, table_id: UUID | None, states: list[str] | None, kind: str | None,
    before: tuple[datetime, UUID] | None, limit: int,
) -> list[Run]:  # fmt: skip
    at, run_id = before or (None, None)
    rows = await tx.fetch(
        f"{_RUN} and ($2::uuid is null or r.client_id = $2) and ($3::uuid is null or r.table_id = $3)"
        " and ($4::text[] is null or r.state = any($4)) and ($5::text is null or r.kind = $5)"
        " and ($6::timestamptz is null or (r.created_at, r.id) < ($6, $7))"
        " order by r.created_at desc, r.id desc limit $8",
        tx.account, client_id, table_id, states, kind, at, run_id, limit,
    )  # fmt: skip
    return [_run(row) for row in rows]


async def set_state(
    tx: Transaction,
    run_id: UUID,
    state: str,
    *,
    fence: int | None = None,
    error: Any = None,
    result: Any = None,
) -> bool:
    """Whether a row changed; with `fence`, only the worker that holds the run changes it."""
    tag = await tx.execute(
        "update runs set state = $3, error = coalesce($5, error), result = coalesce($6, result), updated_at = now(),"
        " finished_at = case when $3 in ('stopped', 'succeeded', 'failed') then now() end"
        " where account_id = $1 and id = $2 and ($4::int is null or fence = $4)",
        tx.account, run_id, state, fence, error, result,
    )  # fmt: skip
    return tag.endswith(" 1")


async def count_by_state(tx: ReadOnly) -> dict[str, int]:
    rows = await tx.fetch("select state, count(*) as runs from runs where account_id = $1 group by state", tx.account)
    return {row["state"]: row["runs"] for row in rows}


async def count_abandoned(tx: ReadOnly, *, after_seconds: float) -> tuple[int, int]:
    """How many runs are being carried out, and how many by a worker that has been silent for so long."""
    row = await tx.fetchrow(
        "select count(*) as checked, count(*) filter (where r.updated_at < now() - make_interval(secs => $2)"
        "  and (w.id is null or w.heartbeat_at < now() - make_interval(secs => $2))) as abandoned"
        " from runs r left join workers w on w.id = r.worker_id"
        " where r.account_id = $1 and r.state in ('running', 'stopping')",
        tx.account, after_seconds,
    )  # fmt: skip
    assert row is not None
    return row["checked"], row["abandoned"]


async def is_abandoned(tx: ReadOnly, run_id: UUID, *, after_seconds: float) -> bool:
    """Whether an open run has been untouched for so long while no living worker had it, or could have taken it."""
    return bool(
        await tx.fetchval(
            "select r.updated_at < now() - make_interval(secs => $3) and case when r.worker_id is not null"
            "  then is_lost(r.worker_id, make_interval(secs => $3))"
            "  else not exists (select from workers w where w.heartbeat_at > now() - make_interval(secs => $3)) end"
            " from runs r where r.account_id = $1 and r.id = $2 and r.state in ('queued', 'running', 'waiting', 'stopping')",
            tx.account, run_id, after_seconds,
        )
    )  # fmt: skip


async def requeue(tx: Transaction, run_id: UUID) -> None:
    await tx.execute(
        "update runs set state = 'queued', attempts = attempts + 1, error = null, finished_at = null, worker_id = null,"
        " updated_at = now() where account_id = $1 and id = $2",
        tx.account, run_id,
    )  # fmt: skip
    await wake(tx)


async def take(tx: Transaction, run_id: UUID, *, worker_id: str) -> Run | None:
    """The run, now this worker's, with a new fence; None when it has ended or another living worker has it."""
    row = await tx.fetchrow(
        "update runs set fence = fence + 1, worker_id = $3, updated_at = now(), started_at = coalesce(started_at, now()),"
        " state = case when state = 'stopping' then state else 'running' end"
        " where account_id = $1 and id = $2 and (state = 'queued' or state in ('running', 'waiting', 'stopping')"
        "  and (worker_id is null or worker_id = $3 or is_lost(worker_id, make_interval(secs => $4))))"
        " returning *, null as created_by_name",
        tx.account, run_id, worker_id, DEAD_AFTER_SECONDS,
    )  # fmt: skip
    return _run(row) if row else None


async def give_back(tx: Transaction, run_id: UUID, *, fence: int) -> None:
    """Let another worker take the run at once; what is done of it stays done."""
    await tx.execute(
        "update runs set state = case when state = 'stopping' then state else 'queued' end, worker_id = null,"
        " updated_at = now() where account_id = $1 and id = $2 and fence = $3"
        " and state in ('running', 'waiting', 'stopping')",
        tx.account, run_id, fence,
    )  # fmt: skip
    await wake(tx)


async def set_progress(tx: Transaction, run_id: UUID, progress: dict[str, Any], *, fence: int) -> bool:
    tag = await tx.execute(
        "update runs set progress = $3, updated_at = now() where account_id = $1 and id = $2 and fence = $4",
        tx.account, run_id, progress, fence,
    )  # fmt: skip
    return tag.endswith(" 1")


async def runs_to_take(database: Database, awaited: list[str]) -> list[tuple[AccountId, RunId, bool]]:
    """Runs nobody works on, queued or left by a worker that is gone: of the kinds awaited first, else the oldest.

    Each with whether its kind is awaited.
    """
    async with database.read(None) as tx:
        rows = await tx.fetch(
            "select * from runs_to_take(make_interval(secs => $1), 200, $2)", DEAD_AFTER_SECONDS, awaited
        )
    return [(AccountId(row["account_id"]), RunId(row["run_id"]), row["is_awaited"]) for row in rows]


async def states_of(database: Database, account_id: AccountId, run_ids: list[UUID]) -> dict[UUID, str]:
    async with database.read(account_id) as tx:
        rows = await tx.fetch("select id, state from runs where account_id = $1 and id = any($2)", account_id, run_ids)
    return {row["id"]: row["state"] for row in rows}


async def put_step(tx: Transaction, step: StepRun, *, fence: int) -> StepRun | None:
    """Write a step's record before its work, or find the one an earlier attempt left; None when the run is another's.

    A finished record stays as it is; any other is what this attempt is about to send. The last attempt's
    error stays until this one ends, so that whoever goes on knows what has failed before.
    """
    row = await tx.fetchrow(
        "insert into step_runs (account_id, id, run_id, no, key, label, state, input_variables, lineage, step,"
        " prompt_key, prompt_version, prompt_id, interpolated_prompt, contact_index, started_at, attempts)"
        " select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, now(), 1"
        " from runs where account_id = $1 and id = $3 and fence = $16"
        " on conflict (account_id, run_id, key) do update set attempts = step_runs.attempts + 1,"
        " state = excluded.state, started_at = excluded.started_at, finished_at = null,"
        " input_variables = excluded.input_variables, lineage = excluded.lineage,"
        " prompt_key = excluded.prompt_key, prompt_version = excluded.prompt_version,"
        " prompt_id = excluded.prompt_id, interpolated_prompt = excluded.interpolated_prompt"
        " where step_runs.state not in ('succeeded', 'skipped') returning id, no, state, attempts, started_at, finished_at,"
        " parsed_output, raw_output, model, input_tokens, output_tokens, cost_micro_usd, error, is_simulated, calls",
        tx.account, step.id, step.run_id, step.no, step.key, step.label, step.state, step.input_variables, step.lineage,
        step.step, step.prompt_key, step.prompt_version, step.prompt_id, step.interpolated_prompt,
        step.contact_index, fence,
    )  # fmt: skip
    if row is not None:
        # What goes in may be long, and is as it was given.
        return replace(step, **row)
    row = await tx.fetchrow(
        "select s.* from step_runs s join runs r on r.account_id = s.account_id and r.id = s.run_id"
        " where s.account_id = $1 and s.run_id = $2 and s.key = $3 and r.fence = $4",
        tx.account, step.run_id, step.key, fence,
    )  # fmt: skip
    return _step(row) if row else None


async def show_step(tx: Transaction, run_id: UUID, key: str, *, calls: list[dict[str, Any]], fence: int) -> None:
    """Show that a step under way waits, and what of it has left so far."""
    await tx.execute(
        "update step_runs set state = 'waiting', calls = $4 from runs"
        " where step_runs.account_id = $1 and step_runs.run_id = $2 and key = $3"
        " and step_runs.state in ('running', 'waiting')"
        " and runs.account_id = $1 and runs.id = $2 and runs.fence = $5",
        tx.account, run_id, key, calls, fence,
    )  # fmt: skip


async def finish_step(tx: Transaction, step: StepRun) -> None:
    await tx.execute(
        "update step_runs set state = $3, parsed_output = $4, raw_output = $5, model = $6, input_tokens = $7,"
        " output_tokens = $8, cost_micro_usd = $9, error = $10, is_simulated = $11, calls = $12, finished_at = now()"
        " where account_id = $1 and id = $2",
        tx.account, step.id, step.state, step.parsed_output, step.raw_output, step.model, step.input_tokens,
        step.output_tokens, step.cost_micro_usd, step.error, step.is_simulated, step.calls,
    )  # fmt: skip


async def find_step(tx: ReadOnly, run_id: UUID, key: str) -> StepRun | None:
    row = await tx.fetchrow(
        "select * from step_runs where account_id = $1 and run_id = $2 and key = $3", tx.account, run_id, key
    )
    return _step(row) if row else None


async def find_step_by_id(tx: ReadOnly, step_run_id: UUID) -> StepRun | None:
    row = await tx.fetchrow("select * from step_runs where account_id = $1 and id = $2", tx.account, step_run_id)
    return _step(row) if row else None


async def list_steps_of_prompt(
    tx: ReadOnly, prompt_id: UUID, *, except_kind: str | None, client_id: UUID | None, limit: int
) -> list[StepRun]:
    rows = await tx.fetch(
        "select s.* from step_runs s join runs r on r.account_id = s.account_id and r.id = s.run_id"
        " where s.account_id = $1 and s.prompt_id = $2 and r.kind is distinct from $3"
        " and ($4::uuid is null or r.client_id = $4) order by s.created_at desc, s.id desc limit $5",
        tx.account, prompt_id, except_kind, client_id, limit,
    )  # fmt: skip
    return [_step(row) for row in rows]


async def list_uses_of_prompt(
    tx: ReadOnly, prompt_id: UUID, *, client_id: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> list[PromptUse]:
    at, step_run_id = before or (None, None)
    rows = await tx.fetch(
        "select s.id, s.run_id, r.kind as run_kind, r.client_id, s.label, s.state, s.prompt_version, s.model,"
        " s.input_tokens, s.output_tokens, s.cost_micro_usd, s.attempts, s.error, s.is_simulated, s.created_at,"
        " s.started_at, s.finished_at"
        " from step_runs s join runs r on r.account_id = s.account_id and r.id = s.run_id"
        " where s.account_id = $1 and s.prompt_id = $2 and ($3::uuid is null or r.client_id = $3)"
        " and ($4::timestamptz is null or (s.created_at, s.id) < ($4, $5))"
        " order by s.created_at desc, s.id desc limit $6",
        tx.account, prompt_id, client_id, at, step_run_id, limit,
    )  # fmt: skip
    return [PromptUse(**row) for row in rows]


async def list_steps(tx: ReadOnly, run_id: UUID) -> list[StepRun]:
    rows = await tx.fetch(
        "select * from step_runs where account_id = $1 and run_id = $2 order by no, created_at limit 1000",
        tx.account,
        run_id,
    )
    return [_step(row) for row in rows]


async def close_steps(tx: Transaction, run_id: UUID, state: str) -> None:
    """No step is left running when its run has ended."""
    await tx.execute(
        "update step_runs set state = $3, finished_at = now() where account_id = $1 and run_id = $2"
        " and state in ('queued', 'running', 'waiting')",
        tx.account, run_id, state,
    )  # fmt: skip


async def put_signal(tx: Transaction, run_id: UUID, name: str, payload: Any) -> None:
    await tx.execute(
        "insert into run_signals (account_id, run_id, name, payload) values ($1, $2, $3, $4) on conflict do nothing",
        tx.account, run_id, name, payload,
    )  # fmt: skip
    await wake(tx)


async def find_signal(tx: ReadOnly, run_id: UUID, name: str) -> Any:
    return await tx.fetchval(
        "select payload from run_signals where account_id = $1 and run_id = $2 and name = $3",
        tx.account,
        run_id,
        name,
    )


async def due_schedules(database: Database) -> list[tuple[AccountId, UUID]]:
    async with database.read(None) as tx:
        rows = await tx.fetch("select * from schedules_due(50)")
    return [(AccountId(row["account_id"]), row["schedule_id"]) for row in rows]


async def lock_schedule(tx: Transaction, schedule_id: UUID) -> asyncpg.Record | None:
    return await tx.fetchrow(
        "select * from schedules where account_id = $1 and id = $2 and paused_at is null and next_at <= now()"
        " for update skip locked",
        tx.account, schedule_id,
    )  # fmt: skip


async def set_schedule_fired(tx: Transaction, schedule_id: UUID, *, run_id: UUID, next_at: datetime) -> None:
    await tx.execute(
        "update schedules set last_run_id = $3, next_at = $4 where account_id = $1 and id = $2",
        tx.account, schedule_id, run_id, next_at,
    )  # fmt: skip


async def add_schedule(
    tx: Transaction,
    *,
    name: str,
    cron: str,
    kind: str,
    input: dict[str, Any],
    client_id: UUID | None,
    next_at: datetime,
) -> UUID:
    schedule_id = new_id()
    await tx.execute(
        "insert into schedules (account_id, id, name, cron, kind, input, client_id, next_at)"
        " values ($1, $2, $3, $4, $5, $6, $7, $8)",
        tx.account, schedule_id, name, cron, kind, input, client_id, next_at,
    )  # fmt: skip
    return schedule_id


async def list_schedules(tx: ReadOnly, *, kind: str) -> list[Schedule]:
    rows = await tx.fetch(
        "select id, name, cron, kind, client_id, input, next_at, last_run_id from schedules"
        " where account_id = $1 and kind = $2 order by next_at, id",
        tx.account, kind,
    )  # fmt: skip
    return [Schedule(**row) for row in rows]


async def delete_schedule(tx: Transaction, schedule_id: UUID) -> None:
    await tx.execute("delete from schedules where account_id = $1 and id = $2", tx.account, schedule_id)


def encode_cursor(last: Run | PromptUse) -> str:
    return json.dumps([last.created_at.isoformat(), str(last.id)])


def decode_cursor(cursor: str) -> tuple[datetime, UUID]:
    at, run_id = json.loads(cursor)
    return datetime.fromisoformat(at), UUID(run_id)


def _run(row: asyncpg.Record) -> Run:
    return Run(
        id=RunId(row["id"]), account_id=AccountId(row["account_id"]), kind=row["kind"], title=row["title"],
        state=row["state"], client_id=ClientId(row["client_id"]) if row["client_id"] else None,
        table_id=TableId(row["table_id"]) if row["table_id"] else None, subject=row["subject"], input=row["input"],
        progress=row["progress"], result=row["result"], error=row["error"], is_simulated=row["is_simulated"],
        fence=row["fence"], worker_id=row["worker_id"], attempts=row["attempts"],
        parent_run_id=RunId(row["parent_run_id"]) if row["parent_run_id"] else None, created_by=row["created_by"],
        created_by_name=row["created_by_name"], created_at=row["created_at"], started_at=row["started_at"],
        finished_at=row["finished_at"],
    )  # fmt: skip


def _step(row: asyncpg.Record) -> StepRun:
    return StepRun(
        id=row["id"], run_id=RunId(row["run_id"]), no=row["no"], key=row["key"], label=row["label"], state=row["state"],
        input_variables=row["input_variables"], lineage=row["lineage"], interpolated_prompt=row["interpolated_prompt"],
        raw_output=row["raw_output"], parsed_output=row["parsed_output"], model=row["model"],
        input_tokens=row["input_tokens"], output_tokens=row["output_tokens"], cost_micro_usd=row["cost_micro_usd"],
        attempts=row["attempts"], error=row["error"], started_at=row["started_at"], finished_at=row["finished_at"],
        step=row["step"], prompt_key=row["prompt_key"], prompt_version=row["prompt_version"],
        prompt_id=row["prompt_id"], contact_index=row["contact_index"],
        is_simulated=row["is_simulated"], calls=row["calls"],
    )  # fmt: skip
