"""Prompts as files: one text file for each, out and in."""

from typing import Annotated

from fastapi import Query, Request, Response
from pydantic import Field

from spadework.accounts.types import Principal
from spadework.prompts.actions import files
from spadework.prompts.types import LATEST
from spadework.web.api.v2_prompts import AnyPrompt
from spadework.web.auth import app_of, require
from spadework.web.routes import Body, Reply, Router

router = Router("prompt-files")


class PromptFiles(Reply):
    """Files by name; each begins with front matter."""

    files: dict[str, str]


class ImportBody(Body):
    """Files by name, as they were exported or written by hand."""

    files: dict[str, str] = Field(min_length=1, max_length=500)


class ImportedReply(Reply):
    """What became of one file: added (a new prompt), saved (a new version) or same."""

    name: str
    key: str
    number: int
    state: str


class ImportReply(Reply):
    """What became of each file; all of them are in, or none."""

    data: list[ImportedReply]


@router.get("/v2/prompt-files")
async def export_prompts(
    request: Request,
    label: Annotated[str, Query(max_length=40)] = LATEST,
    who: Principal = require("prompts.read"),
) -> PromptFiles:
    """Every prompt as a file; the version that the label points to, where it does."""
    async with app_of(request).database.read(who.account_id) as tx:
        return PromptFiles(files=await files.export(tx, label=label))


@router.get("/v2/prompt-files.zip", response_class=Response)
async def download_prompts(
    request: Request,
    label: Annotated[str, Query(max_length=40)] = LATEST,
    who: Principal = require("prompts.read"),
) -> Response:
    """The same files in one archive."""
    async with app_of(request).database.read(who.account_id) as tx:
        made = await files.export(tx, label=label)
    return Response(files.archive(made), media_type="application/zip", headers=_attached("prompts.zip"))


@router.post("/v2/prompt-files")
async def import_prompts(body: ImportBody, request: Request, who: Principal = require("prompts.write")) -> ImportReply:
    """Take files in: new prompts, or new versions of those that have their keys; no label but latest moves."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        done = await files.import_files(tx, body.files, by=who.user_id)
    return ImportReply(data=[ImportedReply.model_validate(each) for each in done])


@router.get("/v2/prompts/{prompt_id}/file")
async def export_prompt(
    prompt_id: AnyPrompt,
    request: Request,
    version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    who: Principal = require("prompts.read"),
) -> PromptFiles:
    """One prompt as a file: that version, or the newest."""
    async with app_of(request).database.read(who.account_id) as tx:
        name, text = await files.export_one(tx, prompt_id, version)
    return PromptFiles(files={name: text})


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
