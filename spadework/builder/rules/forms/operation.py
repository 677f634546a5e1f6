"""What every operation of the form has: its settings, and a plan of the fields and the script that they make."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from spadework.builder.rules.forms.assembly import Entry
from spadework.core.errors import InvalidInput
from spadework.extracts.types import FileExtract

TABLES = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls")
"""The files that a form's script reads: those that `extracts` reads tables from."""

_FOUND_BY_SCRIPTS = {"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"}

DateOrder = Annotated[
    Literal["day_first", "month_first"],
    Field(
        title="Dates such as 03/04/2024",
        description="Which part comes first. Dates such as 2024-04-03 are always understood.",
        json_schema_extra={"x-labels": {"day_first": "3 April (day first)", "month_first": "March 4 (month first)"}},
    ),
]
Output = Annotated[
    Literal["csv", "xlsx"],
    Field(
        title="Result as",
        description="CSV opens everywhere and has no limit of rows; a workbook opens in Excel at once.",
        json_schema_extra={"x-labels": {"csv": "CSV", "xlsx": "Excel workbook"}},
    ),
]
Compare = Annotated[
    Literal["text", "exact", "number", "date"],
    Field(
        title="Values are the same",
        description="When two values count as the same.",
        json_schema_extra={
            "x-labels": {
                "text": "without regard to capitals and spaces",
                "exact": "when every character is the same",
                "number": "when they are the same number (007 and 7)",
                "date": "when they are the same day",
            }
        },
    ),
]
FilePosition = Annotated[int, Field(ge=0, le=999, json_schema_extra={"x-kind": "file"})]
ColumnName = Annotated[str, Field(min_length=1, max_length=500, json_schema_extra={"x-kind": "column"})]


class Settings(BaseModel):
    """An operation's settings; their JSON Schema is what the form is drawn from.

    `x-kind: file` is the position of one of the workflow's extracts, `x-kind: column` the name of one of
    its columns, where `x-of` names the setting that says which file; `x-labels` name an enum's values.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a form makes of its settings; `fields` as in the workflow's JSON, `settings` as the script reads them.

    `output_filename` is None when the script may write several files.
    """

    name: str
    description: str
    fields: Sequence[Mapping[str, Any]]
    entry: Entry
    settings: Mapping[str, Any]
    output_filename: str | None
    saved_minutes: int
    as_workbook: bool = False


@dataclass(frozen=True, slots=True)
class Extracts:
    """The files a workflow knows the shape of, by position."""

    files: Sequence[FileExtract]

    def get(self, position: int, setting: str) -> FileExtract:
        """The table at that position.

        Raises:
            InvalidInput: there is none, or it is no table.
        """
        if position >= len(self.files):
            raise wrong(setting, f"there is no file number {position + 1}; the workflow has {len(self.files)}")
        found = self.files[position]
        if found.kind not in (None, "table"):
            raise wrong(setting, f"{found.filename} is no table. Choose a CSV file or a workbook's sheet")
        if not found.columns:
            raise wrong(setting, f"{found.filename} has no column that was not withheld")
        return found

    def check(self, position: int, columns: Sequence[str], setting: str) -> None:
        """Refuse a column that the file does not have.

        Raises:
            InvalidInput: the message lists the columns there are.
        """
        found = self.get(position, setting)
        for each in columns:
            if each not in found.columns:
                known = ", ".join(found.columns[:20])
                raise wrong(setting, f"{found.filename} has no column {each!r}. Its columns are: {known}")


class Operation(ABC):
    """One thing the form can make; the catalogue finds it by `key`."""

    key: ClassVar[str]
    label: ClassVar[str]
    description: ClassVar[str]
    summary: ClassVar[str]
    """The sentence at the top of the script."""
    settings: ClassVar[type[Settings]]

    @abstractmethod
    def plan(self, settings: Any, extracts: Extracts) -> Plan:
        """What these settings make.

        Raises:
            InvalidInput: a setting does not fit the files; it is named.
        """


def wrong(setting: str, why: str) -> InvalidInput:
    """The error that names a setting which cannot be used."""
    return InvalidInput(f"Setting {setting!r}: {why}.", details={"setting": setting})


def file_field(field_id: str, extract: FileExtract, position: int) -> dict[str, Any]:
    """The field that asks for one file like the one at that position."""
    return {
        "id": field_id, "type": "file_upload", "label": f"File like {name_of(extract)}"[:120], "accept": list(TABLES),
        "required": True, "extracts": [position],
    }  # fmt: skip


def source_of(field_id: str, extract: FileExtract) -> dict[str, Any]:
    """How the script reads the field's file; what it finds out by itself is left to it."""
    return {
        "field": field_id,
        "sheet": extract.sheet,
        "has_header": extract.header != "none",
        "encoding": None if extract.encoding in _FOUND_BY_SCRIPTS else extract.encoding,
        "delimiter": extract.delimiter,
    }


def name_of(extract: FileExtract) -> str:
    """The file's name, with its sheet's."""
    return extract.filename if extract.sheet is None else f"{extract.filename}, sheet {extract.sheet}"


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c; at most six are named."""
    shown = list(names[:6]) + ([f"{len(names) - 6} more"] if len(names) > 6 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
