"""Runs one script over files and says what came of it: the same code in the local sandbox and in the browser's Python.

It is no boundary. What keeps a script in is around it: bubblewrap here, an opaque-origin frame in the browser.
Standard library only, Python 3.11 to 3.14.
"""

import builtins
import contextlib
import io
import keyword
import linecache
import os
import re
import stat
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from spadework.sandbox import table_files

SCRIPT_NAME = "workflow.py"
LOG_BYTES = 1_000_000
OUTPUT_BYTES = 10_000_000
OUTPUT_FILES = 1_000
_LOCAL_FAILURE_CHARACTERS = 64_000
_LINE_BYTES = 8_000
_PROGRESS = re.compile(r"^\s*progress:\s*(\d{1,3}(?:\.\d+)?)\s*%", re.IGNORECASE)

MaskFailure = Callable[[BaseException, str], Mapping[str, Any]]


class Refused(Exception):
    """The run ends without the script being at fault in any line of its own; the message is ours and safe."""


class NothingWritten(Refused):
    """The script ended well and left no file in the output folder."""


class OutputRefused(Refused):
    """The script left something in the output folder that is no ordinary file."""


class OutputTooLarge(Refused):
    """The outputs are more, or larger, than a run may hand over."""


class InputRefused(Refused):
    """A text value's name cannot be a name in the script."""


@dataclass(frozen=True)
class Output:
    """One file the script made: its name (`/` between folders), where it lies, and its bytes."""

    name: str
    path: Path
    size: int


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    `failure` is masked and may leave the machine; `failure_local` is the full text, for the person's eyes only.
    `rows_in` and `rows_out` count the rows of all tables under their headers; None where there is no table.
    """

    success: bool
    seconds: float
    log: str
    outputs: tuple[Output, ...]
    rows_in: int | None
    rows_out: int | None
    failure: Mapping[str, Any] | None
    failure_local: str | None

    def to_json(self) -> dict[str, Any]:
        """The outcome as plain data; an output's `path` is text."""
        return {**asdict(self), "outputs": [{**asdict(each), "path": str(each.path)} for each in self.outputs]}


def run(
    script: str,
    *,
    inputs: Path,
    output: Path,
    values: Mapping[str, str],
    renames: Mapping[str, Mapping[str, str]],
    on_print: Callable[[str], None],
    mask_failure: MaskFailure,
    output_filename: str | None = None,
    originals: Path | None = None,
    scratch: Path | None = None,
    max_output_bytes: int = OUTPUT_BYTES,
) -> Outcome:
    """Run the script over the files in `inputs`, one folder for each field, and collect what it leaves in `output`.

    Args:
        values: the text fields; the script finds them as the dict `inputs` and as one name each.
        renames: {field: {name the script knows: name in the file}}; the script sees the first in the headers
            of its inputs, and the outputs bear the second again.
        on_print: gets each printed line, without its ending, until the log is full; after that progress lines.
            It must not print itself.
        mask_failure: makes of an exception {"exception", "line", "message"} that may leave the machine.
        originals: where the real files are, one folder for each field, if `inputs` is yet to be filled from them.
        scratch: the working folder, and where the zip of several outputs is written; by default beside `output`.

    Never raises for what the script does; every way to fail is in the outcome.
    """
    started = time.monotonic()
    scratch = scratch or output.with_name("work")
    printed = Printed(on_print)
    rows_in: int | None = None
    try:
        for folder in (inputs, output, scratch):
            folder.mkdir(parents=True, exist_ok=True)
        namespace = _namespace(values)
        if originals is not None:
            _fill(inputs, originals, renames)
        rows_in = _rows(path for _, path in _inputs(inputs))
        _execute(script, namespace, printed, scratch)
        outputs = _collect(output, scratch, renames, output_filename, max_output_bytes)
        rows_out = _rows(path for path, _ in _ordinary_files(output))
    except BaseException as error:  # A script may raise anything, SystemExit and its own BaseException included.
        failure, local = _told(error, mask_failure)
        return Outcome(False, time.monotonic() - started, printed.log(), (), rows_in, None, failure, local)
    return Outcome(True, time.monotonic() - started, printed.log(), outputs, rows_in, rows_out, None, None)


def progress_of(line: str) -> float | None:
    """The share done, 0 to 1, that a printed line such as `progress: 40%` states; None if it is another line."""
    stated = _PROGRESS.match(line)
    return min(100.0, float(stated[1])) / 100 if stated else None


def _namespace(values: Mapping[str, str]) -> dict[str, Any]:
    for name in values:
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("__"):
            raise InputRefused(f"The text field {name!r} cannot be a name in Python. Rename the field.")
    return {
        "__name__": "__main__",
        "__file__": SCRIPT_NAME,
        "__builtins__": builtins,
        **values,
        "inputs": dict(values),
    }


def _fill(inputs: Path, originals: Path, renames: Mapping[str, Mapping[str, str]]) -> None:
    for field, path in _inputs(originals):
        place = inputs / field / path.name
        place.parent.mkdir(exist_ok=True)
        known = {real: alias for alias, real in renames.get(field, {}).items() if real != alias}
        if not table_files.rename_headers(path, place, known):
            place.symlink_to(path)


def _execute(script: str, namespace: dict[str, Any], printed: "Printed", scratch: Path) -> None:
    linecache.cache[SCRIPT_NAME] = (len(script), None, script.splitlines(keepends=True), SCRIPT_NAME)
    code = compile(script, SCRIPT_NAME, "exec", dont_inherit=True)
    os.chdir(scratch)
    with printed.taking_over():
        try:
            exec(code, namespace)  # noqa: S102  this is what a runner is for; the boundary is around it
        except SystemExit as ending:
            if ending.code not in (None, 0):
                raise


def _collect(
    output: Path,
    scratch: Path,
    renames: Mapping[str, Mapping[str, str]],
    output_filename: str | None,
    max_bytes: int,
) -> tuple[Output, ...]:
    found = list(_ordinary_files(output))
    if not found:
        raise NothingWritten("The script wrote nothing to /output.")
    if len(found) > OUTPUT_FILES:
        raise OutputTooLarge(f"The script wrote {len(found):,} files; at most {OUTPUT_FILES:,} are handed over.")
    size = sum(each for _, each in found)
    if size > max_bytes:
        raise OutputTooLarge(f"The script wrote {size:,} bytes; at most {max_bytes:,} are handed over.")
    for path, _ in found:
        _settle(path, scratch, renames)
    names = [path.relative_to(output).as_posix() for path, _ in found]
    if len(names) == 1 and names[0] in (output_filename or names[0], "result.md") and "/" not in names[0]:
        return (Output(names[0], found[0][0], found[0][0].stat().st_size),)
    packed = scratch / f"{Path(output_filename).stem if output_filename else 'outputs'}.zip"
    table_files.pack(zip(names, (path for path, _ in found), strict=True), packed)
    return (Output(packed.name, packed, packed.stat().st_size),)


def _settle(path: Path, scratch: Path, renames: Mapping[str, Mapping[str, str]]) -> None:
    """Give the columns their own names again, and leave no trace of when a workbook file was written."""
    names = {alias: real for field in renames.values() for alias, real in field.items() if alias != real}
    copy = scratch / f"settled{path.suffix}"
    if table_files.rename_headers(path, copy, names):
        table_files.replace(copy, path)
    table_files.settle_times(path, copy)


def _ordinary_files(folder: Path) -> Iterator[tuple[Path, int]]:
    """Every file below, by name, with its size; nothing is followed and nothing opened.

    Raises:
        OutputRefused: something there is neither a file nor a folder.
    """
    for entry in sorted(os.scandir(folder), key=lambda each: each.name):
        mode = entry.stat(follow_symlinks=False).st_mode
        if stat.S_ISDIR(mode):
            yield from _ordinary_files(Path(entry.path))
        elif stat.S_ISREG(mode):
            yield Path(entry.path), entry.stat(follow_symlinks=False).st_size
        else:
            raise OutputRefused(f"The script left {entry.name!r} in /output, which is no ordinary file.")


def _inputs(folder: Path) -> Iterator[tuple[str, Path]]:
    for field in sorted(each for each in folder.iterdir() if each.is_dir()):
        for path in sorted(field.iterdir()):
            yield field.name, path


def _rows(paths: Iterator[Path]) -> int | None:
    counts = [count for path in paths if (count := table_files.count_rows(path)) is not None]
    return sum(counts) if counts else None


def _told(error: BaseException, mask_failure: MaskFailure) -> tuple[Mapping[str, Any], str]:
    """The failure for others and for the person; even an exception that cannot be printed is told."""
    if isinstance(error, Refused):
        return {"exception": type(error).__name__, "line": None, "message": ""}, str(error)
    try:
        local = "".join(traceback.format_exception(type(error), error, _from_script(error)))
    except BaseException:
        local = f"{type(error).__name__}: its text cannot be shown."
    try:
        masked = mask_failure(error, SCRIPT_NAME)
    except BaseException:
        masked = {"exception": "Exception", "line": None, "message": ""}
    return masked, local[:_LOCAL_FAILURE_CHARACTERS]


def _from_script(error: BaseException) -> Any:
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != SCRIPT_NAME:
        trace = trace.tb_next
    return trace


class Printed(io.RawIOBase):
    """What the script prints: each line told at once, the log kept up to its limit."""

    def __init__(self, on_print: Callable[[str], None]) -> None:
        self._on_print = on_print
        self._kept = bytearray()
        self._line = bytearray()
        self._cut = False

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        content = bytes(piece)
        room = LOG_BYTES - len(self._kept)
        self._kept += content[:room]
        lines = (self._line + content).split(b"\n")
        self._line = lines.pop()[-_LINE_BYTES:]
        for line in lines:
            self._tell(line)
        self._cut = self._cut or len(content) > room
        return len(content)

    def log(self) -> str:
        """All that was printed, cut at its limit, which it then says."""
        text = self._kept.decode("utf-8", "replace")
        return f"{text}\n(The log was cut here: it reached {LOG_BYTES:,} bytes.)\n" if self._cut else text

    @contextlib.contextmanager
    def taking_over(self) -> Iterator[None]:
        """Standard output and standard error come here."""
        sink = cast("BinaryIO", self)  # no buffer in between: a line is told when it is printed
        text = io.TextIOWrapper(sink, encoding="utf-8", errors="backslashreplace", write_through=True)
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            try:
                yield
            finally:
                with contextlib.suppress(Exception):  # the script may have closed it
                    text.flush()
                if self._line:
                    self._tell(bytes(self._line))
                    self._line.clear()

    def _tell(self, line: bytes | bytearray) -> None:
        text = line[:_LINE_BYTES].decode("utf-8", "replace").rstrip("\r")
        if not self._cut or progress_of(text) is not None:
            self._on_print(text)
