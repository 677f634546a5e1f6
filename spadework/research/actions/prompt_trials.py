"""Trying prompts: a test, an evaluation or a comparison, started as a run; and what past runs put in."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from spadework.accounts.actions import credentials
from spadework.clients import actions as clients
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.core.ids import ClientId, UserId
from spadework.prompts.actions import evaluating, registry
from spadework.prompts.types import Case, Draft, Experiment, ExperimentKind, Fixture, Prompt
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Run, StepRun

KIND = "try_prompt"
"""The kind of the runs that try prompts."""
PAST_RUNS_AT_MOST = 200
_SCRIPTED = "scripted"


async def start_test(
    tx: Transaction, prompt: str | UUID, wanted: int | str | Draft, *, variables: Mapping[str, Any] | None = None,
    step_run_id: UUID | None = None, client_id: UUID | None = None, is_fresh: bool = False, by: UserId | None,
) -> tuple[Experiment, Run]:  # fmt: skip
    """One version or draft on one input, as a run: what was given, a step run's input, or else the last run's.

    Costs money when it runs, unless the same was asked before and `is_fresh` is false.

    Raises:
        UnknownReference: the input lacks a variable. NotFound: no such prompt, version, step run or client.
        InvalidInput: there was no run yet to take the input from, or no language model is set up.
    """
    found = await registry.get(tx, prompt)
    captured = await get_use(tx, found.id, step_run_id) if step_run_id is not None else None
    is_simulated = await _require_llm(tx, client_id)
    if variables is not None:
        case = Case(name="New input", variables=variables)
    elif captured is not None:
        case = _captured(captured)
    else:
        case = await _last_case(tx, found)
    return await _start(
        tx, found, "test", [wanted], [case], name="", client_id=client_id, is_simulated=is_simulated, is_fresh=is_fresh,
        by=by,
    )  # fmt: skip


async def start_experiment(
    tx: Transaction, prompt: str | UUID, wanted: Sequence[int | str | Draft], *, fixture_ids: Sequence[UUID] | None = None,
    past_runs: int = 0, name: str = "", client_id: UUID | None = None, is_fresh: bool = False, by: UserId | None,
) -> tuple[Experiment, Run]:  # fmt: skip
    """Versions or drafts tried on captured inputs, judged by the prompt's assertions, as one run.

    Inputs are the named fixtures (None: all of them) and those of the newest `past_runs` step runs; with
    neither at hand, the last run's. One candidate makes an evaluation, several a comparison.

    Raises:
        as `start_test`; LimitReached: more than a thousand trials.
    """
    found = await registry.get(tx, prompt)
    fixtures = await _fixtures(tx, found, fixture_ids)
    is_simulated = await _require_llm(tx, client_id)
    cases = [_case_of(each) for each in fixtures]
    cases += [_captured(each) for each in await past_steps(tx, found, limit=min(past_runs, PAST_RUNS_AT_MOST))]
    if not cases and fixture_ids is None:
        cases = [await _last_case(tx, found)]
    kind: ExperimentKind = "evaluation" if len(wanted) == 1 else "comparison"
    return await _start(
        tx,
        found,
        kind,
        wanted,
        cases,
        name=name,
        client_id=client_id,
        is_simulated=is_simulated,
        is_fresh=is_fresh,
        by=by,
    )


async def last_step(tx: ReadOnly, prompt: str | UUID) -> StepRun | None:
    """The newest step run made with the prompt, tests included; None when there is none yet.

    Raises:
        NotFound: no such prompt.
    """
    found = await registry.get(tx, prompt)
    return next(iter(await runs.list_steps_of_prompt(tx, found.id)), None)


async def get_use(tx: ReadOnly, prompt: str | UUID, step_run_id: UUID) -> StepRun:
    """One step run that was made with the prompt, whole.

    Raises:
        NotFound: no such prompt, or no such step run of it.
    """
    found = await registry.get(tx, prompt)
    step = await runs.get_step(tx, step_run_id)
    if step.prompt_id != found.id or not isinstance(step.input_variables, Mapping):
        raise NotFound(f"{found.key} has no such step run with an input. Choose one of its last runs.")
    return step


def output_of(step: StepRun) -> Any:
    """What a test's step run gave as the prompt's own output, as a pipeline's step would hold it; None for free text."""
    found = step.parsed_output.get("output") if isinstance(step.parsed_output, Mapping) else None
    return None if found == step.raw_output else found


async def past_steps(tx: ReadOnly, prompt: Prompt, *, limit: int) -> list[StepRun]:
    """The newest step runs of real work with the prompt that kept their input; tests do not count."""
    if limit <= 0:
        return []
    found = await runs.list_steps_of_prompt(tx, prompt.id, except_kind=KIND, limit=limit)
    return [each for each in found if each.input_variables]


async def _start(
    tx: Transaction, prompt: Prompt, kind: ExperimentKind, wanted: Sequence[int | str | Draft], cases: Sequence[Case], *,
    name: str, client_id: UUID | None, is_simulated: bool, is_fresh: bool, by: UserId | None,
) -> tuple[Experiment, Run]:  # fmt: skip
    candidates = [await evaluating.candidate(tx, prompt, each) for each in wanted]
    experiment = await evaluating.plan_experiment(
        tx, prompt, kind=kind, name=name, candidates=candidates, cases=cases, client_id=client_id, is_fresh=is_fresh,
        by=by,
    )  # fmt: skip
    run = await runs.start(
        tx,
        NewRun(
            kind=KIND, title=f"{prompt.name}: {experiment.name}", client_id=ClientId(client_id) if client_id else None,
            subject={"prompt_id": str(prompt.id), "experiment_id": str(experiment.id)},
            input={"experiment_id": str(experiment.id)}, is_simulated=is_simulated,
        ),
        by=by,
    )  # fmt: skip
    await evaluating.set_run(tx, experiment.id, run.id)
    return await evaluating.get_experiment(tx, experiment.id), run


async def _require_llm(tx: ReadOnly, client_id: UUID | None) -> bool:
    """Whether the language model that would answer is the simulated one; refuses when there is none at all."""
    client = await clients.get(tx, client_id) if client_id is not None else None
    if client is not None and client.llm == _SCRIPTED:
        return True
    stored = [each.name for each in await credentials.list_credentials(tx) if each.kind == "llm"]
    if not stored:
        raise InvalidInput(
            "No language model is set up, so nothing can answer. Add one in Settings › Language models, or choose "
            "the simulated one for a client and test for that client."
        )
    return stored == [_SCRIPTED]


async def _fixtures(tx: ReadOnly, prompt: Prompt, fixture_ids: Sequence[UUID] | None) -> list[Fixture]:
    if fixture_ids is None:
        return await evaluating.list_fixtures(tx, prompt.id)
    found = [await evaluating.get_fixture(tx, each) for each in fixture_ids]
    if stray := next((each for each in found if each.prompt_id != prompt.id), None):
        raise InvalidInput(f"The fixture {stray.name!r} is another prompt's. Choose one of {prompt.key}.")
    return found


async def _last_case(tx: ReadOnly, prompt: Prompt) -> Case:
    real = await past_steps(tx, prompt, limit=1)
    steps = real or await runs.list_steps_of_prompt(tx, prompt.id, limit=1)
    if not steps or not isinstance(steps[0].input_variables, Mapping):
        raise InvalidInput(f"{prompt.key} has not run yet, so there is no last input. Give one, or keep a fixture.")
    return _captured(steps[0])


def _captured(step: StepRun) -> Case:
    day = step.started_at.date().isoformat() if step.started_at else "earlier"
    return Case(name=f"{step.label}, {day}", variables=step.input_variables, step_run_id=step.id)


def _case_of(fixture: Fixture) -> Case:
    return Case(name=fixture.name, variables=fixture.variables, fixture_id=fixture.id)
