"""An installation that makes dossiers for real money: language model, search engine and pages are other processes."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

from tests.acceptance.installation import Installation, Process

_EXAMPLE = Path(str(resources.files("spadework.research.example")))
_GATE = 20_261_122
_STILL_SECONDS = 0.15
"""How long nothing may change before a run counts as resting: those side by side arrive one after the other."""
_REST = """
select (select state from runs where id = $1) as run_state,
  (select array_agg(key order by no) from step_runs where run_id = $1 and state = 'running') as under_way,
  (select count(*) from step_runs where run_id = $1 and state <> 'running' and key not like 'prepare%') as ended,
  (select count(*) from pg_locks l join pg_stat_activity a using (pid)
   where l.locktype = 'advisory' and l.objid = $2 and not l.granted and a.xact_start > $3) as waiting"""


class DossierHouse(Installation):
    """Its model answers from the recording and its vendors from the simulator, each with a ledger of its own.

    Nothing is in training mode: calls have prices, keys are needed, and a lost one is not made again.
    """

    def __init__(self, *, latency_ms: int, replies: Path | None = None) -> None:
        super().__init__(latency_ms=latency_ms)
        self.model_ledger = self.home / "model.ledger"
        self._replies = replies

    def __enter__(self) -> "DossierHouse":
        own = ("--replies", str(self._replies)) if self._replies else ()
        self.model: Process = self._start(
            "model", "-m", "spadework.simulator.recorded_llm", "--ledger", str(self.model_ledger),
            "--latency-ms", str(self._latency_ms), *own,
        )  # fmt: skip
        super().__enter__()
        try:
            self._furnish()
        except BaseException:
            self.__exit__()  # nobody else would end what runs by now
            raise
        return self

    def begin(self) -> str:
        """The id of a new pipeline run."""
        return str(self.ask("POST", "/v2/pipeline/start", {"client_id": self.client_id})["id"])

    def read(self, path: str, **given: Any) -> Any:
        """What the API answers."""
        reply = self.web.get(f"{self.api.said['address']}{path}", params=given)
        assert reply.status_code == 200, f"{path}: {reply.status_code} {reply.text}"
        return reply.json()

    def ended(self, run_id: str, *, seconds: float = 120) -> Any:
        """The run once it is over."""

        def look() -> Any:
            run = self.read(f"/v2/pipeline/runs/{run_id}/live")
            return run if run["status"] not in ("pending", "running") else None

        return self.until(look, seconds=seconds, what="the end of the run")

    def steps(self, run_id: str) -> dict[str, Any]:
        """Every step run by its key."""
        return {each["step"]: each for each in self.read(f"/v2/pipeline/runs/{run_id}/steps")["data"]}

    def dossier(self, run_id: str) -> Any:
        """The dossier a run has made, whole."""
        (found,) = [each for each in self.read("/v2/dossiers")["data"] if each["run_id"] == run_id]
        return self.read(f"/v2/dossiers/{found['id']}")

    def claims(self, run_id: str) -> list[Any]:
        """Every raw claim of a run."""
        found, cursor = [], None
        while True:
            page = self.read("/v2/claims", run_id=run_id, **({"cursor": cursor} if cursor else {}))
            found += page["data"]
            if (cursor := page["next_cursor"]) is None:
                return found

    def asked_of_model(self) -> list[dict[str, Any]]:
        """What the language model was asked so far, from its own ledger."""
        if not self.model_ledger.exists():
            return []
        return [json.loads(each) for each in self.model_ledger.read_bytes().split(b"\n")[:-1]]

    def asked_of_vendor(self, vendor: str) -> list[dict[str, Any]]:
        """The requests one vendor received so far, from the simulator's own ledger."""
        lines = map(json.loads, self.ledger_file.read_bytes().split(b"\n")[:-1])
        return [each for each in lines if each["vendor"] == vendor and not each["effect"]]

    def ensure_workers(self, count: int) -> None:
        """Have that many at work or on their way to it; one that is there already may serve meanwhile."""
        while len(self.workers) < count:
            self.start_worker()

    def holder(self, run_id: str) -> Process:
        """The worker that has the run."""

        def look() -> Process | None:
            (row,) = self.fetch("select worker_id from v_jobs where job_id = $1 and state = 'running'", UUID(run_id))
            return next((each for each in self.workers if f"-{each.pid}-" in str(row["worker_id"])), None)

        found: Process = self.until(look, seconds=40, what="a worker that has the run")
        return found

    def kill_holder(self, run_id: str) -> None:
        """Kill the run's worker, and let the database find it silent for an hour, so that nobody need wait for that."""
        dead = self.holder(run_id)
        self.kill_worker(dead)
        self.fetch("update workers set heartbeat_at = now() - interval '1 hour' where pid = $1", dead.pid)

    @contextmanager
    def stopped_between_steps(self, run_id: str) -> Iterator["Gate"]:
        """Inside, no new step run of that run begins until the gate is opened for those that wait there."""
        gate = Gate(self, run_id)
        gate.close()
        try:
            yield gate
        finally:
            gate.remove()

    def _furnish(self) -> None:
        key = {"values": {"api_key": "loopback"}}
        self.ask("PUT", "/v3/credentials/llm/openai", {**key, "base_url": self.model.said["url"]})
        self.ask("PUT", "/v3/credentials/provider/serper", key)
        described = json.loads(_EXAMPLE.joinpath("client.json").read_text())
        self.client_id = self.ask("POST", "/v2/clients", {"name": "Larch Controls", **described})["id"]

    def _environment(self) -> dict[str, str]:
        found = super()._environment()
        if hasattr(self, "simulator"):
            vendor = self.simulator.said["url"]
            found["SPADEWORK_PROVIDER_SERPER_BASE_URL"] = f"{vendor}/serper"
            found["SPADEWORK_PROVIDER_PAGE_READER_BASE_URL"] = f"{vendor}/page_reader"
        return found


class Gate:
    """Holds every step run of one run that was never begun before, inside its own insert.

    What is under way ends meanwhile, so the run comes to rest between steps, where it can be killed.
    """

    def __init__(self, house: DossierHouse, run_id: str) -> None:
        self._house, self._run_id = house, run_id
        self._loop = asyncio.new_event_loop()
        self._connection: Any = None
        self._since = datetime.min.replace(tzinfo=UTC)

    def close(self) -> None:
        """Put the gate up and shut it; again after the database was started anew."""
        if self._connection is not None:
            self._connection.terminate()
        self._connection = self._loop.run_until_complete(asyncpg.connect(self._house.postgres.dsn()))
        # Shut before it stands: no step may slip by between the two.
        self._do(f"select pg_advisory_lock({_GATE})")
        self._do(
            "create or replace function wait_at_gate() returns trigger language plpgsql security definer as $$ begin"
            f" if new.run_id = '{UUID(self._run_id)}' and new.key not like 'prepare%' and not exists"
            " (select 1 from public.step_runs where run_id = new.run_id and key = new.key)"
            f" then perform pg_advisory_xact_lock_shared({_GATE}); end if; return new; end $$"
        )
        self._do(
            "create or replace trigger gate before insert on step_runs for each row execute function wait_at_gate()"
        )

    def rest(self, *, after: int, seconds: float = 60) -> int | None:
        """How many step runs have ended, once more than `after` have and the run is at rest; None when it is over."""
        give_up_at = time.monotonic() + seconds
        seen, since = None, time.monotonic()
        while True:
            (found,) = self._do(_REST, UUID(self._run_id), _GATE, self._since)
            if found["run_state"] in ("succeeded", "failed", "stopped"):
                return None
            if found != seen:
                seen, since = found, time.monotonic()
            is_resting = not found["under_way"] and found["waiting"] and found["ended"] > after
            if is_resting and time.monotonic() - since >= _STILL_SECONDS:
                return int(found["ended"])
            assert time.monotonic() < give_up_at, f"not at rest after {after}: {dict(found)}\n{self._house.logs()}"
            time.sleep(0.02)

    def pass_those_waiting(self) -> None:
        """Let those at the gate through, and nobody behind them."""
        self._do(f"select pg_advisory_unlock({_GATE})")
        # Queues behind those that wait already, and before whoever comes next.
        self._do(f"select pg_advisory_lock({_GATE})")

    def end_those_waiting(self) -> None:
        """What the database does once it notices that a client is dead; it would not look while the gate holds it.

        Whoever still comes from the dead client no longer counts as waiting.
        """
        self._since = datetime.now(UTC)
        self._do(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = $1 and not granted",
            _GATE,
        )

    def remove(self) -> None:
        """Take the gate down."""
        self._do(f"select pg_advisory_unlock({_GATE})")
        self._do("drop trigger if exists gate on step_runs")
        self._loop.run_until_complete(self._connection.close())
        self._loop.close()

    def _do(self, sql: str, *values: Any) -> list[Any]:
        return list(self._loop.run_until_complete(self._connection.fetch(sql, *values)))
