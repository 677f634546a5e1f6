"""What others may do with the ledger: enter what is about to leave, list it, and read the exact bytes of an entry."""

from uuid import UUID

from spadework.builder.actions import workflows
from spadework.builder.store import records
from spadework.builder.store import workflows as workflow_store
from spadework.builder.types import Direction, LedgerEntry
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Forbidden, NotFound
from spadework.core.ids import UserId


async def enter(tx: Transaction, workflow_id: UUID, *, direction: Direction, what: str, content: bytes) -> None:
    """Note what leaves, byte for byte, before it does.

    Raises:
        NotFound: the workflow was deleted meanwhile, so nothing may leave for it any more.
    """
    await workflow_store.lock(tx, workflow_id)  # else it could be deleted between the look and the entry
    if await workflow_store.find(tx, workflow_id) is None:
        raise NotFound("The workflow was deleted meanwhile.")
    await records.add_entry(tx, workflow_id, direction=direction, what=what, content=content)


async def list_entries(tx: ReadOnly, workflow_id: UUID, *, by: UserId) -> list[LedgerEntry]:
    """Everything that left for this workflow, in order; its owner's alone.

    Raises:
        NotFound: as `workflows.get_seen`. Forbidden: it is about somebody else's files.
    """
    await _require_owner(tx, workflow_id, by=by)
    return await records.list_entries(tx, workflow_id)


async def read_entry(tx: ReadOnly, workflow_id: UUID, entry_id: UUID, *, by: UserId) -> bytes:
    """The exact bytes of one entry.

    Raises:
        NotFound, Forbidden: as `list_entries`; NotFound also when there is no such entry.
    """
    await _require_owner(tx, workflow_id, by=by)
    content = await records.find_content(tx, workflow_id, entry_id)
    if content is None:
        raise NotFound("There is no such entry in this workflow's ledger.")
    return content


async def _require_owner(tx: ReadOnly, workflow_id: UUID, *, by: UserId) -> None:
    workflow = await workflows.get_seen(tx, workflow_id, by=by)
    if workflow.user_id != by:
        raise Forbidden(f"What left for this workflow is for {workflow.owner_name} to see, whose files they were.")
