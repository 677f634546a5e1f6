"""Which step run of the same run a computed variable leads back to, so that a person can go there; pure."""

from collections.abc import Collection, Mapping
from typing import Any

from spadework.runs.types import StepRun

_OF_THE_WHOLE_RUN = {
    "merged_claims": "7b-insight_claims_merge", "resolved_objects": "7b-insight_claims_merge",
    "routed_claims": "9-dossier-plan", "coverage_notes": "9-dossier-plan", "lead_score": "5a-enrich-lead",
    "timing_urgency": "5a-enrich-lead",
}  # fmt: skip
"""What our code makes of one step's answer, by variable."""


def traced(step: StepRun, keys: Collection[str]) -> dict[str, Any] | None:
    """The step run's lineage; what was computed from a step run among `keys` names it as its `step`."""
    if step.lineage is None:
        return None
    return {name: _traced(name, dict(each), step, keys) for name, each in step.lineage.items()}


def _traced(name: str, origin: dict[str, Any], step: StepRun, keys: Collection[str]) -> Mapping[str, Any]:
    if origin.get("source") != "computed" or origin.get("step"):
        return origin
    made_by = _made_by(name, step, keys)
    return {**origin, "step": made_by} if made_by in keys and made_by != step.key else origin


def _made_by(name: str, step: StepRun, keys: Collection[str]) -> str | None:
    base, _, index = step.key.partition(":")
    for aid in ("_claims_extraction", "_context_pack"):
        base = base.removesuffix(aid)
    if name in ("narrative", "step_output"):
        return f"{base}:{index}" if index else base
    if name == "pages":
        return f"{step.step}_web_research:{index}" if index else f"{step.step}_web_research"
    if name == "research_notes":
        turns = [each for each in keys if _is_turn(each, step.step or "", index)]
        return max(turns, key=lambda each: int(each.partition(":")[0].rpartition("-")[2]), default=None)
    return _OF_THE_WHOLE_RUN.get(name)


def _is_turn(key: str, step: str, index: str) -> bool:
    base, _, person = key.partition(":")
    return person == index and base.startswith(f"{step}_look_up-turn-") and base.rpartition("-")[2].isdigit()
