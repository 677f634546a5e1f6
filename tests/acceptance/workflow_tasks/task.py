"""What a realistic task is: seeded files, a build, and the answer computed without it."""

import csv
import hashlib
import io
import random
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl
import pandas

from spadework.builder.rules.forms.compiling import compile_form
from spadework.builder.types import Build
from spadework.extracts.reading import extract

Files = Mapping[str, Sequence[Path]]
"""The files of each field."""
Rows = list[list[str]]

FIRST_NAMES = ("Ada", "Björn", "Chloé", "Dario", "Elif", "Füsun", "Grace", "Håkon", "Inés", "Jörg", "Kaja", "Łucja")
LAST_NAMES = ("Åkesson", "Brandt", "Çelik", "Dubois", "Evans", "Fischer", "Günther", "Haddad", "Ibáñez", "Jansen")
REGIONS = ("North", "South", "East", "West", "Overseas / Islands")


@dataclass(frozen=True)
class Task:
    """One task; `rows` is the length of its largest file.

    `build` makes the workflow, from the files' extracts or as a language model gave it; `expect` computes
    from the same files, by its own means, the rows of every file that the script should write.
    """

    key: str
    rows: int
    write: Callable[[Path, random.Random], Files]
    build: Callable[[Files], Build]
    expect: Callable[[Files], Mapping[str, Rows]]
    values: Mapping[str, str] = field(default_factory=dict)

    def make(self, folder: Path) -> Files:
        """The task's files, the same ones each time."""
        return self.write(folder, random.Random(self.key))


def from_form(operation: str, settings: Mapping[str, object]) -> Callable[[Files], Build]:
    """The build of the form, over the extracts of the files in the order of the fields."""

    def build(files: Files) -> Build:
        extracts = [
            each
            for paths in files.values()
            for path in paths
            for each in extract(path, filename=path.name, mime="", seed=3, header="first_row")
        ]
        return compile_form(operation, settings, extracts)

    return build


def recorded(name: str) -> Callable[[Files], Build]:
    """The build as a language model gave it, kept beside the task."""

    def build(files: Files) -> Build:
        return Build.model_validate_json((Path(__file__).parent / f"{name}.json").read_bytes())

    return build


def write_csv(path: Path, rows: Iterable[Sequence[object]], *, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """A CSV file of these rows, its header first."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


def write_workbook(path: Path, sheets: Mapping[str, Iterable[Sequence[object]]]) -> Path:
    """A workbook with these sheets."""
    book = openpyxl.Workbook(write_only=True)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def read_results(name: str, content: bytes) -> dict[str, Rows]:
    """Every table in what a run handed over: a file, or a zip of several; a workbook's sheets as `file#sheet`."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [read_results(each, archive.read(each)) for each in archive.namelist()]
        return {key: rows for member in members for key, rows in member.items()}
    if name.endswith(".xlsx"):
        book = openpyxl.load_workbook(io.BytesIO(content))
        return {
            f"{name}#{sheet.title}": [
                ["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)
            ]
            for sheet in book.worksheets
        }
    return {name: list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))}


def frame(path: Path, **options: object) -> pandas.DataFrame:
    """The CSV as pandas reads it, every cell a text and blank ones blank."""
    return pandas.read_csv(path, dtype=str, keep_default_na=False, **options)  # type: ignore[call-overload,no-any-return]  # options are pandas' own


def rows_of(table: pandas.DataFrame) -> Rows:
    """The frame's header and rows as texts."""
    return [list(map(str, table.columns)), *([str(cell) for cell in row] for row in table.itertuples(index=False))]


def fingerprint(content: bytes) -> str:
    """The SHA-256 of a result."""
    return hashlib.sha256(content).hexdigest()
