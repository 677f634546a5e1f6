"""What a person decides about a version: approve exactly the script they read, edit, archive; and tests and runs of it."""

from uuid import UUID

from spadework.approvals import actions as approvals
from spadework.builder.actions import building, talking, upkeep, workflows
from spadework.builder.actions.announcing import announce
from spadework.builder.rules import paging, reports, states
from spadework.builder.store import messages, records
from spadework.builder.store import versions as store
from spadework.builder.store import workflows as workflow_store
from spadework.builder.types import RunPage, RunReport, TestReport, Version, WorkflowRun
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict
from spadework.core.ids import UserId

SCRIPT = "workflow_script"
"""The kind of thing a person approves when they let a script run on their files."""


async def approve(
    tx: Transaction, workflow_id: UUID, version_id: UUID, *, seen_sha256: str, body: bytes, by: UserId
) -> Version:  # fmt: skip
    """Put a version to use, with exactly the script the person read; the one in use before is archived.

    Safe to call twice.

    Raises:
        NotFound, Forbidden: as `workflows.get_own`. ContentChanged: the script is another by now. Conflict: the
            version does not wait for approval.
    """
    await workflows.get_own(tx, workflow_id, by=by)
    await workflow_store.lock(tx, workflow_id)
    version = await workflows.get_version(tx, workflow_id, version_id)
    states.require_approvable(version, seen_sha256)
    if version.status == "approved":
        return version
    await approvals.record(
        tx, SCRIPT, version_id, seen=seen_sha256, actual=str(version.script_sha256), decision="yes",
        shown={"script": version.script, "fields": version.fields}, by=by,
    )  # fmt: skip
    await store.archive_others(tx, workflow_id, than=version_id, approved_too=True)
    await store.approve(tx, version_id, by=by)
    await records.add_entry(tx, workflow_id, direction="to_server", what="approval", content=body)
    return await _changed(tx, version)


async def edit(tx: Transaction, workflow_id: UUID, *, by: UserId) -> Version:
    """A new version in the same conversation, with the same extracts; the one in use stays until the next approval.

    Raises:
        NotFound, Forbidden: as `workflows.get_own`. Conflict: there is nothing to edit yet.
    """
    await workflows.get_own(tx, workflow_id, by=by)
    await workflow_store.lock(tx, workflow_id)
    current = await store.find_current(tx, workflow_id)
    assert current is not None, "a workflow has a version"
    states.require_may_edit(current)
    return await _changed(tx, await building.next_version(tx, current))


async def archive(tx: Transaction, workflow_id: UUID, *, by: UserId) -> Version:
    """Put the workflow away: every version is archived, and none can be run any more; `edit` takes it up again.

    Safe to call twice.

    Raises:
        NotFound, Forbidden: as `workflows.get_own`. Conflict: a message or a build is under way.
    """
    await workflows.get_own(tx, workflow_id, by=by)
    await workflow_store.lock(tx, workflow_id)
    await upkeep.settle(tx, workflow_id)
    current = await store.find_current(tx, workflow_id)
    assert current is not None, "a workflow has a version"
    if current.status == "building" or await messages.find_in_flight(tx, workflow_id):
        raise Conflict("The language model is at work on this workflow. Wait until it is done, then archive it.")
    await store.archive_others(tx, workflow_id, than=None, approved_too=True)
    return await _changed(tx, current)


async def report_test(
    tx: Transaction, workflow_id: UUID, version_id: UUID, report: TestReport, *, body: bytes, by: UserId
) -> Version:
    """Keep what a test came to; a failed one is given back to the language model, at most three times.

    Gives the version as it is then: `building` when it is being repaired.

    Raises:
        NotFound, Forbidden: as `workflows.get_own`. Conflict: the test was of another script. InvalidInput: the
            failure is not masked, or cannot be one of this script.
    """
    await workflows.get_own(tx, workflow_id, by=by)
    await workflow_store.lock(tx, workflow_id)
    version = await workflows.get_version(tx, workflow_id, version_id)
    states.require_testable(version, report.script_sha256)
    reports.require_fitting(report.failure, has_failed=report.result == "failed", script=str(version.script))
    test_id = await records.add_test(tx, workflow_id, version_id, report)
    await records.add_entry(tx, workflow_id, direction="to_server", what="test result", content=body)
    await announce(tx, workflow_id, "test", version_id=version_id, status=version.status)
    may_repair = report.result == "failed" and version.status == "pending_user_approval" and version.repairs_left > 0
    if may_repair and await talking.find_reason_against_text(tx) is None:
        await building.start(tx, version, test_id=test_id, by=by)
    return await workflows.get_version(tx, workflow_id, version_id)


async def report_run(tx: Transaction, workflow_id: UUID, report: RunReport, *, body: bytes, by: UserId) -> WorkflowRun:
    """Keep that an approved script ran on this person's files, and how it ended.

    Raises:
        NotFound: as `workflows.get_seen`. Conflict: the version was never approved. InvalidInput: the script is not
            the approved one, or the failure is not masked.
    """
    workflow = await workflows.get_seen(tx, workflow_id, by=by)
    version = await workflows.get_version(tx, workflow_id, report.version_id)
    states.require_runnable(version, report.script_sha256)
    reports.require_fitting(report.failure, has_failed=not report.success, script=str(version.script))
    run_id = await records.add_run(tx, workflow_id, report, by=by)
    if workflow.user_id == by:
        await records.add_entry(tx, workflow_id, direction="to_server", what="run result", content=body)
    await announce(tx, workflow_id, "run", version_id=version.id, status=version.status)
    return (await records.list_runs(tx, workflow_id, before=None, limit=1, run_id=run_id))[0]


async def list_runs(tx: ReadOnly, workflow_id: UUID, *, by: UserId, cursor: str | None, limit: int) -> RunPage:
    """The workflow's runs, newest first; of a shared workflow those of everybody.

    Raises:
        NotFound: as `workflows.get_seen`. InvalidInput: the cursor is damaged.
    """
    await workflows.get_seen(tx, workflow_id, by=by)
    found = await records.list_runs(tx, workflow_id, before=paging.place_of(cursor), limit=limit + 1)
    more = len(found) > limit
    return RunPage(found[:limit], paging.cursor_after(found[limit - 1]) if more else None)


async def _changed(tx: Transaction, version: Version) -> Version:
    found = await workflows.get_version(tx, version.workflow_id, version.id)
    await workflow_store.touch(tx, version.workflow_id)
    await announce(tx, version.workflow_id, "status", version_id=found.id, status=found.status)
    return found
