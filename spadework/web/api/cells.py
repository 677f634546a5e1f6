"""One cell: its value, where it came from, what was asked for it and what that cost, and what it was before."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request
from pydantic import JsonValue

from spadework.accounts.types import Principal
from spadework.core.db import ReadOnly
from spadework.core.ids import FieldId
from spadework.plug import catalog
from spadework.plug.column import CellState, ColumnKind
from spadework.plug.llm import Llm
from spadework.plug.provider import Provider
from spadework.runs import actions as runs
from spadework.spend import actions as spend
from spadework.web.api.fields import FieldReply, show_field
from spadework.web.api.records import AnyRow
from spadework.web.api.runs import RunBrief, brief
from spadework.web.api.v2_contacts import AnyDossier
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyCall, AnyField, AnyRun, AnyTable, Body, Reply, Router, resource
from spadework.workbooks.actions import cells, tables
from spadework.workbooks.types import EDITED, CellDetail, CellVersion, Table

router = Router("cells")

AnyVersion = Annotated[UUID, resource("cell_version")]
SourceKind = Literal["imported", "typed", "directory", "provider", "llm", "formula", "dossier"]
_DIRECTORY = "directory"
_DOSSIER = "dossier"
_PRESENT: tuple[CellState, ...] = ("done", "no_data", "empty")


class CellSource(Reply):
    """Where the present value came from, and when."""

    kind: SourceKind
    label: str
    at: datetime


class Attempt(Reply):
    """One question that was asked for the cell. Secrets are not in `request`.

    `state` is that of the paid call: ok, failed, void, unknown. `is_reused` answers were bought before and
    cost nothing again. `started_at` is when the cell was written if the call's own beginning is not known.
    A dossier column's question is its `dossier_id`, made by the pipeline run `run_id`. `prompt_key` and what
    follows it name the registry's prompt, where the column asked with one.
    """

    provider: str
    capability: str
    call_id: AnyCall | None
    call_class: str | None
    state: str
    outcome: str | None
    message: str | None
    cost_micro_usd: int
    is_simulated: bool
    is_reused: bool
    request: JsonValue
    response: JsonValue
    started_at: datetime
    elapsed_ms: int | None
    model: str | None
    prompt: str | None
    system: str | None
    raw_output: str | None
    input_tokens: int | None
    output_tokens: int | None
    prompt_key: str | None
    prompt_label: str | None
    prompt_version: int | None
    dossier_id: AnyDossier | None
    run_id: AnyRun | None


class Version(Reply):
    """One earlier value of the cell, which it can be taken back to."""

    id: AnyVersion
    value: JsonValue
    state: CellState
    at: datetime
    run_id: AnyRun | None
    marks: int


class CellReply(Reply):
    """Everything known about one cell.

    `attempts` are those of its last run, of the column that fills it if it is an output. `cost_micro_usd`
    is what all its versions cost together. `history` is newest first, without the present version.
    """

    value: JsonValue
    state: CellState
    marks: int
    note: str | None
    field: FieldReply
    row_id: int
    source: CellSource | None
    attempts: list[Attempt]
    cost_micro_usd: int
    run: RunBrief | None
    history: list[Version]


class Restore(Body):
    """The id of an entry of the cell's history."""

    version: AnyVersion


@router.get("/v3/tables/{table_id}/records/{row_id}/cells/{field_id}")
async def get_cell(
    table_id: AnyTable,
    row_id: AnyRow,
    field_id: AnyField,
    request: Request,
    who: Principal = require("workbooks.read"),
) -> CellReply:
    """One cell with every question that was asked for it."""
    async with app_of(request).database.read(who.account_id) as tx:
        return await _show(tx, await cells.get_cell(tx, table_id, row_id, field_id))


@router.post("/v3/tables/{table_id}/records/{row_id}/cells/{field_id}/restore")
async def restore_cell(
    table_id: AnyTable,
    row_id: AnyRow,
    field_id: AnyField,
    body: Restore,
    request: Request,
    who: Principal = require("workbooks.write"),
) -> CellReply:
    """Take the cell back to an earlier value; what was computed from it becomes `stale`."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return await _show(tx, await cells.restore(tx, table_id, row_id, field_id, body.version))


async def _show(tx: ReadOnly, cell: CellDetail) -> CellReply:
    table = await tables.get_table(tx, cell.field.table_id)
    asked = await _filler(tx, table, cell)
    return CellReply(
        value=cell.value, state=cell.state, marks=cell.marks, note=cell.note, field=show_field(cell.field, table),
        row_id=cell.row_id, source=_source(cell, asked), attempts=await _attempts(tx, asked),
        cost_micro_usd=sum(each.cost_micro_usd for each in asked.versions),
        run=brief(await runs.get(tx, cell.run_id)) if cell.run_id else None,
        history=[Version.model_validate(each) for each in cell.versions[1:]],
    )  # fmt: skip


async def _filler(tx: ReadOnly, table: Table, cell: CellDetail) -> CellDetail:
    """The cell whose run fills this one: itself, or for an output that of the column it is an output of."""
    if cell.field.output_of is None or table.find_field(cell.field.output_of) is None:
        return cell
    return await cells.get_cell(tx, table.id, cell.row_id, FieldId(cell.field.output_of))


# --- where a value came from ---------------------------------------------------------------------


def _source(cell: CellDetail, filler: CellDetail) -> CellSource | None:
    present = next((each for each in cell.versions if each.state in _PRESENT), None)
    if present is not None and present.marks & EDITED:
        return CellSource(kind="typed", label="Typed by hand", at=present.at)
    if present is not None and present.run_id is not None:
        return _computed_by(filler, present)
    if cell.value is None:
        return None
    if cell.row_source is None or cell.row_source in ("typed", "imported"):
        kind: SourceKind = "imported" if cell.row_source == "imported" else "typed"
        label = "Imported file" if kind == "imported" else "Typed by hand"
        return CellSource(kind=kind, label=label, at=cell.row_created_at)
    return _provider(cell.row_source, cell.row_created_at)


def _computed_by(filler: CellDetail, version: CellVersion) -> CellSource:
    if version.provider is not None:
        return _provider(version.provider, version.at)
    # An output's own kind only says how it is stored.
    kind = catalog.load(ColumnKind, "column").get(filler.field.kind)
    return CellSource(kind="formula", label=kind.label if kind else filler.field.kind, at=version.at)


def _provider(key: str, at: datetime) -> CellSource:
    # A person of a dossier is a row whose source is "dossier" and the run that made it.
    if key.partition(" ")[0] == _DOSSIER:
        return CellSource(kind="dossier", label="Dossier", at=at)
    llm = catalog.load(Llm, "llm").get(key)
    if llm is not None:
        return CellSource(kind="llm", label=llm.label, at=at)
    # A plug-in may have been taken out since; what it filled keeps its key.
    provider = catalog.load(Provider, "provider").get(key)
    label = provider.label if provider else key
    return CellSource(kind="directory" if key == _DIRECTORY else "provider", label=label, at=at)


# --- what was asked ------------------------------------------------------------------------------


async def _attempts(tx: ReadOnly, cell: CellDetail) -> list[Attempt]:
    last = next((each for each in cell.versions if each.run_id is not None), None)
    return [await _attempt(tx, each, last.at) for each in last.evidence] if last else []


async def _attempt(tx: ReadOnly, noted: Mapping[str, Any], at: datetime) -> Attempt:
    """What the cell noted of one question, joined with the books' record of the call."""
    call = await spend.find_call(tx, UUID(noted["call_id"])) if noted.get("call_id") else None
    outcome = noted.get("outcome")
    return Attempt.model_validate(
        {
            **{name: noted.get(name) for name in Attempt.model_fields},
            "state": call.state if call else noted.get("state") or ("failed" if outcome == "Refused" else "ok"),
            "outcome": re.sub(r"(?<=[a-z])(?=[A-Z])", "_", outcome).lower() if outcome else None,
            "message": noted.get("message") or (call.error if call else None),
            "cost_micro_usd": noted.get("cost_micro_usd") or 0,
            "is_simulated": bool(noted.get("is_simulated")),
            "is_reused": bool(noted.get("is_reused")),
            "request": noted.get("request") or (call.request if call else None),
            "response": noted.get("response") or (call.response if call else None),
            "started_at": (call.intent_at if call else None) or noted.get("started_at") or at,
        }
    )
