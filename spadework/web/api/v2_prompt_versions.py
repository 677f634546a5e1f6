"""Versions of prompts: listed, read, resolved, compared side by side, merged."""

from typing import Annotated, Literal

from fastapi import Path, Query, Request
from pydantic import Field, JsonValue

from spadework.accounts.types import Principal
from spadework.prompts.actions import registry, resolving
from spadework.prompts.types import LATEST, MAIN, PromptConfig
from spadework.web.api.v2_prompts import AnyPrompt, DraftBody, VersionBrief, VersionReply
from spadework.web.auth import app_of, require
from spadework.web.routes import Body, Reply, Router

router = Router("prompt-versions")


class Versions(Reply):
    """Versions, newest first."""

    data: list[VersionBrief]
    next_cursor: str | None = None


class DiffLineReply(Reply):
    """One line of both texts side by side; a side that has no such line is null."""

    kind: Literal["same", "changed", "added", "removed"]
    left_no: int | None
    left: str | None
    right_no: int | None
    right: str | None


class SettingChange(Reply):
    """One setting that differs."""

    name: str
    left: JsonValue
    right: JsonValue


class Diff(Reply):
    """Two versions side by side."""

    left: VersionBrief
    right: VersionBrief
    changed: int
    lines: list[DiffLineReply]
    settings: list[SettingChange]


class DraftDiffBody(Body):
    """What is not saved yet, to be put beside version `left`."""

    left: int = Field(ge=1, le=1_000_000)
    draft: DraftBody


class DraftDiff(Reply):
    """A saved version at the left, a draft at the right."""

    left: VersionBrief
    changed: int
    lines: list[DiffLineReply]
    settings: list[SettingChange]


class MergeBody(Body):
    """What to merge. With `is_preview` nothing is saved; `resolved` is a person's own merge of the two."""

    branch: str = Field(min_length=1, max_length=40)
    into: str = Field(default=MAIN, min_length=1, max_length=40)
    is_preview: bool = False
    resolved: DraftBody | None = None
    notes: str = Field(default="", max_length=2000)


class Merged(Reply):
    """The merged text and config. `version` is the saved one, null in a preview."""

    text: str
    config: PromptConfig
    conflicts: int
    setting_conflicts: tuple[str, ...]
    version: VersionReply | None


@router.get("/v2/prompts/{prompt_id}/versions")
async def list_versions(
    prompt_id: AnyPrompt,
    request: Request,
    branch: Annotated[str | None, Query(max_length=40)] = None,
    who: Principal = require("prompts.read"),
) -> Versions:
    """The prompt's versions, newest first."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await registry.list_versions(tx, prompt_id, branch=branch)
    return Versions(data=[VersionBrief.model_validate(each) for each in found])


@router.get("/v2/prompts/{prompt_id}/versions/{number}")
async def get_version(
    prompt_id: AnyPrompt,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    request: Request,
    who: Principal = require("prompts.read"),
) -> VersionReply:
    """One version as it was saved."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await registry.get_version(tx, await registry.get(tx, prompt_id), number)
    return VersionReply.model_validate(found)


@router.get("/v2/prompts/{prompt_id}/resolved")
async def resolve_prompt(
    prompt_id: AnyPrompt,
    request: Request,
    label: Annotated[str, Query(max_length=40)] = LATEST,
    version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    who: Principal = require("prompts.read"),
) -> VersionReply:
    """The version that a label points to, or that number, with the prompts it includes filled in."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await resolving.resolve(tx, prompt_id, label, number=version)
    return VersionReply.model_validate(found)


@router.get("/v2/prompts/{prompt_id}/diff")
async def compare_versions(
    prompt_id: AnyPrompt,
    request: Request,
    left: Annotated[int, Query(ge=1, le=1_000_000)],
    right: Annotated[int, Query(ge=1, le=1_000_000)],
    who: Principal = require("prompts.read"),
) -> Diff:
    """Two versions side by side, line by line, and the settings that differ."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await registry.get(tx, prompt_id)
        difference = await registry.compare(tx, found.id, left, right)
        sides = [await registry.get_version(tx, found, each) for each in (left, right)]
    return Diff(
        left=VersionBrief.model_validate(sides[0]), right=VersionBrief.model_validate(sides[1]),
        changed=difference.changed, lines=[DiffLineReply.model_validate(each) for each in difference.lines],
        settings=[SettingChange(name=name, left=before, right=after) for name, before, after in difference.settings],
    )  # fmt: skip


@router.post("/v2/prompts/{prompt_id}/diff")
async def compare_draft(
    prompt_id: AnyPrompt, body: DraftDiffBody, request: Request, who: Principal = require("prompts.read")
) -> DraftDiff:
    """A saved version beside what is not saved yet; nothing is stored."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await registry.get(tx, prompt_id)
        difference = await registry.compare_draft(tx, found.id, body.left, body.draft.draft())
        left = await registry.get_version(tx, found, body.left)
    return DraftDiff(
        left=VersionBrief.model_validate(left), changed=difference.changed,
        lines=[DiffLineReply.model_validate(each) for each in difference.lines],
        settings=[SettingChange(name=name, left=before, right=after) for name, before, after in difference.settings],
    )  # fmt: skip


@router.post("/v2/prompts/{prompt_id}/merge")
async def merge_branch(
    prompt_id: AnyPrompt, body: MergeBody, request: Request, who: Principal = require("prompts.write")
) -> Merged:
    """Merge one branch into another; 409 with the marked text when both changed the same place."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        if body.is_preview:
            seen = await registry.preview_merge(tx, prompt_id, body.branch, into=body.into)
            return Merged(
                text=seen.text, config=seen.config, conflicts=seen.conflicts, setting_conflicts=seen.setting_conflicts,
                version=None,
            )  # fmt: skip
        saved = await registry.merge(
            tx, prompt_id, body.branch, into=body.into, resolved=body.resolved.draft() if body.resolved else None,
            notes=body.notes, by=who.user_id,
        )  # fmt: skip
    return Merged(
        text=saved.text, config=saved.config, conflicts=0, setting_conflicts=(),
        version=VersionReply.model_validate(saved),
    )  # fmt: skip
