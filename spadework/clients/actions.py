"""Clients: made, read, changed, archived."""

from dataclasses import replace
from uuid import UUID

from spadework.clients import rules, store
from spadework.clients.types import Client, ClientPage
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound
from spadework.core.ids import ClientId, new_id
from spadework.plug import catalog
from spadework.plug.llm import Llm

UNCHANGED = "\x00unchanged"
"""For `update`: leave this part as it is, where None means to empty it."""


async def create(
    tx: Transaction,
    name: str,
    *,
    domain: str | None = None,
    llm: str | None = None,
    model: str | None = None,
) -> Client:
    """A new client.

    Raises:
        InvalidInput: the name or domain cannot be used. UnknownReference: no such language model service.
        Conflict: another client has the name.
    """
    client_id = ClientId(new_id())
    name = rules.require_name(name)
    _check_llm(llm)
    if not await store.add(tx, client_id, name=name, domain=rules.require_domain(domain), llm=llm, model=model or None):
        raise _taken(name)
    return await get(tx, client_id)


async def get(tx: ReadOnly, client_id: UUID) -> Client:
    """The client of that id, archived or not.

    Raises:
        NotFound: the account has no such client.
    """
    found = await store.find(tx, client_id)
    if found is None:
        raise NotFound("There is no such client in this account.")
    return found


async def list_clients(tx: ReadOnly, *, limit: int = rules.MAX_PAGE, cursor: str | None = None) -> ClientPage:
    """Clients that are not archived, oldest first, at most 500 at once.

    Raises:
        InvalidInput: the cursor is not one of ours.
    """
    try:
        after = UUID(cursor) if cursor else None
    except ValueError as error:
        raise InvalidInput("The cursor is not one this list gave out. Begin without a cursor.") from error
    limit = max(1, min(limit, rules.MAX_PAGE))
    found = await store.list_after(tx, after, limit + 1)
    page = found[:limit]
    return ClientPage(clients=page, next_cursor=str(page[-1].id) if len(found) > limit else None)


async def update(
    tx: Transaction,
    client_id: UUID,
    *,
    name: str = UNCHANGED,
    domain: str | None = UNCHANGED,
    llm: str | None = UNCHANGED,
    model: str | None = UNCHANGED,
) -> Client:
    """The client with what was given changed; errors as for `create`, and NotFound."""
    client = await get(tx, client_id)
    if name != UNCHANGED:
        client = replace(client, name=rules.require_name(name))
        if await store.find_other_named(tx, client.name, client_id):
            raise _taken(client.name)
    if domain != UNCHANGED:
        client = replace(client, domain=rules.require_domain(domain))
    if llm != UNCHANGED:
        _check_llm(llm)
        client = replace(client, llm=llm)
    if model != UNCHANGED:
        client = replace(client, model=model or None)
    await store.update(tx, client)
    return client


async def archive(tx: Transaction, client_id: UUID) -> None:
    """Take the client out of the lists; its workbooks and what was spent for it stay. Safe to call twice.

    Raises:
        NotFound: the account has no such client.
    """
    if not await store.archive(tx, client_id):
        await get(tx, client_id)


def _check_llm(llm: str | None) -> None:
    if llm is not None:
        catalog.get(Llm, "llm", llm)  # type: ignore[type-abstract]  # looked up, never made


def _taken(name: str) -> Conflict:
    return Conflict(f"There is a client {name!r} already. Choose another name.")
