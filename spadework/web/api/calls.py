"""Paid calls whose fate is not known: a person decides what became of them."""

from fastapi import Request

from spadework.accounts.types import Principal
from spadework.spend.types import CallState, Reconciliation
from spadework.web.api.runs import RunBrief, brief
from spadework.web.auth import app_of, require, require_also
from spadework.web.routes import AnyCall, Body, Reply, Router
from spadework.workbooks.actions import reconciling

router = Router("calls")


class Decision(Body):
    """`mark_done`: it was charged. `mark_failed`: it was not. `retry_and_pay_again`: ask anew, whatever it was."""

    action: Reconciliation


class Decided(Reply):
    """The call as it is now; `run` asks again when that was decided and its cell is still there."""

    call_id: AnyCall
    state: CallState
    run: RunBrief | None


@router.post("/v3/calls/{call_id}/reconcile")
async def reconcile_call(
    call_id: AnyCall, body: Decision, request: Request, who: Principal = require("spend.reconcile", effects="spend")
) -> Decided:
    """Decide; 409 when its fate is known by now."""
    if body.action == "retry_and_pay_again":
        require_also(who, "runs.start")
    async with app_of(request).database.transaction(who.account_id) as tx:
        decided = await reconciling.reconcile(tx, call_id, body.action, by=who.user_id)
    return Decided(
        call_id=call_id, state=decided.call.state, run=brief(decided.run) if decided.run is not None else None
    )
