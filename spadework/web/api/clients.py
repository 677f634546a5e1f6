"""Clients, with what was spent for each and what each may spend."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field

from spadework.accounts.types import Principal
from spadework.clients import actions as clients
from spadework.clients.types import Client
from spadework.core.db import ReadOnly
from spadework.spend import actions as spend
from spadework.spend.types import Budget
from spadework.web.auth import app_of, require, require_also
from spadework.web.routes import MAX_PAGE, AnyBudget, AnyClient, Body, Reply, Router
from spadework.workbooks.actions import workbooks

router = Router("clients")


class ClientBudget(Reply):
    """The limit of one client and how far it is used."""

    id: AnyBudget
    limit_micro_usd: int
    reserved_micro_usd: int
    spent_micro_usd: int


class ClientReply(Reply):
    """One client. `spent_micro_usd` is what really left; `budget` null means there is no limit."""

    id: AnyClient
    name: str
    domain: str | None
    llm: str | None
    model: str | None
    workbook_count: int
    spent_micro_usd: int
    budget: ClientBudget | None
    created_at: datetime


class Clients(Reply):
    """Clients that are not archived, oldest first."""

    data: list[ClientReply]
    next_cursor: str | None


class NewClient(Body):
    """A client to work for."""

    name: str = Field(min_length=1, max_length=200)
    domain: str | None = Field(default=None, max_length=300)
    llm: str | None = Field(default=None, max_length=60)
    model: str | None = Field(default=None, max_length=200)
    budget_micro_usd: int | None = Field(default=None, ge=0, le=10**15)


class ClientChange(Body):
    """What to change; what is left out stays, null empties."""

    name: str = Field(default="", min_length=1, max_length=200)
    domain: str | None = Field(default=None, max_length=300)
    llm: str | None = Field(default=None, max_length=60)
    model: str | None = Field(default=None, max_length=200)


@router.get("/v3/clients")
async def list_clients(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    who: Principal = require("clients.read"),
) -> Clients:
    """The account's clients."""
    async with app_of(request).database.read(who.account_id) as tx:
        page = await clients.list_clients(tx, limit=limit, cursor=cursor)
        return Clients(data=await _show(tx, page.clients), next_cursor=page.next_cursor)


@router.post("/v3/clients", status_code=201)
async def create_client(body: NewClient, request: Request, who: Principal = require("clients.write")) -> ClientReply:
    """A new client, with a budget if one is given."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        made = await clients.create(tx, body.name, domain=body.domain, llm=body.llm, model=body.model)
        if body.budget_micro_usd is not None:
            require_also(who, "budgets.write")
            await spend.set_budget(tx, "client", made.id, body.budget_micro_usd, by=who.user_id)
        return (await _show(tx, [made]))[0]


@router.get("/v3/clients/{client_id}")
async def get_client(client_id: AnyClient, request: Request, who: Principal = require("clients.read")) -> ClientReply:
    """One client, archived or not."""
    async with app_of(request).database.read(who.account_id) as tx:
        return (await _show(tx, [await clients.get(tx, client_id)]))[0]


@router.patch("/v3/clients/{client_id}")
async def change_client(
    client_id: AnyClient, body: ClientChange, request: Request, who: Principal = require("clients.write")
) -> ClientReply:
    """Change what is given."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        changed = await clients.update(tx, client_id, **body.model_dump(exclude_unset=True))
        return (await _show(tx, [changed]))[0]


@router.delete("/v3/clients/{client_id}", status_code=204)
async def archive_client(client_id: AnyClient, request: Request, who: Principal = require("clients.write")) -> None:
    """Take the client out of the lists; its workbooks and its spend stay."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await clients.archive(tx, client_id)


async def _show(tx: ReadOnly, found: list[Client]) -> list[ClientReply]:
    budgets = {each.scope_id: each for each in await spend.list_budgets(tx) if each.scope == "client"}
    spent: dict[UUID | None, int] = {each[0]: each[2] for each in (await spend.report(tx)).by_client}
    counts = await workbooks.count_by_client(tx)
    return [
        ClientReply(
            id=each.id,
            name=each.name,
            domain=each.domain,
            llm=each.llm,
            model=each.model,
            workbook_count=counts.get(each.id, 0),
            spent_micro_usd=spent.get(each.id, 0),
            budget=_budget(budgets.get(each.id)),
            created_at=each.created_at,
        )
        for each in found
    ]


def _budget(budget: Budget | None) -> ClientBudget | None:
    return ClientBudget.model_validate(budget) if budget is not None else None
