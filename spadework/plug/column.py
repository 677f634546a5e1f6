"""The shape of a column kind: one file in `columns/` holds one subclass, and nothing else is edited."""

from abc import ABC
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from spadework.plug.prompt import PromptReference
from spadework.plug.toolbox import Toolbox

Storage = Literal["text", "number", "timestamp", "json"]
Value = str | float | int | bool | dict[str, Any] | list[Any] | None
"""A cell's value as JSON has it; timestamps are ISO 8601 text with offset, UTC."""

CellState = Literal[
    "empty", "queued", "running", "waiting", "retrying", "rate_limited", "done", "no_data",
    "condition_not_met", "missing_input", "invalid", "failed", "over_budget", "cancelled", "stale", "unknown",
]  # fmt: skip


class Settings(BaseModel):
    """The base of every kind's settings: frozen, and an unknown name is an error, not ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One computed cell. `note` is the sentence shown beside a state that is not `done`.

    `outputs` are further values by output name, for kinds whose outputs can become columns.
    """

    state: CellState = "done"
    value: Value = None
    note: str | None = None
    outputs: Mapping[str, Value] = field(default_factory=dict)
    confidence_percent: int | None = None
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row as a kind sees it: values by field id (`f_…`), only of the columns it said it reads.

    `names` are the columns' names by field id, for kinds that show the row to a person or a model.
    """

    number: int
    values: Mapping[str, Value]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One paid or free question a kind may put per row, for the estimate.

    `likelihood` is the share of rows that get as far (a waterfall's second provider is asked less often).
    `provider` None means a language model; `model`, `max_tokens` and `prompt_characters` then apply. Where a
    column asks with a prompt of the registry, its text is added, and its model and `max_tokens` where they are empty.
    """

    provider: str | None
    capability: str = ""
    likelihood: float = 1.0
    model: str = ""
    max_tokens: int = 0
    prompt_characters: int = 0


class ColumnKind(ABC):
    """A kind of column. `key` equals the file's name.

    Plain kinds (`is_computed` False) implement `parse`. Computed ones implement `value`, or `values`
    where a batch is faster (then `is_batch` is True and nothing is awaited). An error is a cell state,
    never an exception: whatever `value` raises becomes `failed` with its message.
    """

    key: ClassVar[str]
    label: ClassVar[str]
    summary: ClassVar[str] = ""
    is_computed: ClassVar[bool] = False
    is_batch: ClassVar[bool] = False
    makes_dossiers: ClassVar[bool] = False
    """Each cell is a dossier of its own, which costs what the research's steps ask besides what `asks` says."""
    is_verbatim: ClassVar[bool] = False
    """`parse` keeps a text as it is, or as the number it says, so an import may leave it to the database."""
    settings: ClassVar[type[Settings]] = Settings

    def storage(self, settings: Any) -> Storage:
        """Which typed slot holds the value."""
        return "text"

    def references(self, settings: Any) -> set[str]:
        """Field ids (`f_…`) the kind reads, conditions excluded."""
        return set()

    def outputs(self, settings: Any) -> Mapping[str, Storage]:
        """Named further outputs that may become columns, with their storage."""
        return {}

    def asks(self, settings: Any) -> Sequence[Ask]:
        """What one row may cost, in order."""
        return ()

    def prompts(self, settings: Any) -> Sequence[PromptReference]:
        """Prompts of the registry that the column asks with."""
        return ()

    def parse(self, raw: Any, settings: Any) -> Value:
        """The value to store for what a person typed or a file held; None for blank.

        Raises:
            InvalidInput: the text is no value of this kind; the message says what one looks like.
        """
        return None if raw is None or raw == "" else str(raw)

    def values(self, rows: Sequence[Row], settings: Any) -> Sequence[Cell]:
        """All cells of a batch, in order; for kinds with `is_batch`."""
        raise TypeError(f"{self.key} is not computed in batches")

    async def value(self, row: Row, settings: Any, toolbox: Toolbox) -> Cell:
        """One cell."""
        raise TypeError(f"{self.key} is not computed")
