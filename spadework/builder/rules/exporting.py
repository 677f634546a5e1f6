"""A workflow as one plain .py file that runs without Spadework, and the name under which it is saved.

The script stays as it was approved, but for this: where it names /input_files or /output, a small call turns
that into the folders of the person who runs it.
"""

import ast
import pprint
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from spadework.core.errors import InvalidInput

_FOLDERS = re.compile(r"/(input_files|output)(/|$)")
_WIDTH = 110


def file_stem(name: str) -> str:
    """A file name made of the workflow's: small ASCII letters, digits and `_`; "workflow" when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "_".join(re.findall(r"[a-z0-9]+", plain))[:60].strip("_") or "workflow"


def export_script(
    *,
    name: str,
    version: int,
    fields: Sequence[Mapping[str, Any]],
    execution: Mapping[str, Any],
    script_sha256: str,
) -> str:
    """The plain .py: `python name.py --<field> FILE … --output FOLDER`, with an option for each field.

    It says which packages to install (also as PEP 723 metadata, so that `uv run` does it). There is no
    sandbox around it then; its text says so.

    Raises:
        InvalidInput: the script does not parse; make a new version.
    """
    try:
        body, futures = _rewrite(str(execution["script"]))
    except (SyntaxError, ValueError, RecursionError) as error:
        raise InvalidInput(
            f"The script cannot be exported, because it does not parse: {error}. Make a new version with Edit."
        ) from error
    dependencies = [str(each) for each in execution.get("dependencies") or ()]
    return _TEMPLATE.format(
        metadata=_metadata(dependencies),
        name=_one_line(name),
        version=version,
        sha256=script_sha256,
        file=file_stem(name),
        usage=_usage(fields),
        output="--output-folder" if any(each["id"] == "output" for each in fields) else "--output",
        install=f"\nInstall first: pip install {' '.join(map(_one_line, dependencies))}" if dependencies else "",
        futures=futures,
        fields=pprint.pformat([_plain(each) for each in fields], width=_WIDTH, sort_dicts=False),
        script=body,
    )


def _plain(field: Mapping[str, Any]) -> dict[str, Any]:
    known = ("id", "type", "label", "placeholder", "min_files", "max_files", "required")
    return {key: field[key] for key in known if field.get(key) is not None}


def _one_line(text: str) -> str:
    """The text without what could end a comment or a docstring."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(printable.replace("\\", "/").replace('"', "'").split())


def _metadata(dependencies: Sequence[str]) -> str:
    listed = ", ".join(f'"{_one_line(each)}"' for each in dependencies)
    return f'# /// script\n# requires-python = ">=3.11"\n# dependencies = [{listed}]\n# ///'


def _usage(fields: Sequence[Mapping[str, Any]]) -> str:
    words = {"file_upload": "FILE", "multi_file_upload": "FILE [FILE …]"}
    return " ".join(f"--{each['id']} {words.get(str(each['type']), 'TEXT')}" for each in fields)


def _rewrite(script: str) -> tuple[str, str]:
    """The script with its two folders looked up, and its imports from `__future__`, which must stand first."""
    tree = ast.parse(script)
    lines = script.encode().splitlines(keepends=True)
    futures = [each for each in tree.body if isinstance(each, ast.ImportFrom) and each.module == "__future__"]
    edits: list[tuple[int, int, bytes]] = []
    found: list[ast.expr | ast.stmt] = [*_folder_texts(tree), *futures]
    for node in found:
        assert node.end_lineno is not None and node.end_col_offset is not None
        # What must stand first is said again at the top; here a text without effect takes it in.
        before, after = (b'"""', b'"""') if isinstance(node, ast.ImportFrom) else (b"_place(", b")")
        edits.append((node.lineno - 1, node.col_offset, before))
        edits.append((node.end_lineno - 1, node.end_col_offset, after))
    for row, column, text in sorted(edits, key=lambda each: each[:2], reverse=True):
        lines[row] = lines[row][:column] + text + lines[row][column:]
    names = [alias.name for each in futures for alias in each.names]
    return b"".join(lines).decode().strip("\n"), f"from __future__ import {', '.join(names)}\n" if names else ""


def _folder_texts(node: ast.AST) -> Iterator[ast.expr]:
    """Every text that begins with one of the two folders, outermost first; a pattern of `match` cannot be a call."""
    if isinstance(node, ast.Constant | ast.JoinedStr):
        first = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
        if isinstance(first, ast.Constant) and isinstance(first.value, str) and _FOLDERS.match(first.value):
            yield node
        return
    if isinstance(node, ast.pattern):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    for child in ast.iter_child_nodes(node):
        yield from _folder_texts(child)


_TEMPLATE = '''#!/usr/bin/env python3
{metadata}
"""{name} (version {version}), a workflow made with Spadework.

Run it: python {file}.py {usage} {output} FOLDER{install}

This runs without Spadework, and so without its sandbox: read it first.
The approved script, whose SHA-256 is {sha256}, begins below the line of dashes.
"""

{futures}import argparse as _argparse
import shutil as _shutil
import sys as _sys
import tempfile as _tempfile
from pathlib import Path as _Path

_FIELDS = {fields}


def _read_arguments():
    parser = _argparse.ArgumentParser(
        description=__doc__, formatter_class=_argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False, conflict_handler="resolve",
    )
    for field in _FIELDS:
        label = field["label"].replace("%", "%%")
        is_needed = field.get("required", True)
        if field["type"] == "multi_file_upload":
            parser.add_argument("--" + field["id"], nargs="+", metavar="FILE", required=is_needed, help=label)
        elif field["type"] == "file_upload":
            parser.add_argument("--" + field["id"], nargs=1, metavar="FILE", required=is_needed, help=label)
        else:
            parser.add_argument("--" + field["id"], default="", metavar="TEXT", required=is_needed, help=label)
    parser.add_argument("{output}", dest="results folder", default="output", metavar="FOLDER", help="for the results")
    return vars(parser.parse_args())


def _copy_inputs(arguments, folder):
    for field in _FIELDS:
        if not field["type"].endswith("file_upload"):
            continue
        (folder / field["id"]).mkdir(parents=True)
        for each in arguments[field["id"]] or []:
            target = folder / field["id"] / _Path(each).name
            if not _Path(each).is_file():
                _sys.exit(f"There is no file {{each}}.")
            if target.exists():
                _sys.exit(f"Two files for --{{field['id']}} are named {{target.name}}. Rename one of them.")
            _shutil.copyfile(each, target)


def _see_results():
    return {{each: each.stat().st_mtime_ns for each in _output_folder.rglob("*") if each.is_file()}}


def _place(path):
    """The folders of this run for the ones that the script names."""
    if path.startswith("/input_files"):
        return str(_inputs_folder) + path[len("/input_files"):]
    return str(_output_folder) + path[len("/output"):]


_arguments = _read_arguments()
_temporary = _tempfile.TemporaryDirectory()
_inputs_folder, _output_folder = _Path(_temporary.name), _Path(_arguments["results folder"]).resolve()
_output_folder.mkdir(parents=True, exist_ok=True)
_copy_inputs(_arguments, _inputs_folder)
_before = _see_results()
inputs = {{each["id"]: _arguments[each["id"]] for each in _FIELDS if each["type"].startswith("text_")}}
globals().update(inputs)

# ------------------------------------------------------------------------------------------------------------
{script}
# ------------------------------------------------------------------------------------------------------------

if _see_results() == _before:
    _sys.exit("The script wrote nothing. Check the files it was given.")
print(f"The results are in {{_output_folder}}")
'''
