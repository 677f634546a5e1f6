"""Durable work: functions that are finished whatever dies.

The only place that imports the engine library (DBOS). It knows work by id; which steps the work has, what it
is about, who may see it and what it costs are no business of this module.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor

from dbos import DBOS, DBOSConfig, SetWorkflowID
from sqlalchemy.exc import OperationalError

from spadework.core.errors import DatabaseUnavailable

Work = Callable[[str, str], Awaitable[None]]
_VERSION = "1"
"""One version for all processes: a worker of the next release must be able to finish this one's work."""


class DurableEngine:
    """Runs one function per piece of work; several processes share the work through one Postgres.

    A process has one engine. Open it inside the event loop that shall run the work.
    """

    def __init__(self, dsn: str, *, worker_id: str, work: Work) -> None:
        self._dsn = dsn
        self._worker_id = worker_id
        self._work = work
        self._dbos: DBOS | None = None

    async def open(self) -> None:
        """Bring the engine's own schema up to date and begin taking work.

        Raises:
            DatabaseUnavailable: it went away meanwhile; opening again is safe.
        """
        _keep_the_log_ours()
        config: DBOSConfig = {
            "name": "spadework",
            "system_database_url": self._dsn,
            "executor_id": self._worker_id,
            "application_version": _VERSION,
            "dbos_system_schema": "dbos",
            "log_level": "WARNING",
            "sys_db_pool_size": 8,
            "enable_otlp": False,
        }
        self._dbos = DBOS(config=config)
        work = self._work

        @DBOS.workflow(name="do_work", max_recovery_attempts=1000)
        async def do_work(account_id: str, work_id: str) -> None:
            await work(account_id, work_id)

        self._do_work = do_work
        try:
            DBOS.launch()
        except OperationalError as error:
            DBOS.destroy()
            self._dbos = None
            raise DatabaseUnavailable("Postgres went away while the engine started. Try again.") from error

    async def submit(self, attempt_id: str, account_id: str, work_id: str) -> None:
        """Do the work in this process, at once; the same `attempt_id` is begun once."""
        with SetWorkflowID(attempt_id):
            await DBOS.start_workflow_async(self._do_work, account_id, work_id)

    async def retire(self, attempt_id: str) -> None:
        """Close the record of an attempt whose worker is gone; the work itself has been taken up anew.

        The library leaves noticing a death to its hosted service; `workers.py` notices it for us.
        """
        await DBOS.cancel_workflow_async(attempt_id)

    async def close(self) -> None:
        """Stop taking work; what runs is finished by whoever starts next."""
        if self._dbos is not None:
            # The library made its threads the loop's own, and ends them now; whoever closes after us needs some too.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
            await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0)
            self._dbos = None


def _keep_the_log_ours() -> None:
    """Let the library's warnings reach the process's own log.

    Left to itself it makes a handler for the standard error of that moment, and fails once that is closed.
    """
    log = logging.getLogger("dbos")
    log.setLevel(logging.WARNING)
    if not log.handlers:
        log.addHandler(logging.NullHandler())
