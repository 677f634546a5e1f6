"""Pipelines as they are shown and asked for: a request, a step in brief, a comparison of old and new."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from spadework.core.ids import ClientId, RunId
from spadework.runs.types import Run, StepState

_SHOWN_STATES = {
    "queued": "pending", "running": "running", "waiting": "running", "stopping": "running", "stopped": "cancelled",
    "succeeded": "completed", "failed": "failed",
}  # fmt: skip
_SHOWN_STEP_STATES = {
    "queued": "pending", "running": "running", "waiting": "running", "succeeded": "completed", "failed": "failed",
    "skipped": "skipped", "stopped": "failed", "unknown": "failed",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineRequest:
    """A dossier to be made. `seed` names what to begin from; with `is_training` a recorded example is played.

    `release_after_hours` is how long the finished dossier is held back.
    """

    client_id: ClientId
    seed: Mapping[str, Any] = field(default_factory=dict)
    is_training: bool = False
    release_after_hours: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBrief:
    """One step run without what went in and came out."""

    id: UUID
    run_id: RunId
    no: int
    key: str
    label: str
    step: str
    contact_index: int | None
    state: StepState
    model: str | None
    prompt_key: str | None
    prompt_version: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost_micro_usd: int
    attempts: int
    is_simulated: bool
    error: Mapping[str, Any] | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_ms: int | None

    @property
    def status(self) -> str:
        """The state in the seed's words: pending, running, completed, failed or skipped."""
        return _SHOWN_STEP_STATES[self.state]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A pipeline's run with its steps in brief, and the runs that repeat a part of it.

    `only_steps` are the ids of the steps it takes when it repeats a part of another; none means all.
    """

    run: Run
    steps: tuple[StepBrief, ...]
    reruns: tuple[RunId, ...] = ()
    only_steps: tuple[str, ...] = ()
    dossier_id: UUID | None = None
    claims: int = 0
    contacts: int = 0

    @property
    def status(self) -> str:
        """The run's state in the seed's words: pending, running, completed, failed or cancelled."""
        return shown_state(self.run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One thing a run cannot begin without, and where to set it up."""

    what: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDifference:
    """One step run of an old run beside the new one: what it gave and what it cost.

    Lists of many runs leave the outputs out (None) and only say whether they are the same.
    """

    key: str
    label: str
    old_id: UUID | None
    new_id: UUID | None
    old_output: Any
    new_output: Any
    is_same: bool
    old_cost_micro_usd: int
    new_cost_micro_usd: int
    old_tokens: int
    new_tokens: int
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDifference:
    """How the claims of two runs differ, by what they state."""

    kept: int
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """An old run beside the run that repeats a part of it."""

    old: Run
    new: Run
    steps: tuple[StepDifference, ...]
    claims: ClaimDifference

    @property
    def cost_difference_micro_usd(self) -> int:
        """What the repeated steps cost more than they did; negative when they cost less."""
        return sum(each.new_cost_micro_usd - each.old_cost_micro_usd for each in self.steps)


def shown_state(run: Run) -> str:
    """A run's state in the seed's words."""
    return _SHOWN_STATES[run.state]
