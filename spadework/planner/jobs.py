"""The job `apply_plan`: carries out an approved plan step by step, and never any step twice."""

import asyncio
import contextlib
from functools import partial
from typing import Any
from uuid import UUID

from spadework.approvals import actions as approvals
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Halted, InvalidInput, ProviderError
from spadework.core.ids import UserId
from spadework.planner import actions, rules
from spadework.planner.types import CompanyFilters, Plan, PlanStep
from spadework.plug.answers import at_path
from spadework.plug.column import Value
from spadework.plug.provider import Found, LocalProvider
from spadework.plug.questions import Companies, FindCompanies
from spadework.runs import actions as runs
from spadework.runs.jobs import Job, job
from spadework.runs.types import Run
from spadework.workbooks.actions import fields, imports, rows, running, tables, workbooks
from spadework.workbooks.types import NewField, NewOutput, RunRequest, Table

_LOOK_SECONDS = 0.25
_ROWS_AT_ONCE = 500


@job("apply_plan")
async def apply_plan(job: Job) -> dict[str, Any]:
    """Carry out the plan that was approved; each step looks first whether an earlier go has done it."""
    plan_id = UUID(str(job.run.input["plan_id"]))
    async with job.database.read(job.account_id) as tx:
        plan = await actions.get(tx, plan_id)
        await approvals.require(tx, actions.SUBJECT, plan_id, fingerprint=rules.fingerprint(plan.document))
    is_done = False
    try:
        for step in plan.document.steps:
            job.require_going()
            await job.step(
                f"step-{step.order}", step.description or step.type, partial(_carry_out, job, plan, step),
                inputs={"type": step.type, "config": step.config, "depends_on": list(step.dependsOn)},
            )  # fmt: skip
            await _report(job, plan, step.order)
        is_done = True
    finally:
        if not job.is_stopping or is_done:
            async with job.database.transaction(job.account_id) as tx:
                await actions.finish(tx, plan_id, is_done=is_done)
    async with job.database.read(job.account_id) as tx:
        return {"workbook_id": str((await actions.get(tx, plan_id)).workbook_id)}


async def _carry_out(job: Job, plan: Plan, step: PlanStep) -> dict[str, Any]:
    match step.type:
        case "create_workbook":
            return await _create_workbook(job, plan, step)
        case "create_table":
            return await _name_table(job, plan, step)
        case "add_source":
            return await _add_source(job, plan, step)
        case "add_column":
            return await _add_column(job, plan, step)
        case "run_enrichment":
            return await _run(job, plan, step)
    raise InvalidInput(f"Step {step.order} is of the unknown type {step.type!r}.")


async def _create_workbook(job: Job, plan: Plan, step: PlanStep) -> dict[str, Any]:
    async with job.database.transaction(job.account_id) as tx:
        current = await actions.get(tx, plan.id)
        if current.workbook_id is None:
            made = await workbooks.create_workbook(
                tx, plan.client_id, str(step.config.get("name") or plan.name),
                is_training=step.config.get("isTraining") is not False, by=_author(plan),
            )  # fmt: skip
            await actions.set_workbook(tx, plan.id, made.workbook.id)
            return {"workbook_id": str(made.workbook.id)}
        return {"workbook_id": str(current.workbook_id)}


async def _name_table(job: Job, plan: Plan, step: PlanStep) -> dict[str, Any]:
    async with job.database.transaction(job.account_id) as tx:
        table = await _table(tx, plan)
        if step.config.get("name"):
            await tables.rename_table(tx, table.id, str(step.config["name"]))
        return {"table_id": str(table.id)}


async def _add_source(job: Job, plan: Plan, step: PlanStep) -> dict[str, Any]:
    kind = step.config.get("sourceType")
    if kind == "find_companies":
        return await _add_companies(job, plan, step)
    if kind == "empty":
        return {"rows": 0}
    if kind == "csv":
        return await _import_csv(job, plan, step)
    raise InvalidInput(f"Step {step.order} adds rows from the unknown source {kind!r}.")


async def _add_companies(job: Job, plan: Plan, step: PlanStep) -> dict[str, Any]:
    """All rows and the note of their source in one transaction: they are there once, or not at all."""
    filters = CompanyFilters.model_validate(step.config.get("filters", {}))
    key = str(step.config.get("provider", "directory"))
    provider = job.app.vendors.provider(key)
    if not isinstance(provider, LocalProvider):
        raise ProviderError(f"{provider.label} cannot be a plan's source yet. Use the company directory or a CSV file.")
    outcome = await asyncio.to_thread(provider.answer, FindCompanies(**filters.model_dump()))
    found = outcome.answer.companies if isinstance(outcome, Found) and isinstance(outcome.answer, Companies) else ()
    async with job.database.transaction(job.account_id) as tx:
        table = await _table(tx, plan)
        if table.source is not None:
            return {"rows": table.row_count}
        made = {}
        for column in rules.COMPANY_COLUMNS:
            added = await fields.add_field(tx, table.id, NewField(name=column.name, kind=column.kind), by=None)
            if column.kind == "json":
                await fields.update_field(tx, added.field.id, is_hidden=True, by=None)
            made[column.path] = added.field.id
        lines = [{made[path]: _shown(at_path(each, path)) for path in made} for each in found]
        for start in range(0, len(lines), _ROWS_AT_ONCE):
            await rows.add_rows(tx, table.id, lines[start : start + _ROWS_AT_ONCE], source=key)
        await tables.set_source(
            tx, table.id, {"kind": "find_companies", "provider": key, "filters": filters.model_dump(mode="json")}
        )
    return {"rows": len(lines), "columns": [each.name for each in rules.COMPANY_COLUMNS]}


async def _import_csv(job: Job, plan: Plan, step: PlanStep) -> dict[str, Any]:
    async with job.database.transaction(job.account_id) as tx:
        table = await _table(tx, plan)
        child = await _child(tx, job, "import_csv")
        if child is None:
            child = await imports.start_import(
                tx, table.id, home=job.app.settings.home, upload_id=UUID(str(step.config["uploadId"])),
                mapping=list(step.config.get("mapping", [])), parent_run_id=job.run.id, by=_author(plan),
            )  # fmt: skip
    ended = await _await_child(job, plan, step.order, child)
    return {"run_id": str(child.id), **(ended.result or {})}


async def _add_column(job: Job, plan: Plan, step: PlanStep) -> dict[str, Any]:
    name = str(step.config["name"])
    async with job.database.transaction(job.account_id) as tx:
        table = await _table(tx, plan)
        if existing := table.find_field_by_name(name):
            return {"field_id": str(existing.id)}
        new = NewField(
            name=name, kind=str(step.config["type"]), settings=rules.column_settings(step.config),
            condition=step.config.get("conditionalRun") or None,
            outputs=[NewOutput(name=n, output_name=o) for n, o in rules.output_columns(step.config).items()],
        )  # fmt: skip
        added = await fields.add_field(tx, table.id, new, by=None)
        return {"field_id": str(added.field.id), "output_field_ids": [str(each.id) for each in added.outputs]}


async def _run(job: Job, plan: Plan, step: PlanStep) -> dict[str, Any]:
    async with job.database.transaction(job.account_id) as tx:
        table = await _table(tx, plan)
        child = await _child(tx, job, "fill_columns")
        if child is None:
            wanted = [table.find_field_by_name(str(name)) for name in step.config.get("columns", [])]
            request = RunRequest(
                table_id=table.id, field_ids=tuple(each.id for each in wanted if each is not None),
                mode="all" if step.config.get("runAll", True) else "first_n", with_dependants=False,
            )  # fmt: skip
            child = await running.start_run(tx, request, by=_author(plan), parent_run_id=job.run.id)
    ended = await _await_child(job, plan, step.order, child)
    return {"run_id": str(child.id), "state": ended.state, "progress": ended.progress}


async def _await_child(job: Job, plan: Plan, order: int, child: Run) -> Run:
    """The child's end; its progress shows in this run meanwhile, and a stop of this run stops it."""
    is_stop_passed_on = False
    while True:
        async with job.database.transaction(job.account_id) as tx:
            current = await runs.get(tx, child.id)
            if job.is_stopping and not is_stop_passed_on and current.is_open:
                await runs.request_stop(tx, child.id, by=None)
                is_stop_passed_on = True
        await _report(job, plan, order - 1, child=current)
        if not current.is_open:
            break
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(job.stop.wait() if not is_stop_passed_on else asyncio.sleep(1), _LOOK_SECONDS)
    if current.state == "stopped":
        raise Halted("The run was stopped.")
    if current.state == "failed":
        message = (current.error or {}).get("message", "It failed.")
        raise ProviderError(f"Filling the columns failed. {message} Retry the run to go on where it ended.")
    return current


async def _report(job: Job, plan: Plan, done: int, *, child: Run | None = None) -> None:
    async with job.database.transaction(job.account_id) as tx:
        current = await actions.get(tx, plan.id)
        progress: dict[str, Any] = {
            "total": len(plan.document.steps), "done": done,
            "workbook_id": str(current.workbook_id) if current.workbook_id else None,
        }  # fmt: skip
        if current.workbook_id:
            progress["table_id"] = str((await _table(tx, current)).id)
        child = child or await runs.find_child(tx, job.run.id, "fill_columns")
        if child is not None:
            progress["child"] = {"id": str(child.id), **child.progress}
            progress["cost_micro_usd"] = child.progress.get("cost_micro_usd", 0)
        await job.report(progress, tx=tx)
        await job.announce(tx)


async def _table(tx: ReadOnly, plan: Plan) -> Table:
    current = await actions.get(tx, plan.id)
    if current.workbook_id is None:
        raise InvalidInput("The plan has a step that needs a workbook before one is created.")
    summary = await workbooks.get_summary(tx, current.workbook_id)
    return await tables.get_table(tx, summary.tables[0].id)


async def _child(tx: Transaction, job: Job, kind: str) -> Run | None:
    """The run that an earlier go of this job has started, None when there is none; one that ended early goes on."""
    child = await runs.find_child(tx, job.run.id, kind)
    if child is not None and child.state in ("stopped", "failed"):
        return await runs.resume(tx, child.id, by=None)
    return child


def _author(plan: Plan) -> UserId | None:
    return UserId(plan.created_by) if plan.created_by else None


def _shown(value: Value | tuple[str, ...]) -> Value:
    return ", ".join(str(each) for each in value) if isinstance(value, tuple | list) else value
