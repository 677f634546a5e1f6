"""A client's onboarding carried out by the model: begun, and each stage's answers put where they belong."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from spadework.clients import actions as base_clients
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict
from spadework.core.ids import UserId
from spadework.prompts.actions import files
from spadework.research.actions import clients, pipeline
from spadework.research.rules import clients as rules
from spadework.research.store import clients as store
from spadework.research.types.clients import ConfigKind, Onboarding
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Run

KIND = "client_onboarding"
CONFIGS: Mapping[str, ConfigKind] = {
    "icp": "icp_config", "industry": "industry_research", "context": "research_context",
}  # fmt: skip
"""The part of an onboarding step's name → the configuration it writes."""
PROMPTS = ("onboarding.consolidate", *(f"onboarding.{each}" for each in CONFIGS), "onboarding.refine")


async def start(tx: Transaction, onboarding_id: UUID, *, is_training: bool, by: UserId | None) -> Onboarding:
    """Have the model take the intake through its stages; a run that failed or was stopped goes on.

    Costs money unless it is training, which plays a recording and marks what it makes.

    Raises:
        NotFound: no such onboarding. Conflict: it is complete, under way, taken on by hand, or no model is set up.
    """
    onboarding = await clients.get_onboarding(tx, onboarding_id)
    client = await base_clients.get(tx, onboarding.client_id)
    if client.archived_at is not None:
        raise Conflict(f"The client {client.name!r} is archived. Choose another.")
    if onboarding.state == "refined":
        raise Conflict("The onboarding is complete already. Start a new intake to do it again.")
    if onboarding.run_id is not None and (before := await runs.get(tx, onboarding.run_id)):
        if before.is_open:
            raise Conflict("The onboarding is under way already. Wait for its end.")
        await runs.resume(tx, before.id, by=by)
        return onboarding
    if onboarding.state != "intake":
        raise Conflict("Somebody has taken this intake on by hand. Go on by hand, or start a new intake.")
    missing = [each for each in await pipeline.list_missing(tx) if each.what == "llm"]
    if missing and not is_training:
        raise Conflict(
            f"{missing[0].message} Or start the onboarding in training mode, which plays an example.",
            details={"missing": [{"what": each.what, "message": each.message} for each in missing]},
        )
    await files.ensure_library(tx)
    run = await runs.start(
        tx,
        NewRun(
            kind=KIND, title=f"Onboarding: {client.name}", client_id=client.id, is_simulated=is_training,
            subject={"onboarding_id": str(onboarding.id)},
            input={"onboarding_id": str(onboarding.id), "llm": client.llm, "model": client.model},
        ),
        by=by,
    )  # fmt: skip
    await store.update_onboarding(tx, onboarding.id, {"run_id": run.id})
    return await clients.get_onboarding(tx, onboarding.id)


async def prepare(tx: ReadOnly, run: Run) -> dict[str, Any]:
    """What the run fixes when it begins: the intake as it was handed in, and the prompts' versions.

    Raises:
        NotFound: the onboarding is gone, or a prompt has no version in use.
    """
    onboarding = await clients.get_onboarding(tx, UUID(str(run.input["onboarding_id"])))
    client = await base_clients.get(tx, onboarding.client_id)
    return {
        "today": run.created_at.date().isoformat(), "client": {"client": {"name": client.name, "domain": client.domain}},
        "seed": {"intake": dict(onboarding.intake), "materials": [dict(each) for each in onboarding.materials]},
        "prompts": await pipeline.pinned_all(tx, PROMPTS), "search": None, "reader": "",
    }  # fmt: skip


async def keep_account(tx: Transaction, run: Run, answer: Mapping[str, Any]) -> None:
    """The consolidated account; whom it wants left alone counts from now on, as far as the client named them."""
    onboarding = await clients.get_onboarding(tx, UUID(str(run.input["onboarding_id"])))
    said = _words(onboarding.intake, onboarding.materials)
    known = await clients.get(tx, onboarding.client_id)
    listed = {
        name: [each for each in map(str, answer.get(name) or []) if each.strip() and each.casefold() in said]
        for name in ("do_not_call", "excluded")
    }
    await store.update(
        tx, onboarding.client_id,
        do_not_call=rules.require_names([*known.do_not_call, *listed["do_not_call"]], "do_not_call"),
        excluded=rules.require_names([*known.excluded, *listed["excluded"]], "excluded"),
    )  # fmt: skip
    await clients.advance_onboarding(tx, onboarding.id, consolidated=_marked(run, answer), by=None)


async def keep_configs(tx: Transaction, run: Run, answers: Mapping[ConfigKind, Mapping[str, Any]]) -> None:
    """The configurations, as new versions of the client's.

    Raises:
        InvalidInput: one cannot be used. Conflict: somebody has gone on with the intake by hand.
    """
    onboarding_id = UUID(str(run.input["onboarding_id"]))
    generated: dict[str, Mapping[str, Any]] = {kind: _marked(run, each) for kind, each in answers.items()}
    await clients.advance_onboarding(tx, onboarding_id, generated=generated, by=None)


async def keep_refined(tx: Transaction, run: Run, answers: Mapping[ConfigKind, Mapping[str, Any]]) -> None:
    """The shorter forms beside their originals; the client is active then. Raises as `keep_configs`."""
    onboarding_id = UUID(str(run.input["onboarding_id"]))
    refined: dict[str, Mapping[str, Any]] = {kind: _marked(run, each) for kind, each in answers.items()}
    await clients.advance_onboarding(tx, onboarding_id, refined=refined, by=None)


async def progress(tx: ReadOnly, run: Run, *, total: int, done: int) -> dict[str, Any]:
    """How far the run is, as lists show it."""
    return await pipeline.progress(tx, run.id, total=total, done=done)


def require_config(kind: ConfigKind, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration in an answer.

    Raises:
        InvalidInput: its parts have not the form the pipeline reads.
    """
    return rules.require_config(kind, answer)


def _marked(run: Run, answer: Mapping[str, Any]) -> dict[str, Any]:
    """What a recording has answered says so wherever it goes."""
    return {**answer, rules.SIMULATED: True} if run.is_simulated else dict(answer)


def _words(*values: Any) -> str:
    return " ".join(str(each) for each in values).casefold()
