"""Makes good what a run that ended without a word left behind: a message in flight for ever, a build that never ends."""

from uuid import UUID

from spadework.builder.actions.announcing import announce
from spadework.builder.store import messages, versions
from spadework.builder.store import workflows as store
from spadework.builder.types import Status, Version
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import NotFound
from spadework.runs import actions as runs

ABANDONED_SECONDS = 60.0
_NOT_BUILT = "The build broke off: {why} Press Edit and ask again."
_NOBODY = "no worker was there to carry it out."
_FAILED = "The last build gave nothing. {reason}"


async def has_lost(tx: ReadOnly, workflow_id: UUID) -> bool:
    """Whether something waits for a run that will not come back."""
    return (await _lost_message(tx, workflow_id)) is not None or (await _lost_build(tx, workflow_id)) is not None


async def settle(tx: Transaction, workflow_id: UUID) -> None:
    """Let go what `has_lost` finds; safe to call at any time.

    A build whose run has ended, or which no living worker has held for 60 s, has failed. A message likewise is
    no longer in flight, so that it can be sent again.
    """
    if message_id := await _lost_message(tx, workflow_id):
        await messages.land(tx, message_id)
        await announce(tx, workflow_id, "message")
    if found := await _lost_build(tx, workflow_id):
        await store.lock(tx, workflow_id)
        version = await versions.find(tx, found.id)
        if version is not None and version.status == "building":
            await fail_build(tx, version, _NOT_BUILT.format(why=await _why(tx, found.build_run_id)))


async def fail_build(tx: Transaction, version: Version, reason: str) -> None:
    """A build gave nothing: the version has failed, or keeps the script it had before a repair."""
    status: Status = "pending_user_approval" if version.execution else "failed"
    await versions.fail_build(tx, version.id, reason, status=status)
    await messages.add(
        tx, version.workflow_id, version.id, role="assistant", content=_FAILED.format(reason=reason)
    )  # fmt: skip
    await announce(tx, version.workflow_id, "status", version_id=version.id, status=status)


async def _lost_message(tx: ReadOnly, workflow_id: UUID) -> UUID | None:
    message = await messages.find_in_flight(tx, workflow_id)
    return message.id if message is not None and await _is_over(tx, message.run_id) else None


async def _lost_build(tx: ReadOnly, workflow_id: UUID) -> Version | None:
    version = await versions.find_current(tx, workflow_id)
    if version is None or version.status != "building":
        return None
    return version if await _is_over(tx, version.build_run_id) else None


async def _is_over(tx: ReadOnly, run_id: UUID | None) -> bool:
    if run_id is None:
        return True
    try:
        run = await runs.get(tx, run_id)
    except NotFound:
        return True
    return not run.is_open or await runs.is_abandoned(tx, run_id, after_seconds=ABANDONED_SECONDS)


async def _why(tx: Transaction, run_id: UUID | None) -> str:
    """What is known of the end of a run; one that nobody carries out is stopped, so that it does not begin later."""
    if run_id is None:
        return _NOBODY
    run = await runs.get(tx, run_id)
    if run.is_open:
        await runs.request_stop(tx, run_id, by=None)
        return _NOBODY
    return str((run.error or {}).get("message") or "its run was stopped.")
