"""Runs of approved scripts as browsers and commands report them, and the ledger of everything that left."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from spadework.accounts.types import Principal
from spadework.builder.actions import ledger, versions
from spadework.builder.types import MOST_ROWS, Failure, Runner, RunReport
from spadework.web.api._workflow_shapes import (
    AnyVersion,
    AnyWorkflow,
    Sha256,
    WorkflowFailureBody,
    WorkflowRunReply,
    show_run,
)
from spadework.web.auth import app_of, require
from spadework.web.routes import Body, Reply, Router, resource

router = Router("workflows")
AnyEntry = Annotated[UUID, resource("workflow_ledger_entry")]


class NewWorkflowRun(Body):
    """How a run ended; a failure is masked where it happened, and belongs to what failed."""

    version_id: AnyVersion
    script_sha256: Sha256
    runner: Runner
    success: bool
    seconds: float = Field(default=0, ge=0, le=1_000_000)
    rows_in: int | None = Field(default=None, ge=0, le=MOST_ROWS)
    rows_out: int | None = Field(default=None, ge=0, le=MOST_ROWS)
    files_out: int | None = Field(default=None, ge=0, le=100_000)
    failure: WorkflowFailureBody | None = None


class WorkflowRuns(Reply):
    """A workflow's runs, newest first."""

    runs: list[WorkflowRunReply]
    next_cursor: str | None


class WorkflowEntry(Reply):
    """Something that left: to this server, or from here to a language model."""

    id: AnyEntry
    at: datetime
    direction: Literal["to_server", "to_llm"]
    what: str
    bytes: int
    sha256: str


class WorkflowLedger(Reply):
    """Everything that left for a workflow, in order."""

    entries: list[WorkflowEntry]


@router.post("/api/workflows/{workflow_id}/runs", status_code=201)
async def report_run(
    workflow_id: AnyWorkflow, body: NewWorkflowRun, request: Request, who: Principal = require("builder.read")
) -> WorkflowRunReply:
    """Keep that an approved script ran on the caller's files; 422 when the script is not the approved one."""
    sent = await request.body()
    report = RunReport(
        **body.model_dump(exclude={"failure", "version_id"}), version_id=body.version_id,
        failure=Failure(**body.failure.model_dump()) if body.failure else None,
    )  # fmt: skip
    async with app_of(request).database.transaction(who.account_id) as tx:
        return show_run(await versions.report_run(tx, workflow_id, report, body=sent, by=who.user_id))


@router.get("/api/workflows/{workflow_id}/runs")
async def list_runs(
    workflow_id: AnyWorkflow,
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    who: Principal = require("builder.read"),
) -> WorkflowRuns:
    """The run history."""
    async with app_of(request).database.read(who.account_id) as tx:
        page = await versions.list_runs(tx, workflow_id, by=who.user_id, cursor=cursor, limit=limit)
    return WorkflowRuns(runs=[show_run(each) for each in page.runs], next_cursor=page.next_cursor)


@router.get("/api/workflows/{workflow_id}/ledger")
async def list_ledger(
    workflow_id: AnyWorkflow, request: Request, who: Principal = require("builder.read")
) -> WorkflowLedger:  # fmt: skip
    """What left the browser for this server, and what left here for a language model; its owner's alone."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await ledger.list_entries(tx, workflow_id, by=who.user_id)
    return WorkflowLedger(entries=[WorkflowEntry.model_validate(each) for each in found])


@router.get("/api/workflows/{workflow_id}/ledger/{entry_id}", response_class=Response)
async def download_entry(
    workflow_id: AnyWorkflow, entry_id: AnyEntry, request: Request, who: Principal = require("builder.read")
) -> Response:
    """The exact bytes of one entry."""
    async with app_of(request).database.read(who.account_id) as tx:
        content = await ledger.read_entry(tx, workflow_id, entry_id, by=who.user_id)
    name = f'attachment; filename="ledger-{entry_id}.json"'
    return Response(content, media_type="application/octet-stream", headers={"Content-Disposition": name})
