"""The table `workflow_messages` and all SQL on it; one message in flight per workflow is a unique index."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from spadework.builder.types import Message, VersionId
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict
from spadework.core.ids import new_id

_MESSAGES = "select * from workflow_messages where account_id = $1"


async def add_question(tx: Transaction, workflow_id: UUID, version_id: UUID, content: str) -> UUID:
    """A person's message, in flight until it is answered.

    Raises:
        Conflict: another one is in flight.
    """
    message_id = new_id()
    try:
        async with tx.savepoint():
            await tx.execute(
                "insert into workflow_messages (account_id, id, workflow_id, version_id, role, content, is_in_flight)"
                " values ($1, $2, $3, $4, 'user', $5, true)",
                tx.account, message_id, workflow_id, version_id, content,
            )  # fmt: skip
    except asyncpg.UniqueViolationError as error:
        raise Conflict("The message before this one is still being answered. Wait for the answer.") from error
    return message_id


async def add(
    tx: Transaction, workflow_id: UUID, version_id: UUID, *, role: str, content: str, suggestions: Sequence[str] = ()
) -> None:
    await tx.execute(
        "insert into workflow_messages (account_id, id, workflow_id, version_id, role, content, suggestions)"
        " values ($1, $2, $3, $4, $5, $6, $7)",
        tx.account, new_id(), workflow_id, version_id, role, content, list(suggestions),
    )  # fmt: skip


async def set_run(tx: Transaction, message_id: UUID, run_id: UUID) -> None:
    await tx.execute(
        "update workflow_messages set run_id = $3 where account_id = $1 and id = $2", tx.account, message_id, run_id
    )


async def land(tx: Transaction, message_id: UUID) -> bool:
    """The message is in flight no more; whether it was."""
    done = await tx.execute(
        "update workflow_messages set is_in_flight = false where account_id = $1 and id = $2 and is_in_flight",
        tx.account, message_id,
    )  # fmt: skip
    return done == "UPDATE 1"


async def find(tx: ReadOnly, message_id: UUID) -> Message | None:
    row = await tx.fetchrow(f"{_MESSAGES} and id = $2", tx.account, message_id)
    return _message(row) if row else None


async def find_in_flight(tx: ReadOnly, workflow_id: UUID) -> Message | None:
    row = await tx.fetchrow(f"{_MESSAGES} and workflow_id = $2 and is_in_flight", tx.account, workflow_id)
    return _message(row) if row else None


async def list_messages(tx: ReadOnly, workflow_id: UUID) -> list[Message]:
    """In the order they were said."""
    rows = await tx.fetch(f"{_MESSAGES} and workflow_id = $2 order by created_at, id", tx.account, workflow_id)
    return [_message(row) for row in rows]


async def count(tx: ReadOnly, workflow_id: UUID) -> int:
    return int(
        await tx.fetchval(
            "select count(*) from workflow_messages where account_id = $1 and workflow_id = $2", tx.account, workflow_id
        )
    )


def _message(row: asyncpg.Record) -> Message:
    return Message(
        id=row["id"], version_id=VersionId(row["version_id"]), role=row["role"], content=row["content"],
        suggestions=tuple(row["suggestions"]), run_id=row["run_id"], is_in_flight=row["is_in_flight"],
        created_at=row["created_at"],
    )  # fmt: skip
