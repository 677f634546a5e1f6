"""Plans: made from the wizard's answers, costed, edited, approved against their hash, rejected."""

import asyncio
from datetime import datetime
from typing import Annotated

from fastapi import Query, Request
from pydantic import Field

from spadework.accounts.types import Principal
from spadework.planner import actions as planner
from spadework.planner.types import Answers, CompanyFilters, Plan, PlanDocument, PlanState
from spadework.web.api.runs import RunBrief, brief
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyPlan, AnyRun, AnyWorkbook, Body, Reply, Router

router = Router("plans")
_SAMPLE = 8


class StepEstimateReply(Reply):
    """What one step costs, in micro-dollars; `unit_micro_usd` is one row's expected price."""

    order: int
    rows: int
    expected_micro_usd: int
    worst_micro_usd: int
    unit_micro_usd: int
    note: str


class EstimateReply(Reply):
    """What the whole plan costs: expected, and at the very most."""

    rows: int
    expected_micro_usd: int
    worst_micro_usd: int
    steps: list[StepEstimateReply]


class BlockerReply(Reply):
    """Why a step cannot run, and what to do; order 0 is about the whole plan."""

    order: int
    message: str


class PlanReply(Reply):
    """A plan as it would be carried out now; an approval binds to `hash`."""

    id: AnyPlan
    client_id: AnyClient
    name: str
    state: PlanState
    hash: str
    document: PlanDocument
    estimate: EstimateReply
    blockers: list[BlockerReply]
    warnings: list[str]
    workbook_id: AnyWorkbook | None
    run_id: AnyRun | None
    created_at: datetime


class Plans(Reply):
    """Plans, newest first."""

    data: list[PlanReply]
    next_cursor: str | None = None


class NewPlan(Body):
    """The wizard's answers, for one client."""

    client_id: AnyClient
    answers: Answers


class PlanChange(Body):
    """The whole document anew; costs and warnings in it are computed again."""

    document: PlanDocument


class PlanYes(Body):
    """The hash of the plan that was shown."""

    hash: str = Field(min_length=1, max_length=128)


class PlanNo(Body):
    """Why not, for whoever made the plan."""

    reason: str = Field(default="", max_length=500)


class Approved(Reply):
    """The plan and the run that carries it out."""

    plan: PlanReply
    run: RunBrief


class CountRequest(Body):
    """Filters to try."""

    filters: CompanyFilters


class CompanySample(Reply):
    """One company the filters match."""

    name: str
    domain: str | None
    city: str | None
    industry: str | None


class CountReply(Reply):
    """How many companies match, and the first of them."""

    count: int
    sample: list[CompanySample]


@router.post("/v3/plans/preview-count")
async def preview_count(body: CountRequest, who: Principal = require("plans.read")) -> CountReply:
    """How many companies of the bundled directory the filters match; free and immediate."""
    found = await asyncio.to_thread(planner.find_companies, body.filters)
    return CountReply(
        count=found.total if found.total is not None else len(found.companies),
        sample=[
            CompanySample(
                name=each.name,
                domain=each.domain,
                city=each.headquarters.city if each.headquarters else None,
                industry=each.industries[0] if each.industries else None,
            )
            for each in found.companies[:_SAMPLE]
        ],
    )


@router.post("/v3/plans", status_code=201)
async def make_plan(body: NewPlan, request: Request, who: Principal = require("plans.write")) -> PlanReply:
    """The plan that the answers ask for, checked and costed; nothing is carried out."""
    app = app_of(request)
    async with app.database.transaction(who.account_id) as tx:
        return _show(await planner.draft(tx, body.client_id, body.answers, home=app.settings.home, by=who.user_id))


@router.get("/v3/plans")
async def list_plans(
    request: Request,
    client_id: AnyClient | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    who: Principal = require("plans.read"),
) -> Plans:
    """Plans, newest first."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await planner.list_plans(tx, client_id=client_id, limit=limit)
    return Plans(data=[_show(each) for each in found])


@router.get("/v3/plans/{plan_id}")
async def get_plan(plan_id: AnyPlan, request: Request, who: Principal = require("plans.read")) -> PlanReply:
    """One plan with the cost of each step."""
    async with app_of(request).database.read(who.account_id) as tx:
        return _show(await planner.get(tx, plan_id))


@router.patch("/v3/plans/{plan_id}")
async def edit_plan(
    plan_id: AnyPlan, body: PlanChange, request: Request, who: Principal = require("plans.write")
) -> PlanReply:
    """Change a draft by hand; it is checked and costed again and gets a new hash."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _show(await planner.edit(tx, plan_id, body.document.model_dump(mode="json")))


@router.post("/v3/plans/{plan_id}/approve", status_code=202)
async def approve_plan(
    plan_id: AnyPlan, body: PlanYes, request: Request, who: Principal = require("plans.approve", effects="spend")
) -> Approved:
    """Say yes to exactly the plan that was shown, which starts its run; 409 when it is another one by now."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        plan, run = await planner.approve(tx, plan_id, seen=body.hash, by=who.user_id)
    return Approved(plan=_show(plan), run=brief(run))


@router.post("/v3/plans/{plan_id}/reject")
async def reject_plan(
    plan_id: AnyPlan, body: PlanNo, request: Request, who: Principal = require("plans.approve")
) -> PlanReply:
    """Say no; the plan stays a draft."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _show(await planner.reject(tx, plan_id, by=who.user_id, reason=body.reason))


def _show(plan: Plan) -> PlanReply:
    return PlanReply.model_validate(planner.show(plan))
