"""Several dossiers asked for at once: what is wanted, what it will cost, and how far it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from spadework.core.ids import ClientId
from spadework.runs.types import Run

BATCH_KIND = "dossier_batch"
MAX_SEEDS = 200
MAX_AT_ONCE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRequest:
    """Dossiers to be made, one for each seed, in that order and at most `at_once` side by side.

    `budget_micro_usd_per_dossier` is what each may cost at the very most; None leaves it to the budgets.
    `release_after_hours` holds each finished dossier back.
    """

    client_id: ClientId
    seeds: Sequence[Mapping[str, Any]]
    name: str = ""
    is_training: bool = False
    release_after_hours: float = 0
    at_once: int = 3
    budget_micro_usd_per_dossier: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchBudget:
    """A budget above the batch, and whether the whole batch at its expected price fits it."""

    scope: str
    left_micro_usd: int
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchEstimate:
    """What a batch is expected to cost and at most. `based_on_runs` 0: from prices, else from that many past runs."""

    dossiers: int
    expected_micro_usd_per_dossier: int
    worst_micro_usd_per_dossier: int
    based_on_runs: int
    budgets: tuple[BatchBudget, ...]
    needs_confirmation: bool
    warnings: tuple[str, ...]
    blockers: tuple[str, ...]

    @property
    def expected_micro_usd(self) -> int:
        """What the whole batch is expected to cost."""
        return self.dossiers * self.expected_micro_usd_per_dossier

    @property
    def worst_micro_usd(self) -> int:
        """What the whole batch can cost at most."""
        return self.dossiers * self.worst_micro_usd_per_dossier


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A batch's run, its seeds, and the run of each seed that has begun, by its place from 0."""

    run: Run
    seeds: tuple[Mapping[str, Any], ...]
    dossiers: Mapping[int, Run]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSchedule:
    """A batch that is started again and again. `cron` is in UTC."""

    id: UUID
    name: str
    cron: str
    client_id: ClientId | None
    input: Mapping[str, Any]
    next_at: datetime
    last_run_id: UUID | None
