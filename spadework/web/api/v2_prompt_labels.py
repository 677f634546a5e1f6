"""Labels of prompts: moved at once, or asked for, shown with their gate, and decided by an approver."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Request
from pydantic import Field, JsonValue

from spadework.accounts.types import Principal
from spadework.prompts.actions import labels, registry
from spadework.prompts.types import LabelMove, MoveState
from spadework.web.api.v2_prompts import AnyExperiment, AnyPrompt, LabelReply
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyUser, Body, Reply, Router, resource

router = Router("prompt-labels")
AnyMove = Annotated[UUID, resource("label_move")]
AnyLabel = Annotated[str, Path(min_length=1, max_length=40)]


class MoveBody(Body):
    """The version the label shall point to, and why."""

    version: int = Field(ge=1, le=1_000_000)
    note: str = Field(default="", max_length=2000)


class DecisionBody(Body):
    """Yes or no to exactly the move that was shown, by its `hash`."""

    hash: str = Field(min_length=1, max_length=128)
    is_yes: bool
    note: str = Field(default="", max_length=2000)


class ProtectionBody(Body):
    """Whether the label moves only through the gate."""

    is_protected: bool


class MoveReply(Reply):
    """A label's move. While `state` is waiting, an approver decides on it with `hash`."""

    id: AnyMove
    prompt_id: AnyPrompt
    label: str
    number: int
    from_number: int | None
    state: MoveState
    hash: str
    gate: dict[str, JsonValue]
    note: str
    asked_by: AnyUser | None
    asked_at: datetime
    decided_by: AnyUser | None
    decided_at: datetime | None


class Moves(Reply):
    """Moves, newest first."""

    data: list[MoveReply]
    next_cursor: str | None = None


class GateReply(Reply):
    """Whether the assertions let a version through, why not, and the evaluation that shows it."""

    is_open: bool
    reason: str
    revision: int
    experiment_id: AnyExperiment | None
    is_simulated: bool


class Labels(Reply):
    """Where the prompt's labels point; `latest` is always its newest version of the main branch."""

    latest: int
    data: list[LabelReply]


@router.get("/v2/prompts/{prompt_id}/labels")
async def list_labels(prompt_id: AnyPrompt, request: Request, who: Principal = require("prompts.read")) -> Labels:
    """Where the prompt's labels point."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await registry.get(tx, prompt_id)
    return Labels(latest=found.latest, data=[LabelReply.model_validate(each) for each in found.labels])


@router.put("/v2/prompts/{prompt_id}/labels/{label}")
async def move_label(
    prompt_id: AnyPrompt, label: AnyLabel, body: MoveBody, request: Request, who: Principal = require("prompts.write")
) -> MoveReply:
    """Point an open label at a version; for a protected one this asks an approver, and the state is waiting."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _show(await labels.move(tx, prompt_id, label, body.version, note=body.note, by=who.user_id))


@router.patch("/v2/prompts/{prompt_id}/labels/{label}")
async def protect_label(
    prompt_id: AnyPrompt,
    label: AnyLabel,
    body: ProtectionBody,
    request: Request,
    who: Principal = require("prompts.approve"),
) -> Labels:
    """Put a label behind the gate, or take it out."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        found = await labels.protect(tx, prompt_id, label, is_protected=body.is_protected)
    return Labels(latest=found.latest, data=[LabelReply.model_validate(each) for each in found.labels])


@router.delete("/v2/prompts/{prompt_id}/labels/{label}")
async def remove_label(
    prompt_id: AnyPrompt, label: AnyLabel, request: Request, who: Principal = require("prompts.write")
) -> Labels:
    """Take an open label away; versions stay what they are."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        found = await labels.remove(tx, prompt_id, label)
    return Labels(latest=found.latest, data=[LabelReply.model_validate(each) for each in found.labels])


@router.get("/v2/prompts/{prompt_id}/versions/{number}/gate")
async def get_gate(
    prompt_id: AnyPrompt,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    request: Request,
    who: Principal = require("prompts.read"),
) -> GateReply:
    """Whether that version would be let through to a protected label now."""
    async with app_of(request).database.read(who.account_id) as tx:
        return GateReply.model_validate(await labels.gate(tx, prompt_id, number))


@router.get("/v2/prompts/{prompt_id}/moves")
async def list_moves(prompt_id: AnyPrompt, request: Request, who: Principal = require("prompts.read")) -> Moves:
    """Moves of the prompt's labels: asked for, made and rejected, newest first."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await labels.list_moves(tx, prompt_id)
    return Moves(data=[_show(each) for each in found])


@router.get("/v2/prompt-moves/{move_id}")
async def get_move(move_id: AnyMove, request: Request, who: Principal = require("prompts.read")) -> MoveReply:
    """One move with its gate and the hash an approval binds to."""
    async with app_of(request).database.read(who.account_id) as tx:
        return _show(await labels.get_move(tx, move_id))


@router.post("/v2/prompt-moves/{move_id}/decide")
async def decide_move(
    move_id: AnyMove, body: DecisionBody, request: Request, who: Principal = require("prompts.approve")
) -> MoveReply:
    """Say yes or no to exactly this move; 409 while the gate is closed, or when it is not what was shown."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _show(
            await labels.decide(tx, move_id, seen=body.hash, is_yes=body.is_yes, note=body.note, by=who.user_id)
        )


def _show(move: LabelMove) -> MoveReply:
    shown: dict[str, Any] = {name: getattr(move, name) for name in LabelMove.__dataclass_fields__}
    return MoveReply(**{**shown, "prompt_id": str(move.prompt_id), "hash": move.fingerprint})
