"""What the worker that runs a script calls: text in, text out, files by their paths; in Pyodide only.

The page checks whatever comes back, as the script may have rewritten all of this.
"""

import csv
import hashlib
import io
import json
import time
from pathlib import Path

import _spadework_page as page

from spadework.extracts import traces
from spadework.sandbox import harness

_INPUTS = Path("/input_files")
_OUTPUT_BYTES = 100_000_000
_LOG_CHARACTERS = 1_000_000
_FLUSH_SECONDS = 0.1
_FLUSH_CHARACTERS = 16_384
_LINES_AT_ONCE = 100
_PREVIEW_ROWS = 50
_PREVIEW_COLUMNS = 60
_PREVIEW_CHARACTERS = 8_000
_CELL_CHARACTERS = 300
_PREVIEW_WORKBOOK_BYTES = 5_000_000
_TEXTS = {".md", ".txt", ".json", ".html", ".xml", ".log"}


class Log:
    """Hands the page the lines a script prints, up to the log's limit: the first ones at once, more a few times a second.

    A script that says little and then computes for long would otherwise have its last words shown only at its end.
    """

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._size = 0
        self._at_once = _LINES_AT_ONCE
        self._left = _LOG_CHARACTERS
        self._flushed_at = time.monotonic()

    def __call__(self, line: str) -> None:
        """Take a printed line; sent on at once, or when enough has come together."""
        if self._left <= 0:
            return
        text = line[: self._left] + "\n"
        self._left -= len(text)
        self._kept.append(text)
        self._size += len(text)
        self._at_once -= 1
        is_due = self._size > _FLUSH_CHARACTERS or time.monotonic() - self._flushed_at > _FLUSH_SECONDS
        if self._at_once >= 0 or is_due:
            self.flush()

    def flush(self) -> None:
        """Send on what has come together."""
        if self._kept:
            page.log("".join(self._kept))
        self._kept, self._size, self._flushed_at = [], 0, time.monotonic()


def run(request: str) -> str:
    """The outcome of one script on the mounted files; nothing runs when the script is another than approved."""
    asked = json.loads(request)
    if hashlib.sha256(asked["script"].encode()).hexdigest() != asked["sha256"]:
        return json.dumps({"error": {"code": "other_script", "message": ""}})
    log = Log()
    outcome = harness.run(
        asked["script"],
        inputs=_INPUTS,
        originals=Path(asked["folder"]) if Path(asked["folder"]) != _INPUTS else None,
        output=Path("/output"),
        scratch=Path("/scratch"),
        max_output_bytes=_OUTPUT_BYTES,
        values=asked["values"],
        renames=asked["renames"],
        output_filename=asked["output_filename"],
        mask_failure=traces.mask_failure,
        on_print=log,
    )
    log.flush()
    files = [{"name": each.name, "path": str(each.path), "preview": _preview(each.path)} for each in outcome.outputs]
    return json.dumps(
        {
            "success": outcome.success,
            "seconds": outcome.seconds,
            "log": outcome.log,
            "rows_in": outcome.rows_in,
            "rows_out": outcome.rows_out,
            "failure": outcome.failure,
            "failure_local": outcome.failure_local,
            "files": files,
        }
    )


def _preview(path: Path) -> dict[str, object] | None:
    """The first rows or lines of an output; None where there is nothing to show or it cannot be read."""
    try:
        if path.suffix == ".csv":
            return _table(_csv_rows(path))
        if path.suffix in {".xlsx", ".xls"} and path.stat().st_size <= _PREVIEW_WORKBOOK_BYTES:
            return _table(_workbook_rows(path))
        if path.suffix in _TEXTS:
            with path.open(encoding="utf-8", errors="replace") as file:
                return {"text": file.read(_PREVIEW_CHARACTERS)}
    except Exception:  # noqa: BLE001  # a preview is a courtesy; the file itself is handed over whole
        return None
    return None


def _csv_rows(path: Path) -> list[list[str]]:
    with path.open("rb") as file:
        start = file.read(1_000_000)
    encoding = "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = start.decode(encoding, errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t|", key=first.count)
    return [row for row, _ in zip(csv.reader(io.StringIO(text), delimiter=delimiter), range(_PREVIEW_ROWS + 1))]


def _workbook_rows(path: Path) -> list[list[str]]:
    import python_calamine

    rows = python_calamine.load_workbook(str(path)).get_sheet_by_index(0).to_python(nrows=_PREVIEW_ROWS + 1)
    return [["" if cell is None else str(cell) for cell in row] for row in rows]


def _table(rows: list[list[str]]) -> dict[str, object] | None:
    if not rows:
        return None
    cut = [[cell[:_CELL_CHARACTERS] for cell in row[:_PREVIEW_COLUMNS]] for row in rows]
    return {"columns": cut[0], "rows": cut[1:]}
