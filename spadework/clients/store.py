"""The table of clients, and all SQL on it."""

from uuid import UUID

from spadework.clients.types import Client
from spadework.core.db import ReadOnly, Transaction
from spadework.core.ids import ClientId


async def add(
    tx: Transaction, client_id: ClientId, *, name: str, domain: str | None, llm: str | None, model: str | None
) -> bool:
    """False when a client that is not archived has the name."""
    tag = await tx.execute(
        "insert into clients (account_id, id, name, domain, llm, model) values ($1, $2, $3, $4, $5, $6)"
        " on conflict (account_id, lower(name)) where archived_at is null do nothing",
        tx.account,
        client_id,
        name,
        domain,
        llm,
        model,
    )
    return tag == "INSERT 0 1"


async def find(tx: ReadOnly, client_id: UUID) -> Client | None:
    row = await tx.fetchrow(
        "select id, name, domain, llm, model, settings, created_at, archived_at from clients"
        " where account_id = $1 and id = $2",
        tx.account,
        client_id,
    )
    return Client(**row) if row else None


async def find_other_named(tx: ReadOnly, name: str, client_id: UUID) -> bool:
    """Whether another client that is not archived has the name."""
    found = await tx.fetchval(
        "select true from clients where account_id = $1 and lower(name) = lower($2) and id <> $3"
        " and archived_at is null",
        tx.account,
        name,
        client_id,
    )
    return bool(found)


async def list_after(tx: ReadOnly, after: UUID | None, limit: int) -> list[Client]:
    """Clients that are not archived, in the order they were made, beginning after that one."""
    rows = await tx.fetch(
        "select id, name, domain, llm, model, settings, created_at, archived_at from clients"
        " where account_id = $1 and archived_at is null and ($2::uuid is null or id > $2) order by id limit $3",
        tx.account,
        after,
        limit,
    )
    return [Client(**row) for row in rows]


async def update(tx: Transaction, client: Client) -> None:
    await tx.execute(
        "update clients set name = $3, domain = $4, llm = $5, model = $6 where account_id = $1 and id = $2",
        tx.account,
        client.id,
        client.name,
        client.domain,
        client.llm,
        client.model,
    )


async def archive(tx: Transaction, client_id: UUID) -> bool:
    tag = await tx.execute(
        "update clients set archived_at = now() where account_id = $1 and id = $2 and archived_at is null",
        tx.account,
        client_id,
    )
    return tag == "UPDATE 1"
