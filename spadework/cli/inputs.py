"""The words of a command line sorted into the fields of a workflow; nothing is read or run here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spadework.core.errors import InvalidInput

_FILE_TYPES = ("file_upload", "multi_file_upload")


@dataclass(frozen=True)
class Given:
    """What somebody typed: files as FIELD=PATH or PATH, texts as FIELD=TEXT, renames as [FIELD:]NAME=HEADER."""

    files: tuple[str, ...]
    texts: tuple[str, ...]
    renames: tuple[str, ...]


def fill_fields(
    fields: Sequence[Mapping[str, Any]], given: Given
) -> tuple[dict[str, tuple[Path, ...]], dict[str, str], dict[str, dict[str, str]]]:
    """The files, texts and renames of each field.

    Raises:
        InvalidInput: something fits no field, or a field lacks what it needs; the message names it.
    """
    for field in fields:
        if not str(field["id"]).isidentifier():
            raise InvalidInput(f"The workflow has a field {field['id']!r}, which is no name. Export it again.")
    takes_files = [str(each["id"]) for each in fields if each["type"] in _FILE_TYPES]
    takes_text = [str(each["id"]) for each in fields if each["type"] not in _FILE_TYPES]
    files = _files(takes_files, given.files)
    values = _texts(takes_text, given.texts)
    for field in fields:
        _require(field, files, values)
    return files, {name: values.get(name, "") for name in takes_text}, _renames(takes_files, given.renames)


def _files(fields: Sequence[str], words: Sequence[str]) -> dict[str, tuple[Path, ...]]:
    found: dict[str, list[Path]] = {}
    for word in words:
        field, equals, rest = word.partition("=")
        path = Path(rest if equals and field in fields else word).expanduser()
        if not (equals and field in fields):
            if equals and fields and not path.is_file():
                raise InvalidInput(f"{word}: {field} is no field for files; this workflow has {_listed(fields)}.")
            field = _only(fields, word)
        if not path.is_file():
            raise InvalidInput(f"There is no file {path}. Name a file that is there.")
        if any(each.name == path.name for each in found.get(field, ())):
            raise InvalidInput(f"Two files for {field} are named {path.name}. Rename one of them.")
        found.setdefault(field, []).append(path)
    return {field: tuple(paths) for field, paths in found.items()}


def _only(fields: Sequence[str], word: str) -> str:
    if len(fields) == 1:
        return fields[0]
    if not fields:
        raise InvalidInput(f"This workflow takes no files; leave {word} away.")
    raise InvalidInput(f"This workflow takes files in {_listed(fields)}. Say which: {fields[0]}={word}")


def _texts(fields: Sequence[str], words: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        field, equals, text = word.partition("=")
        if not equals or field not in fields:
            if not fields:
                raise InvalidInput(f"This workflow takes no texts; leave --set {word} away.")
            raise InvalidInput(
                f"--set {word}: the text fields of this workflow are {_listed(fields)}. Write --set FIELD=TEXT."
            )
        found[field] = text
    return found


def _renames(fields: Sequence[str], words: Sequence[str]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for word in words:
        field, colon, rest = word.partition(":")
        is_one = bool(colon) and field in fields
        name, equals, header = (rest if is_one else word).partition("=")
        if not equals or not name or not header:
            raise InvalidInput(f"--rename {word}: write NAME=HEADER, the name in the script and the one in your file.")
        for each in [field] if is_one else fields:
            found.setdefault(each, {})[name] = header
    return found


def _require(field: Mapping[str, Any], files: Mapping[str, Sequence[Path]], values: Mapping[str, str]) -> None:
    name = str(field["id"])
    if field["type"] not in _FILE_TYPES:
        if field.get("required") is True and not values.get(name):
            raise InvalidInput(f"{field['label']} is missing. Give it with --set {name}=TEXT.")
        return
    count = len(files.get(name, ()))
    is_needed = field.get("required") is not False and field.get("min_files") != 0
    least = max(1, int(field.get("min_files") or 0)) if is_needed else 0
    most = 1 if field["type"] == "file_upload" else field.get("max_files")
    if count < least:
        raise InvalidInput(f"{field['label']} needs {least} file{'s' * (least > 1)}. Give {name}=PATH.")
    if most is not None and count > int(most):
        raise InvalidInput(f"{field['label']} takes at most {most} file{'s' * (int(most) > 1)}, not {count}.")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
