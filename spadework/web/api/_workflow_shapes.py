"""The shapes of the Builder's contract that several of its route files share: ids, extracts, versions, reports."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field, JsonValue, PlainSerializer, WithJsonSchema

from spadework.builder.actions import scripts
from spadework.builder.types import (
    Engine,
    FieldType,
    Message,
    Runner,
    Status,
    Test,
    TestKind,
    TestResult,
    Version,
    VersionId,
    WorkflowRun,
)
from spadework.web.routes import AnyUser, Body, Reply, resource


def _read(prefix: str) -> BeforeValidator:
    """Takes an id with its prefix, or as a plain UUID."""

    def read(value: object) -> UUID:
        if isinstance(value, UUID):
            return value
        try:
            return UUID(hex=str(value)[:60].removeprefix(prefix))
        except ValueError as error:
            raise ValueError(f"write it as {prefix} and 32 hexadecimal digits") from error

    return BeforeValidator(read)


def _shown(prefix: str) -> PlainSerializer:
    return PlainSerializer(lambda each: f"{prefix}{each.hex}")


def _described(prefix: str, kind: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "x-resource": kind, "examples": [f"{prefix}{'0' * 32}"]})


AnyWorkflow = Annotated[UUID, _read("wf_"), _shown("wf_"), _described("wf_", "workflow")]
AnyVersion = Annotated[UUID, _read("wv_"), _shown("wv_"), _described("wv_", "workflow_version")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class FileExtract(Body):
    """What leaves the browser of one file, or of one sheet of it: names as a person let them pass, the rest masked.

    Every sample cell, heading, preview line and EXIF value is made of A, a, # and punctuation.
    """

    filename: str = Field(min_length=1, max_length=500)
    columns: list[str] = Field(max_length=500)
    sample_rows: list[list[str]] = Field(max_length=3)
    row_count: int = Field(ge=0, le=10**12)
    kind: Literal["table", "document", "image"] | None = None
    sheet: str | None = None
    header: Literal["first_row", "none", "looks_like_data"] | None = None
    encoding: str | None = None
    delimiter: str | None = None
    withheld: int | None = None
    page_count: int | None = None
    headings: list[str] | None = None
    preview: list[str] | None = None
    tables: int | None = None
    format: str | None = None
    width: int | None = None
    height: int | None = None
    exif: dict[str, str] | None = None
    notes: list[str] | None = None


class WorkflowFailureBody(Body):
    """Why a script failed, masked in the browser: an exception's name of a fixed list, the script's line, the message."""

    exception: str = Field(min_length=1, max_length=60)
    line: int | None = Field(default=None, ge=1)
    message: str = Field(default="", max_length=2_000)


class WorkflowFailureReply(Reply):
    """Why a script failed; masked."""

    exception: str
    line: int | None
    message: str


class WorkflowFieldReply(Reply):
    """One thing the run form asks for; `id` is the folder its files stand in, and a text's name in the script.

    `extracts` are the places in `file_extracts` of the files that belong into it; null when unknown.
    """

    id: str
    type: FieldType
    label: str
    placeholder: str | None = None
    accept: list[str] | None = None
    min_files: int | None = None
    max_files: int | None = None
    required: bool = True
    extracts: list[int] | None = None


class WorkflowExecutionReply(Reply):
    """What runs. `engine` local needs the runner on this machine, `pyodide` runs in the browser too."""

    engine: Engine
    dependencies: list[str]
    outputFilename: str | None  # the workflow file's own spelling
    script: str


class WorkflowCheckReply(Reply):
    """Something in the script to look at; shown to the person, and no protection by itself."""

    kind: Literal["import", "network", "delete", "process", "dynamic"]
    line: int
    text: str
    note: str


class WorkflowTestReply(Reply):
    """A test of the script on made-up or real files, as the browser reported it."""

    __test__ = False

    id: Annotated[UUID, resource("workflow_test")]
    kind: TestKind
    result: TestResult
    script_sha256: str
    seconds: float
    rows_in: int | None
    rows_out: int | None
    files_out: int | None
    failure: WorkflowFailureReply | None
    created_at: datetime


class WorkflowTestState(Reply):
    """The newest test of the script as it is now; not_run when there is none."""

    __test__ = False

    result: TestResult
    kind: TestKind | None
    seconds: float | None = None
    rows_in: int | None = None
    rows_out: int | None = None
    files_out: int | None = None
    failure: WorkflowFailureReply | None = None
    created_at: datetime | None = None


class WorkflowFormUse(Reply):
    """The form that made a version."""

    operation: str
    settings: dict[str, JsonValue]


class WorkflowVersionReply(Reply):
    """One version; what a build sets is null until then."""

    id: AnyVersion
    version: int
    status: Status
    is_active: bool
    file_extracts: list[dict[str, JsonValue]]
    fields: list[WorkflowFieldReply] | None
    execution: WorkflowExecutionReply | None
    script_sha256: str | None
    checks: list[WorkflowCheckReply]
    saved_minutes: int | None
    source: Literal["chat", "form"]
    form: WorkflowFormUse | None
    rejection_reason: str | None
    failure: str | None
    questions_asked: int
    repairs_left: int
    test: WorkflowTestState
    tests: list[WorkflowTestReply]
    build_started_at: datetime | None
    approved_at: datetime | None
    created_at: datetime
    updated_at: datetime


class WorkflowMessageReply(Reply):
    """One message. `is_in_flight`: sent and not answered yet."""

    id: Annotated[UUID, resource("workflow_message")]
    role: Literal["user", "assistant"]
    content: str
    suggestions: list[str]
    version_id: AnyVersion
    is_in_flight: bool
    created_at: datetime


class WorkflowRunReply(Reply):
    """A run of an approved script on somebody's own files."""

    id: Annotated[UUID, resource("workflow_run")]
    version_id: AnyVersion
    version: int
    user_id: AnyUser
    user_name: str
    script_sha256: str
    runner: Runner
    success: bool
    seconds: float
    rows_in: int | None
    rows_out: int | None
    files_out: int | None
    failure: WorkflowFailureReply | None
    created_at: datetime


def show_version(version: Version, tests: Mapping[VersionId, Sequence[Test]]) -> WorkflowVersionReply:
    """The version as the contract has it, with the static check of its script and its tests, oldest first."""
    made = tests.get(version.id, ())
    newest = next((each for each in reversed(made) if each.script_sha256 == version.script_sha256), None)
    return WorkflowVersionReply(
        id=version.id, version=version.version, status=version.status, is_active=version.is_active,
        file_extracts=[dict(each) for each in version.file_extracts],
        fields=[WorkflowFieldReply.model_validate(each) for each in version.fields] if version.fields is not None else None,
        execution=WorkflowExecutionReply.model_validate(version.execution) if version.execution else None,
        script_sha256=version.script_sha256,
        checks=[WorkflowCheckReply.model_validate(each) for each in scripts.checks(version)],
        saved_minutes=version.saved_minutes, source=version.source,
        form=WorkflowFormUse.model_validate(version.form) if version.form else None,
        rejection_reason=version.rejection_reason, failure=version.failure, questions_asked=version.questions_asked,
        repairs_left=version.repairs_left,
        test=WorkflowTestState.model_validate(newest) if newest else WorkflowTestState(result="not_run", kind=None),
        tests=[WorkflowTestReply.model_validate(each) for each in made], build_started_at=version.build_started_at,
        approved_at=version.approved_at, created_at=version.created_at, updated_at=version.updated_at,
    )  # fmt: skip


def show_message(message: Message) -> WorkflowMessageReply:
    """The message as the contract has it."""
    return WorkflowMessageReply.model_validate(message)


def show_run(run: WorkflowRun) -> WorkflowRunReply:
    """The run as the contract has it."""
    return WorkflowRunReply.model_validate(run)
