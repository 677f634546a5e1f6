"""A prompt's page of last runs, over HTTP as the workbench asks for it, with 10,000 step runs of it; against its bare SQL."""

import argparse
import asyncio
import json
import statistics
import time
from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg

from benchmarks import product, report
from spadework.core import postgres

_PAGE = 50
_STEPS_PER_RUN = 3
_WARM = 20
_KEY = "find-lead.signal-discovery"
_SQL = (
    "select s.id, s.run_id, r.kind, r.client_id, s.label, s.state, s.prompt_version, s.model, s.input_tokens,"
    " s.output_tokens, s.cost_micro_usd, s.attempts, s.error, s.is_simulated, s.created_at, s.started_at, s.finished_at"
    " from step_runs s join runs r on r.account_id = s.account_id and r.id = s.run_id"
    " where s.account_id = $1 and s.prompt_id = $2 order by s.created_at desc, s.id desc limit $3"
)
_WHOLE_SQL = (
    "select s.*, r.kind, r.client_id from step_runs s join runs r on r.account_id = s.account_id and r.id = s.run_id"
    " where s.account_id = $1 and s.prompt_id = $2 order by s.created_at desc, s.id desc limit 1"
)


def main(steps: int, pages: int) -> None:
    with product.started() as running:
        prompts = running.call("GET", "/v2/prompts")["data"]
        prompt_id = next(each["id"] for each in prompts if each["key"] == _KEY)
        dsn = postgres.start(running.home).dsn()
        ours, bare = asyncio.run(_measure(running, dsn, UUID(prompt_id), steps, pages))
    found = report.result(
        "prompt_page", ours=ours, reference=bare,
        reference_name="bare SQL of the same two reads in the same run, p95", unit="ms", is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)


async def _measure(running: product.Product, dsn: str, prompt_id: UUID, steps: int, pages: int) -> tuple[float, float]:
    """The p95 of opening the page, in milliseconds: the list of last runs and the last of them whole, one after the other."""
    connection = await asyncpg.connect(dsn)
    account_id = await connection.fetchval("select account_id from prompts where id = $1", prompt_id)
    await _fill(connection, account_id, prompt_id, steps)
    ours: list[float] = []
    bare: list[float] = []
    url = f"{running.address}/v2/prompts/{_KEY}"
    async with aiohttp.ClientSession(headers={"Cookie": running.cookie}) as session:
        for _ in range(_WARM + pages):
            began = time.perf_counter()
            page = await _get(session, f"{url}/runs?limit={_PAGE}")
            last = await _get(session, f"{url}/last-run")
            ours.append((time.perf_counter() - began) * 1000)
            assert len(page["data"]) == _PAGE and page["next_cursor"], page
            assert last["last_run"]["step_run_id"] == page["data"][0]["step_run_id"], last
            began = time.perf_counter()
            rows = await connection.fetch(_SQL, account_id, prompt_id, _PAGE)
            await connection.fetch(_WHOLE_SQL, account_id, prompt_id)
            bare.append((time.perf_counter() - began) * 1000)
            assert str(rows[0]["id"]) == page["data"][0]["step_run_id"]
    await connection.close()
    return _p95(ours[_WARM:]), _p95(bare[_WARM:])


async def _get(session: aiohttp.ClientSession, url: str) -> Any:
    async with session.get(url) as reply:
        assert reply.status == 200, await reply.text()
        return json.loads(await reply.read())


async def _fill(connection: asyncpg.Connection, account_id: UUID, prompt_id: UUID, steps: int) -> None:
    """So many step runs of the prompt, each in a run of its own between two other steps, with inputs and outputs of a usual length."""
    runs = [uuid4() for _ in range(steps)]
    await connection.execute(
        "insert into runs (account_id, id, kind, title, subject, input, state, created_at)"
        " select $1, id, 'pipeline', 'Dossier ' || n, '{}', '{}', 'succeeded', now() - make_interval(mins => n::int)"
        " from unnest($2::uuid[]) with ordinality as each (id, n)",
        account_id, runs,
    )  # fmt: skip
    await connection.execute(
        "insert into step_runs (account_id, id, run_id, no, key, label, state, prompt_id, prompt_version, prompt_key, model,"
        " input_variables, lineage, interpolated_prompt, raw_output, parsed_output, input_tokens, output_tokens, cost_micro_usd,"
        " created_at, started_at, finished_at)"
        " select $1, gen_random_uuid(), id, step, step::text, 'Step ' || step, 'succeeded',"
        "  case when step = 2 then $3::uuid end, case when step = 2 then 1 end, case when step = 2 then $4 end, 'example-model',"
        "  jsonb_build_object('current_date', '2026-11-21', 'pages', repeat(md5(n::text), 125)),"
        "  jsonb_build_object('pages', jsonb_build_object('source', 'step', 'step', '1')),"
        "  repeat(md5(n::text), 150), repeat(md5(n::text), 60), jsonb_build_object('text', repeat(md5(n::text), 60)),"
        "  2400, 600, 1234, at, at, at + interval '3 seconds'"
        " from unnest($2::uuid[]) with ordinality as each (id, n), generate_series(1, $5::int) step,"
        "  lateral (select now() - make_interval(mins => n::int) + make_interval(secs => step) as at) times",
        account_id, runs, prompt_id, _KEY, _STEPS_PER_RUN,
    )  # fmt: skip
    await connection.execute("analyze runs, step_runs")
    await connection.execute("checkpoint")


def _p95(figures: list[float]) -> float:
    return statistics.quantiles(figures, n=20)[-1]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    main(2_000 if options.quick else 10_000, 100 if options.quick else 300)
