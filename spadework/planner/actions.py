"""What others may do with plans: make one from the wizard's answers, look, edit, approve, reject."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from spadework.accounts.actions import accounts
from spadework.approvals import actions as approvals
from spadework.clients import actions as clients
from spadework.clients.types import Client
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound, SpadeworkError
from spadework.core.ids import AccountId, UserId
from spadework.planner import rules, store
from spadework.planner.types import (
    Answers,
    CompanyFilters,
    Compiled,
    Plan,
    PlanBlocker,
    PlanDocument,
    PlanStep,
    SourceColumn,
    StepEstimate,
)
from spadework.plug import catalog
from spadework.plug.column import Ask, ColumnKind
from spadework.plug.prompt import PromptText
from spadework.plug.provider import Found, LocalProvider, Provider
from spadework.plug.questions import Companies, FindCompanies
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Run
from spadework.spend import actions as spend
from spadework.spend.types import Scopes
from spadework.workbooks import uploads
from spadework.workbooks.actions import dossiers, fields, imports, prompted
from spadework.workbooks.actions import estimates as pricing
from spadework.workbooks.types import Market, RowPrice

SUBJECT = "plan"
_EDITABLE = ("draft", "stopped", "failed")
_INDUSTRIES_OFFERED = 120
_EMPTY = {
    "find_companies": "The filters match nothing. Widen them, or the table stays empty.",
    "csv": "The file has no rows below its header.",
    "empty": "The table starts empty. Add rows to it, then run its columns.",
}
_SIZES = ("1-10", "11-50", "51-200", "201-500", "501-1,000", "1,001-5,000", "5,001-10,000", "10,001+")


async def draft(tx: Transaction, client_id: UUID, answers: Answers, *, home: Path, by: UserId | None) -> Plan:
    """The plan that the wizard's answers ask for, checked and costed; nothing is carried out.

    `home` is where uploaded files lie.

    Raises:
        NotFound: no such client or upload. InvalidInput: an answer cannot be used.
    """
    client = await clients.get(tx, client_id)
    is_training = (
        answers.is_training if answers.is_training is not None else (await accounts.get_account(tx)).is_training
    )
    chosen, rows = await _with_source(
        answers.model_copy(update={"is_training": is_training}), home=home, account_id=tx.account
    )
    compiled = await compile_plan(tx, client, rules.from_answers(chosen, rows=rows))
    plan_id = await store.add(
        tx, client_id=client_id, name=chosen.workbook_name, answers=chosen.model_dump(mode="json"),
        document=compiled.document.model_dump(mode="json"), compiled=to_json(compiled),
        hash=rules.fingerprint(compiled.document), by=by,
    )  # fmt: skip
    return await get(tx, plan_id)


async def get(tx: ReadOnly, plan_id: UUID) -> Plan:
    """The plan.

    Raises:
        NotFound: there is none in this account.
    """
    if plan := await store.find(tx, plan_id):
        return plan
    raise NotFound("There is no such plan. It may belong to another account.")


async def list_plans(tx: ReadOnly, *, client_id: UUID | None = None, limit: int = 50) -> list[Plan]:
    """Plans, newest first."""
    return await store.list_plans(tx, client_id=client_id, limit=limit)


async def edit(tx: Transaction, plan_id: UUID, document: Mapping[str, Any]) -> Plan:
    """Replace the document and compile it again; the plan is a draft then, and an approval of the old one is void.

    Raises:
        InvalidInput: the document is not of the plan's shape. Conflict: the plan is being or was carried out.
    """
    plan = await _locked(tx, plan_id)
    rules.require_state(plan, *_EDITABLE)
    compiled = await compile_plan(tx, await clients.get(tx, plan.client_id), parse(document))
    await store.set_document(
        tx, plan_id, document=compiled.document.model_dump(mode="json"), compiled=to_json(compiled),
        hash=rules.fingerprint(compiled.document),
    )  # fmt: skip
    return await get(tx, plan_id)


async def approve(tx: Transaction, plan_id: UUID, *, seen: str, by: UserId | None) -> tuple[Plan, Run]:
    """Record the yes to exactly this plan and start carrying it out, in one transaction.

    Safe to call twice: the run that the first call started is returned; one that was stopped goes on.

    Raises:
        ContentChanged: `seen` is not the plan's hash. InvalidInput: the plan has blockers.
        OutOfBudget: its worst price does not fit; details say what is missing.
    """
    plan = await _locked(tx, plan_id)
    if plan.run_id is not None and plan.state in ("applying", "stopped", "applied") and seen == plan.hash:
        if plan.state == "stopped":
            await runs.resume(tx, plan.run_id, by=by)
        return await get(tx, plan_id), await runs.get(tx, plan.run_id)
    rules.require_state(plan, *_EDITABLE)
    compiled = await compile_plan(tx, await clients.get(tx, plan.client_id), plan.document)
    await approvals.record(
        tx, SUBJECT, plan_id, seen=seen, actual=rules.fingerprint(compiled.document), decision="yes",
        shown=to_json(compiled), by=by,
    )  # fmt: skip
    if compiled.blockers:
        raise InvalidInput(f"The plan cannot run yet. {compiled.blockers[0].message}")
    await spend.require_room(tx, Scopes(account_id=tx.account, client_id=plan.client_id), compiled.expected_micro_usd)
    run = await runs.start(
        tx,
        NewRun(
            kind="apply_plan", title=f"Carry out the plan {plan.name}", client_id=plan.client_id,
            subject={"plan_id": str(plan_id), "client_id": str(plan.client_id)}, input={"plan_id": str(plan_id)},
            is_simulated=_is_training(compiled.document),
        ),
        by=by,
    )  # fmt: skip
    await store.set_state(tx, plan_id, "applying", run_id=run.id)
    return await get(tx, plan_id), run


async def reject(tx: Transaction, plan_id: UUID, *, by: UserId | None, reason: str = "") -> Plan:
    """Record the no; the plan stays as it is and may be edited.

    Raises:
        Conflict: it is being carried out already.
    """
    plan = await _locked(tx, plan_id)
    rules.require_state(plan, *_EDITABLE)
    await approvals.record(
        tx, SUBJECT, plan_id, seen=plan.hash, actual=plan.hash, decision="no", shown={"reason": reason[:500]}, by=by
    )
    return plan


async def compile_plan(tx: ReadOnly, client: Client, document: PlanDocument) -> Compiled:
    """The plan checked against the catalogue and costed by us; what its author estimated does not count."""
    is_training = _is_training(document)
    market = await pricing.find_market(tx, client.id, is_training=is_training)
    blockers = rules.check(document, source_columns=source_columns(document))
    rows = await asyncio.to_thread(_rows, document)
    steps: list[PlanStep] = []
    estimates: list[StepEstimate] = []
    warnings: list[str] = []
    for step in document.steps:
        price, problems, prompt = await _price(tx, step, market)
        blockers += [PlanBlocker(order=step.order, message=each) for each in problems]
        steps.append(_with_version(step, prompt).model_copy(update={"estimatedCredits": _credits(step, rows)}))
        estimates.append(
            StepEstimate(
                order=step.order, rows=rows if step.type in ("add_source", "add_column", "run_enrichment") else 0,
                expected_micro_usd=price.expected_micro_usd * rows, worst_micro_usd=price.worst_micro_usd * rows,
                unit_micro_usd=price.expected_micro_usd, note=_note(price, market, prompt),
            )
        )  # fmt: skip
    if rows == 0:
        warnings.append(_EMPTY.get(_source_type(document), _EMPTY["find_companies"]))
    if is_training:
        warnings.append("Training mode: vendors are simulated, nothing is spent, and every such value says so.")
    total = document.model_copy(
        update={
            "steps": tuple(steps), "estimatedRows": rows, "warnings": tuple(warnings),
            "estimatedCredits": round(sum(each.estimatedCredits for each in steps), 2),
        }
    )  # fmt: skip
    return Compiled(
        document=total, rows=rows, expected_micro_usd=sum(each.expected_micro_usd for each in estimates),
        worst_micro_usd=sum(each.worst_micro_usd for each in estimates), steps=estimates, blockers=blockers,
        warnings=warnings,
    )  # fmt: skip


def parse(document: Mapping[str, Any]) -> PlanDocument:
    """The document, if it has the plan's shape.

    Raises:
        InvalidInput: with the first thing that is wrong with it.
    """
    try:
        return PlanDocument.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(each) for each in first["loc"]) or "the document"
        raise InvalidInput(f"This is not a plan: {where}: {_reason(first)}.") from error


def parse_answers(answers: Mapping[str, Any]) -> Answers:
    """The wizard's answers, if they have the right shape; errors as in `parse`."""
    try:
        return Answers.model_validate(answers)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(each) for each in first["loc"]) or "the answers"
        raise InvalidInput(f"These answers cannot be used: {where}: {_reason(first)}.") from error


def find_companies(filters: CompanyFilters, provider: str = "directory") -> Companies:
    """What the filters match in a source inside the house; free and immediate.

    Raises:
        InvalidInput: the source is a vendor and is asked only in a run.
    """
    source = catalog.get(Provider, "provider", provider)
    if not issubclass(source, LocalProvider):
        raise InvalidInput(f"{source.label} is asked when the plan runs. Preview with the company directory.")
    outcome = source().answer(FindCompanies(**filters.model_dump()))
    return (
        outcome.answer
        if isinstance(outcome, Found) and isinstance(outcome.answer, Companies)
        else Companies(companies=(), total=0)
    )


async def filter_choices() -> dict[str, list[str]]:
    """What the wizard offers to choose from: the directory's common industries and places, and size bands."""
    return await asyncio.to_thread(_filter_choices)


def source_columns(document: PlanDocument) -> Sequence[SourceColumn]:
    """The columns that the plan's source fills."""
    for step in document.steps:
        if step.type == "add_source" and step.config.get("sourceType") == "find_companies":
            return rules.COMPANY_COLUMNS
        if step.type == "add_source" and step.config.get("sourceType") == "csv":
            return [
                SourceColumn(
                    name=each["new_field"]["name"], kind=each["new_field"].get("kind", "text"), path=each["column"]
                )
                for each in step.config.get("mapping", [])
                if each.get("new_field")
            ]
    return ()


def to_json(compiled: Compiled) -> dict[str, Any]:
    """The compiled plan as it is stored, shown and approved."""
    return {
        "rows": compiled.rows, "expected_micro_usd": compiled.expected_micro_usd,
        "worst_micro_usd": compiled.worst_micro_usd, "warnings": list(compiled.warnings),
        "steps": [{name: getattr(each, name) for name in StepEstimate.__dataclass_fields__} for each in compiled.steps],
        "blockers": [{"order": each.order, "message": each.message} for each in compiled.blockers],
    }  # fmt: skip


def show(plan: Plan) -> dict[str, Any]:
    """The plan as the API and the command line show it."""
    compiled = plan.compiled
    return {
        "id": str(plan.id), "client_id": str(plan.client_id), "name": plan.name, "state": plan.state, "hash": plan.hash,
        "document": plan.document.model_dump(mode="json"),
        "estimate": {name: compiled[name] for name in ("rows", "expected_micro_usd", "worst_micro_usd", "steps")},
        "blockers": compiled["blockers"], "warnings": compiled["warnings"],
        "workbook_id": str(plan.workbook_id) if plan.workbook_id else None,
        "run_id": str(plan.run_id) if plan.run_id else None, "created_at": plan.created_at.isoformat(),
    }  # fmt: skip


async def set_workbook(tx: Transaction, plan_id: UUID, workbook_id: UUID) -> None:
    """Remember which workbook the plan made, so that carrying it out again makes no second one."""
    await store.set_workbook(tx, plan_id, workbook_id)


async def finish(tx: Transaction, plan_id: UUID, *, is_done: bool) -> None:
    """Note that the plan was carried out, or that it failed and may be approved again; a stopped run says so itself."""
    await store.set_state(tx, plan_id, "applied" if is_done else "failed")


async def _with_source(answers: Answers, *, home: Path, account_id: AccountId) -> tuple[Answers, int]:
    """The answers with a file's columns where they name none, and how many rows there will be."""
    source = answers.source
    if answers.lead_source == "find_companies":
        found = await asyncio.to_thread(find_companies, source.filters, source.provider)
        return answers, len(found.companies)
    if answers.lead_source == "other":
        return answers, 0
    if source.upload_id is None:
        raise InvalidInput("No file was chosen. Upload a CSV file first.")
    try:
        upload_id = UUID(source.upload_id)
    except ValueError as error:
        raise InvalidInput(f"{source.upload_id!r} is no upload. Upload the CSV file again.") from error
    seen = await asyncio.to_thread(imports.preview, home, account_id, upload_id)
    lines = await asyncio.to_thread(uploads.count_lines, uploads.find(home, account_id, upload_id))
    mapping = source.mapping or [
        {"column": each.name, "new_field": {"name": each.name, "kind": each.guess_kind}} for each in seen.columns
    ]
    mapped = source.model_copy(update={"mapping": mapping})
    return answers.model_copy(update={"source": mapped}), max(0, lines - 1)


@cache
def _filter_choices() -> dict[str, list[str]]:
    every = find_companies(CompanyFilters(limit=50_000)).companies
    seats = [each.headquarters for each in every if each.headquarters is not None]
    industries = Counter(name for each in every for name in each.industries)
    return {
        "industries": sorted(name for name, _ in industries.most_common(_INDUSTRIES_OFFERED)),
        "sizes": list(_SIZES),
        "countries": [name for name, _ in Counter(each.country for each in seats if each.country).most_common()],
        "us_states": sorted({each.region for each in seats if each.country_code == "US" and each.region}),
    }


async def _locked(tx: Transaction, plan_id: UUID) -> Plan:
    if plan := await store.lock(tx, plan_id):
        return plan
    raise NotFound("There is no such plan. It may belong to another account.")


async def _price(tx: ReadOnly, step: PlanStep, market: Market) -> tuple[RowPrice, tuple[str, ...], PromptText | None]:
    """One row's price of the column the step adds, why it could not run, and the registry's prompt it asks with."""
    if step.type != "add_column":
        return RowPrice(), (), None
    name = str(step.config.get("name"))
    try:
        if step.config.get("conditionalRun"):
            fields.check_condition(str(step.config["conditionalRun"]))
        kind = catalog.get(ColumnKind, "column", str(step.config.get("type")))()
        settings = kind.settings.model_validate(rules.column_settings(step.config))
        asks = list(await prompted.asks(tx, kind, settings))
        if kind.makes_dossiers:
            asks += await dossiers.asks(tx, is_training=market.is_training)
            market = dossiers.market_of(market)
        price = pricing.price_row(asks, market, name=name)
        prompts = await prompted.require(tx, kind, settings)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(each) for each in first["loc"]) or "settings"
        return RowPrice(), (f"Column {name!r}: {place}: {_reason(first)}.",), None
    except SpadeworkError as error:
        return RowPrice(), (f"Column {name!r}: {error.message}",), None
    return price, price.blockers, next(iter(prompts), None)


def _with_version(step: PlanStep, prompt: PromptText | None) -> PlanStep:
    """The step with the version its prompt has now, so that the plan's hash tells when the label has moved."""
    if prompt is None and "promptVersion" not in step.config:
        return step
    config = {name: value for name, value in step.config.items() if name != "promptVersion"}
    return step.model_copy(update={"config": {**config, **({"promptVersion": prompt.number} if prompt else {})}})


def _reason(problem: Mapping[str, Any]) -> str:
    return str(problem["msg"]).removeprefix("Value error, ").rstrip(".")


def _asks(step: PlanStep) -> Sequence[Ask]:
    kind = catalog.get(ColumnKind, "column", str(step.config.get("type")))()
    return kind.asks(kind.settings.model_validate(rules.column_settings(step.config)))


def _rows(document: PlanDocument) -> int:
    for step in document.steps:
        if step.type == "add_source" and step.config.get("sourceType") == "find_companies":
            try:
                filters = CompanyFilters.model_validate(step.config.get("filters", {}))
                return len(find_companies(filters, str(step.config.get("provider", "directory"))).companies)
            except (ValidationError, SpadeworkError):
                return document.estimatedRows
    return document.estimatedRows


def _credits(step: PlanStep, rows: int) -> float:
    """Vendors' credits the step is expected to use, whatever they cost."""
    if step.type != "add_column":
        return 0.0
    try:
        asks = _asks(step)
    except (ValidationError, SpadeworkError):
        return 0.0
    credits = 0.0
    for ask in (each for each in asks if each.provider):
        capability = catalog.get(Provider, "provider", str(ask.provider)).find_capability(ask.capability)
        credits += (capability.price_credits if capability else 0.0) * ask.likelihood
    return round(credits * rows, 2)


def _note(price: RowPrice, market: Market, prompt: PromptText | None) -> str:
    who = ", ".join(price.providers) + (" (simulated)" if price.providers and market.is_training else "")
    asked = f"prompt {prompt.key}, version {prompt.number} ({prompt.label})" if prompt else ""
    return "; ".join(each for each in (who, asked) if each)


def _source_type(document: PlanDocument) -> str:
    return next((str(step.config.get("sourceType")) for step in document.steps if step.type == "add_source"), "")


def _is_training(document: PlanDocument) -> bool:
    return any(step.type == "create_workbook" and step.config.get("isTraining") is not False for step in document.steps)
