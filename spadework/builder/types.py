"""Workflows: a file-to-file script made in conversation, its versions, and what is kept of tests, runs and what left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, NewType
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

WorkflowId = NewType("WorkflowId", UUID)
VersionId = NewType("VersionId", UUID)

Status = Literal[
    "validating", "validated", "clarifying", "building", "pending_user_approval", "approved", "rejected", "failed",
    "archived",
]  # fmt: skip
DRAFT_STATUSES: Sequence[Status] = ("validating", "validated", "clarifying", "building", "pending_user_approval")
Role = Literal["user", "assistant"]
FieldType = Literal["multi_file_upload", "file_upload", "text_input", "text_area"]
Engine = Literal["pyodide", "local"]
TestKind = Literal["synthetic", "real"]
TestResult = Literal["passed", "failed", "not_run"]
Runner = Literal["browser", "local"]
Direction = Literal["to_server", "to_llm"]

MOST_QUESTIONS = 5
MOST_REPAIRS = 3
"""How often a script that failed its test is given back to the language model."""
MOST_SCRIPT_BYTES = 200_000
MOST_ROWS = 10**12


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkflowField(_Strict):
    """One thing the run form asks for; `id` is a Python name and the folder its files stand in."""

    id: str = Field(min_length=1, max_length=60)
    type: FieldType
    label: str = Field(min_length=1, max_length=120)
    placeholder: str | None = Field(None, max_length=300)
    accept: tuple[str, ...] | None = Field(None, max_length=20)
    min_files: int | None = Field(None, ge=0, le=1_000)
    max_files: int | None = Field(None, ge=1, le=1_000)
    required: bool = True
    extracts: tuple[int, ...] | None = Field(None, max_length=100)
    """Positions in `file_extracts` of the files that go into this field in a test; None when unknown."""


class Execution(_Strict):
    """What runs: a script, what it needs besides Python's own library, and where it can run.

    `outputFilename` is the name of the one file it writes; None when it writes text for reading, or several files.
    """

    engine: Engine = "pyodide"
    dependencies: tuple[str, ...] = Field((), max_length=20)
    outputFilename: str | None = Field(None, max_length=200)  # the workflow file's own spelling
    script: str = Field(min_length=1)


class Build(_Strict):
    """What a build gives, whether a language model or a form made it."""

    name: str = Field(min_length=1, max_length=120)
    description: str = Field(min_length=1, max_length=2_000)
    fields: tuple[WorkflowField, ...] = Field(min_length=1, max_length=12)
    execution: Execution
    saved_minutes: int = Field(10, ge=0, le=480)


class Failure(_Strict):
    """Why a script failed, masked: an exception's name off a fixed list, the line of the script, the masked message."""

    exception: str = Field(min_length=1, max_length=60)
    line: int | None = Field(None, ge=1)
    message: str = Field("", max_length=2_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version; `fields`, `execution` and what follows from them are None until it is built."""

    id: VersionId
    workflow_id: WorkflowId
    version: int
    status: Status
    is_active: bool
    file_extracts: Sequence[Mapping[str, Any]]
    fields: Sequence[Mapping[str, Any]] | None
    execution: Mapping[str, Any] | None
    script_sha256: str | None
    saved_minutes: int | None
    source: Literal["chat", "form"]
    form: Mapping[str, Any] | None
    rejection_reason: str | None
    failure: str | None
    questions_asked: int
    repairs_used: int
    build_run_id: UUID | None
    build_started_at: datetime | None
    approved_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def repairs_left(self) -> int:
        """How often a failed test may still be repaired; none of what a form made."""
        return MOST_REPAIRS - self.repairs_used if self.source == "chat" else 0

    @property
    def script(self) -> str | None:
        """The script, None until it is built."""
        return str(self.execution["script"]) if self.execution else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Workflow:
    """A workflow's identity; name and description are None until its first build."""

    id: WorkflowId
    user_id: UUID
    owner_name: str
    name: str | None
    description: str | None
    label: str | None
    is_shared: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of the conversation. `is_in_flight`: sent and not answered yet, by the run `run_id`."""

    id: UUID
    version_id: VersionId
    role: Role
    content: str
    suggestions: Sequence[str]
    run_id: UUID | None
    is_in_flight: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowView:
    """A workflow as its page shows it; the conversation is its owner's alone."""

    workflow: Workflow
    is_mine: bool
    current_version: Version
    active_version: Version | None
    messages: Sequence[Message]
    tests: Mapping[VersionId, Sequence["Test"]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A workflow as the list shows it; `minutes_saved_total` counts its successful runs."""

    workflow: Workflow
    is_mine: bool
    current_id: VersionId
    current_version: int
    current_status: Status
    active_id: VersionId | None
    active_version: int | None
    saved_minutes: int | None
    runs: int
    last_run_at: datetime | None
    last_run_success: bool | None
    minutes_saved_total: int


class TestReport(_Strict):
    """What a browser says of a test it made."""

    __test__ = False  # not a test of ours

    script_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    kind: TestKind
    result: TestResult
    seconds: float = Field(0, ge=0, le=1_000_000, allow_inf_nan=False)
    rows_in: int | None = Field(None, ge=0, le=MOST_ROWS)
    rows_out: int | None = Field(None, ge=0, le=MOST_ROWS)
    files_out: int | None = Field(None, ge=0, le=100_000)
    failure: Failure | None = None


class RunReport(_Strict):
    """What a browser or a command says of a run it made."""

    version_id: UUID
    script_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    runner: Runner
    success: bool
    seconds: float = Field(0, ge=0, le=1_000_000, allow_inf_nan=False)
    rows_in: int | None = Field(None, ge=0, le=MOST_ROWS)
    rows_out: int | None = Field(None, ge=0, le=MOST_ROWS)
    files_out: int | None = Field(None, ge=0, le=100_000)
    failure: Failure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Test:
    """A test of one script of a version."""

    __test__ = False  # not a test of ours

    id: UUID
    version_id: VersionId
    script_sha256: str
    kind: TestKind
    result: TestResult
    seconds: float
    rows_in: int | None
    rows_out: int | None
    files_out: int | None
    failure: Mapping[str, Any] | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowRun:
    """A run of an approved script on somebody's own files."""

    id: UUID
    version_id: VersionId
    version: int
    user_id: UUID
    user_name: str
    script_sha256: str
    runner: Runner
    success: bool
    seconds: float
    rows_in: int | None
    rows_out: int | None
    files_out: int | None
    failure: Mapping[str, Any] | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RunPage:
    """One page of a workflow's runs, newest first; `next_cursor` None when this is the last."""

    runs: Sequence[WorkflowRun]
    next_cursor: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """Bytes that left: what they were, how many, and their hash."""

    id: UUID
    at: datetime
    direction: Direction
    what: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Check:
    """Something in a script that a person should look at before approving it."""

    kind: Literal["import", "network", "delete", "process", "dynamic"]
    line: int
    text: str
    note: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing a form can make; `settings_schema` is a JSON Schema of its settings."""

    key: str
    label: str
    description: str
    settings_schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a message came to."""

    status: Status
    message: str
    suggestions: Sequence[str] = ()
