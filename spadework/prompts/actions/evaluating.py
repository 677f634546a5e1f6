"""Trying versions on inputs: assertion sets, fixtures, experiments and what came of each trial."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, InvalidInput, LimitReached, NotFound
from spadework.core.ids import UserId
from spadework.plug.llm import LlmReply, LlmRequest
from spadework.prompts.actions import registry, resolving
from spadework.prompts.rules import assertions as kinds
from spadework.prompts.rules.assertions import Kind, LlmRubric, Subject
from spadework.prompts.store import experiments as store
from spadework.prompts.store import registry as registry_store
from spadework.prompts.types import (
    Assertion,
    AssertionSet,
    Candidate,
    Case,
    Draft,
    Experiment,
    ExperimentKind,
    Fixture,
    Output,
    Prompt,
    PromptVersion,
    Trial,
    Verdict,
)

TRIALS_AT_MOST = 1_000
_LONGEST_NAME = 120


async def get_assertions(tx: ReadOnly, prompt: str | UUID) -> AssertionSet:
    """What a good output of the prompt is; revision 0 when nobody has said yet.

    Raises:
        NotFound: no such prompt.
    """
    return await store.find_assertions(tx, (await registry.get(tx, prompt)).id)


async def set_assertions(
    tx: Transaction, prompt: str | UUID, assertions: Sequence[Assertion], *, by: UserId | None
) -> AssertionSet:
    """The new set, as the next revision; versions must be evaluated against it before a protected label moves.

    Safe to call twice: an equal set makes no new revision.

    Raises:
        InvalidInput: an assertion cannot be used. NotFound: no such prompt.
    """
    found = await registry.get(tx, prompt)
    kinds.require_usable(assertions)
    await registry_store.lock(tx, found.id)
    current = await store.find_assertions(tx, found.id)
    if current.revision and current.assertions == tuple(assertions):
        return current
    await store.add_assertions(tx, found.id, current.revision + 1, assertions, by=by)
    return await store.find_assertions(tx, found.id)


def list_kinds() -> list[dict[str, Any]]:
    """Every kind of assertion with its label, what it means and the JSON Schema of its settings."""
    return [
        {"kind": key, "label": kind.label, "summary": " ".join((kind.__doc__ or "").split()), "asks_llm": kind.asks_llm,
         "settings_schema": kind.model_json_schema()}
        for key, kind in sorted(kinds.KINDS.items())
    ]  # fmt: skip


async def keep_fixture(
    tx: Transaction, prompt: str | UUID, name: str, variables: Mapping[str, Any], *, step_run_id: UUID | None = None,
    by: UserId | None,
) -> Fixture:  # fmt: skip
    """An input kept for testing under a name of its own.

    Raises:
        Conflict: the prompt has a fixture of that name. InvalidInput: the name cannot be used.
    """
    found = await registry.get(tx, prompt)
    tidy = " ".join(name.split())
    if not 1 <= len(tidy) <= _LONGEST_NAME:
        raise InvalidInput(f"A fixture's name has 1 to {_LONGEST_NAME} characters. Write one within.")
    fixture_id = await store.add_fixture(tx, found.id, tidy, variables, step_run_id=step_run_id, by=by)
    if fixture_id is None:
        raise Conflict(f"{found.key} has a fixture {tidy!r} already. Choose another name, or remove that one.")
    return await get_fixture(tx, fixture_id)


async def get_fixture(tx: ReadOnly, fixture_id: UUID) -> Fixture:
    """The fixture.

    Raises:
        NotFound: the account has none of that id.
    """
    if fixture := await store.find_fixture(tx, fixture_id):
        return fixture
    raise NotFound("There is no such fixture in this account.")


async def list_fixtures(tx: ReadOnly, prompt: str | UUID) -> list[Fixture]:
    """The prompt's fixtures, oldest first.

    Raises:
        NotFound: no such prompt.
    """
    return await store.list_fixtures(tx, (await registry.get(tx, prompt)).id)


async def remove_fixture(tx: Transaction, fixture_id: UUID) -> None:
    """Forget the fixture; experiments that used it keep their copy.

    Raises:
        NotFound: the account has none of that id.
    """
    if not await store.remove_fixture(tx, fixture_id):
        raise NotFound("There is no such fixture in this account.")


async def candidate(tx: ReadOnly, prompt: Prompt, wanted: int | str | Draft) -> Candidate:
    """What an experiment shall try: a version by number, whatever a label points to, or an unsaved draft.

    Raises:
        NotFound: no such version or label. InvalidInput: the draft could not be saved.
    """
    if isinstance(wanted, Draft):
        version = await resolving.draft_version(tx, prompt, wanted)
        return _as_candidate(version, number=None, title="Draft")
    if isinstance(wanted, int):
        version = await resolving.resolve(tx, prompt.id, number=wanted)
        return _as_candidate(version, number=wanted, title=f"Version {wanted}")
    version = await resolving.resolve(tx, prompt.id, wanted)
    return _as_candidate(version, number=version.number, title=f"Version {version.number} ({wanted})")


async def plan_experiment(
    tx: Transaction, prompt: Prompt, *, kind: ExperimentKind, name: str, candidates: Sequence[Candidate],
    cases: Sequence[Case], client_id: UUID | None, is_fresh: bool, by: UserId | None,
) -> Experiment:  # fmt: skip
    """An experiment with everything it will try and judge by, as both are now; nothing is asked yet.

    Raises:
        InvalidInput: there is nothing to try, or a case lacks what a candidate needs. LimitReached: too many trials.
    """
    if not candidates or not cases:
        lacking = "version" if not candidates else "input"
        raise InvalidInput(f"There is no {lacking} to try. Name one, or keep the last run's input as a fixture.")
    if len(candidates) * len(cases) > TRIALS_AT_MOST:
        raise LimitReached(f"That makes more than {TRIALS_AT_MOST:,} trials. Choose fewer inputs or versions.")
    for each in candidates:
        for case in cases:
            resolving.render(each, case.variables)
    assertions = await store.find_assertions(tx, prompt.id)
    experiment_id = await store.add_experiment(
        tx, prompt.id, kind=kind, name=name or _title(kind, candidates, cases), client_id=client_id,
        candidates=candidates, cases=cases, assertions=assertions, is_fresh=is_fresh, by=by,
    )  # fmt: skip
    return await get_experiment(tx, experiment_id)


async def set_run(tx: Transaction, experiment_id: UUID, run_id: UUID) -> None:
    """Remember the run that carries the experiment out."""
    await store.set_run(tx, experiment_id, run_id)


async def get_experiment(tx: ReadOnly, experiment_id: UUID) -> Experiment:
    """The experiment.

    Raises:
        NotFound: the account has none of that id.
    """
    if experiment := await store.find_experiment(tx, experiment_id):
        return experiment
    raise NotFound("There is no such experiment in this account.")


async def list_experiments(
    tx: ReadOnly, prompt: str | UUID, *, kind: ExperimentKind | None = None, limit: int = 50
) -> list[Experiment]:
    """The prompt's experiments, newest first.

    Raises:
        NotFound: no such prompt.
    """
    return await store.list_experiments(tx, (await registry.get(tx, prompt)).id, kind=kind, limit=limit)


async def list_trials(tx: ReadOnly, experiment_id: UUID) -> list[Trial]:
    """Every trial so far: case by case, and within a case candidate by candidate."""
    return await store.list_trials(tx, experiment_id)


async def find_last_trial(tx: ReadOnly, prompt: str | UUID) -> tuple[Experiment, Trial] | None:
    """The newest trial of the prompt and its experiment, None when it was never tried.

    Raises:
        NotFound: no such prompt.
    """
    return await store.find_last_trial(tx, (await registry.get(tx, prompt)).id)


def judges(experiment: Experiment) -> list[Kind]:
    """The experiment's assertions, ready to check; those that `asks_llm` need a completion each."""
    return [kinds.parse(each) for each in experiment.assertions.assertions]


def subject(experiment: Experiment, candidate_no: int, case_no: int, output: Output) -> Subject:
    """What the experiment's assertions judge of one trial."""
    return Subject(output=output, case=experiment.cases[case_no], candidate=experiment.candidates[candidate_no])


def check(kind: Kind, judged: Subject) -> Verdict:
    """The outcome of one assertion that asks nobody."""
    return kinds.verdict(kind, kind.check(judged))


def judge_request(kind: Kind, judged: Subject) -> LlmRequest | None:
    """What a language model must be asked for this assertion, None for one that asks nobody."""
    return kind.request(judged) if isinstance(kind, LlmRubric) else None


def check_reply(kind: Kind, reply: LlmReply) -> Verdict:
    """The outcome of an assertion that a language model judged."""
    assert isinstance(kind, LlmRubric), "only these have a request"
    return kinds.verdict(kind, kind.read(reply))


async def record_trial(
    tx: Transaction,
    experiment: Experiment,
    candidate_no: int,
    case_no: int,
    output: Output,
    verdicts: Sequence[Verdict],
) -> bool:
    """Write a trial down; whether it passed: no error, and every assertion holds. Writing it again replaces it."""
    is_passed = output.error is None and all(each.is_passed for each in verdicts)
    await store.put_trial(tx, experiment.id, candidate_no, case_no, output, verdicts, is_passed=is_passed)
    return is_passed


async def finish(tx: Transaction, experiment_id: UUID) -> Mapping[str, Any]:
    """The experiment's summary, written down: per candidate what passed, what it cost and how long it took."""
    experiment = await get_experiment(tx, experiment_id)
    trials = await store.list_trials(tx, experiment_id)
    lines = [
        _line(experiment.candidates[no], [each for each in trials if each.candidate_no == no])
        for no in range(len(experiment.candidates))
    ]
    summary = {
        "candidates": lines, "trials": len(trials), "passed": sum(each["passed"] for each in lines),
        "cost_micro_usd": sum(each["cost_micro_usd"] for each in lines),
    }  # fmt: skip
    await store.finish(tx, experiment_id, summary)
    return summary


def _line(candidate: Candidate, trials: Sequence[Trial]) -> dict[str, Any]:
    durations = [each.output.duration_ms for each in trials]
    failed: dict[str, int] = {}
    for trial in trials:
        for verdict in trial.verdicts:
            if not verdict.is_passed:
                failed[verdict.kind] = failed.get(verdict.kind, 0) + 1
    return {
        "number": candidate.number, "title": candidate.title, "trials": len(trials),
        "passed": sum(each.is_passed for each in trials),
        # What came back and does not do is a failure; an error is when nothing came back.
        "errors": sum(each.output.error is not None and each.output.raw_output is None for each in trials),
        "failed_assertions": failed, "cost_micro_usd": sum(each.output.cost_micro_usd for each in trials),
        "input_tokens": sum(each.output.input_tokens for each in trials),
        "output_tokens": sum(each.output.output_tokens for each in trials),
        "median_ms": round(statistics.median(durations)) if durations else 0,
        "is_simulated": any(each.output.is_simulated for each in trials),
    }  # fmt: skip


def _as_candidate(version: PromptVersion, *, number: int | None, title: str) -> Candidate:
    return Candidate(number=number, title=title, text=version.text, config=version.config, inputs=version.inputs)


def _title(kind: ExperimentKind, candidates: Sequence[Candidate], cases: Sequence[Case]) -> str:
    tried = " and ".join(each.title for each in candidates[:3])
    return f"{kind.capitalize()}: {tried} on {len(cases)} {'input' if len(cases) == 1 else 'inputs'}"
