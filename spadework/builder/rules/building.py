"""Whether a build can be used: its fields name what a script can read, and its script is whole and finds what it imports."""

import ast
import builtins
import hashlib
import keyword
import sys
from collections.abc import Iterator
from pathlib import PurePosixPath

from spadework.builder.types import MOST_SCRIPT_BYTES, Build, Execution, WorkflowField

LIBRARIES = {
    "pyodide": ("openpyxl", "python-calamine", "pypdf"),
    "local": ("openpyxl", "python-calamine", "pypdf", "pandas", "polars"),
}
"""What a script may use besides Python's own library, by where it runs; both names of a library count."""
_MODULES = {"python-calamine": "python_calamine"}
_UPLOADS = ("file_upload", "multi_file_upload")
_OURS = frozenset({"inputs", "input_files", "output", "main"})
"""Names that the script contract, or nearly every script, uses for something else."""


def script_sha256(script: str) -> str:
    """The fingerprint that an approval and every run of the script are bound to."""
    return hashlib.sha256(script.encode()).hexdigest()


def problems_of(build: Build, *, extracts: int) -> list[str]:
    """Everything that stands in the way of using the build, in sentences that whoever wrote it can act on.

    `extracts` is how many there are.
    """
    return [*_of_fields(build.fields, extracts), *_of_execution(build.execution)]


def _of_fields(fields: tuple[WorkflowField, ...], extracts: int) -> Iterator[str]:
    ids = [each.id for each in fields]
    if not any(each.type in _UPLOADS for each in fields):
        yield "No field takes a file. Add one of type file_upload or multi_file_upload."
    for twice in sorted({each for each in ids if ids.count(each) > 1}):
        yield f"Two fields have the id {twice!r}. Give each its own."
    for each in fields:
        if not (each.id.isascii() and each.id.isidentifier()) or keyword.iskeyword(each.id) or each.id.startswith("_"):
            yield f"The field id {each.id!r} is no Python name. Use lower-case letters, digits and _, a letter first."
        elif each.id in _OURS or hasattr(builtins, each.id):
            yield f"The field id {each.id!r} already means something in a script. Choose another."
        if any(not 0 <= place < extracts for place in each.extracts or ()):
            yield f"The field {each.id!r} names an extract that is not there. They are numbered from 0 to {extracts - 1}."
        if each.min_files is not None and each.max_files is not None and each.min_files > each.max_files:
            yield f"The field {each.id!r} asks for at least {each.min_files} and at most {each.max_files} files."


def _of_execution(execution: Execution) -> Iterator[str]:
    size = len(execution.script.encode())
    if size > MOST_SCRIPT_BYTES:
        yield f"The script has {size:,} bytes; {MOST_SCRIPT_BYTES:,} is the most. Write it shorter."
        return
    if execution.outputFilename is not None and not _is_plain_name(execution.outputFilename):
        yield f"outputFilename {execution.outputFilename!r} is no plain file name. Write it like merged.csv, or null."
    allowed = LIBRARIES[execution.engine]
    for each in execution.dependencies:
        if each not in allowed:
            yield f"The dependency {each!r} cannot be used with engine {execution.engine}. There are: {', '.join(allowed)}."
    try:
        tree = ast.parse(execution.script)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        yield f"The script is no Python: {getattr(error, 'msg', 'it cannot be read')} (line {line})."
        return
    known = {_MODULES.get(each, each) for each in execution.dependencies} | sys.stdlib_module_names
    for module in sorted(_imported(tree) - known):
        yield f"The script imports {module!r}, which is neither of Python's own library nor among its dependencies."


def _imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(str(node.module).partition(".")[0])
    return found


def _is_plain_name(name: str) -> bool:
    return bool(name.strip()) and PurePosixPath(name).name == name and "\\" not in name and name not in (".", "..")
