"""Evaluating prompts: assertions, fixtures, and versions tried on captured inputs as comparable runs."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request
from pydantic import Field, JsonValue

from spadework.accounts.types import Principal
from spadework.core.errors import InvalidInput
from spadework.prompts.actions import evaluating
from spadework.prompts.types import Assertion, Draft, Experiment, ExperimentKind, Fixture, Trial
from spadework.research.actions import prompt_trials
from spadework.runs import actions as runs
from spadework.web.api.runs import RunBrief, RunError, brief
from spadework.web.api.v2_prompts import AnyExperiment, AnyPrompt, DraftBody, Started
from spadework.web.auth import app_of, require
from spadework.web.routes import MAX_PAGE, AnyClient, AnyRun, AnyStep, AnyUser, Body, Reply, Router, resource

router = Router("prompt-evaluation")
AnyFixture = Annotated[UUID, resource("fixture")]
AnyTrial = Annotated[UUID, resource("trial")]


class KindReply(Reply):
    """One kind of assertion; `settings_schema` is the JSON Schema of its settings."""

    kind: str
    label: str
    summary: str
    asks_llm: bool
    settings_schema: dict[str, JsonValue]


class Kinds(Reply):
    """Every kind of assertion."""

    data: list[KindReply]


class AssertionsBody(Body):
    """The whole set anew."""

    assertions: tuple[Assertion, ...] = Field(max_length=50)


class AssertionsReply(Reply):
    """What a good output is; each change is a new revision, 0 means that nobody has said yet."""

    revision: int
    assertions: tuple[Assertion, ...]


class NewFixture(Body):
    """An input to keep for testing."""

    name: str = Field(min_length=1, max_length=120)
    variables: dict[str, JsonValue]


class FixtureReply(Reply):
    """An input kept for testing, and the step run it came from."""

    id: AnyFixture
    prompt_id: AnyPrompt
    name: str
    variables: dict[str, JsonValue]
    step_run_id: AnyStep | None
    created_by: AnyUser | None
    created_at: datetime


class Fixtures(Reply):
    """Fixtures, oldest first."""

    data: list[FixtureReply]
    next_cursor: str | None = None


class NewExperiment(Body):
    """What to try on what: at least one version, label or draft; all fixtures unless some are named.

    `past_runs` adds the inputs of that many of the newest step runs of real work.
    """

    versions: tuple[int, ...] = Field(default=(), max_length=10)
    labels: tuple[str, ...] = Field(default=(), max_length=10)
    drafts: tuple[DraftBody, ...] = Field(default=(), max_length=5)
    fixture_ids: list[AnyFixture] | None = Field(default=None, max_length=200)
    past_runs: int = Field(default=0, ge=0, le=200)
    name: str = Field(default="", max_length=200)
    client_id: AnyClient | None = None
    is_fresh: bool = False


class VerdictReply(Reply):
    """Whether one assertion holds, and why not."""

    kind: str
    is_passed: bool
    reason: str


class TrialReply(Reply):
    """One candidate on one case: what was sent, what came back, and the verdicts."""

    id: AnyTrial
    candidate_no: int
    case_no: int
    interpolated_prompt: str
    raw_output: str | None
    parsed_output: JsonValue
    model: str | None
    input_tokens: int
    output_tokens: int
    cost_micro_usd: int
    duration_ms: int
    attempts: int
    is_simulated: bool
    error: RunError | None
    verdicts: list[VerdictReply]
    is_passed: bool
    at: datetime


class CandidateReply(Reply):
    """What was tried: a version, or a draft (`number` null), with its includes filled in."""

    number: int | None
    title: str
    text: str
    config: dict[str, JsonValue]


class CaseReply(Reply):
    """One input, as it was when the experiment began."""

    name: str
    variables: dict[str, JsonValue]
    fixture_id: AnyFixture | None
    step_run_id: AnyStep | None


class ExperimentBrief(Reply):
    """An experiment in the list. `summary` has a line for each candidate; null until it has finished."""

    id: AnyExperiment
    prompt_id: AnyPrompt
    kind: ExperimentKind
    name: str
    client_id: AnyClient | None
    run_id: AnyRun | None
    assertions_revision: int
    summary: JsonValue
    created_at: datetime
    finished_at: datetime | None


class ExperimentReply(ExperimentBrief):
    """An experiment with everything it tries, its trials so far and its run."""

    candidates: list[CandidateReply]
    cases: list[CaseReply]
    assertions: tuple[Assertion, ...]
    trials: list[TrialReply]
    run: RunBrief | None


class Experiments(Reply):
    """Experiments, newest first."""

    data: list[ExperimentBrief]
    next_cursor: str | None = None


@router.get("/v2/assertion-kinds")
async def list_assertion_kinds(who: Principal = require("prompts.read")) -> Kinds:
    """Every kind of assertion there is."""
    return Kinds(data=[KindReply.model_validate(each) for each in evaluating.list_kinds()])


@router.get("/v2/prompts/{prompt_id}/assertions")
async def get_assertions(
    prompt_id: AnyPrompt, request: Request, who: Principal = require("prompts.read")
) -> AssertionsReply:
    """What a good output of the prompt is."""
    async with app_of(request).database.read(who.account_id) as tx:
        return AssertionsReply.model_validate(await evaluating.get_assertions(tx, prompt_id))


@router.put("/v2/prompts/{prompt_id}/assertions")
async def set_assertions(
    prompt_id: AnyPrompt, body: AssertionsBody, request: Request, who: Principal = require("prompts.write")
) -> AssertionsReply:
    """Replace the set; versions must pass the new one before a protected label moves to them."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        saved = await evaluating.set_assertions(tx, prompt_id, body.assertions, by=who.user_id)
    return AssertionsReply.model_validate(saved)


@router.get("/v2/prompts/{prompt_id}/fixtures")
async def list_fixtures(prompt_id: AnyPrompt, request: Request, who: Principal = require("prompts.read")) -> Fixtures:
    """The prompt's fixtures, oldest first."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await evaluating.list_fixtures(tx, prompt_id)
    return Fixtures(data=[_fixture(each) for each in found])


@router.post("/v2/prompts/{prompt_id}/fixtures", status_code=201)
async def keep_fixture(
    prompt_id: AnyPrompt, body: NewFixture, request: Request, who: Principal = require("prompts.write")
) -> FixtureReply:
    """Keep an input for testing."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        return _fixture(await evaluating.keep_fixture(tx, prompt_id, body.name, body.variables, by=who.user_id))


@router.delete("/v2/fixtures/{fixture_id}", status_code=204)
async def remove_fixture(fixture_id: AnyFixture, request: Request, who: Principal = require("prompts.write")) -> None:
    """Forget a fixture; experiments that used it keep their copy."""
    async with app_of(request).database.transaction(who.account_id) as tx:
        await evaluating.remove_fixture(tx, fixture_id)


@router.post("/v2/prompts/{prompt_id}/experiments", status_code=202)
async def start_experiment(
    prompt_id: AnyPrompt, body: NewExperiment, request: Request, who: Principal = require("runs.start", effects="spend")
) -> Started:
    """Try versions on captured inputs, judged by the prompt's assertions; one run holds all trials."""
    wanted: list[int | str | Draft] = [*body.versions, *body.labels, *(each.draft() for each in body.drafts)]
    if not wanted:
        raise InvalidInput("Nothing is to be tried. Name at least one version, label or draft.")
    async with app_of(request).database.transaction(who.account_id) as tx:
        experiment, run = await prompt_trials.start_experiment(
            tx, prompt_id, wanted, fixture_ids=body.fixture_ids, past_runs=body.past_runs, name=body.name,
            client_id=body.client_id, is_fresh=body.is_fresh, by=who.user_id,
        )  # fmt: skip
    return Started(experiment_id=experiment.id, run=brief(run))


@router.get("/v2/prompts/{prompt_id}/experiments")
async def list_experiments(
    prompt_id: AnyPrompt,
    request: Request,
    kind: ExperimentKind | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    who: Principal = require("prompts.read"),
) -> Experiments:
    """What was tried with the prompt, newest first."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await evaluating.list_experiments(tx, prompt_id, kind=kind, limit=limit)
    return Experiments(data=[ExperimentBrief(**_facts(each)) for each in found])


@router.get("/v2/experiments/{experiment_id}")
async def get_experiment(
    experiment_id: AnyExperiment, request: Request, who: Principal = require("prompts.read")
) -> ExperimentReply:
    """One experiment with all its trials, which may still be coming in."""
    async with app_of(request).database.read(who.account_id) as tx:
        found = await evaluating.get_experiment(tx, experiment_id)
        trials = await evaluating.list_trials(tx, experiment_id)
        run = await runs.get(tx, found.run_id) if found.run_id else None
    return ExperimentReply(
        **_facts(found),
        candidates=[
            CandidateReply(
                number=each.number, title=each.title, text=each.text, config=each.config.model_dump(mode="json")
            )
            for each in found.candidates
        ],
        cases=[CaseReply.model_validate(each) for each in found.cases],
        assertions=found.assertions.assertions,
        trials=[_trial(each) for each in trials],
        run=brief(run) if run else None,
    )


def _facts(experiment: Experiment) -> dict[str, Any]:
    shown = {name: getattr(experiment, name, None) for name in ExperimentBrief.model_fields}
    own = {"prompt_id": str(experiment.prompt_id), "assertions_revision": experiment.assertions.revision}
    return {**shown, **own}


def _fixture(fixture: Fixture) -> FixtureReply:
    shown = {name: getattr(fixture, name) for name in Fixture.__dataclass_fields__}
    return FixtureReply.model_validate({**shown, "prompt_id": str(fixture.prompt_id)})


def _trial(trial: Trial) -> TrialReply:
    output = {name: getattr(trial.output, name) for name in type(trial.output).__dataclass_fields__}
    return TrialReply.model_validate(
        {
            **output, "id": trial.id, "candidate_no": trial.candidate_no, "case_no": trial.case_no,
            "verdicts": trial.verdicts, "is_passed": trial.is_passed, "at": trial.at,
        }
    )  # fmt: skip
