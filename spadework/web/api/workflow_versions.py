"""Versions of a workflow: approved by the script's hash, edited, archived, tested, and taken out as files."""

from fastapi import Request, Response
from pydantic import Field

from spadework.accounts.types import Principal
from spadework.builder.actions import scripts, versions, workflows
from spadework.builder.types import MOST_ROWS, Failure, Status, TestKind, TestReport, TestResult
from spadework.web.api._workflow_shapes import (
    AnyVersion,
    AnyWorkflow,
    Sha256,
    WorkflowFailureBody,
    WorkflowVersionReply,
    show_version,
)
from spadework.web.auth import app_of, require
from spadework.web.routes import Body, Reply, Router

router = Router("workflows")


class WorkflowApproval(Body):
    """A yes to exactly the script that was shown."""

    version_id: AnyVersion
    script_sha256: Sha256


class WorkflowNextVersion(Reply):
    """The new version, which waits for a message."""

    workflow_id: AnyWorkflow
    version_id: AnyVersion
    status: Status


class WorkflowVersions(Reply):
    """A workflow's versions, newest first."""

    versions: list[WorkflowVersionReply]


class WorkflowNewTest(Body):
    """What a test in the browser came to; a failure is masked there, and belongs to what failed."""

    script_sha256: Sha256
    kind: TestKind
    result: TestResult
    seconds: float = Field(default=0, ge=0, le=1_000_000)
    rows_in: int | None = Field(default=None, ge=0, le=MOST_ROWS)
    rows_out: int | None = Field(default=None, ge=0, le=MOST_ROWS)
    files_out: int | None = Field(default=None, ge=0, le=100_000)
    failure: WorkflowFailureBody | None = None


class WorkflowTestOutcome(Reply):
    """What a test's report came to; `repairing` says that the script is being written anew."""

    __test__ = False

    status: Status
    repairing: bool
    repairs_left: int


@router.post("/api/workflows/{workflow_id}/approve")
async def approve_version(
    workflow_id: AnyWorkflow, body: WorkflowApproval, request: Request, who: Principal = require("builder.write")
) -> WorkflowVersionReply:
    """Put a version to use; the one before is archived. 409 when its script is another than the one shown."""
    sent = await request.body()
    async with app_of(request).database.transaction(who.account_id) as tx:
        version = await versions.approve(
            tx, workflow_id, body.version_id, seen_sha256=body.script_sha256, body=sent, by=who.user_id
        )  # fmt: skip
        _, tests = await workflows.list_versions(tx, workflow_id, by=who.user_id)
    return show_version(version, tests)


@router.post("/api/workflows/{workflow_id}/edit")
async def edit_workflow(
    workflow_id: AnyWorkflow, request: Request, who: Principal = require("builder.write")
) -> WorkflowNextVersion:  # fmt: skip
    """A new version in the same conversation, with the same extracts."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        version = await versions.edit(tx, workflow_id, by=who.user_id)
    return WorkflowNextVersion(workflow_id=workflow_id, version_id=version.id, status=version.status)


@router.post("/api/workflows/{workflow_id}/archive")
async def archive_workflow(
    workflow_id: AnyWorkflow, request: Request, who: Principal = require("builder.write")
) -> WorkflowVersionReply:  # fmt: skip
    """Put a workflow away; nothing of it can be run or edited any more."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        version = await versions.archive(tx, workflow_id, by=who.user_id)
        _, tests = await workflows.list_versions(tx, workflow_id, by=who.user_id)
    return show_version(version, tests)


@router.get("/api/workflows/{workflow_id}/versions")
async def list_versions(
    workflow_id: AnyWorkflow, request: Request, who: Principal = require("builder.read")
) -> WorkflowVersions:  # fmt: skip
    """The versions with their scripts and tests."""
    async with app_of(request).database.read(who.account_id) as tx:
        found, tests = await workflows.list_versions(tx, workflow_id, by=who.user_id)
    return WorkflowVersions(versions=[show_version(each, tests) for each in found])


@router.post("/api/workflows/{workflow_id}/versions/{version_id}/tests")
async def report_test(
    workflow_id: AnyWorkflow, version_id: AnyVersion, body: WorkflowNewTest, request: Request,
    who: Principal = require("builder.write", effects="spend"),
) -> WorkflowTestOutcome:  # fmt: skip
    """Keep what a test came to; a failed one is repaired by the language model, at most three times.

    422 when the failure is not masked, names an exception that is not known, or a line the script does not have.
    """
    sent = await request.body()
    report = TestReport(
        **body.model_dump(exclude={"failure"}),
        failure=Failure(**body.failure.model_dump()) if body.failure else None,
    )
    async with app_of(request).database.transaction(who.account_id) as tx:
        version = await versions.report_test(tx, workflow_id, version_id, report, body=sent, by=who.user_id)
    return WorkflowTestOutcome(
        status=version.status, repairing=version.status == "building", repairs_left=version.repairs_left
    )  # fmt: skip


@router.get("/api/workflows/{workflow_id}/versions/{version_id}/script.py", response_class=Response)
async def download_script(
    workflow_id: AnyWorkflow, version_id: AnyVersion, request: Request, who: Principal = require("builder.read")
) -> Response:
    """The script as a plain .py that runs without Spadework."""
    async with app_of(request).database.read(who.account_id) as tx:
        workflow, version = await workflows.get_seen_version(tx, workflow_id, version_id, by=who.user_id)
    return _file(
        scripts.as_python(workflow, version).encode(), "text/x-python; charset=utf-8", scripts.python_name(workflow)
    )


@router.get("/api/workflows/{workflow_id}/versions/{version_id}/workflow.json", response_class=Response)
async def download_workflow(
    workflow_id: AnyWorkflow, version_id: AnyVersion, request: Request, who: Principal = require("builder.read")
) -> Response:
    """The file that `spadework run-workflow` takes."""
    async with app_of(request).database.read(who.account_id) as tx:
        workflow, version = await workflows.get_seen_version(tx, workflow_id, version_id, by=who.user_id)
    return _file(scripts.as_workflow_file(workflow, version), "application/json", "workflow.json")


def _file(content: bytes, media_type: str, name: str) -> Response:
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
