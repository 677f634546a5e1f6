"""Stop: everything of the account, or everything of one workbook."""

from fastapi import Request

from spadework.accounts.types import Principal
from spadework.web.auth import app_of, require
from spadework.web.routes import AnyRun, AnyWorkbook, Reply, Router
from spadework.workbooks.actions import running, workbooks

router = Router("stop")


class Stopped(Reply):
    """The runs that were asked to stop; nothing new leaves them from now on."""

    stopped_run_ids: list[AnyRun]


@router.post("/v3/stop")
async def stop_everything(request: Request, who: Principal = require("stop.all")) -> Stopped:
    """Stop every run of the account."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return Stopped.model_validate({"stopped_run_ids": await running.stop_everything(tx, by=who.user_id)})


@router.post("/v3/workbooks/{workbook_id}/stop")
async def stop_workbook(workbook_id: AnyWorkbook, request: Request, who: Principal = require("runs.stop")) -> Stopped:
    """Stop whatever fills a table of the workbook."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await workbooks.get_workbook(tx, workbook_id)
        stopped = await running.stop_workbook(tx, workbook_id, by=who.user_id)
        return Stopped.model_validate({"stopped_run_ids": stopped})
