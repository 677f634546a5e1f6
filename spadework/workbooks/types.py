"""The words of workbooks: frozen data that crosses the domain's door; no decisions and no SQL here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from spadework.core.ids import ClientId, FieldId, RunId, TableId, UserId, WorkbookId
from spadework.plug.column import CellState, Storage, Value
from spadework.plug.llm import Llm

FieldSettings = Mapping[str, Any]
RunMode = Literal["cell", "selected", "first_n", "empty", "failed", "all", "force"]
FilterOp = Literal[
    "is", "is_not", "contains", "is_empty", "is_not_empty", "gt", "gte", "lt", "lte", "state_is"
]  # fmt: skip
TableKind = Literal["ce", "table"]
TableStatus = Literal["pending", "running", "complete", "failed"]

SIMULATED = 1
GUESSED = 2
EDITED = 4
"""The bits of a cell's `marks`."""

SLOT_TYPES: dict[Storage, str] = {
    "text": "text", "number": "float8", "timestamp": "timestamptz", "json": "jsonb",
}  # fmt: skip
"""The Postgres type of each storage's slots."""

MAX_FIELDS = 200
MAX_ROWS = 1_000_000
BLOCK_ROWS = 1000
"""Row ids per entry of `row_blocks`: block n holds row ids n*1000 to n*1000+999."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbook:
    """One workbook of a client; `is_training` sends its paid questions to the simulator."""

    id: WorkbookId
    client_id: ClientId
    name: str
    is_training: bool
    created_by: UserId | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of a table. `slot` is the column of `rows` that holds its values.

    `no` is its small stable number inside the table, never reused. `condition` and every text inside
    `settings` name other columns as `{{f_…}}`. `output_of` is the column whose run fills this one with
    its output `output_name`.
    """

    id: FieldId
    table_id: TableId
    no: int
    name: str
    kind: str
    settings: FieldSettings
    settings_version: int
    storage: Storage
    slot: str
    position: int
    condition: str | None = None
    auto_run: bool = False
    output_of: FieldId | None = None
    output_name: str | None = None
    width: int | None = None
    is_hidden: bool = False

    @property
    def ref(self) -> str:
        """The name other columns' settings call it by: `f_` and 32 hexadecimal digits."""
        return f"f_{self.id.hex}"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved look at a table: filters, sorts and column layout, in the API's own JSON."""

    id: UUID
    table_id: TableId
    name: str
    filters: Any
    sorts: Any
    columns: Mapping[str, Any]
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table with its live columns in their order. `version` grows with every change of its rows.

    `is_gapless`: no row was ever deleted, so the n-th row has the id n. `is_claimed`: a run fills a column, or one that
    ended has not been cleared away yet.
    """

    id: TableId
    workbook_id: WorkbookId
    workbook_name: str
    client_id: ClientId
    is_training: bool
    name: str
    kind: TableKind
    position: int
    row_count: int
    version: int
    source: Mapping[str, Any] | None
    fields: tuple[Field, ...] = ()
    views: tuple[View, ...] = ()
    is_gapless: bool = False
    is_claimed: bool = True

    def find_field(self, field_id: UUID) -> Field | None:
        """The live column of that id."""
        return next((each for each in self.fields if each.id == field_id), None)

    def find_field_by_no(self, no: int) -> Field | None:
        """The live column of that number."""
        return next((each for each in self.fields if each.no == no), None)

    def find_field_by_name(self, name: str) -> Field | None:
        """The live column of that name; upper and lower case and outer blanks do not matter."""
        wanted = name.strip().casefold()
        return next((each for each in self.fields if each.name.casefold() == wanted), None)

    def outputs_of(self, field_id: UUID) -> tuple[Field, ...]:
        """The columns filled by that column's run."""
        return tuple(each for each in self.fields if each.output_of == field_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSummary:
    """One table as a list of workbooks shows it; `progress` is (done, total) cells of what runs now."""

    id: TableId
    name: str
    kind: TableKind
    row_count: int
    field_count: int
    status: TableStatus
    progress: tuple[int, int] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookSummary:
    """One workbook as the list shows it."""

    workbook: Workbook
    tables: tuple[TableSummary, ...]
    spent_micro_usd: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutput:
    """One output of a computed column that becomes a column of its own."""

    name: str
    output_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewField:
    """What adding a column takes; references in settings and condition may be names or `f_…` ids.

    `position` None puts it last. `outputs` become columns right of it.
    """

    name: str
    kind: str
    settings: FieldSettings = field(default_factory=dict)
    condition: str | None = None
    outputs: Sequence[NewOutput] = ()
    position: int | None = None
    auto_run: bool = False
    width: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddedField:
    """A new column and the columns of its outputs."""

    field: Field
    outputs: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One condition of a filter; `value` is None for is_empty and is_not_empty."""

    field: FieldId
    op: FilterOp
    value: Value = None


FilterGroups = tuple[tuple[Filter, ...], ...]
"""Groups joined by OR, filters inside a group by AND; no group at all lets every row through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """One sort key; empty cells come last either way."""

    field: FieldId
    is_descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """Which rows of a table: by offset, after filter, sort and search."""

    offset: int = 0
    limit: int = 200
    filters: FilterGroups = ()
    sorts: tuple[Sort, ...] = ()
    search: str = ""
    fields: tuple[FieldId, ...] | None = None
    """Columns to select; None means every column that is not hidden."""


class CellMark(NamedTuple):
    """State of one computed or edited cell as the grid shows it."""

    state: CellState
    marks: int = 0
    note: str | None = None


class GridRow(NamedTuple):
    """One row of a page: values and cell states by field number; empty values are left out."""

    row_id: int
    values: Mapping[int, Value]
    cells: Mapping[int, CellMark]


@dataclass(frozen=True, slots=True, kw_only=True)
class GridPage:
    """One page of a table. `is_total_exact` is False when counting stopped at its bound."""

    offset: int
    total: int
    version: int
    rows: tuple[GridRow, ...]
    is_total_exact: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """Which cells to fill: of which columns, and which rows the mode takes."""

    table_id: TableId
    field_ids: tuple[FieldId, ...]
    mode: RunMode = "empty"
    row_ids: tuple[int, ...] = ()
    first_n: int = 10
    with_dependants: bool = True
    budget_micro_usd: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """What decides prices for one run: stored keys with their price per credit, the chosen LLM, the mode."""

    keys: Mapping[str, float | None]
    llm: Llm | None
    model: str
    is_training: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPrice:
    """One row of one column. `blockers` say why it cannot run and what to do."""

    expected_micro_usd: int = 0
    worst_micro_usd: int = 0
    providers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    blockers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEstimate:
    """What filling one column is expected to cost, and at most."""

    field_id: FieldId
    name: str
    rows: int
    price_micro_usd_per_row: int
    expected_micro_usd: int
    worst_micro_usd: int
    provider: str
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCheck:
    """One budget above the run and whether the worst case fits into what is left of it."""

    scope: str
    left_micro_usd: int
    fits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """A reason why a column cannot run, and what to do about it."""

    field_id: FieldId
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run would cost before anything is spent; `rows` are those in which it computes any cell."""

    rows: int
    fields: tuple[FieldEstimate, ...]
    expected_micro_usd: int
    worst_micro_usd: int
    budgets: tuple[BudgetCheck, ...] = ()
    needs_confirmation: bool = False
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellVersion:
    """One earlier or present value of a cell."""

    id: UUID
    value: Value
    state: CellState
    at: datetime
    run_id: RunId | None
    marks: int
    note: str | None = None
    provider: str | None = None
    cost_micro_usd: int = 0
    evidence: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CellDetail:
    """Everything known about one cell; `versions` newest first, the first one being the present value."""

    field: Field
    row_id: int
    value: Value
    state: CellState
    marks: int
    note: str | None
    row_source: str | None
    row_created_at: datetime
    run_id: RunId | None
    versions: tuple[CellVersion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """Where one column of a file goes: into a column that is there, a new one, or nowhere."""

    column: str
    field_id: FieldId | None = None
    new_field: NewField | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnPreview:
    """One column of a file before import."""

    name: str
    samples: tuple[str, ...]
    guess_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPreview:
    """What a file looks like: read from its beginning, so `rows_seen` is not all rows."""

    upload_id: UUID
    encoding: str
    delimiter: str
    columns: tuple[ColumnPreview, ...]
    rows_seen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One row of a file that was not imported: the line it begins on, why, and its text."""

    line: int
    reason: str
    content: str
