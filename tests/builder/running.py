"""Runs what a form made the way a person without Spadework does: as the exported .py, in a process of its own."""

import csv
import io
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import openpyxl

from spadework.builder.rules.exporting import export_script
from spadework.builder.rules.forms.compiling import compile_form
from spadework.builder.types import Build
from spadework.extracts.reading import extract
from spadework.extracts.types import FileExtract


@dataclass(frozen=True)
class Run:
    """What a run left: its files, what it printed, and what it said when it failed (empty when it did not)."""

    files: Mapping[str, bytes]
    printed: str
    failure: str

    def rows(self, name: str) -> list[list[str]]:
        """The CSV of that name as rows, its header first."""
        return list(csv.reader(io.StringIO(self.files[name].decode("utf-8-sig"), newline="")))


def read_extracts(paths: Sequence[Path], *, header: str = "first_row") -> list[FileExtract]:
    """What the browser would have sent of these files."""
    return [
        each
        for path in paths
        for each in extract(path, filename=path.name, mime="application/octet-stream", seed=1, header=header)
    ]


def run_build(
    build: Build, inputs: Mapping[str, Sequence[Path]], folder: Path, values: Mapping[str, str] | None = None
) -> Run:
    """Run the build's script on the files of each field."""
    program, output = folder / "exported.py", folder / "results"
    program.write_text(
        export_script(
            name=build.name, version=1, fields=[each.model_dump(mode="json") for each in build.fields],
            execution=build.execution.model_dump(mode="json"), script_sha256="0" * 64,
        ),
        "utf-8",
    )  # fmt: skip
    words = [f"--{field}={value}" for field, value in (values or {}).items()]
    for field, paths in inputs.items():
        words += [f"--{field}", *map(str, paths)]
    ended = subprocess.run(
        [sys.executable, "-I", str(program), *words, "--output", str(output)],
        capture_output=True, encoding="utf-8", timeout=100, check=False,
    )  # fmt: skip
    files = {str(each.relative_to(output)): each.read_bytes() for each in sorted(output.rglob("*")) if each.is_file()}
    return Run(files, ended.stdout, ended.stderr if ended.returncode else "")


def run_form(
    operation: str,
    settings: Mapping[str, object],
    files: Mapping[str, str | bytes],
    folder: Path,
    *,
    values: Mapping[str, str] | None = None,
    header: str = "first_row",
) -> Run:
    """Extract the files, compile the form for them, and run it on the same files."""
    paths = write_files(files, folder)
    extracts = read_extracts(paths, header=header)
    build = compile_form(operation, settings, extracts)
    inputs: dict[str, list[Path]] = {}
    by_name = {each.name: each for each in paths}
    for field in build.fields:
        for position in field.extracts or ():
            path = by_name[extracts[position].filename]
            if path not in inputs.setdefault(field.id, []):  # a workbook stands in several extracts, one for each sheet
                inputs[field.id].append(path)
    return run_build(build, inputs, folder, values)


def write_files(files: Mapping[str, str | bytes], folder: Path) -> list[Path]:
    """The files in that folder; text as UTF-8."""
    paths = []
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        paths.append(path)
    return paths


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook with these sheets."""
    made = openpyxl.Workbook()
    made.remove(made["Sheet"])
    for title, rows in sheets.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def read_workbook(content: bytes) -> dict[str, list[list[object]]]:
    """Each sheet's rows, as a spreadsheet sees them."""
    opened = openpyxl.load_workbook(io.BytesIO(content))
    return {each.title: [list(row) for row in each.iter_rows(values_only=True)] for each in opened.worksheets}
