"""What every operation of the form has: its settings, and a plan of the fields and the script that they make."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from spadework.builder.rules.forms.assembly import Entry
from spadework.builder.rules.forms.settings import Settings
from spadework.core.errors import InvalidInput
from spadework.extracts.types import FileExtract

_TABLES = (".csv", ".tsv", ".tab", ".txt", ".xlsx", ".xlsm", ".xls")
"""The files that a form's script reads: those that `extracts` reads tables from."""

_FOUND_BY_SCRIPTS = {"utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"}


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
class Example:
    """A table that the workflow knows the shape of; each run brings another like it."""

    extract: FileExtract
    position: int

    @property
    def name(self) -> str:
        """The file's name, with its sheet's."""
        extract = self.extract
        return extract.filename if extract.sheet is None else f"{extract.filename}, sheet {extract.sheet}"

    def require(self, columns: Sequence[str], setting: str) -> None:
        """Refuse a column that the file does not have.

        Raises:
            InvalidInput: the message lists the columns there are.
        """
        for each in columns:
            if each not in self.extract.columns:
                known = ", ".join(self.extract.columns[:20])
                raise wrong(setting, f"{self.extract.filename} has no column {each!r}. Its columns are: {known}")

    def field(self, field_id: str) -> dict[str, Any]:
        """The field that asks for one such file."""
        return {
            "id": field_id, "type": "file_upload", "label": f"File like {self.name}"[:120], "accept": list(_TABLES),
            "required": True, "extracts": [self.position],
        }  # fmt: skip

    def source(self, field_id: str) -> dict[str, Any]:
        """How the script reads the field's file; what it finds out by itself is left to it."""
        extract = self.extract
        return {
            "field": field_id,
            "sheet": extract.sheet,
            "has_header": extract.header != "none",
            "encoding": None if extract.encoding in _FOUND_BY_SCRIPTS else extract.encoding,
            "delimiter": extract.delimiter,
        }


@dataclass(frozen=True, slots=True)
class Extracts:
    """The files a workflow knows the shape of, by position."""

    files: Sequence[FileExtract]

    def get(self, position: int, setting: str) -> Example:
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
        return Example(found, position)


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


def files_field(label: str, positions: Sequence[int]) -> dict[str, Any]:
    """The field `files`, which asks for any number of files like those at these positions."""
    return {
        "id": "files", "type": "multi_file_upload", "label": label[:120], "accept": list(_TABLES), "min_files": 1,
        "required": True, "extracts": list(positions),
    }  # fmt: skip


def listed(names: Sequence[str]) -> str:
    """Names in a sentence: a, b and c; at most six are named."""
    shown = list(names[:6]) + ([f"{len(names) - 6} more"] if len(names) > 6 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
