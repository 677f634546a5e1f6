"""Prompts: listed, read, saved as new versions, and tried on one input."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field, JsonValue, WithJsonSchema

from spadework.accounts.types import Principal
from spadework.core.db import ReadOnly
from spadework.core.errors import InvalidInput
from spadework.prompts.actions import files, registry
from spadework.prompts.types import (
    LATEST,
    MAIN,
    Draft,
    ExecutionMode,
    NewPrompt,
    Prompt,
    PromptConfig,
    PromptInput,
)
from spadework.research.actions import prompt_trials
from spadework.web.api.runs import RunBrief, brief
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyClient, AnyStep, AnyUser, Body, Reply, Router, resource

router = Router("prompts")
AnyPrompt = Annotated[
    str,
    Field(min_length=1, max_length=120),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 120, "x-resource": "prompt",
                    "description": "A prompt's id, or its key such as find-lead.search-builder."}),
]  # fmt: skip
AnyVersion = Annotated[UUID, resource("prompt_version")]
AnyExperiment = Annotated[UUID, resource("experiment")]


class LabelReply(Reply):
    """A pointer to a version. A protected one moves only through assertions and an approver."""

    name: str
    number: int
    is_protected: bool
    moved_at: datetime


class VersionBrief(Reply):
    """One version in the list, without its text."""

    id: AnyVersion
    number: int
    branch: str
    parent: int | None
    merged: int | None
    notes: str
    is_library: bool
    created_by: AnyUser | None
    created_by_name: str | None
    created_at: datetime


class VersionReply(VersionBrief):
    """One version whole. `included` says which versions stand in a resolved text; else it is empty."""

    text: str
    config: PromptConfig
    inputs: tuple[PromptInput, ...]
    included: dict[str, int]


class PromptBrief(Reply):
    """A prompt in the list. `model`, `temperature` and `max_tokens` are those of the current version."""

    id: AnyPrompt
    key: str
    name: str
    stage: str
    step: str | None
    position: int
    description: str
    tags: tuple[str, ...]
    is_fragment: bool
    produces_claims: bool
    merges_claims: bool
    produces_context_pack: bool
    context_pack: str | None
    execution_mode: ExecutionMode
    timeout_seconds: int
    current_version: int
    labels: list[LabelReply]
    is_active: bool
    created_at: datetime
    updated_at: datetime


class PromptReply(PromptBrief):
    """A prompt with its current version and the list of all, newest first."""

    current: VersionReply
    versions: list[VersionBrief]


class Prompts(Reply):
    """Prompts in the order of the pipeline."""

    data: list[PromptBrief]
    next_cursor: str | None = None


class DraftBody(Body):
    """What a version is made of. Inputs may be left out; then every variable the text names is one."""

    text: str = Field(min_length=1, max_length=200_000)
    config: PromptConfig = PromptConfig()
    inputs: tuple[PromptInput, ...] = Field(default=(), max_length=100)

    def draft(self) -> Draft:
        """The same as the domain takes it."""
        return Draft(text=self.text, config=self.config, inputs=self.inputs)


class NewPromptBody(DraftBody):
    """A prompt and its first version."""

    key: str = Field(min_length=1, max_length=120)
    name: str = Field(min_length=1, max_length=200)
    stage: str = Field(min_length=1, max_length=40)
    step: str | None = Field(default=None, max_length=60)
    position: int = Field(default=0, ge=0, le=100_000)
    description: str = Field(default="", max_length=1000)
    tags: tuple[str, ...] = Field(default=(), max_length=20)
    is_fragment: bool = False
    notes: str = Field(default="", max_length=2000)


class SaveBody(DraftBody):
    """A new version. `base_version` is the one it was made from; 409 when the branch has a newer one by then."""

    base_version: int = Field(ge=1)
    branch: str = Field(default=MAIN, max_length=40)
    notes: str = Field(default="", max_length=2000)


class PromptChange(Body):
    """A prompt's lasting facts; what is left out stays."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    stage: str | None = Field(default=None, min_length=1, max_length=40)
    position: int | None = Field(default=None, ge=0, le=100_000)
    description: str | None = Field(default=None, max_length=1000)
    tags: tuple[str, ...] | None = Field(default=None, max_length=20)
    is_active: bool | None = None


class TestBody(Body):
    """What to try: one of `version`, `label` and `draft`, on `variables`, on a step run's input, or on the last run's.

    `client_id` says whose language model answers and pays. `is_fresh` buys an answer that is known anew.
    """

    version: int | None = Field(default=None, ge=1)
    label: str | None = Field(default=None, max_length=40)
    draft: DraftBody | None = None
    variables: dict[str, JsonValue] | None = None
    step_run_id: AnyStep | None = None
    client_id: AnyClient | None = None
    is_fresh: bool = False


class Started(Reply):
    """The experiment that was started and the run that carries it out; watch the run."""

    experiment_id: AnyExperiment
    run: RunBrief


class Loaded(Reply):
    """How many versions of the library were added; 0 when the account had everything."""

    added: int


@router.get("/v2/prompts")
async def list_prompts(
    request: Request,
    stage: Annotated[str | None, Query(max_length=40)] = None,
    search: Annotated[str | None, Query(max_length=200)] = None,
    fragments: bool = False,
    archived: bool = False,
    who: Principal = require("prompts.read"),
) -> Prompts:
    """All prompts in the order of the pipeline; the library is loaded for an account that lacks it."""
    database = app_of(request).database
    async with database.read(who.account_id) as tx:
        is_loaded = await files.is_library_loaded(tx)
    if not is_loaded:
        async with database.transaction(who.account_id) as own:
            await files.ensure_library(own)
    async with database.read(who.account_id) as tx:
        found = await registry.list_prompts(tx, stage=stage, search=search, fragments=fragments, archived=archived)
    return Prompts(data=[PromptBrief(**_facts(each)) for each in found])


@router.post("/v2/prompts", status_code=201)
async def make_prompt(body: NewPromptBody, request: Request, who: Principal = require("prompts.write")) -> PromptReply:
    """A new prompt with its first version."""
    new = NewPrompt(
        key=body.key, name=body.name, stage=body.stage, step=body.step, position=body.position,
        description=body.description, tags=body.tags, is_fragment=body.is_fragment,
    )  # fmt: skip
    async with app_of(request).database.transaction(who.account_id) as tx:
        made = await registry.create(tx, new, body.draft(), notes=body.notes, by=who.user_id)
        return await _show(tx, made)


@router.post("/v2/prompts/library")
async def load_library(request: Request, who: Principal = require("prompts.write")) -> Loaded:
    """Load what the account lacks of the prompts that come with Spadework; nothing anybody wrote is touched."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return Loaded(added=await files.ensure_library(tx))


@router.get("/v2/prompts/{prompt_id}")
async def get_prompt(prompt_id: AnyPrompt, request: Request, who: Principal = require("prompts.read")) -> PromptReply:
    """One prompt, by id or key, with its current version and the list of all."""
    async with app_of(request).database.read(who.account_id) as tx:
        return await _show(tx, await registry.get(tx, prompt_id))


@router.put("/v2/prompts/{prompt_id}")
async def save_version(
    prompt_id: AnyPrompt, body: SaveBody, request: Request, who: Principal = require("prompts.write")
) -> VersionReply:
    """Save a new version; 409 with the newer one's number, and both merged, when somebody was faster."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        saved = await registry.save(
            tx, prompt_id, body.draft(), base=body.base_version, branch=body.branch, notes=body.notes, by=who.user_id
        )
    return VersionReply.model_validate(saved)


@router.patch("/v2/prompts/{prompt_id}")
async def change_prompt(
    prompt_id: AnyPrompt, body: PromptChange, request: Request, who: Principal = require("prompts.write")
) -> PromptReply:
    """Change a prompt's name, place and description, or take it out of the lists; its versions stay."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        found = await registry.get(tx, prompt_id)
        given = {name: value for name, value in body.model_dump(exclude={"is_active"}).items() if value is not None}
        kept = {name: getattr(found, name) for name in NewPrompt.__dataclass_fields__}
        found = await registry.describe(tx, found.id, NewPrompt(**{**kept, **given}))
        if body.is_active is not None:
            found = await registry.archive(tx, found.id, is_archived=not body.is_active)
        return await _show(tx, found)


@router.post("/v2/prompts/{prompt_id}/test", status_code=202)
async def test_prompt(
    prompt_id: AnyPrompt, body: TestBody, request: Request, who: Principal = require("runs.start", effects="spend")
) -> Started:
    """Run a version, or what is not saved yet, by itself on one input; the run holds input and output."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        experiment, run = await prompt_trials.start_test(
            tx, prompt_id, _wanted(body), variables=body.variables, step_run_id=body.step_run_id,
            client_id=body.client_id, is_fresh=body.is_fresh, by=who.user_id,
        )  # fmt: skip
    return Started(experiment_id=experiment.id, run=brief(run))


async def _show(tx: ReadOnly, prompt: Prompt) -> PromptReply:
    current = await registry.get_version(tx, prompt, prompt.latest)
    versions = await registry.list_versions(tx, prompt.id)
    return PromptReply(
        **_facts(prompt), current=VersionReply.model_validate(current),
        versions=[VersionBrief.model_validate(each) for each in versions],
    )  # fmt: skip


def _facts(prompt: Prompt) -> dict[str, Any]:
    return {
        **asdict(prompt), "id": str(prompt.id), "current_version": prompt.latest,
        "produces_context_pack": prompt.context_pack is not None, "is_active": prompt.archived_at is None,
    }  # fmt: skip


def _wanted(body: TestBody) -> int | str | Draft:
    given = [each for each in (body.version, body.label, body.draft) if each is not None]
    if len(given) > 1:
        raise InvalidInput("A test tries one thing. Give one of version, label and draft.")
    if body.draft is not None:
        return body.draft.draft()
    return body.version or body.label or LATEST
