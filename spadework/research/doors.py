"""Opens the metered door for a job of research: which vendors, which language model, which recording."""

import asyncio
from uuid import UUID

from spadework.research.actions import pipeline
from spadework.runs.jobs import Job
from spadework.spend.types import Scopes
from spadework.toolbox.cell import RunDoor
from spadework.toolbox.language import Language
from spadework.toolbox.meter import Meter
from spadework.toolbox.recovery import reconcile_dead_workers, reconcile_run

_ABOVE = ("workbook_id", "table_id", "field_id")
_SIMULATOR_SECONDS = 20.0
_LOOK_SECONDS = 0.1


async def open_door(job: Job, *, llm: str | None, model: str | None, reuses_answers: bool) -> RunDoor:
    """The door of a run, with what earlier holders of the run left open settled; open its meter before asking."""
    app = job.app
    # The dossier of a cell is bought for its column and table too, so their budgets hold.
    above = {name: UUID(str(each)) for name in _ABOVE if (each := job.run.subject.get(name))}
    scopes = Scopes(account_id=job.account_id, client_id=job.run.client_id, run_id=job.run.id, **above)
    if job.run.is_simulated:
        await _until_simulator(job)
    await reconcile_dead_workers(job.database, app.vendors, app.settings.journal_dir)
    if not job.is_first_go:  # otherwise nobody can have left anything open
        await reconcile_run(job.database, app.vendors, app.journal, scopes, app.worker_id)
    meter = Meter(
        job.database, scopes, worker_id=app.worker_id, journal=app.journal, stop=job.stop,
        reuses_answers=reuses_answers, gather_seconds=0.0,  # most calls here are alone, and the next step waits for them
    )  # fmt: skip
    language = Language(
        job.account_id, app.settings, job.database, app.box, llm=llm, model=model, script=pipeline.script_of(job.run)
    )
    return RunDoor(
        account_id=job.account_id, vendors=app.vendors, meter=meter, is_training=job.run.is_simulated, language=language,
        keeps_free=True,  # step after step looks at the same few pages
    )  # fmt: skip


async def _until_simulator(job: Job) -> None:
    """Wait a while for the simulator: a process that starts takes its runs up before the simulator answers."""
    vendors, waited = job.app.vendors, 0.0
    while vendors.simulator_url is None and vendors.settings.simulator_url is None and waited < _SIMULATOR_SECONDS:
        job.require_going()
        await asyncio.sleep(_LOOK_SECONDS)
        waited += _LOOK_SECONDS
