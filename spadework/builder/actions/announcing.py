"""Tells live pages that a workflow changed: ids and a status, never what was said or sent."""

from uuid import UUID

from spadework.builder.types import Status
from spadework.core.db import Transaction


async def announce(
    tx: Transaction, workflow_id: UUID, what: str, *, version_id: UUID | None = None, status: Status | None = None
) -> None:
    """One event on the workflow's own topic and on that of the list, when this transaction commits."""
    event = {
        "type": "workflow", "what": what, "workflow_id": f"wf_{workflow_id.hex}",
        "version_id": f"wv_{version_id.hex}" if version_id else None, "status": status,
    }  # fmt: skip
    await tx.notify(f"workflow:wf_{workflow_id.hex}", event)
    await tx.notify("workflows", event)
