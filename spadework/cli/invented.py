"""Invented files for a test of a workflow: made from its extracts, given to the fields that they stand for."""

from itertools import groupby
from pathlib import Path

from spadework.builder.types import Version
from spadework.core.errors import InvalidInput
from spadework.extracts import synthesis
from spadework.extracts.errors import ExtractError
from spadework.extracts.types import FileExtract

_ROWS = 200


def invent_files(version: Version, folder: Path) -> tuple[str, ...]:
    """The words FIELD=PATH of files made in the folder, of the shape that the person approved.

    Raises:
        InvalidInput: a file of that kind cannot be invented; the message says so.
    """
    try:
        extracts = [FileExtract.from_json(dict(each)) for each in version.file_extracts]
        made = _make(extracts, folder, seed=version.version)
    except ExtractError as error:
        raise InvalidInput(f"{error} Name files of your own to test it on.") from error
    names = [each.filename for each in extracts]
    left = list(dict.fromkeys(names))
    words: list[str] = []
    for field in version.fields or ():
        if not str(field["type"]).endswith("file_upload"):
            continue
        if field.get("extracts"):
            chosen = list(dict.fromkeys(names[at] for at in field["extracts"] if 0 <= at < len(names)))
        else:
            chosen = left[:1] if field["type"] == "file_upload" else list(left)
        left = [each for each in left if each not in chosen]
        words += [f"{field['id']}={made[each]}" for each in chosen]
    return tuple(words)


def _make(extracts: list[FileExtract], folder: Path, *, seed: int) -> dict[str, Path]:
    """Each file by the name that the person gave it, which becomes a path only where it is a plain name."""
    made: dict[str, Path] = {}
    in_order = sorted(extracts, key=lambda each: each.filename)
    for number, (name, group) in enumerate(groupby(in_order, key=lambda each: each.filename)):
        content = synthesis.synthesise(list(group), seed=seed, rows=_ROWS)
        (folder / str(number)).mkdir()
        is_plain = Path(name).name == name and name not in ("", ".", "..") and "\0" not in name
        made[name] = folder / str(number) / (name if is_plain else f"file{Path(name).suffix}")
        made[name].write_bytes(content)
    return made
