"""Versions and builds: the next version, starting a build, what it gave, and the same from a form without a model."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from spadework.builder.actions import upkeep, workflows
from spadework.builder.actions.announcing import announce
from spadework.builder.rules import building as rules
from spadework.builder.rules import states
from spadework.builder.rules.forms import compiling
from spadework.builder.store import messages, records, versions
from spadework.builder.store import workflows as store
from spadework.builder.types import Answer, Build, Operation, Test, Version
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound
from spadework.core.ids import UserId
from spadework.extracts.types import FileExtract
from spadework.prompts.actions import files as prompts
from spadework.runs import actions as runs
from spadework.runs.types import NewRun

KIND = "build_workflow"
READY = "The workflow “{name}” is built. Test it, read its script, and approve it when it does what you want."
REPAIRED = "The script was repaired after its test failed. It is being tested again."
UNREPAIRED = (
    "The repair gave the same script again, so its test would fail as before. Say what the script should do otherwise,"
    " and a new version is built."
)


def list_operations() -> Sequence[Operation]:
    """What a form can make without a language model."""
    return compiling.list_operations()


async def next_version(tx: Transaction, version: Version) -> Version:
    """A new version of the same conversation with the same extracts; drafts before it are archived, the one in use stays.

    The caller holds the workflow's lock.
    """
    await versions.archive_others(tx, version.workflow_id, than=None, approved_too=False)
    version_id = await versions.add(
        tx, version.workflow_id, version=version.version + 1, status="validated", file_extracts=version.file_extracts
    )
    return await workflows.get_version(tx, version.workflow_id, version_id)


async def start(
    tx: Transaction, version: Version, *, earlier_version_id: UUID | None = None, test_id: UUID | None = None,
    by: UserId | None,
) -> None:  # fmt: skip
    """Begin a build; with `test_id` the repair of what failed in that test. Its run begins when this commits."""
    await prompts.ensure_library(tx)
    run = await runs.start(
        tx,
        NewRun(
            kind=KIND, title="Repair a workflow's script" if test_id else "Build a workflow",
            subject={"workflow_id": str(version.workflow_id), "version_id": str(version.id)},
            input={
                "workflow_id": str(version.workflow_id), "version_id": str(version.id),
                "earlier_version_id": str(earlier_version_id) if earlier_version_id else None,
                "test_id": str(test_id) if test_id else None,
            },
        ),
        by=by,
    )  # fmt: skip
    await versions.begin_build(tx, version.id, run_id=run.id, is_repair=test_id is not None)
    await announce(tx, version.workflow_id, "status", version_id=version.id, status="building")


async def finish(tx: Transaction, asked: Mapping[str, Any], build: Build) -> None:
    """Keep what a build gave; the first one names the workflow. Does nothing when the version is not being built."""
    version = await _locked(tx, asked)
    if version is None or version.status != "building":
        return
    await _keep(tx, version, build)
    said = READY.format(name=build.name)
    if asked.get("test_id"):
        said = UNREPAIRED if rules.script_sha256(build.execution.script) == version.script_sha256 else REPAIRED
    await messages.add(tx, version.workflow_id, version.id, role="assistant", content=said)


async def fail(tx: Transaction, asked: Mapping[str, Any], reason: str) -> None:
    """The build gave nothing: the version has failed, or keeps the script it had before a repair. Safe to call again."""
    version = await _locked(tx, asked)
    if version is not None and version.status == "building":
        await upkeep.fail_build(tx, version, reason)


async def use_form(
    tx: Transaction, workflow_id: UUID, operation: str, settings: Mapping[str, Any], *, body: bytes, by: UserId
) -> Answer:
    """A build made from a form, at once and without a language model; at an approval it makes a new version.

    Raises:
        NotFound, Forbidden: as `workflows.get_own`. Conflict: a build or message is under way, or the version has
            ended. InvalidInput: the operation is not known, or a setting is wrong; the message names it.
    """
    await workflows.get_own(tx, workflow_id, by=by)
    await store.lock(tx, workflow_id)
    await upkeep.settle(tx, workflow_id)
    version = await versions.find_current(tx, workflow_id)
    assert version is not None, "a workflow has a version"
    states.require_may_use_form(version)
    if await messages.find_in_flight(tx, workflow_id):
        raise Conflict("A message is still being answered. Wait for the answer.")
    build = compiling.compile_form(operation, settings, [FileExtract.from_json(each) for each in version.file_extracts])
    if problems := rules.problems_of(build, extracts=len(version.file_extracts)):
        raise InvalidInput(problems[0])
    if version.status == "pending_user_approval":
        version = await next_version(tx, version)
    await records.add_entry(tx, workflow_id, direction="to_server", what="form", content=body)
    for status in ("validated", "clarifying"):
        if version.status == "validating" or status == "clarifying":
            await versions.set_status(tx, version.id, status)
    await versions.begin_build(tx, version.id, run_id=None)
    await _keep(tx, version, build, form={"operation": operation, "settings": dict(settings)})
    said = READY.format(name=build.name)
    await messages.add(tx, workflow_id, version.id, role="assistant", content=said)
    return Answer("pending_user_approval", said)


async def get_test(tx: ReadOnly, test_id: UUID) -> Test:
    """The test of that id.

    Raises:
        NotFound: the workflow was deleted meanwhile.
    """
    if found := await records.find_test(tx, test_id):
        return found
    raise NotFound("There is no such test. The workflow may have been deleted.")


async def _keep(tx: Transaction, version: Version, build: Build, *, form: Mapping[str, Any] | None = None) -> None:
    await versions.finish_build(
        tx, version.id, fields=[each.model_dump(mode="json", exclude_none=True) for each in build.fields],
        execution=build.execution.model_dump(mode="json"), script_sha256=rules.script_sha256(build.execution.script),
        saved_minutes=build.saved_minutes, form=form,
    )  # fmt: skip
    await store.name_once(tx, version.workflow_id, name=build.name, description=build.description)
    await announce(tx, version.workflow_id, "status", version_id=version.id, status="pending_user_approval")


async def _locked(tx: Transaction, asked: Mapping[str, Any]) -> Version | None:
    await store.lock(tx, UUID(str(asked["workflow_id"])))
    return await versions.find(tx, UUID(str(asked["version_id"])))
