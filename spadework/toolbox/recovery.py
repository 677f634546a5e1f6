"""After a crash: what became of each paid call that was under way, from the journal the dead process left."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import orjson
import structlog

from spadework.core.db import Database, RawJson, Transaction
from spadework.core.ids import AccountId
from spadework.plug.provider import Found, HttpProvider, NotFound, Pending
from spadework.spend import actions as spend
from spadework.spend.types import Call, Scopes, Settlement
from spadework.toolbox.journal import Journal, Trace, dead_journals
from spadework.toolbox.meter import price_of, voided
from spadework.toolbox.replies import outcome_of
from spadework.toolbox.vendors import Vendors

log = structlog.get_logger()


async def reconcile_dead_workers(database: Database, vendors: Vendors, folder: Path) -> int:
    """Settle what dead workers of this machine left open; how many calls that were. Safe to call any time."""
    total = 0
    for worker_id, traces in await asyncio.to_thread(_all_dead, folder):
        for account_id in await _accounts(database):
            async with database.transaction(account_id) as tx:
                calls = await spend.open_calls(tx, worker_id=worker_id)
                ends = [await _end_of(vendors, call, traces) for call in calls]
                await _settle_each(tx, calls, ends)
                total += len(calls)
        (folder / f"{worker_id}.journal").unlink(missing_ok=True)
    return total


async def reconcile_run(database: Database, vendors: Vendors, journal: Journal, scopes: Scopes, worker_id: str) -> None:
    """Settle what earlier holders of this run left open, before anything is asked again.

    Call it after `reconcile_dead_workers`: what is open still belongs to another machine, to a frozen
    process, or to this process's own earlier go at the run.
    """
    own = journal.traces()
    async with database.transaction(scopes.account_id) as tx:
        calls = await spend.open_calls(tx, run_id=scopes.run_id)
        ends = [await _end_of(vendors, call, own if call.worker_id == worker_id else None) for call in calls]
        await _settle_each(tx, calls, ends)
    journal.forget([each.id for each in calls])
    if calls:
        log.info("reconciled_calls", run_id=str(scopes.run_id), calls=len(calls))


async def _end_of(vendors: Vendors, call: Call, traces: Mapping[UUID, Trace] | None) -> Settlement:
    """Never sent: given back. Answered: settled. Class A: given back, its key makes a repeat harmless. Else unknown.

    A task that the vendor was still working on is settled with the most it can cost and with the reply that names
    it: whoever asks again waits for that task and buys none.
    """
    if call.response is not None:
        return await _answered(vendors, call, orjson.dumps(call.response))
    trace = traces.get(call.id) if traces is not None else None
    if traces is not None and trace is None:
        return voided(call)
    if trace is not None and trace.reply is not None:
        return await _answered(vendors, call, trace.reply)
    if call.call_class == "A":
        return voided(call, error="repeated under the same key after a crash")
    return Settlement(
        call_id=call.id, state="unknown", settled_micro_usd=0, reserved_micro_usd=call.reserved_micro_usd,
        provider=call.provider, capability=call.capability, is_simulated=call.is_simulated, field_id=call.field_id,
        error="The process died while this call was under way.",
    )  # fmt: skip


async def _answered(vendors: Vendors, call: Call, reply: bytes) -> Settlement:
    stored = orjson.loads(reply)
    if call.capability == "complete":
        cost, state = int(stored.get("cost_micro_usd") or 0), "ok"
    else:
        provider = vendors.provider(call.provider)
        assert isinstance(provider, HttpProvider)
        capability = provider.find_capability(call.capability)
        assert capability is not None
        outcome = outcome_of(provider, _with_response(call, stored))
        # The reservation was the capability's price at the account's rate, so the rate need not be known again.
        per_credit = call.reserved_micro_usd / capability.price_credits if capability.price_credits else 0.0
        cost = price_of(
            outcome, price_credits=capability.price_credits, is_miss_charged=capability.is_miss_charged,
            micro_usd_per_credit=per_credit,
        )  # fmt: skip
        state = "ok" if isinstance(outcome, Found | NotFound | Pending) else "failed"
        cost = call.reserved_micro_usd if isinstance(outcome, Pending) else cost
    return Settlement(
        call_id=call.id, state="ok" if state == "ok" else "failed", settled_micro_usd=cost,
        reserved_micro_usd=call.reserved_micro_usd, provider=call.provider, capability=call.capability,
        is_simulated=call.is_simulated, field_id=call.field_id, response=RawJson(reply.decode()),
    )  # fmt: skip


def _with_response(call: Call, stored: object) -> Call:
    return replace(call, response=stored)


async def _settle_each(tx: Transaction, calls: list[Call], ends: list[Settlement]) -> None:
    groups: dict[Scopes, list[Settlement]] = defaultdict(list)
    for call, end in zip(calls, ends, strict=True):
        groups[call.scopes(tx.account)].append(end)
    if len(groups) > 1:
        await spend.lock(tx, groups)
    for scopes, group in groups.items():
        await spend.settle(tx, scopes, group)


def _all_dead(folder: Path) -> list[tuple[str, dict[UUID, Trace] | None]]:
    return list(dead_journals(folder))


async def _accounts(database: Database) -> list[AccountId]:
    async with database.read(None) as tx:
        return [AccountId(row["list_account_ids"]) for row in await tx.fetch("select list_account_ids()")]
