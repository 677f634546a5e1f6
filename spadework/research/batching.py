"""The job `dossier_batch`: makes the dossiers of a batch, a few at once, each a run of its own."""

import asyncio
import contextlib
from functools import partial
from typing import Any

from spadework.core.errors import Conflict, Halted, SpadeworkError, Unavailable
from spadework.research.actions import batches
from spadework.research.types.batches import BATCH_KIND, Batch
from spadework.runs import actions as runs
from spadework.runs.jobs import Job, job

_LOOK_SECONDS = 0.5


@job(BATCH_KIND)
async def dossier_batch(job: Job) -> dict[str, Any]:
    """Begin the dossiers one after the other and wait for their ends; one that fails leaves the others alone.

    Re-entrant: a dossier that has begun is found by its place. Its input is what `actions.batches.start` wrote.
    """
    # It only waits, so it must not keep a worker's place from the dossiers it waits for.
    job.is_waiting_for_others = True
    if job.run.attempts:
        await job.step(f"again-{job.run.attempts}", "Take up what failed", partial(_take_up, job))
    refused: SpadeworkError | None = None
    while True:
        found = await _look(job)
        is_open = [each for each in found.dossiers.values() if each.is_open]
        left = [place for place in range(len(found.seeds)) if place not in found.dossiers]
        if job.is_stopping:
            if job.is_leaving or not is_open:
                raise Halted("The batch was stopped.")
        elif refused is None and left and len(is_open) < int(job.run.input.get("at_once") or 1):
            refused = await _begin(job, left[0])
            continue
        elif not is_open and (refused is not None or not left):
            break
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.sleep(_LOOK_SECONDS) if job.is_stopping else job.stop.wait(), _LOOK_SECONDS)
    if refused is not None:
        raise refused
    return _summary(found)


async def _begin(job: Job, place: int) -> SpadeworkError | None:
    """Begin one dossier; what keeps it from beginning keeps the rest from it too."""
    try:
        async with job.database.transaction(job.account_id) as tx:
            await batches.begin_dossier(tx, job.run, place)
    except Unavailable:
        raise
    except SpadeworkError as error:
        return error
    return None


async def _take_up(job: Job) -> dict[str, Any]:
    taken = []
    async with job.database.transaction(job.account_id) as tx:
        for place, each in (await batches.get(tx, job.run.id)).dossiers.items():
            if each.state in ("failed", "stopped"):
                await runs.resume(tx, each.id, by=None)
                taken.append(place)
    return {"places": taken}


async def _look(job: Job) -> Batch:
    """How far the dossiers are; a stop is passed on to them, and live pages hear what changed."""
    async with job.database.transaction(job.account_id) as tx:
        found = await batches.get(tx, job.run.id)
        if job.is_stopping and not job.is_leaving:
            for each in found.dossiers.values():
                if each.is_open and each.state != "stopping":
                    with contextlib.suppress(Conflict):  # it ended in this moment
                        await runs.request_stop(tx, each.id, by=None)
        progress = _progress(found)
        if progress != found.run.progress:
            await job.report(progress, tx=tx)
            await job.announce(tx)
    return found


def _progress(found: Batch) -> dict[str, Any]:
    dossiers = found.dossiers.values()
    by_state = {state: sum(each.state == state for each in dossiers) for state in {each.state for each in dossiers}}
    return {
        "total": len(found.seeds), "done": sum(not each.is_open for each in dossiers), "by_state": by_state,
        "cost_micro_usd": sum(int(each.progress.get("cost_micro_usd", 0)) for each in dossiers),
    }  # fmt: skip


def _summary(found: Batch) -> dict[str, Any]:
    ended = {str(place): each for place, each in found.dossiers.items()}
    return {
        "succeeded": [place for place, each in ended.items() if each.state == "succeeded"],
        "failed": {
            place: (each.error or {}).get("message", "It was stopped.")
            for place, each in ended.items()
            if each.state != "succeeded"
        },
    }
