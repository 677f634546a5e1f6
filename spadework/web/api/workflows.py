"""Workflows: made from masked extracts, described in conversation or by a form, listed, shared and removed."""

from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from pydantic import Field, JsonValue

from spadework.accounts.types import Principal
from spadework.builder.actions import building, talking, upkeep, waiting, workflows
from spadework.builder.types import Card, Status
from spadework.web.api._workflow_shapes import (
    AnyVersion,
    AnyWorkflow,
    FileExtract,
    WorkflowMessageReply,
    WorkflowVersionReply,
    show_message,
    show_version,
)
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyUser, Body, Reply, Router

router = Router("workflows")


class NewWorkflow(Body):
    """The extracts a person looked at and approved; there is nothing else of the files in it."""

    file_extracts: list[FileExtract] = Field(min_length=1, max_length=50)


class WorkflowBegun(Reply):
    """A workflow and its version that waits for a message."""

    workflow_id: AnyWorkflow
    version_id: AnyVersion
    status: Status


class WorkflowNewMessage(Body):
    """What a person says; it is sent to the language model, with the extracts."""

    content: str = Field(min_length=1, max_length=8_000)


class WorkflowAnswerReply(Reply):
    """What a message came to. `suggestions` are answers to click when the message asks something."""

    status: Status
    message: str
    suggestions: list[str]


class WorkflowFormBody(Body):
    """An operation of `/api/workflows/forms` and its settings."""

    operation: str = Field(min_length=1, max_length=60)
    settings: dict[str, JsonValue]


class WorkflowFormAnswer(Reply):
    """What a form came to."""

    status: Status
    message: str


class WorkflowOperationReply(Reply):
    """One thing a form can make."""

    key: str
    label: str
    description: str
    settings_schema: dict[str, JsonValue]


class WorkflowModelState(Reply):
    """Whether free text can be used, and if not, why."""

    available: bool
    reason: str | None


class WorkflowForms(Reply):
    """What can be made without a language model, and whether there is one."""

    operations: list[WorkflowOperationReply]
    llm: WorkflowModelState


class WorkflowOwner(Reply):
    """Who made a workflow."""

    id: AnyUser
    name: str


class WorkflowVersionBrief(Reply):
    """The newest version of a workflow."""

    id: AnyVersion
    version: int
    status: Status


class WorkflowActiveBrief(Reply):
    """The version in use."""

    id: AnyVersion
    version: int


class WorkflowCardReply(Reply):
    """A workflow as the list shows it; `minutes_saved_total` counts its successful runs."""

    id: AnyWorkflow
    name: str | None
    description: str | None
    label: str | None
    owner: WorkflowOwner
    is_mine: bool
    is_shared: bool
    saved_minutes: int | None
    runs: int
    last_run_at: datetime | None
    last_run_success: bool | None
    minutes_saved_total: int
    created_at: datetime
    updated_at: datetime
    current_version: WorkflowVersionBrief
    active_version: WorkflowActiveBrief | None


class WorkflowCards(Reply):
    """Workflows, the one changed last first."""

    workflows: list[WorkflowCardReply]


class WorkflowReply(Reply):
    """A workflow; of somebody else's, only the version in use and no messages."""

    id: AnyWorkflow
    name: str | None
    description: str | None
    label: str | None
    owner: WorkflowOwner
    is_mine: bool
    is_shared: bool
    saved_minutes: int | None
    current_version: WorkflowVersionReply
    active_version: WorkflowVersionReply | None
    messages: list[WorkflowMessageReply]
    created_at: datetime
    updated_at: datetime


class WorkflowChange(Body):
    """What is named changes; a label of null removes it."""

    name: str = Field(default="", min_length=1, max_length=120)
    description: str = Field(default="", max_length=2_000)
    label: str | None = Field(default=None, min_length=1, max_length=60)
    is_shared: bool = False


@router.post("/api/workflows", status_code=201)
async def create_workflow(
    body: NewWorkflow, request: Request, who: Principal = require("builder.write")
) -> WorkflowBegun:  # fmt: skip
    """A workflow from approved extracts. 422 when a sample holds a letter or digit that is not masked."""
    sent = await request.body()
    extracts = [each.model_dump(mode="json", exclude_unset=True) for each in body.file_extracts]
    async with app_of(request).database.transaction(who.account_id) as tx:
        version = await workflows.create(tx, extracts, body=sent, by=who.user_id)
    return WorkflowBegun(workflow_id=version.workflow_id, version_id=version.id, status=version.status)


@router.get("/api/workflows")
async def list_workflows(
    request: Request,
    q: Annotated[str | None, Query(max_length=200)] = None,
    label: Annotated[str | None, Query(max_length=60)] = None,
    status: Status | None = None,
    shared: bool | None = None,
    who: Principal = require("builder.read"),
) -> WorkflowCards:
    """The caller's workflows and those others share; live under the topic `workflows`."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await workflows.list_cards(tx, by=who.user_id, search=q, label=label, status=status, shared=shared)
    return WorkflowCards(workflows=[_card(each) for each in found])


@router.get("/api/workflows/forms")
async def list_forms(request: Request, who: Principal = require("builder.read")) -> WorkflowForms:
    """What can be made without a language model, and whether free text can be used."""
    async with app_of(request).database.read(who.account_id) as tx:
        reason = await talking.find_reason_against_text(tx)
    return WorkflowForms(
        operations=[WorkflowOperationReply.model_validate(each) for each in building.list_operations()],
        llm=WorkflowModelState(available=reason is None, reason=reason),
    )


@router.get("/api/workflows/{workflow_id}")
async def get_workflow(
    workflow_id: AnyWorkflow, request: Request, who: Principal = require("builder.read")
) -> WorkflowReply:  # fmt: skip
    """One workflow, polled while it is built; live under the topic `workflow:{workflow_id}`."""
    database = app_of(request).database
    async with database.read(who.account_id) as tx:
        found = await workflows.get(tx, workflow_id, by=who.user_id)
        has_lost = await upkeep.has_lost(tx, workflow_id)
    if has_lost:
        async with database.transaction(who.account_id) as tx:
            await upkeep.settle(tx, workflow_id)
            found = await workflows.get(tx, workflow_id, by=who.user_id)
    workflow, current, active = found.workflow, found.current_version, found.active_version
    return WorkflowReply(
        id=workflow.id, name=workflow.name, description=workflow.description, label=workflow.label,
        owner=WorkflowOwner(id=workflow.user_id, name=workflow.owner_name), is_mine=found.is_mine,
        is_shared=workflow.is_shared, saved_minutes=(active or current).saved_minutes,
        current_version=show_version(current, found.tests),
        active_version=show_version(active, found.tests) if active else None,
        messages=[show_message(each) for each in found.messages], created_at=workflow.created_at,
        updated_at=workflow.updated_at,
    )  # fmt: skip


@router.patch("/api/workflows/{workflow_id}")
async def change_workflow(
    workflow_id: AnyWorkflow, body: WorkflowChange, request: Request, who: Principal = require("builder.write")
) -> WorkflowReply:
    """Rename, describe, label or share a workflow."""
    sent = await request.body()
    async with app_of(request).database.transaction(who.account_id) as tx:
        await workflows.change(tx, workflow_id, body.model_dump(exclude_unset=True), body=sent, by=who.user_id)
    return await get_workflow(workflow_id, request, who)


@router.delete("/api/workflows/{workflow_id}", status_code=204)
async def delete_workflow(
    workflow_id: AnyWorkflow, request: Request, who: Principal = require("builder.write")
) -> None:  # fmt: skip
    """Remove a workflow with its versions, conversation, runs and ledger."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await workflows.delete(tx, workflow_id, by=who.user_id)


@router.post("/api/workflows/{workflow_id}/messages")
async def send_message(
    workflow_id: AnyWorkflow, body: WorkflowNewMessage, request: Request,
    who: Principal = require("builder.write", effects="spend"),
) -> WorkflowAnswerReply:  # fmt: skip
    """Say something; the answer is a question, a rejection, or that the build has begun.

    409 while another message is being answered or the workflow is built.
    """
    database = app_of(request).database
    sent = await request.body()
    async with database.transaction(who.account_id) as tx:
        run = await talking.send(tx, workflow_id, body.content, body=sent, by=who.user_id)
    answer = await waiting.for_answer(database, who.account_id, run.id)
    return WorkflowAnswerReply(status=answer.status, message=answer.message, suggestions=list(answer.suggestions))


@router.post("/api/workflows/{workflow_id}/form")
async def use_form(
    workflow_id: AnyWorkflow, body: WorkflowFormBody, request: Request, who: Principal = require("builder.write")
) -> WorkflowFormAnswer:
    """Make the script from a form, at once and without a language model; 422 names the setting that is wrong."""
    sent = await request.body()
    async with app_of(request).database.transaction(who.account_id) as tx:
        answer = await building.use_form(tx, workflow_id, body.operation, body.settings, body=sent, by=who.user_id)
    return WorkflowFormAnswer(status=answer.status, message=answer.message)


def _card(card: Card) -> WorkflowCardReply:
    workflow = card.workflow
    active = WorkflowActiveBrief(id=card.active_id, version=card.active_version or 0) if card.active_id else None
    return WorkflowCardReply(
        id=workflow.id, name=workflow.name, description=workflow.description, label=workflow.label,
        owner=WorkflowOwner(id=workflow.user_id, name=workflow.owner_name), is_mine=card.is_mine,
        is_shared=workflow.is_shared, saved_minutes=card.saved_minutes, runs=card.runs, last_run_at=card.last_run_at,
        last_run_success=card.last_run_success, minutes_saved_total=card.minutes_saved_total,
        created_at=workflow.created_at, updated_at=workflow.updated_at,
        current_version=WorkflowVersionBrief(id=card.current_id, version=card.current_version, status=card.current_status),
        active_version=active,
    )  # fmt: skip
