"""Spend: what was paid to whom and for whom, what may still be paid, and calls whose fate is unknown."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field

from spadework.accounts.actions import accounts
from spadework.accounts.types import Principal
from spadework.clients import actions as clients
from spadework.core.db import ReadOnly
from spadework.core.errors import NotFound
from spadework.runs import actions as runs
from spadework.spend import actions as spend
from spadework.spend.types import Budget, BudgetScope
from spadework.web.api.runs import ProviderSpend
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyBudget, AnyCall, AnyClient, AnyField, AnyScope, AnyTable, Body, Reply, Router
from spadework.workbooks.actions import fields, tables, workbooks

router = Router("spend")


class DaySpend(Reply):
    """What was spent on one day, in UTC."""

    day: date
    settled_micro_usd: int


class ClientSpend(Reply):
    """What was spent for one client; null is work for none."""

    client_id: AnyClient | None
    name: str | None
    settled_micro_usd: int


class UnknownCall(Reply):
    """A paid call whose end is not known; its money stays set aside until somebody decides."""

    call_id: AnyCall
    provider: str
    capability: str
    reserved_micro_usd: int
    intent_at: datetime
    table_id: AnyTable | None
    row_id: int | None
    field_id: AnyField | None


class SpendReply(Reply):
    """Spend of a period in micro-dollars; simulated calls are in `by_provider` alone, and never in a sum."""

    settled_micro_usd: int
    reserved_micro_usd: int
    by_provider: list[ProviderSpend]
    by_day: list[DaySpend]
    by_client: list[ClientSpend]
    unknown: list[UnknownCall]


class BudgetReply(Reply):
    """One limit and how far it is used; `name` is of what it limits."""

    id: AnyBudget
    scope: BudgetScope
    scope_id: AnyScope
    name: str
    limit_micro_usd: int
    reserved_micro_usd: int
    spent_micro_usd: int


class Budgets(Reply):
    """Every budget of the account, on one page."""

    data: list[BudgetReply]
    next_cursor: str | None = None


class NewBudget(Body):
    """A limit at one place; what was spent there before counts."""

    scope: BudgetScope
    scope_id: AnyScope
    limit_micro_usd: int = Field(ge=0, le=10**15)


@router.get("/v3/spend")
async def report_spend(
    request: Request,
    client_id: AnyClient | None = None,
    since: Annotated[datetime | None, Query(alias="from")] = None,
    until: Annotated[datetime | None, Query(alias="to")] = None,
    who: Principal = require("spend.read"),
) -> SpendReply:
    """What was spent from one moment to before another, of everything when they are left out."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await spend.report(tx, client_id=client_id, since=since, until=until)
    return SpendReply(
        settled_micro_usd=found.settled_micro_usd,
        reserved_micro_usd=found.reserved_micro_usd,
        by_provider=[ProviderSpend.model_validate(each) for each in found.by_provider],
        by_day=[DaySpend(day=day, settled_micro_usd=settled) for day, settled in found.by_day],
        by_client=[
            ClientSpend.model_validate({"client_id": each, "name": name, "settled_micro_usd": settled})
            for each, name, settled in found.by_client
        ],
        unknown=[
            UnknownCall.model_validate(
                {
                    "call_id": each.id, "provider": each.provider, "capability": each.capability,
                    "reserved_micro_usd": each.reserved_micro_usd, "intent_at": each.intent_at,
                    "table_id": each.table_id, "row_id": each.row_id, "field_id": each.field_id,
                }
            )
            for each in found.unknown
        ],
    )  # fmt: skip


@router.get("/v3/budgets")
async def list_budgets(request: Request, who: Principal = require("spend.read")) -> Budgets:
    """Every limit."""
    async with app_of(request).database.read(who.account_id) as tx:
        return Budgets(data=[await _budget(tx, each) for each in await spend.list_budgets(tx)])


@router.put("/v3/budgets")
async def set_budget(body: NewBudget, request: Request, who: Principal = require("budgets.write")) -> BudgetReply:
    """Set or change a limit.

    A place of another account is not found.
    """
    async with app_of(request).database.transaction(who.account_id) as tx:
        await _name(tx, body.scope, body.scope_id)
        budget = await spend.set_budget(tx, body.scope, body.scope_id, body.limit_micro_usd, by=who.user_id)
        return await _budget(tx, budget)


@router.delete("/v3/budgets/{budget_id}", status_code=204)
async def remove_budget(budget_id: AnyBudget, request: Request, who: Principal = require("budgets.write")) -> None:
    """Lift a limit."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await spend.remove_budget(tx, budget_id)


async def _budget(tx: ReadOnly, budget: Budget) -> BudgetReply:
    try:
        name = await _name(tx, budget.scope, budget.scope_id)
    except NotFound:
        name = "deleted"
    return BudgetReply(
        id=budget.id,
        scope=budget.scope,
        scope_id=budget.scope_id,
        name=name,
        limit_micro_usd=budget.limit_micro_usd,
        reserved_micro_usd=budget.reserved_micro_usd,
        spent_micro_usd=budget.spent_micro_usd,
    )


async def _name(tx: ReadOnly, scope: BudgetScope, scope_id: UUID) -> str:
    """The name of what a budget limits.

    Raises:
        NotFound: there is no such thing in this account.
    """
    match scope:
        case "account":
            if scope_id != tx.account:
                raise NotFound("There is no such account here. Use your own account's id.")
            return (await accounts.get_account(tx)).name
        case "client":
            return (await clients.get(tx, scope_id)).name
        case "workbook":
            return (await workbooks.get_workbook(tx, scope_id)).name
        case "table":
            return (await tables.get_table(tx, scope_id)).name
        case "column":
            return (await fields.get_field(tx, scope_id)).name
        case "run":
            return (await runs.get(tx, scope_id)).title
