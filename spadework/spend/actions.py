"""What others may do with money: set budgets, reserve, settle, give back, reconcile and report.

Money is in whole micro-dollars. A reservation is the worst price of a group of calls; it is made and
written down before the first byte leaves, so overspending is impossible under any crash or concurrency.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.core.ids import UserId
from spadework.spend import rules, store
from spadework.spend.types import (
    Budget,
    Call,
    Finding,
    NewCall,
    ProviderSpend,
    Reconciliation,
    Scopes,
    Settlement,
    SpendReport,
)

SCOPES = ("account", "client", "workbook", "table", "column", "run")


async def set_budget(tx: Transaction, scope: str, scope_id: UUID, limit_micro_usd: int, *, by: UserId | None) -> Budget:
    """Limit what may be spent at one place; what was spent there before counts.

    Raises:
        InvalidInput: the scope is unknown or the limit negative.
    """
    if scope not in SCOPES or limit_micro_usd < 0:
        raise InvalidInput(f"A budget needs a scope ({', '.join(SCOPES)}) and a limit of zero or more.")
    budget = await store.put_budget(tx, scope=scope, scope_id=scope_id, limit=limit_micro_usd, by=by)
    await tx.notify("spend", {"type": "spend"})
    return budget


async def remove_budget(tx: Transaction, budget_id: UUID) -> None:
    """Lift the limit.

    Raises:
        NotFound: no such budget.
    """
    if not await store.delete_budget(tx, budget_id):
        raise NotFound("There is no such budget.")
    await tx.notify("spend", {"type": "spend"})


async def list_budgets(tx: ReadOnly) -> list[Budget]:
    """Every budget of the account."""
    return await store.list_budgets(tx)


async def budgets_over(tx: ReadOnly, scopes: Scopes) -> list[Budget]:
    """The budgets that apply to a purchase made for these places."""
    return await store.budgets_over(tx, scopes)


async def require_room(tx: ReadOnly, scopes: Scopes, price_micro_usd: int) -> None:
    """Refuse what does not fit every budget; nothing is set aside.

    Raises:
        OutOfBudget: with what is missing.
    """
    budgets = await store.budgets_over(tx, scopes)
    if budgets and rules.how_many_fit([price_micro_usd], budgets) == 0:
        raise rules.out_of_budget(budgets, price_micro_usd)


async def lock(tx: Transaction, scopes: Iterable[Scopes]) -> None:
    """Lock the budgets of all these places at once; call it first where one transaction settles or reserves for several.

    Two transactions that lock them place by place could wait for each other in a ring.
    """
    await store.lock_budgets(tx, {pair for each in scopes for pair in each.pairs()})


async def reserve(
    tx: Transaction, scopes: Scopes, calls: Sequence[NewCall], *, worker_id: str
) -> tuple[list[NewCall], str | None]:
    """Set aside the worst price of as many calls as fit, in order, and write their intents.

    Returns the calls that may be made when this transaction commits, and the sentence for those that
    do not fit (None when all do). All calls share the scopes apart from their column.
    """
    budgets = await store.lock_budgets(tx, scopes.pairs())
    fitting = rules.how_many_fit([each.reserved_micro_usd for each in calls], budgets)
    allowed = list(calls[:fitting])
    for group in _grouped(allowed).values():
        await store.reserve(tx, scopes, budgets, group, worker_id=worker_id)
    refused = calls[fitting:]
    if not refused:
        return allowed, None
    taken = sum(each.reserved_micro_usd for each in allowed)
    now = [replace(each, reserved_micro_usd=each.reserved_micro_usd + taken) for each in budgets]
    return allowed, rules.out_of_budget(now, refused[0].reserved_micro_usd).message


async def settle(tx: Transaction, scopes: Scopes, ends: Sequence[Settlement]) -> None:
    """Write how calls ended and what they cost; what was set aside and not spent goes back.

    `scopes` says where they belong, apart from the column, which each end names. Safe to call twice: a call that has
    ended is left as it is. `unknown` keeps its money set aside.
    """
    if not ends:
        return
    # The calls first: writing their replies takes long, and everybody else's purchases wait for the budgets.
    changed = await store.end_calls(tx, ends)
    groups: dict[tuple[UUID | None, str, str, str, bool], list[Settlement]] = defaultdict(list)
    for each in ends:
        if each.call_id in changed and each.state != "unknown":
            kind = "settle" if each.state == "ok" or each.settled_micro_usd > 0 else "void"
            groups[each.field_id, kind, each.provider, each.capability, each.is_simulated].append(each)
    places = {field_id: replace(scopes, field_id=field_id) for field_id, *_ in groups}
    # What cost nothing and had nothing set aside, as in training mode, changes no budget: nobody need wait for one.
    is_moving = any(each.settled_micro_usd or each.reserved_micro_usd for group in groups.values() for each in group)
    held = {pair for place in places.values() for pair in place.pairs()}
    budgets = await store.lock_budgets(tx, held) if is_moving else []
    for (field_id, kind, provider, capability, is_simulated), group in groups.items():
        pairs = places[field_id].pairs()
        await store.move(
            tx, kind, places[field_id], [each for each in budgets if (each.scope, each.scope_id) in pairs],
            provider=provider, capability=capability, is_simulated=is_simulated, calls=len(group),
            amount=sum(each.settled_micro_usd for each in group),
            released=sum(each.reserved_micro_usd for each in group),
        )  # fmt: skip


async def keep_reply(tx: Transaction, call_id: UUID, reply: Any, *, has_failed: bool = False) -> None:
    """Note what the vendor said of a call that it works on for a while; what the call cost stays as it is.

    `has_failed` says that a task bought before came to nothing, so that nobody waits for it again.
    """
    await store.keep_reply(tx, call_id, reply, has_failed=has_failed)


async def known_calls(
    tx: ReadOnly, keys: Sequence[bytes], questions: Sequence[bytes], *, fresh_days: int
) -> tuple[dict[bytes, Call], dict[bytes, Call]]:
    """Calls under these keys, which are the same purchase from an attempt before; and by question, good answers that
    were bought for any cell in the last days.
    """
    return await store.known_calls(tx, keys, questions, fresh_days=fresh_days)


async def open_calls(tx: ReadOnly, *, run_id: UUID | None = None, worker_id: str | None = None) -> list[Call]:
    """Calls whose intent is written and whose end is not."""
    return await store.open_calls(tx, run_id=run_id, worker_id=worker_id)


async def find_call(tx: ReadOnly, call_id: UUID) -> Call | None:
    """One call with its request and response, None when there is none."""
    return await store.find_call(tx, call_id)


async def reconcile(tx: Transaction, call_id: UUID, action: Reconciliation, *, by: UserId | None) -> Call:
    """A person's word on a call whose fate is not known; only here may such a call ever be made again.

    `mark_done` counts its reserved price as spent; the others give it back. After
    `retry_and_pay_again` the cell may be run anew.

    Raises:
        NotFound: no such call. Conflict: its fate is known.
    """
    call = await store.lock_call(tx, call_id)
    if call is None:
        raise NotFound("There is no such call.")
    rules.require_unknown(call)
    is_done = action == "mark_done"
    await settle(
        tx,
        call.scopes(tx.account),
        [
            Settlement(
                call_id=call.id, state="ok" if is_done else "failed", reserved_micro_usd=call.reserved_micro_usd,
                settled_micro_usd=call.reserved_micro_usd if is_done else 0, provider=call.provider,
                capability=call.capability, is_simulated=call.is_simulated, field_id=call.field_id,
                error=f"decided by a person: {action}",
            )
        ],
    )  # fmt: skip
    await store.set_resolution(tx, call_id, resolution=action, by=by)
    await tx.notify("spend", {"type": "spend"})
    return replace(call, state="ok" if is_done else "failed")


async def report(
    tx: ReadOnly, *, client_id: UUID | None = None, since: datetime | None = None, until: datetime | None = None
) -> SpendReport:
    """Spend of a period, simulated calls listed apart and never counted as money."""
    by_provider = await store.spend_by_provider(tx, client_id=client_id, since=since, until=until)
    real = [each for each in by_provider if not each.is_simulated]
    return SpendReport(
        settled_micro_usd=sum(each.settled_micro_usd for each in real),
        reserved_micro_usd=sum(each.reserved_micro_usd for each in real),
        by_provider=by_provider,
        by_day=[(r["day"], r["settled"]) for r in await store.spend_by_day(tx, client_id=client_id, since=since, until=until)],
        by_client=[
            (r["client_id"], r["name"], r["settled"]) for r in await store.spend_by_client(tx, since=since, until=until)
        ],
        unknown=await store.list_unknown(tx, client_id=client_id),
    )  # fmt: skip


async def spent_by_run(tx: ReadOnly, run_id: UUID) -> list[ProviderSpend]:
    """What one run cost, by provider."""
    return await store.spend_by_provider(tx, run_id=run_id)


async def audit(tx: ReadOnly) -> list[Finding]:
    """What must hold of the account's books at every moment, each with how much of it does not."""
    over = await store.entries_over_limit(tx)
    reserved = await store.budgets_unlike_calls(tx)
    idle = await store.idle_open_calls(tx)
    spent = await store.budgets_unlike_ledger(tx)
    in_ledger, in_calls = await store.settled_sums(tx)
    return [
        Finding(
            name="within_limits", checked=over[0], wrong=over[1],
            rule="No ledger entry takes a budget beyond its limit",
        ),
        Finding(
            name="reservations", checked=reserved[0], wrong=reserved[1],
            rule="What a budget has set aside is exactly its calls under way or unknown",
        ),
        Finding(
            name="open_calls", checked=idle[0], wrong=idle[1], rule="Every call under way belongs to a run under way"
        ),
        Finding(
            name="budget_sums", checked=spent[0], wrong=spent[1],
            rule="What a budget shows as spent is what the ledger has for it",
        ),
        Finding(
            name="settled_sums", checked=1, wrong=int(in_ledger != in_calls),
            rule=f"The ledger's spend ({in_ledger}) is that of the ended calls ({in_calls}), in micro-dollars",
        ),
    ]  # fmt: skip


def _grouped(calls: Sequence[NewCall]) -> dict[tuple[str, str, bool], list[NewCall]]:
    groups: dict[tuple[str, str, bool], list[NewCall]] = defaultdict(list)
    for each in calls:
        groups[each.provider, each.capability, each.is_simulated].append(each)
    return groups
