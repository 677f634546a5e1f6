"""What a step's look at the web remembers of the pages it has read."""

from dataclasses import replace

from spadework.clients import actions as clients
from spadework.core.db import Database
from spadework.core.ids import AccountId, new_id
from spadework.research.actions import pipeline
from spadework.research.looking import Looker
from spadework.research.store import sources as source_store
from spadework.research.types.claims import PIPELINE_KIND
from spadework.runs import actions as runs
from spadework.runs.jobs import Job
from spadework.runs.types import NewRun
from tests.research.building import page


async def test_pages_at_hand_are_taken_as_they_are_and_only_the_others_are_read_back(
    database: Database, account: AccountId
) -> None:
    async with database.transaction(account) as tx:
        client = await clients.create(tx, "Coldwell")
        run = await runs.start(tx, NewRun(kind=PIPELINE_KIND, title="Dossier", client_id=client.id), by=None)
        kept = replace(page(url="https://harbor.example/kept"), run_id=run.id)
        await source_store.add_all(tx, [kept])
    at_hand = replace(page(), run_id=run.id)
    looker = Looker(Job(run, database, None), pipeline.load_steps()[1], None, "page_reader")
    looker.texts[at_hand.id] = at_hand
    assert await looker.sources([at_hand.id, new_id(), kept.id]) == [at_hand, kept]
    assert await looker.sources([kept.id]) == [kept]
