"""What a run is: one execution of one job, and the steps it was seen to take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from spadework.core.ids import AccountId, ClientId, RunId, TableId

RunState = Literal["queued", "running", "waiting", "stopping", "stopped", "succeeded", "failed"]
StepState = Literal["queued", "running", "waiting", "succeeded", "failed", "skipped", "stopped", "unknown"]
OPEN_STATES = ("queued", "running", "waiting", "stopping")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """A run to be made. `subject` holds ids of what it serves; `input` is what its job reads."""

    kind: str
    title: str
    client_id: ClientId | None = None
    table_id: TableId | None = None
    subject: Mapping[str, Any] = field(default_factory=dict)
    input: Mapping[str, Any] = field(default_factory=dict)
    is_simulated: bool = False
    parent_run_id: RunId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One execution. `fence` grows each time a worker takes it; writers with an older one are refused."""

    id: RunId
    account_id: AccountId
    kind: str
    title: str
    state: RunState
    client_id: ClientId | None
    table_id: TableId | None
    subject: Mapping[str, Any]
    input: Mapping[str, Any]
    progress: Mapping[str, Any]
    result: Any
    error: Mapping[str, Any] | None
    is_simulated: bool
    fence: int
    worker_id: str | None
    attempts: int
    parent_run_id: RunId | None
    created_by: UUID | None
    created_by_name: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether something may still happen in it."""
        return self.state in OPEN_STATES


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a step that asks a language model is about to send, for its record.

    `step` is the step's own id, the same for each person it is taken for (`contact_index`).
    """

    step: str
    prompt_key: str | None = None
    prompt_version: int | None = None
    prompt_id: UUID | None = None
    interpolated_prompt: str | None = None
    contact_index: int | None = None


@dataclass(slots=True, kw_only=True)
class Notes:
    """What a step notes about itself while it works; kept with its record however it ends.

    `calls` is the evidence: each question that left, to whom, and what it cost.
    """

    raw_output: str | None = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_micro_usd: int = 0
    is_simulated: bool = False
    calls: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """One step's whole record, written before its work begins: what went in, what came out, what it cost.

    `step` is empty for a run's own bookkeeping, which is no step of what a person asked for.
    """

    id: UUID
    run_id: RunId
    no: int
    key: str
    label: str
    state: StepState
    input_variables: Any = None
    lineage: Any = None
    interpolated_prompt: str | None = None
    raw_output: str | None = None
    parsed_output: Any = None
    model: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_micro_usd: int = 0
    attempts: int = 0
    error: Mapping[str, Any] | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    step: str | None = None
    prompt_key: str | None = None
    prompt_version: int | None = None
    prompt_id: UUID | None = None
    contact_index: int | None = None
    is_simulated: bool = False
    calls: Any = None

    @property
    def duration_ms(self) -> int | None:
        """Whole milliseconds from start to end, None while it runs."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0, int((self.finished_at - self.started_at).total_seconds() * 1000))


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptUse:
    """One step run of a prompt as a list shows it, without what went in and came out, and its run's kind and client."""

    id: UUID
    run_id: RunId
    run_kind: str
    client_id: ClientId | None
    label: str
    state: StepState
    prompt_version: int | None
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_micro_usd: int
    attempts: int
    error: Mapping[str, Any] | None
    is_simulated: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def duration_ms(self) -> int | None:
        """Whole milliseconds from start to end, None while it runs."""
        if self.started_at is None or self.finished_at is None:
            return None
        return max(0, int((self.finished_at - self.started_at).total_seconds() * 1000))


@dataclass(frozen=True, slots=True)
class PromptUses:
    """One page of a prompt's step runs and where the next begins; None when this is the last."""

    uses: list[PromptUse]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A run that is started again and again; `cron` is in UTC."""

    id: UUID
    name: str
    cron: str
    kind: str
    client_id: UUID | None
    input: Mapping[str, Any]
    next_at: datetime
    last_run_id: UUID | None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of runs and where the next begins; None when this is the last."""

    runs: list[Run]
    next_cursor: str | None
