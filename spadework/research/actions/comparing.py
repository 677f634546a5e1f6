"""Old beside new: a run that repeats a part of another beside that one, alone or as one of a replay."""

from collections.abc import Sequence
from uuid import UUID

from spadework.core.db import ReadOnly
from spadework.core.errors import Conflict, NotFound
from spadework.research.actions import pipeline, results
from spadework.research.store import pipeline as store
from spadework.research.types.pipeline import ClaimDifference, Comparison, StepDifference
from spadework.runs.types import Run, StepRun


async def compare(tx: ReadOnly, run_id: UUID) -> Comparison:
    """A repeated run beside the run it repeats a part of.

    Raises:
        NotFound: no such pipeline. Conflict: the run repeats no other.
    """
    old, new = await _pair(tx, run_id)
    before = {each.key: each for each in await pipeline.list_steps(tx, old.id)}
    pairs = [_difference(before.get(each.key), each) for each in await pipeline.list_steps(tx, new.id)]
    return await _compared(tx, old, new, pairs)


async def compare_replay(tx: ReadOnly, replay_id: str) -> list[Comparison]:
    """Every run of a replay beside its original, oldest first; without outputs, which `compare` gives one by one.

    Raises:
        NotFound: there is no such replay in this account.
    """
    if found := await store.list_replays(tx, replay_id):
        pairs = [await _pair(tx, each) for each in found]
        return [
            await _compared(tx, old, new, await store.list_differences(tx, old.id, new.id)) for old, new in pairs
        ]  # fmt: skip
    raise NotFound("There is no such replay. It may belong to another account.")


async def _pair(tx: ReadOnly, run_id: UUID) -> tuple[Run, Run]:
    new = await pipeline.get_run(tx, run_id)
    if "base" not in new.input:
        raise Conflict("This run repeats no other, so there is nothing to compare it with. Re-run a step of it.")
    return await pipeline.get_run(tx, UUID(str(new.input["base"]["run_id"]))), new


async def _compared(tx: ReadOnly, old: Run, new: Run, steps: Sequence[StepDifference]) -> Comparison:
    then = set(await results.list_statements(tx, old.id))
    now = set(await results.list_statements(tx, new.id))
    return Comparison(
        old=old, new=new, steps=tuple(steps),
        claims=ClaimDifference(kept=len(then & now), added=tuple(sorted(now - then)), removed=tuple(sorted(then - now))),
    )  # fmt: skip


def _difference(old: StepRun | None, new: StepRun) -> StepDifference:
    return StepDifference(
        key=new.key, label=new.label, old_id=old.id if old else None, new_id=new.id,
        old_output=old.parsed_output if old else None, new_output=new.parsed_output,
        is_same=old is not None and old.parsed_output == new.parsed_output,
        old_cost_micro_usd=old.cost_micro_usd if old else 0, new_cost_micro_usd=new.cost_micro_usd,
        old_tokens=_tokens(old) if old else 0, new_tokens=_tokens(new), error=new.error,
    )  # fmt: skip


def _tokens(step: StepRun) -> int:
    return (step.input_tokens or 0) + (step.output_tokens or 0)
