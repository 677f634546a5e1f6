"""The merge of a run's 200 claims by sixty patches, read, decided and committed, against bare inserts of as many rows."""

import argparse
import asyncio
import json
import shutil
import statistics
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import asyncpg

from benchmarks import product, report
from spadework.accounts.actions import accounts
from spadework.app import App, open_app
from spadework.clients import actions as clients
from spadework.core import config, postgres
from spadework.core.ids import AccountId
from spadework.research.actions import results
from spadework.research.rules import merging, patches
from spadework.research.store import claims as claim_store
from spadework.research.store import sources as source_store
from spadework.research.types.claims import PIPELINE_KIND, Claim, Evidence, Source
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Run
from spadework.steps.insight import InsightStep

_CLAIMS = 200
_SITES = 25
_TYPES = ("SIGNAL", "CONTACT", "ENTITY", "RELATIONSHIP", "OPPORTUNITY", "METRIC", "ATTRIBUTE", "NOTE")
_TIERS = ("GOV", "PRIMARY", "NEWS", "OTHER")
_STEPS = ("2-signal-discovery", "3-entity-research", "4-contact-discovery", "5a-enrich-lead", "5b-enrich-opportunity")


async def main(rounds: int) -> None:
    home = product.make_home()
    settings = config.load({"SPADEWORK_HOME": str(home / "home"), "SPADEWORK_LOG_LEVEL": "ERROR"})
    try:
        async with open_app(settings, works=False) as app:
            account_id = await accounts.create_account(app.database, app.box, "Bench")
            run = await _run(app, account_id)
            bare_connection = await asyncpg.connect(postgres.start(settings.home).dsn())
            ours, bare = [], []
            for _ in range(rounds + 5):  # the first five warm both sides up
                ours.append(await _merge(app, account_id, run))
                bare.append(await _insert(bare_connection))
            await bare_connection.close()
    finally:
        postgres.stop(settings.home, mode="immediate")
        shutil.rmtree(home, ignore_errors=True)
    found = report.result(
        "claims_merge_200", ours=statistics.median(ours[5:]), reference=statistics.median(bare[5:]),
        reference_name="bare inserts of 200 rows in one commit, median", unit="ms", is_more_better=False,
    )  # fmt: skip
    print(json.dumps(asdict(found)), flush=True)
    print(f"of that, deciding alone: {_decide():.1f} ms", flush=True)


async def _run(app: App, account_id: AccountId) -> Run:
    async with app.database.transaction(account_id) as tx:
        client = await clients.create(tx, "Bench")
        run = await runs.start(tx, NewRun(kind=PIPELINE_KIND, title="Bench", client_id=client.id, input={}), by=None)
        await results.begin(tx, run)
        for no in range(_SITES):
            text = f"Fact number {no} about company {no}. " * 20
            source = Source(
                id=UUID(int=no + 1), run_id=run.id, url=f"https://site-{no}.example/", name=f"Site {no}", text=text,
                fetched_at=datetime(2026, 12, 1, tzinfo=UTC),
            )  # fmt: skip
            await source_store.add_all(tx, [source])
        for step in _STEPS:
            await claim_store.replace_of_step(
                tx, run.id, step, [each for each in _claims() if each.source_step == step], client_id=client.id,
                step_run_id=None,
            )  # fmt: skip
    return run


async def _merge(app: App, account_id: AccountId, run: Run) -> float:
    ask = next(each for each in InsightStep.asks if each.effect == "merge")
    began = time.perf_counter()
    async with app.database.transaction(account_id) as tx:
        await results.keep(tx, run, run.id, ask, _reply(), contact_index=None)
    return (time.perf_counter() - began) * 1000


async def _insert(connection: asyncpg.Connection) -> float:
    await connection.execute("create table if not exists bare (id int, statement text, quote text, entities text[])")
    await connection.execute("delete from bare")
    rows = [(no, each.statement, each.quote, list(each.entities)) for no, each in enumerate(_claims())]
    began = time.perf_counter()
    async with connection.transaction():
        await connection.executemany("insert into bare values ($1, $2, $3, $4)", rows)
    return (time.perf_counter() - began) * 1000


def _decide() -> float:
    claims, (found, unread) = _claims(), patches.read(_reply())
    figures = []
    for _ in range(20):
        began = time.perf_counter()
        merge = merging.merge(claims, found, on=date(2026, 12, 1), unread=unread)
        figures.append((time.perf_counter() - began) * 1000)
    assert not merge.rejected, merge.rejected
    return statistics.median(figures)


def _claims() -> list[Claim]:
    return [
        Claim(
            claim_id=f"claim_{no:03}", type=_TYPES[no % 8], statement=f"Fact number {no} about company {no // 2 % 40} and its plant.",
            entities=(f"Company {no // 2 % 40}", f"Plant {no}", f"Person {no // 2}"), date_in_claim=date(2026, 1 + no % 12, 1 + no % 28),
            source_url=f"https://site-{no % _SITES}.example/page/{no}", source_name=f"Site {no % _SITES}", source_tier=_TIERS[no % 4],
            confidence="MEDIUM", source_step=_STEPS[no % 5], quote=f"Fact number {no} about company {no // 2 % 40}",
            evidence=Evidence(source_id=UUID(int=no % _SITES + 1), start=no, end=no + 30),
        )
        for no in range(_CLAIMS)
    ]  # fmt: skip


def _reply() -> Mapping[str, Any]:
    """Sixty patches of all five kinds, no claim in two merges."""
    name = "claim_{:03}".format
    merges = [{"action": "merge", "keep": name(3 * no), "drop": [name(3 * no + 1), name(3 * no + 2)], "reason": "same"}
              for no in range(25)]  # fmt: skip
    people = [
        {"action": "merge_contact", "keep": name(80 + 2 * no), "drop": [name(81 + 2 * no)], "name": f"Person {40 + no}",
         "organization": f"Company {no}", "resolution": "SAME_PERSON", "reason": "same"}
        for no in range(10)
    ]  # fmt: skip
    conflicts = [
        {"action": "flag_conflict", "claim_ids": [name(110 + 2 * no), name(111 + 2 * no)], "topic": f"Topic {no}",
         "kind": "TIMELINE" if no % 2 else "CONFLICT",
         "statuses": {name(110 + 2 * no): "ANNOUNCED", name(111 + 2 * no): "REVISED"}, "reason": "differ"}
        for no in range(10)
    ]  # fmt: skip
    more = [{"action": "enhance", "claim_id": name(140 + no), "entities": [f"More {no}"], "note": "seen"}
            for no in range(10)]  # fmt: skip
    wrong = [{"action": "invalidate", "claim_ids": [name(160 + no)], "reason": "out of date"} for no in range(5)]
    return {"patches": [*merges, *people, *conflicts, *more, *wrong]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    asyncio.run(main(10 if parser.parse_args().quick else 50))
