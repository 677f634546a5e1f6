"""The doors for a worker that speaks only in strings: JSON in, JSON out, and nothing is raised."""

import json
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from spadework.extracts import synthesis
from spadework.extracts.errors import ExtractError, InvalidExtract, NotMade, TooLarge
from spadework.extracts.reading import extract
from spadework.extracts.types import FileExtract


def extract_file(
    path: str, filename: str, mime: str, options: str, on_progress: Callable[[float], None] | None = None
) -> str:
    """The masked extracts of a file: `{"extracts": […]}` or `{"error": {"code", "message"}}`.

    `options` is a JSON object with `seed` and, if the person chose them, `header`, `encoding`, `delimiter`.
    """
    try:
        chosen = _options(options)
        found = extract(
            Path(path), filename=filename, mime=mime, seed=_seed(chosen["seed"]), header=str(chosen["header"] or "auto"),
            encoding=chosen["encoding"], delimiter=chosen["delimiter"], on_progress=on_progress,
        )  # fmt: skip
        return json.dumps({"extracts": [each.to_json() for each in found]}, ensure_ascii=False)
    except ExtractError as error:
        return _error(error)


def synthesise_files(extracts: str, seed: int, rows: int, folder: str) -> str:
    """Synthetic files for the extracts, written into `folder`.

    Gives `{"files": [{"filename", "path"}], "skipped": [{"filename", "message"}]}`, where skipped are kinds
    of file that cannot be written here, or `{"error": …}` when the extracts are not in shape.
    """
    try:
        found = _extracts(extracts)
        if not 1 <= rows <= synthesis.MAX_ROWS:
            raise TooLarge(f"A synthetic file has 1 to {synthesis.MAX_ROWS:,} rows. Ask for fewer.")
        return json.dumps(_write_all(found, seed, rows, Path(folder)), ensure_ascii=False)
    except ExtractError as error:
        return _error(error)


def _write_all(extracts: Sequence[FileExtract], seed: int, rows: int, folder: Path) -> dict[str, list[dict[str, str]]]:
    files: list[dict[str, str]] = []
    skipped: list[dict[str, str]] = []
    in_order = sorted(extracts, key=lambda each: each.filename)  # stable, so a workbook's sheets keep their order
    for no, (filename, group) in enumerate(groupby(in_order, key=lambda each: each.filename)):
        try:
            content = synthesis.synthesise(list(group), seed=seed, rows=rows)
        except NotMade as error:
            skipped.append({"filename": filename, "message": error.message})
            continue
        # The name is the person's and may hold anything, so it never becomes a path.
        path = folder / f"synthetic_{no}"
        path.write_bytes(content)
        files.append({"filename": filename, "path": str(path)})
    return {"files": files, "skipped": skipped}


def _options(text: str) -> dict[str, str | None]:
    value = _parsed(text)
    if not isinstance(value, dict):
        raise InvalidExtract("The options are a JSON object. Give at least a seed.")
    return {
        key: None if value.get(key) is None else str(value[key]) for key in ("seed", "header", "encoding", "delimiter")
    }


def _seed(value: str | None) -> int:
    try:
        return int(value or "")
    except ValueError as error:
        raise InvalidExtract("The seed is a whole number. Give one, so that the same rows are chosen again.") from error


def _extracts(text: str) -> list[FileExtract]:
    value = _parsed(text)
    if not isinstance(value, list):
        raise InvalidExtract("The extracts are a JSON list. Give one for each file or sheet.")
    return [FileExtract.from_json(each) for each in value]


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidExtract("What was given is no JSON. Give a JSON text.") from error


def _error(error: ExtractError) -> str:
    return json.dumps({"error": {"code": error.code, "message": error.message}}, ensure_ascii=False)
