"""Makes the dossiers that the cells of one fill run ask for: a few at once, each a run of its own, waited for."""

import asyncio
import contextlib

from spadework.core.errors import Conflict, Halted
from spadework.plug.dossier import DossierMade, DossierRequest
from spadework.research.actions import cell_dossiers
from spadework.runs import actions as runs
from spadework.runs.jobs import Job
from spadework.runs.types import Run
from spadework.toolbox.meter import CellPlace

AT_ONCE = 3
_LOOK_SECONDS = 0.5


class DossierMaker:
    """The dossiers of one fill run. A stop of that run stops them; when its process leaves, they go on."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def make(self, place: CellPlace, request: DossierRequest) -> DossierMade:
        """How the cell's dossier has ended; begun when there is none yet.

        Raises:
            Halted: Stop was pressed or the process ends. Conflict, NotFound, InvalidInput: it cannot be begun,
            or its people cannot become rows.
        """
        cell = cell_dossiers.cell_name(place.row_id, place.field_id, place.settings_version, place.generation)
        async with self._slots:
            self._job.require_going()
            async with self._job.database.transaction(self._job.account_id) as tx:
                run = await cell_dossiers.begin(
                    tx, self._job.run, cell, request, table_id=place.table_id, field_id=place.field_id
                )
            run = await self._ended(run)
            async with self._job.database.transaction(self._job.account_id) as tx:
                return await cell_dossiers.tell(tx, run, request)

    async def _ended(self, run: Run) -> Run:
        while True:
            async with self._job.database.read(self._job.account_id) as tx:
                current = await runs.get(tx, run.id)
            if not current.is_open:
                return current
            if self._job.is_stopping:
                if not self._job.is_leaving:
                    await self._stop(current)
                raise Halted("The run was stopped.")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._job.stop.wait(), _LOOK_SECONDS)

    async def _stop(self, run: Run) -> None:
        with contextlib.suppress(Conflict):  # it ended in this moment
            async with self._job.database.transaction(self._job.account_id) as tx:
                await runs.request_stop(tx, run.id, by=None)
