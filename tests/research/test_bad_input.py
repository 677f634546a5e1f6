"""What a run meets that it should not: companies to be left alone, pages too large, a client that goes away."""

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spadework.app import App
from spadework.clients import actions as base_clients
from spadework.core.config import Settings
from spadework.core.errors import FateUnknown, InvalidInput, LimitReached, ProviderUnavailable
from spadework.core.ids import AccountId, new_id
from spadework.plug.provider import Found, Outcome
from spadework.plug.questions import Question, ReadPage, WebPage, WebResult, WebResults
from spadework.plug.step import Step
from spadework.prompts.actions import files, registry
from spadework.prompts.types import Draft, PromptInput
from spadework.research.actions import clients, pipeline
from spadework.research.actions.clients import ClientChanges
from spadework.research.looking import Looker
from spadework.research.store import sources as source_store
from spadework.research.types.pipeline import PipelineRequest
from spadework.runs.types import Run
from tests.research.dossiers import (
    own_script,
    read_made,
    read_steps,
    simulator,
    start,
    until_ended,
    until_step,
    worker,
)

MADE_UP = "https://collect.example/?keys=all"
TENDER = "https://jobs.kestrelcold.example/refrigeration-manager-savannah"
SILENT: dict[str, Any] = {"narrative": "", "sources": []}


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, in training mode."""
    home = tmp_path_factory.mktemp("working")
    async with simulator(settings, home / "sim") as url, worker(settings, home, url) as app:
        yield app


async def start_without(app: App, account: AccountId, *names: str) -> Run:
    """A run for a client that wants these left alone."""
    async with app.database.transaction(account) as tx:
        client = await clients.create(tx, "Larch Controls", ClientChanges(do_not_call=names), by=None)
        return await pipeline.start(tx, PipelineRequest(client_id=client.client_id, is_training=True), by=None)


def play(script: Path, *lines: Mapping[str, Any]) -> None:
    """Have these lines answer before the recording does."""
    (script / "0-before.json").write_text(json.dumps(lines))


@pytest.mark.parametrize("name", ["kestrelcold.example", "Kestrel Cold Storage"])
async def test_a_company_on_the_do_not_call_list_is_no_lead_and_the_run_says_so(
    working: App, account: AccountId, name: str
) -> None:
    run = await until_ended(working, account, await start_without(working, account, name))
    made = await read_made(working, account, run)
    assert run.state == "failed"
    assert "on the client's list of those to leave alone" in (run.error or {})["message"]
    assert (made.dossier.company_name, made.dossier.state) == (None, "skeleton")
    assert made.steps["2-signal-discovery"].state == "failed"
    assert "3-entity-research_web_research" not in made.steps


async def test_a_person_on_the_do_not_call_list_is_no_contact_and_is_never_researched(
    working: App, account: AccountId
) -> None:
    run = await until_ended(working, account, await start_without(working, account, "Marcus Oyelaran"))
    made = await read_made(working, account, run)
    assert run.state == "succeeded", run.error
    assert [each.name for each in made.contacts][:2] == ["Dana Whitfield", "Priya Raman"]
    assert [each.name for each in made.contacts if "Marcus" in each.name] == []
    assert [key for key, each in made.steps.items() if "Marcus" in each.label] == []


async def test_the_model_looks_further_within_its_limits_and_what_it_reads_is_a_source(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    script = await own_script(working, account, tmp_path, None)
    asked = {
        "searches": [{"query": "Kestrel refrigeration manager job", "after": "", "domains": []}],
        "pages": [],
        **SILENT,
    }
    play(
        script,
        {"match": "5a-enrich-lead_look_up turn-1\n", "reply": asked},
        {"match": "5a-enrich-lead_look_up turn-2\n", "reply": {"searches": [], "pages": [MADE_UP, TENDER], **SILENT}},
        {"match": "5a-enrich-lead_look_up turn-3\n", "reply": {"narrative": "The tender is open.", "sources": []}},
    )
    run = await until_ended(working, account, await start(working, account))
    assert run.state == "succeeded", run.error
    steps = await read_steps(working, account, run)
    turn, step = steps["5a-enrich-lead_look_up-turn-2"], steps["5a-enrich-lead"]
    assert TENDER not in {each["url"] for each in steps["5a-enrich-lead_web_research"].parsed_output["pages"]}
    assert [(each["page"], "read" in each, each.get("why")) for each in turn.parsed_output["findings"]] == [
        (MADE_UP, False, "No search listed this address and the task does not name it, so it was not read."),
        (TENDER, True, None),
    ]
    assert "Turn 2 of at most 3" in (turn.interpolated_prompt or "")
    assert MADE_UP in (turn.raw_output or "")
    assert TENDER in {each["url"] for each in step.input_variables["pages"]}
    assert step.input_variables["research_notes"] == "The tender is open."
    async with working.database.read(account) as tx:
        (source,) = [each for each in await source_store.list_of_run(tx, run.id) if each.url == TENDER]
    assert source.text and "text" not in turn.parsed_output["findings"][1]["read"]


async def test_a_variable_that_nobody_gives_is_named_before_anything_is_asked(working: App, account: AccountId) -> None:
    async with working.database.transaction(account) as tx:
        await files.ensure_library(tx)
        (stored,) = await registry.list_versions(tx, "find-lead.entity-research")
        draft = Draft(
            text=f"{stored.text}\nMind {{{{house_rules}}}}.\n", config=stored.config,
            inputs=(*stored.inputs, PromptInput(name="house_rules")),
        )  # fmt: skip
        saved = await registry.save(tx, "find-lead.entity-research", draft, base=1, by=None)
    done = await until_ended(working, account, await start(working, account))
    async with working.database.transaction(account) as tx:
        run = await pipeline.rerun(
            tx, done.id, "3-entity-research", prompts={"find-lead.entity-research": saved.number}, by=None
        )
    run = await until_ended(working, account, run)
    step = (await read_steps(working, account, run))["3-entity-research"]
    assert (run.state, step.state, step.calls) == ("failed", "failed", None)
    assert "The prompt needs 'house_rules', which was not given." in (step.error or {})["message"]
    async with working.database.transaction(account) as tx:
        again = await pipeline.rerun(
            tx, done.id, "3-entity-research", prompts={"find-lead.entity-research": saved.number},
            overrides={"house_rules": "Be brief."}, by=None,
        )  # fmt: skip
    assert (await until_ended(working, account, again)).state == "succeeded"


async def test_prose_where_a_step_needs_json_fails_that_step_and_keeps_what_was_said(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    script = await own_script(working, account, tmp_path, None)
    play(script, {"match": "find-lead.search-builder 1-search-builder\n", "reply": "I would look at cold stores."})
    run = await until_ended(working, account, await start(working, account))
    step = (await read_steps(working, account, run))["1-search-builder"]
    assert (run.state, step.state, step.raw_output) == ("failed", "failed", "I would look at cold stores.")
    assert "does not satisfy the schema" in (step.error or {})["message"]


async def test_json_inside_prose_and_a_fence_is_read_as_if_it_stood_alone(
    working: App, account: AccountId, tmp_path: Path
) -> None:
    script = await own_script(working, account, tmp_path, None)
    recorded = json.loads((script / "1-search-builder.json").read_text())[0]
    text = f"Here you are:\n```json\n{json.dumps(recorded['reply'])}\n```\nGood luck!"
    play(script, {**recorded, "reply": text})
    run = await until_ended(working, account, await start(working, account))
    step = (await read_steps(working, account, run))["1-search-builder"]
    assert (run.state, step.raw_output, step.parsed_output) == ("succeeded", text, recorded["reply"])


class Reader:
    """A job and a toolbox in one: reads pages as a test says, and finds three addresses for every search."""

    run = SimpleNamespace(id=new_id())
    is_simulated = True

    def __init__(self, **pages: Exception | str) -> None:
        self.pages = {f"https://{name}.example/": each for name, each in pages.items()}

    def require_going(self) -> None:
        """It goes on."""

    async def ask(self, provider: str, question: Question) -> Outcome:
        if not isinstance(question, ReadPage):
            return Found(WebResults(results=tuple(WebResult(title=each, url=each) for each in self.pages)))
        found = self.pages[question.url]
        if isinstance(found, Exception):
            raise found
        at = "2026-11-21T12:00:00+00:00"
        return Found(
            WebPage(url=question.url, final_url=question.url, title=None, text=found, fetched_at=at, sha256="")
        )


class Curious(Step):
    """A step that looks at the web once."""

    key = id = "curious"
    label = "Curious"
    stage = "FIND_LEAD"
    asks = ()
    pages_at_most = 5

    def searches(self, variables: Mapping[str, Any]) -> list[str]:
        return ["anything"]


async def test_a_page_that_is_too_large_or_refused_is_a_note_and_the_others_are_read() -> None:
    reader: Any = Reader(
        huge=LimitReached("The page is larger than 2 MB."), inside=InvalidInput("10.0.0.1 is not a public address."),
        lost=FateUnknown("The engine did not answer."), good="Kestrel builds.",
    )  # fmt: skip
    looker = Looker(reader, Curious(), "exa", "page_reader")
    done = await looker.begin({}, reader)
    assert [each["url"] for each in done["pages"]] == ["https://good.example/"]
    assert {each["url"]: each["why"] for each in done["unread"]} == {
        "https://huge.example/": "The page is larger than 2 MB.",
        "https://inside.example/": "10.0.0.1 is not a public address.",
        "https://lost.example/": "The engine did not answer.",
    }
    assert [each.text for each in looker.read] == ["Kestrel builds."]


async def test_when_nothing_could_be_read_the_step_says_why() -> None:
    reader: Any = Reader(huge=LimitReached("The page is larger than 2 MB."))
    with pytest.raises(ProviderUnavailable, match="Nothing could be read for curious: The page is larger than 2 MB"):
        await Looker(reader, Curious(), "exa", "page_reader").begin({}, reader)


async def test_a_client_removed_in_mid_run_ends_the_run_and_what_was_done_is_kept(
    working: App, account: AccountId
) -> None:
    run = await start(working, account)
    await until_step(working, account, run, 3)
    async with working.database.transaction(account) as tx:
        assert run.client_id is not None
        await base_clients.archive(tx, run.client_id)
    ended = await until_ended(working, account, run)
    assert ended.state == "failed"
    assert (ended.error or {})["message"].startswith(
        "The client 'Larch Controls' was archived while the run was under way."
    )
    steps = await read_steps(working, account, run)
    assert "running" not in {each.state for each in steps.values()}
    assert steps["1-search-builder"].state == "succeeded"
    assert "9-dossier-plan" not in steps
