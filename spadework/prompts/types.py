"""What a prompt is: a key, its numbered versions, labels that point to them, and what was tried with them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

PromptId = NewType("PromptId", UUID)
ExecutionMode = Literal["sync", "agent", "background"]
ExperimentKind = Literal["test", "evaluation", "comparison"]
MoveState = Literal["waiting", "moved", "rejected"]
MAIN = "main"
LATEST = "latest"
"""The label that always points to the newest version of the main branch; nobody moves it by hand."""
PRODUCTION = "production"


class PromptConfig(BaseModel):
    """How a version is asked. `model` empty means the client's default; `output_schema` None asks for text.

    `tools` are the capabilities a step may use while it answers, such as "search" or "read_page"; with
    "research" the pages of a background step are found by a research service.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(default="", max_length=200)
    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int = Field(default=2048, ge=16, le=64_000)
    output_schema: dict[str, Any] | None = None
    tools: tuple[str, ...] = Field(default=(), max_length=20)


class PromptInput(BaseModel):
    """One variable a version takes; an optional one that is not given counts as empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]{0,79}$")
    description: str = Field(default="", max_length=500)
    is_required: bool = True


class Assertion(BaseModel):
    """One thing a good output satisfies. `kind` names a registered assertion, `settings` are its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(min_length=1, max_length=40)
    settings: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A pointer to a version; a protected one moves only through the gate."""

    name: str
    number: int
    is_protected: bool
    moved_at: datetime
    moved_by: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPrompt:
    """A prompt's lasting facts; its text comes with its first version."""

    key: str
    name: str
    stage: str
    step: str | None = None
    position: int = 0
    description: str = ""
    tags: tuple[str, ...] = ()
    is_fragment: bool = False
    produces_claims: bool = False
    merges_claims: bool = False
    context_pack: str | None = None
    execution_mode: ExecutionMode = "sync"
    timeout_seconds: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt(NewPrompt):
    """A prompt as it is stored. `latest` is the newest version of the main branch."""

    id: PromptId
    latest: int
    labels: tuple[Label, ...] = ()
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None

    def find_label(self, name: str) -> Label | None:
        """The label of that name, None when it points nowhere yet."""
        return next((each for each in self.labels if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptVersion:
    """One immutable version. `included` says which version of each included prompt stands in `text`.

    As stored, `text` holds its `{{> other}}` and `included` is empty; as resolved, both are filled in.
    """

    id: UUID
    prompt_id: PromptId
    key: str
    number: int
    text: str
    config: PromptConfig
    inputs: tuple[PromptInput, ...] = ()
    branch: str = MAIN
    parent: int | None = None
    merged: int | None = None
    sha256: bytes = b""
    is_library: bool = False
    notes: str = ""
    created_by: UUID | None = None
    created_by_name: str | None = None
    created_at: datetime
    included: Mapping[str, int] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The model it asks for; empty means the client's default."""
        return self.config.model

    @property
    def temperature(self) -> float | None:
        """The temperature it asks for, None for the service's own."""
        return self.config.temperature

    @property
    def max_tokens(self) -> int:
        """How long its reply may be."""
        return self.config.max_tokens

    @property
    def output_schema(self) -> Mapping[str, Any] | None:
        """The JSON Schema of its reply, None for free text."""
        return self.config.output_schema

    @property
    def tools(self) -> tuple[str, ...]:
        """The capabilities its step may use."""
        return self.config.tools


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a person wrote and has not saved yet."""

    text: str
    config: PromptConfig
    inputs: tuple[PromptInput, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A prompt ready to send: `system` is the author's, `prompt` holds the variables as data.

    `variables` are those that are sent, as the model sees them; `cut` names those that were too long.
    """

    system: str
    prompt: str
    variables: Mapping[str, Any]
    cut: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The whole of what is sent, for people to read."""
        return f"{self.system}\n\n{self.prompt}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffLine:
    """One line of two texts side by side; a side that has no such line is None."""

    kind: Literal["same", "changed", "added", "removed"]
    left_no: int | None
    left: str | None
    right_no: int | None
    right: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two versions beside each other: their lines, and the settings that differ as (name, left, right)."""

    lines: tuple[DiffLine, ...]
    settings: tuple[tuple[str, Any, Any], ...]

    @property
    def changed(self) -> int:
        """How many lines differ."""
        return sum(each.kind != "same" for each in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What three versions make together. In `text` a conflict stands between marks, as in version control."""

    text: str
    config: PromptConfig
    inputs: tuple[PromptInput, ...]
    conflicts: int
    setting_conflicts: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """Whether nobody needs to decide anything."""
        return not self.conflicts and not self.setting_conflicts


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionSet:
    """What a good output of a prompt is. Revision 0 means that nobody has said yet."""

    revision: int
    assertions: tuple[Assertion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """An input kept for testing."""

    id: UUID
    prompt_id: PromptId
    name: str
    variables: Mapping[str, Any]
    step_run_id: UUID | None
    created_by: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What an experiment tries: a version with its includes filled in, or a draft (`number` None)."""

    number: int | None
    title: str
    text: str
    config: PromptConfig
    inputs: tuple[PromptInput, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One input of an experiment, copied when it began, and where it came from."""

    name: str
    variables: Mapping[str, Any]
    fixture_id: UUID | None = None
    step_run_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What came back for one candidate on one case, or the error that stood in its way."""

    interpolated_prompt: str
    raw_output: str | None = None
    parsed_output: Any = None
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    cost_micro_usd: int = 0
    duration_ms: int = 0
    attempts: int = 1
    is_simulated: bool = False
    error: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an output satisfies one assertion, and why not."""

    kind: str
    is_passed: bool
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One candidate on one case, with its verdicts; `is_passed` only when there was no error."""

    id: UUID
    experiment_id: UUID
    candidate_no: int
    case_no: int
    output: Output
    verdicts: tuple[Verdict, ...]
    is_passed: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """Candidates tried on cases. `summary` is None until it has finished."""

    id: UUID
    prompt_id: PromptId
    key: str
    kind: ExperimentKind
    name: str
    client_id: UUID | None
    run_id: UUID | None
    candidates: tuple[Candidate, ...]
    cases: tuple[Case, ...]
    assertions: AssertionSet
    is_fresh: bool
    summary: Any
    created_by: UUID | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """Whether a version may be approved for a protected label. `experiment_id` is the proof, when there is one."""

    is_open: bool
    reason: str
    revision: int
    experiment_id: UUID | None = None
    is_simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelMove:
    """A label's move: asked for, made or rejected. An approval binds to `fingerprint`."""

    id: UUID
    prompt_id: PromptId
    label: str
    number: int
    from_number: int | None
    state: MoveState
    fingerprint: str
    gate: Mapping[str, Any]
    note: str
    asked_by: UUID | None
    asked_at: datetime
    decided_by: UUID | None
    decided_at: datetime | None
