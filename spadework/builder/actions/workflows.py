"""What others may do with workflows: make one from approved extracts, look, list, rename, share and delete."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from spadework.approvals import actions as approvals
from spadework.builder.actions.announcing import announce
from spadework.builder.rules import extracts as rules
from spadework.builder.store import messages, records, versions
from spadework.builder.store import workflows as store
from spadework.builder.types import Card, Status, Version, VersionId, Workflow, WorkflowId, WorkflowView
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Forbidden, NotFound
from spadework.core.ids import UserId

EXTRACTS = "workflow_extracts"
"""The kind of thing a person approves when they let extracts leave their browser."""
MOST_LISTED = 500


async def create(tx: Transaction, extracts: Sequence[Mapping[str, Any]], *, body: bytes, by: UserId) -> Version:
    """A workflow with its first version, from the extracts a person approved; `body` is exactly what arrived.

    Raises:
        InvalidInput: an extract holds something that is not masked; nothing was kept of it.
    """
    kept = rules.require_masked(extracts)
    workflow_id = await store.add(tx, user_id=by)
    version_id = await versions.add(tx, workflow_id, version=1, status="validating", file_extracts=kept)
    sha256 = hashlib.sha256(body).hexdigest()
    await approvals.record(
        tx, EXTRACTS, version_id, seen=sha256, actual=sha256, decision="yes", shown={"file_extracts": kept}, by=by
    )
    await records.add_entry(tx, workflow_id, direction="to_server", what="extracts", content=body)
    await announce(tx, workflow_id, "created", version_id=version_id, status="validating")
    return await get_version(tx, workflow_id, version_id)


async def get_seen(tx: ReadOnly, workflow_id: UUID, *, by: UserId) -> Workflow:
    """A workflow of this person, or one that others share and that can be run.

    Raises:
        NotFound: there is none; another person's that is not shared looks the same.
    """
    if found := await store.find_seen(tx, workflow_id, by=by):
        return found
    raise NotFound("There is no such workflow. It may belong to somebody else, who has not shared it.")


async def get_own(tx: ReadOnly, workflow_id: UUID, *, by: UserId) -> Workflow:
    """A workflow of this person.

    Raises:
        NotFound: as `get_seen`. Forbidden: it is somebody else's, who shares it to be run.
    """
    found = await get_seen(tx, workflow_id, by=by)
    if found.user_id != by:
        raise Forbidden(f"This workflow belongs to {found.owner_name}. You may run it; ask them to change it.")
    return found


async def get(tx: ReadOnly, workflow_id: UUID, *, by: UserId) -> WorkflowView:
    """The workflow as its page shows it; of somebody else's only the version in use, without the conversation."""
    workflow = await get_seen(tx, workflow_id, by=by)
    is_mine = workflow.user_id == by
    active = await versions.find_active(tx, workflow_id)
    current = await versions.find_current(tx, workflow_id) if is_mine else active
    assert current is not None, "a workflow has a version, and one that is seen by others an active one"
    shown = [each.id for each in (current, active) if each is not None]
    return WorkflowView(
        workflow=workflow, is_mine=is_mine, current_version=current, active_version=active,
        messages=await messages.list_messages(tx, workflow_id) if is_mine else (),
        tests=await records.list_tests(tx, shown),
    )  # fmt: skip


async def find_approved(tx: ReadOnly, script_sha256: str, *, by: UserId) -> tuple[Workflow, Version] | None:
    """The approved version, of a workflow this person may run, whose script has that hash; None if there is none."""
    for version in await versions.list_active_with(tx, script_sha256):
        if workflow := await store.find_seen(tx, version.workflow_id, by=by):
            return workflow, version
    return None


async def list_cards(
    tx: ReadOnly, *, by: UserId, search: str | None = None, label: str | None = None, status: Status | None = None,
    shared: bool | None = None,
) -> list[Card]:  # fmt: skip
    """The workflows this person may see, the one changed last first; at most 500."""
    return await store.list_cards(
        tx, by=by, search=search or None, label=label or None, status=status, shared=shared, limit=MOST_LISTED
    )  # fmt: skip


async def change(
    tx: Transaction, workflow_id: UUID, changes: Mapping[str, Any], *, body: bytes, by: UserId
) -> None:  # fmt: skip
    """Rename, describe, label or share; only what is named changes, and a label of None removes it.

    Raises:
        NotFound, Forbidden: as `get_own`.
    """
    await get_own(tx, workflow_id, by=by)
    await store.change(tx, workflow_id, dict(changes))
    await records.add_entry(tx, workflow_id, direction="to_server", what="name, label or sharing", content=body)
    await announce(tx, workflow_id, "changed")


async def delete(tx: Transaction, workflow_id: UUID, *, by: UserId) -> None:
    """Remove a workflow with all its versions, its conversation, its runs and its ledger.

    Raises:
        NotFound, Forbidden: as `get_own`.
    """
    await get_own(tx, workflow_id, by=by)
    await store.delete(tx, workflow_id)
    await announce(tx, workflow_id, "deleted")


async def list_versions(
    tx: ReadOnly, workflow_id: UUID, *, by: UserId
) -> tuple[list[Version], Mapping[VersionId, Sequence[Any]]]:
    """The versions, newest first, and their tests; of somebody else's workflow only the version in use."""
    workflow = await get_seen(tx, workflow_id, by=by)
    found = await versions.list_versions(tx, workflow_id)
    shown = found if workflow.user_id == by else [each for each in found if each.is_active]
    return shown, await records.list_tests(tx, [each.id for each in shown])


async def get_seen_version(
    tx: ReadOnly, workflow_id: UUID, version_id: UUID, *, by: UserId
) -> tuple[Workflow, Version]:
    """One version this person may see, with its workflow.

    Raises:
        NotFound: there is none, or it is one of somebody else's that is not in use.
    """
    workflow = await get_seen(tx, workflow_id, by=by)
    version = await get_version(tx, workflow_id, version_id)
    if workflow.user_id != by and not version.is_active:
        raise NotFound("There is no such version of this workflow.")
    return workflow, version


async def get_version(tx: ReadOnly, workflow_id: UUID, version_id: UUID) -> Version:
    """One version of that workflow, whoever asks.

    Raises:
        NotFound: there is none.
    """
    found = await versions.find(tx, version_id)
    if found is None or found.workflow_id != WorkflowId(workflow_id):
        raise NotFound("There is no such version of this workflow.")
    return found
