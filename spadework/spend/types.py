"""Money set aside, spent and given back: budgets, ledger entries and calls."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

BudgetScope = Literal["account", "client", "workbook", "table", "column", "run"]
CallState = Literal["intent", "sent", "ok", "failed", "void", "unknown"]
Reconciliation = Literal["mark_done", "mark_failed", "retry_and_pay_again"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scopes:
    """What a purchase is for; each id given is a place where a budget may apply."""

    account_id: UUID
    client_id: UUID | None = None
    workbook_id: UUID | None = None
    table_id: UUID | None = None
    field_id: UUID | None = None
    run_id: UUID | None = None

    def pairs(self) -> list[tuple[str, UUID]]:
        """Every (scope, id) a budget could be set on, widest first."""
        each = (
            ("account", self.account_id), ("client", self.client_id), ("workbook", self.workbook_id),
            ("table", self.table_id), ("column", self.field_id), ("run", self.run_id),
        )  # fmt: skip
        return [(scope, scope_id) for scope, scope_id in each if scope_id is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A limit in micro-dollars at one place, and how much of it is set aside and spent."""

    id: UUID
    scope: BudgetScope
    scope_id: UUID
    limit_micro_usd: int
    reserved_micro_usd: int
    spent_micro_usd: int

    @property
    def left_micro_usd(self) -> int:
        """What may still be set aside."""
        return max(0, self.limit_micro_usd - self.reserved_micro_usd - self.spent_micro_usd)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """A purchase about to be made: written before its first byte leaves.

    `key` is stable over retries and restarts, so the same purchase is found again;
    `question_sha256` is the same for any cell that asks the same thing of the same provider.
    """

    id: UUID
    key: bytes
    question_sha256: bytes
    row_id: int | None
    field_id: UUID | None
    provider: str
    capability: str
    call_class: str
    reserved_micro_usd: int
    is_simulated: bool
    request: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """How one call ended: its state, what it really cost and what came back."""

    call_id: UUID
    state: CallState
    settled_micro_usd: int
    reserved_micro_usd: int
    provider: str
    capability: str
    is_simulated: bool
    field_id: UUID | None
    response: Any = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A purchase as the books have it."""

    id: UUID
    key: bytes
    question_sha256: bytes
    run_id: UUID | None
    client_id: UUID | None
    workbook_id: UUID | None
    table_id: UUID | None
    row_id: int | None
    field_id: UUID | None
    provider: str
    capability: str
    call_class: str
    state: CallState
    is_simulated: bool
    attempt: int
    request: Any
    response: Any
    error: str | None
    reserved_micro_usd: int
    settled_micro_usd: int | None
    worker_id: str | None
    intent_at: datetime
    settled_at: datetime | None

    def scopes(self, account_id: UUID) -> Scopes:
        """The places whose budgets this call counts against."""
        return Scopes(
            account_id=account_id, client_id=self.client_id, workbook_id=self.workbook_id, table_id=self.table_id,
            field_id=self.field_id, run_id=self.run_id,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderSpend:
    """What one capability of one provider cost in a period."""

    provider: str
    capability: str
    calls: int
    settled_micro_usd: int
    reserved_micro_usd: int
    is_simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendReport:
    """Spend of a period: by provider, by day, by client, and calls whose fate is not known."""

    settled_micro_usd: int
    reserved_micro_usd: int
    by_provider: list[ProviderSpend] = field(default_factory=list)
    by_day: list[tuple[date, int]] = field(default_factory=list)
    by_client: list[tuple[UUID | None, str | None, int]] = field(default_factory=list)
    unknown: list[Call] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that must always hold: what it is, how much was looked at, how much of it is wrong."""

    name: str
    rule: str
    checked: int
    wrong: int

    @property
    def holds(self) -> bool:
        """Whether nothing was found wrong."""
        return self.wrong == 0
