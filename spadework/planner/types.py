"""Plans: a typed, costed list of steps not yet carried out, in the JSON shape of the plan file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from spadework.core.ids import ClientId, PlanId

PlanState = Literal["draft", "approved", "applying", "stopped", "applied", "failed"]
StepType = Literal["create_workbook", "create_table", "add_source", "add_column", "run_enrichment"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class CompanyFilters(_Strict):
    """What *Find companies* asks for; an empty list does not restrict."""

    industries: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
    revenue_min_usd: float | None = None
    revenue_max_usd: float | None = None
    founded_from: int | None = None
    founded_to: int | None = None
    keywords: tuple[str, ...] = ()
    limit: int = Field(100, ge=1, le=50_000)


class Condition(_Strict):
    """When a column runs, as the wizard asks it."""

    type: Literal["always", "column_not_empty", "column_empty"] = "always"
    column: str | None = None


class _Config(BaseModel):
    """What one type of step reads of its config; further keys are its author's own and stay."""

    model_config = ConfigDict(frozen=True, extra="allow")


class NewColumn(_Config):
    """A column that an import makes."""

    name: str
    kind: str = "text"


class MappedColumn(_Config):
    """Where one column of a file goes: into a new column of the table, or nowhere."""

    column: str
    new_field: NewColumn | None = None


class WorkbookConfig(_Config):
    """Config of `create_workbook`."""

    name: str | None = None
    isTraining: bool | None = None  # the plan file's own spelling, as all names in here


class TableConfig(_Config):
    """Config of `create_table`."""

    name: str | None = None


class SourceConfig(_Config):
    """Config of `add_source`."""

    sourceType: str
    provider: str = Field("directory", max_length=60)
    filters: CompanyFilters = CompanyFilters()
    uploadId: str | None = None
    mapping: tuple[MappedColumn, ...] = ()


class ColumnConfig(_Config):
    """Config of `add_column`; `settings` are checked by the column's kind.

    An AI column has a `prompt` of its own or names one of the registry by `promptKey` and label, with what its
    `variables` are; `promptVersion` is written by us, so that an approval binds the version that was shown.
    """

    name: str = Field(max_length=120)
    type: str = Field(max_length=60)
    prompt: str | None = None
    promptKey: str | None = Field(None, max_length=120)
    promptLabel: str | None = Field(None, max_length=60)
    promptVersion: int | None = None
    variables: dict[str, str] | None = None
    model: str | None = None
    outputSchema: dict[str, str | dict[str, Any]] | None = None
    outputColumns: dict[str, str] | None = None
    settings: dict[str, Any] | None = None
    conditionalRun: str | None = None
    enrichmentType: str | None = None
    sourceColumn: str | None = None


class RunConfig(_Config):
    """Config of `run_enrichment`."""

    columns: tuple[str, ...] = ()
    runAll: bool = True


_CONFIGS: Mapping[str, type[_Config]] = {
    "create_workbook": WorkbookConfig, "create_table": TableConfig, "add_source": SourceConfig,
    "add_column": ColumnConfig, "run_enrichment": RunConfig,
}  # fmt: skip


def _require_shape(shape: type[BaseModel], given: object) -> None:
    try:
        shape.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(str(each) for each in first['loc'])}: {first['msg']}") from error


class OutputAnswer(_Config):
    """One output of an AI column; the rest is what the column's own settings say of it."""

    name: str = Field(min_length=1)


class _Shown(_Config):
    outputColumns: dict[str, str] | None = None


class ColumnAnswer(_Strict):
    """One column of the company table as the wizard describes it."""

    name: str = Field(min_length=1, max_length=120)
    kind: str = Field("ai", max_length=60)
    prompt: str | None = Field(None, max_length=20_000)
    prompt_key: str | None = Field(None, max_length=120)
    prompt_label: str | None = Field(None, max_length=60)
    variables: dict[str, str] = Field(default_factory=dict, max_length=60)
    condition: Condition | str | None = None
    outputs: tuple[str | dict[str, Any], ...] = ()
    model: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_shape(self) -> "ColumnAnswer":
        for each in self.outputs:
            if not isinstance(each, str):
                _require_shape(OutputAnswer, each)
        _require_shape(_Shown, self.settings)
        return self


class SourceAnswer(_Strict):
    """Where the rows come from: filters for *Find companies*, an upload and its mapping for CSV."""

    provider: str = Field("directory", max_length=60)
    filters: CompanyFilters = CompanyFilters()
    upload_id: str | None = Field(None, json_schema_extra={"x-resource": "upload"})
    mapping: list[dict[str, Any]] | None = None

    @model_validator(mode="after")
    def _has_shape(self) -> "SourceAnswer":
        for each in self.mapping or ():
            _require_shape(MappedColumn, each)
        return self


class Answers(_Strict):
    """The wizard's four steps, filled in."""

    workbook_name: str = Field(min_length=1, max_length=120)
    lead_source: Literal["find_companies", "csv", "other"] = "find_companies"
    source: SourceAnswer = SourceAnswer()
    columns: tuple[ColumnAnswer, ...] = ()
    is_training: bool | None = None


class PlanStep(_Strict):
    """One step. `dependsOn` names earlier orders; `estimatedCredits` is ours, whoever wrote the plan."""

    order: int = Field(ge=1)
    type: str
    description: str = ""
    dependsOn: tuple[int, ...] = ()  # the plan file's own spelling
    estimatedCredits: float = 0.0  # the plan file's own spelling
    config: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _has_shape(self) -> "PlanStep":
        if shape := _CONFIGS.get(self.type):
            _require_shape(shape, self.config)
        return self


class PlanDocument(_Strict):
    """The plan file: the same whether a wizard, a person or a language model wrote it."""

    tableName: str = Field(min_length=1, max_length=120)  # the plan file's own spelling
    description: str = ""
    estimatedCredits: float = 0.0  # the plan file's own spelling
    estimatedRows: int = 0  # the plan file's own spelling
    steps: tuple[PlanStep, ...] = Field(max_length=250)
    warnings: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEstimate:
    """What one step costs: expected, and at the very most. `unit` is one row's expected price."""

    order: int
    rows: int
    expected_micro_usd: int
    worst_micro_usd: int
    unit_micro_usd: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBlocker:
    """Why a step cannot run as it is, and what to do."""

    order: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """A plan that was checked and costed by us; `blockers` stop its approval."""

    document: PlanDocument
    rows: int
    expected_micro_usd: int
    worst_micro_usd: int
    steps: Sequence[StepEstimate] = ()
    blockers: Sequence[PlanBlocker] = ()
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A stored plan; `hash` is the fingerprint of its document that an approval binds to."""

    id: PlanId
    client_id: ClientId
    name: str
    state: PlanState
    hash: str
    document: PlanDocument
    compiled: Mapping[str, Any]
    answers: Mapping[str, Any] | None
    workbook_id: UUID | None
    run_id: UUID | None
    created_by: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceColumn:
    """One column a source fills: its name, its kind, and where the value is in the source's answer."""

    name: str
    kind: str
    path: str
    settings: Mapping[str, Any] = field(default_factory=dict)
