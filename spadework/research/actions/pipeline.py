"""Pipelines: begun, watched, stopped, gone on with, and parts of them done again beside the old."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from typing import Any
from uuid import UUID

import orjson

from spadework.accounts.actions import credentials
from spadework.clients import actions as clients
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, NotFound, UnknownReference
from spadework.core.ids import RunId, UserId, new_id
from spadework.plug import catalog
from spadework.plug import step as shapes
from spadework.plug.llm import Llm
from spadework.plug.provider import HttpProvider, Provider
from spadework.plug.step import Step
from spadework.prompts.actions import evaluating, files, resolving
from spadework.prompts.types import Fixture, PromptVersion
from spadework.research.actions import needs, results
from spadework.research.rules import clients as client_rules
from spadework.research.rules import lineage, sequence
from spadework.research.store import pipeline as store
from spadework.research.types.claims import PIPELINE_KIND
from spadework.research.types.pipeline import (
    Missing,
    Pipeline,
    PipelineRequest,
    StepBrief,
)
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Page, Run, StepRun

EXTRACTION = shapes.EXTRACTION
PACKING = shapes.PACKING
REPLAYS_AT_MOST = 50
_SEARCH, _READ, _RESEARCH = "search_web", "read_page", "research_topic"
_FIND_EMAIL, _VERIFY_EMAIL = "find_email", "verify_email"
_READER = "page_reader"
_EXAMPLE = "spadework.research.example"


def load_steps() -> list[Step]:
    """Every step the catalogue finds, each after those it waits for.

    Raises:
        Misconfigured: a step waits for one that is not there.
    """
    return sequence.in_order(each() for each in catalog.load(Step, "step").values())


async def list_missing(tx: ReadOnly, client_id: UUID | None = None, *, seed: Collection[str] = ()) -> list[Missing]:
    """What a real run cannot begin without and nobody has set up; empty when it may begin.

    With a client also what that client, or the seed by its names, must say first.

    Raises:
        NotFound: no such client.
    """
    stored = await credentials.list_credentials(tx)
    missing = []
    real = {key for key, each in catalog.load(Llm, "llm").items() if not each.is_simulated}
    if not any(each.kind == "llm" and each.name in real for each in stored):
        missing.append(Missing(
            what="llm", message="No language model is set up. Add a key in Settings › Language models."
        ))  # fmt: skip
    if _engine({each.name for each in stored if each.kind == "provider"}) is None:
        names = ", ".join(provider.label for provider in _engines().values())
        missing.append(Missing(
            what="search", message=f"No search engine is set up. Add a key for one of {names} in Settings › Keys."
        ))  # fmt: skip
    return missing if client_id is None else [*missing, *await needs.list_unsaid(tx, client_id, seed=seed)]


async def find_engine(tx: ReadOnly, *, is_training: bool, capability: str = _SEARCH) -> str | None:
    """The search engine, or other service, that a run started now would ask; None when no key of one is stored."""
    if is_training:
        return _engine(set(_engines(capability)), capability)
    stored = await credentials.list_credentials(tx)
    return _engine({each.name for each in stored if each.kind == "provider"}, capability)


async def start(
    tx: Transaction, request: PipelineRequest, *, by: UserId | None, parent_run_id: RunId | None = None,
    subject: Mapping[str, Any] | None = None,
) -> Run:  # fmt: skip
    """A run that fills a new dossier; a worker begins it when this commits. Costs money unless it is training.

    `parent_run_id` and `subject` say which larger piece of work it belongs to, and its place there.

    Raises:
        NotFound: no such client. Conflict: it is archived, or something a real run needs is missing;
        details list what, and training mode always works.
    """
    client = await clients.get(tx, request.client_id)
    if client.archived_at is not None:
        raise Conflict(f"The client {client.name!r} is archived. Choose another, or restore it.")
    await files.ensure_library(tx)
    if not request.is_training and (missing := await list_missing(tx, client.id, seed=request.seed)):
        raise Conflict(
            " ".join(each.message for each in missing) + " Or start the run in training mode, which plays an example.",
            details={"missing": [{"what": each.what, "message": each.message} for each in missing]},
        )
    if not request.is_training:
        await _require_real(tx, client.id)
    about = request.seed.get("company") or request.seed.get("entity") or request.seed.get("hint") or client.name
    run = await runs.start(
        tx,
        NewRun(
            kind=PIPELINE_KIND, title=f"Dossier: {str(about)[:80]}", client_id=client.id,
            is_simulated=request.is_training, parent_run_id=parent_run_id, subject=subject or {},
            input={"seed": dict(request.seed), "llm": client.llm, "model": client.model,
                   "release_after_hours": request.release_after_hours},
        ),
        by=by,
    )  # fmt: skip
    await results.begin(tx, run)
    return run


async def get(tx: ReadOnly, run_id: UUID) -> Pipeline:
    """The run with its steps in brief.

    Raises:
        NotFound: there is no such pipeline in this account.
    """
    run = await get_run(tx, run_id)
    found = await store.found_so_far(tx, run_id)
    wanted = (run.input.get("base") or {}).get("steps") or ()
    return Pipeline(
        run=run, steps=tuple(await store.list_briefs(tx, run_id)), reruns=tuple(await store.list_children(tx, run_id)),
        only_steps=tuple(_ids(load_steps(), wanted)), **(dict(found) if found else {}),
    )  # fmt: skip


async def get_run(tx: ReadOnly, run_id: UUID) -> Run:
    """The run alone.

    Raises:
        NotFound: there is no such pipeline in this account.
    """
    run = await runs.get(tx, run_id)
    if run.kind != PIPELINE_KIND:
        raise NotFound("There is no such pipeline. The run of that id does something else.")
    return run


async def list_runs(
    tx: ReadOnly, *, client_id: UUID | None = None, state: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page:
    """Pipelines, newest first; `state` as in `runs.actions.list_runs`."""
    return await runs.list_runs(tx, client_id=client_id, state=state, kind=PIPELINE_KIND, limit=limit, cursor=cursor)


async def list_steps(tx: ReadOnly, run_id: UUID) -> list[StepRun]:
    """Every step run with its whole input and output, in order.

    Raises:
        NotFound: there is no such pipeline in this account.
    """
    await get_run(tx, run_id)
    found = [each for each in await runs.list_steps(tx, run_id) if each.step is not None]
    keys = {each.key for each in found}
    return [replace(each, lineage=lineage.traced(each, keys)) for each in found]


async def get_step(tx: ReadOnly, run_id: UUID, name: str) -> StepRun:
    """One step run by its key, such as `2-signal-discovery` or `6.2-enrich-contact:3`.

    Raises:
        NotFound: no such pipeline, or it has no such step run.
    """
    await get_run(tx, run_id)
    if found := await runs.find_step(tx, run_id, name):
        keys = {each.key for each in await store.list_briefs(tx, run_id)}
        return replace(found, lineage=lineage.traced(found, keys))
    raise NotFound(f"The run has no step run {name[:80]!r}. It may not have begun.")


async def cancel(tx: Transaction, run_id: UUID, *, by: UserId | None) -> Run:
    """Have it stop: nothing new leaves after this commits, what is under way is recorded.

    Raises:
        NotFound: no such pipeline. Conflict: it has ended.
    """
    await get_run(tx, run_id)
    return await runs.request_stop(tx, run_id, by=by)


async def retry(tx: Transaction, run_id: UUID, *, by: UserId | None) -> Run:
    """Let it go on with what failed or was not reached, with the prompts of now; nothing done is done again.

    Raises:
        NotFound: no such pipeline. Conflict: it is under way, or nothing in it failed.
    """
    run = await get_run(tx, run_id)
    if run.state == "succeeded":
        if not await store.has_failed_steps(tx, run_id):
            raise Conflict("Every step of this run succeeded, so there is nothing to try again. Re-run a step instead.")
        return await runs.reopen(tx, run_id, by=by)
    return await runs.resume(tx, run_id, by=by)


async def rerun(
    tx: Transaction, run_id: UUID, step: str, *, overrides: Mapping[str, Any] | None = None,
    prompts: Mapping[str, int] | None = None, with_dependants: bool = False, by: UserId | None,
    replay_id: str | None = None,
) -> Run:  # fmt: skip
    """A run that takes one step of an ended run again from what it was given then; the old run stays as it is.

    `step` may be a step run's key: then that one person's (`6.2-enrich-contact:3`) or that one question's
    (`6-writer-intro`) part alone is taken again. `overrides` replace variables of it, `prompts` name versions
    by prompt key. With dependants, every step that waits for it is taken again too, from the new answers.

    Raises:
        NotFound: no such pipeline, or it has no step run of that key. UnknownReference: no such step.
        Conflict: the run is under way, or a part of another.
    """
    base = await get_run(tx, run_id)
    found = sequence.find(load_steps(), step)
    only = None
    if step not in (found.key, found.id):
        only = (await get_step(tx, run_id, step)).key
    return await _repeat(
        tx, base, [found.key], only=only, overrides=overrides or {}, prompts=prompts or {},
        with_dependants=with_dependants, by=by, replay_id=replay_id,
    )  # fmt: skip


async def replay(
    tx: Transaction, prompt: str, number: int, *, client_id: UUID | None = None, runs_at_most: int = 5,
    run_ids: Sequence[UUID] = (), with_dependants: bool = True, by: UserId | None,
) -> tuple[str, list[Run]]:  # fmt: skip
    """One prompt's version tried on past runs: the steps that use it and all that depend on them, taken again.

    The runs given, else the newest complete ones that asked with the prompt. The id groups the new runs
    for `compare_replay`.

    Raises:
        InvalidInput: no step uses the prompt. NotFound: no such version or run. Conflict: there is no past run.
    """
    if client_id is not None:
        await clients.get(tx, client_id)
    named = [await get_run(tx, each) for each in run_ids[:REPLAYS_AT_MOST]]
    steps = load_steps()
    keys = sequence.using(steps, prompt, _aids(steps))
    await resolving.resolve(tx, prompt, number=number)
    limit = max(1, min(runs_at_most, REPLAYS_AT_MOST))
    chosen = named or [
        await get_run(tx, each) for each in await store.runs_with_prompt(tx, prompt, client_id=client_id, limit=limit)
    ]
    if not chosen:
        raise Conflict(f"No complete run has asked with {prompt} yet. Start one, then replay it.")
    replay_id = str(new_id())
    made = [
        await _repeat(
            tx, each, keys, overrides={}, prompts={prompt: number}, with_dependants=with_dependants, by=by,
            replay_id=replay_id,
        )
        for each in chosen
    ]  # fmt: skip
    return replay_id, made


async def capture_fixture(tx: Transaction, step_run_id: UUID, name: str, *, by: UserId | None) -> Fixture:
    """The input of a step run, kept as a fixture of its prompt.

    Raises:
        NotFound: no such step run. Conflict: it asked no model, or the prompt has a fixture of that name.
    """
    place = await store.find_step_run(tx, step_run_id)
    found = await runs.find_step(tx, *place) if place else None
    if found is None:
        raise NotFound("There is no such step run. It may belong to another account.")
    if found.prompt_key is None:
        raise Conflict("This step asked no language model, so it has no input to test a prompt with. Choose another.")
    return await evaluating.keep_fixture(
        tx, found.prompt_key, name, found.input_variables or {}, step_run_id=found.id, by=by
    )


async def prepare(tx: Transaction, run: Run) -> dict[str, Any]:
    """What a run fixes when it begins, as plain data: prompts, client configuration, seed, sources, today.

    Raises:
        NotFound: the client is gone, or a prompt has no version in use. Conflict: a source was removed meanwhile.
    """
    base = run.input.get("base")
    if base is not None:
        return await _prepared_again(tx, run, base)
    assert run.client_id is not None
    client = await clients.get(tx, run.client_id)
    await files.ensure_library(tx)
    keys = sorted({ask.prompt for step in load_steps() for ask in step.asks} | {EXTRACTION, PACKING})
    return {
        "today": run.created_at.date().isoformat(), "client": await _client_inputs(tx, run, client.name, client.domain),
        "seed": dict(run.input.get("seed") or {}), "prompts": await pinned_all(tx, keys),
        "search": await find_engine(tx, is_training=run.is_simulated), "reader": _READER,
        "researcher": await find_engine(tx, is_training=run.is_simulated, capability=_RESEARCH),
        "finders": await _sources_of(tx, _FIND_EMAIL, is_training=run.is_simulated),
        "verifiers": await _sources_of(tx, _VERIFY_EMAIL, is_training=run.is_simulated),
    }  # fmt: skip


async def require_client(tx: ReadOnly, run: Run) -> None:
    """Refuse to go on for a client that was removed meanwhile.

    Raises:
        NotFound: it is gone. Conflict: it was archived.
    """
    assert run.client_id is not None
    client = await clients.get(tx, run.client_id)
    if client.archived_at is not None:
        raise Conflict(
            f"The client {client.name!r} was archived while the run was under way. What was done is kept. Start "
            "a run for another client, or restore this one and retry the run."
        )


async def progress(tx: ReadOnly, run_id: UUID, *, total: int, done: int) -> dict[str, Any]:
    """How far a run is, as lists show it."""
    found = await store.sums(tx, run_id)
    return {
        "total": total, "done": done, "cost_micro_usd": found["cost_micro_usd"] if found else 0,
        "current_step": found["current_step"] if found else None,
    }  # fmt: skip


def brief(step: StepRun) -> StepBrief:
    """A step run without what went in and came out."""
    names = set(StepBrief.__dataclass_fields__) - {"step"}
    return StepBrief(**{name: getattr(step, name) for name in names}, step=step.step or step.key)


def script_of(run: Run) -> str | None:
    """The recording a run in training mode plays, None for a real run."""
    return str(resources.files(_EXAMPLE).joinpath("replies")) if run.is_simulated else None


async def pinned(tx: ReadOnly, key: str, number: int | None = None) -> dict[str, Any]:
    """A prompt's version as a run keeps it: the one in production, or that of the number.

    Raises:
        NotFound: there is none.
    """
    return _kept(await resolving.resolve(tx, key, number=number))


async def pinned_all(tx: ReadOnly, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The versions in production of several prompts, as `pinned` gives each.

    Raises:
        NotFound: one has none.
    """
    return {key: _kept(each) for key, each in (await resolving.resolve_all(tx, keys)).items()}


async def _sources_of(tx: ReadOnly, capability: str, *, is_training: bool) -> list[str]:
    """Vendors that answer the question and that a run started now may ask, the cheapest first."""
    prices: dict[str, float] = {}
    for key, each in _engines(capability).items():
        found = each.find_capability(capability)
        if found is not None and issubclass(each, HttpProvider):
            prices[key] = found.price_credits * each.usd_per_credit
    known = sorted(prices, key=lambda key: prices[key])
    if is_training:
        return known
    stored = {each.name for each in await credentials.list_credentials(tx) if each.kind == "provider"}
    return [each for each in known if each in stored]


async def _require_real(tx: ReadOnly, client_id: UUID) -> None:
    """Refuse to spend money on what a recording has made up."""
    configs = await results.client_configs(tx, client_id)
    marked = [kind for kind, each in configs.items() if isinstance(each, Mapping) and each.get(client_rules.SIMULATED)]
    if marked:
        raise Conflict(
            f"The client's {marked[0]} was made in training mode. Write it anew, or take out {client_rules.SIMULATED} "
            "once you have checked it."
        )


async def _repeat(
    tx: Transaction, base: Run, keys: Sequence[str], *, overrides: Mapping[str, Any], prompts: Mapping[str, int],
    with_dependants: bool, by: UserId | None, replay_id: str | None, only: str | None = None,
) -> Run:  # fmt: skip
    if base.is_open:
        raise Conflict("The run is under way. Wait for its end, or stop it, then re-run a part of it.")
    if "base" in base.input:
        raise Conflict("This run repeats a part of another. Re-run the step in that run.")
    steps = load_steps()
    wanted = sequence.dependants(steps, keys) if with_dependants else list(keys)
    names = [only] if only else _ids(steps, keys)
    return await runs.start(
        tx,
        NewRun(
            kind=PIPELINE_KIND, title=f"{base.title} (again: {', '.join(names)})", client_id=base.client_id,
            is_simulated=base.is_simulated, parent_run_id=base.id,
            subject={"replay_id": replay_id} if replay_id else {},
            input={
                **{name: base.input.get(name) for name in ("seed", "llm", "model")},
                "base": {"run_id": str(base.id), "steps": wanted, **({"only": only} if only else {})},
                "prompts": dict(prompts), "overrides": {each: dict(overrides) for each in names},
            },
        ),
        by=by,
    )  # fmt: skip


async def _prepared_again(tx: Transaction, run: Run, base: Mapping[str, Any]) -> dict[str, Any]:
    """What the repeated run had fixed, so that captured inputs come out the same, with the versions asked for."""
    base_id = UUID(str(base["run_id"]))
    attempts = (await get_run(tx, base_id)).attempts
    kept = await runs.find_step(tx, base_id, f"prepare-{attempts}")
    if kept is None or not isinstance(kept.parsed_output, dict):
        raise NotFound("The run did not get far enough to be repeated. Start a new one.")
    chosen = dict(run.input.get("prompts") or {})
    again = {ask.prompt for step in load_steps() if step.key in base["steps"] for ask in step.asks} | {
        EXTRACTION,
        PACKING,
    }
    prompts = {
        key: await pinned(tx, key, chosen.get(key)) if key in chosen else version
        for key, version in kept.parsed_output["prompts"].items()
    }
    if unknown := sorted(set(chosen) - again):
        raise UnknownReference(f"No step that is taken again asks with {unknown[0]!r}. Leave it out.")
    return {**kept.parsed_output, "prompts": prompts}


async def _client_inputs(tx: ReadOnly, run: Run, name: str, domain: str | None) -> dict[str, Any]:
    assert run.client_id is not None
    configs = await results.client_configs(tx, run.client_id)
    if run.is_simulated and not configs.get("icp_config"):
        # A client nobody has described yet still shows what a run looks like.
        example = orjson.loads(resources.files(_EXAMPLE).joinpath("client.json").read_bytes())
        configs = {**example, **configs}
    return {"client": {"name": name, "domain": domain}, **configs}


def _kept(version: PromptVersion) -> dict[str, Any]:
    return {
        "prompt_id": str(version.prompt_id), "number": version.number, "text": version.text,
        "config": version.config.model_dump(mode="json"),
        "inputs": [each.model_dump(mode="json") for each in version.inputs],
    }  # fmt: skip


def _engines(capability: str = _SEARCH) -> dict[str, type[Provider]]:
    """Every provider that searches the web, or does another thing that is asked of one of several."""
    known = catalog.load(Provider, "provider")
    return {key: each for key, each in known.items() if each.find_capability(capability)}


def _engine(names: set[str], capability: str = _SEARCH) -> str | None:
    return next((key for key in _engines(capability) if key in names), None)


def _aids(steps: Sequence[Step]) -> dict[str, list[str]]:
    """Which steps use the prompts that no step has to itself."""
    return {
        EXTRACTION: [each.key for each in steps if each.makes_claims],
        PACKING: [each.key for each in steps if each.makes_pack],
    }


def _ids(steps: Sequence[Step], keys: Sequence[str]) -> list[str]:
    return [each.id for each in steps if each.key in keys]
