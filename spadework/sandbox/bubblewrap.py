"""Runs a script inside bubblewrap within its limits, and takes over what it made; the walls themselves are in jail.

Nothing that comes out is believed: the script shares its process with the program that reports on it.
"""

import contextlib
import fcntl
import io
import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spadework.sandbox import cgroups, jail, packages, politeness, seccomp, usage
from spadework.sandbox.harness import Outcome, Output, Printed
from spadework.sandbox.types import Job, Limits, Masking, SandboxUnavailable

_LOOK_SECONDS = 0.05
_START_SECONDS = 10.0
_HEADER_BYTES = 1_000_000
_PIECE_BYTES = 1024 * 1024
_NAME_BYTES = 200
_MESSAGE_CHARACTERS = 2_000
_LOCAL_CHARACTERS = 100_000
# bubblewrap's outer process and the first one inside are no tasks of the script's.
_TASKS_AROUND = 3
_MOUNTS_WATCHED = ("/scratch", "/output", "/input_files")

_Ending = tuple[str, str]  # the name of a failure, and its sentence for the person
_DISTURBED: _Ending = ("Killed", "The script ended without handing over a result, or disturbed how it is handed over.")


def run_script(
    job: Job,
    *,
    into: Path,
    masking: Masking,
    limits: Limits | None = None,
    on_print: Callable[[str], None] = lambda line: None,
    on_wait: Callable[[], None] = lambda: None,
    is_stopped: Callable[[], bool] = lambda: False,
    bwrap: str = "bwrap",
) -> Outcome:
    """Run the job's script inside the sandbox; its one output, if any, is a new file in the folder `into`.

    At most two run at once on a machine: a third calls `on_wait` and waits. `is_stopped` is asked all the while, and
    ends the script when it says so. Returns at most one second after the
    limit of time, and leaves no process, mount or file of the script's behind.

    Raises:
        SandboxUnavailable: the script cannot be kept in here; nothing was run.
        NotOffered: the script needs a package that is not there; nothing was run.
    """
    if not sys.platform.startswith("linux"):
        raise SandboxUnavailable("The local sandbox needs Linux. Run the workflow in the browser.")
    packages.require(job.dependencies)
    with _slot(on_wait, is_stopped), jail.stage_folder() as stage:
        return _Run(job, into, masking, limits or Limits(), Printed(on_print), is_stopped, bwrap).carry_out(Path(stage))


@dataclass
class _Run:
    """One run from its start to its end."""

    job: Job
    into: Path
    masking: Masking
    limits: Limits
    printed: Printed
    is_stopped: Callable[[], bool]
    bwrap: str
    began: float = field(default_factory=time.monotonic)
    group: cgroups.Group | None = None
    received: "_Received | None" = None

    def carry_out(self, stage: Path) -> Outcome:
        with contextlib.ExitStack() as open_files:
            request = _file_with(open_files, jail.request(self.job, self.limits, self.masking))
            program = _file_with(open_files, seccomp.program())
            started, tell_started = _pipe(open_files)
            go, tell_go = _pipe(open_files)
            result, tell_result = _pipe(open_files)
            channels = jail.Channels(*(each.fileno() for each in (request, program, tell_started, go, tell_result)))
            words = jail.command(self.job, self.limits, self.masking, channels, stage=stage, bwrap=self.bwrap)
            process = subprocess.Popen(  # noqa: S603  the words are ours; the script is not among them
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=channels.all(),
                env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
                start_new_session=True,
            )
            first: int | None = None
            try:
                for inherited in (tell_started, go, tell_result):
                    inherited.close()
                first = _first_inside(started.fileno(), process)
                self._put_under_limits(process.pid, first)
                tell_go.write(b"\n")
                self.received = _Received(self.into, self.limits.output_bytes)
                ending = self._watch(process, first, result.fileno())
            finally:
                _kill(process, first)
                if self.group is not None:
                    cgroups.end(self.group)
                if self.received is not None:
                    self.received.close()
        return self._outcome(ending)

    def _put_under_limits(self, outer: int, first: int) -> None:
        self.group = cgroups.make(self.limits.memory_bytes, self.limits.tasks + _TASKS_AROUND)
        if self.group is None:
            return
        try:
            for pid in (outer, *usage.of_tree(first).pids):
                self.group.add(pid)
        except OSError:  # A group may be made here but not entered; the watch below holds the limits alone.
            cgroups.end(self.group)
            self.group = None

    def _watch(self, process: subprocess.Popen[bytes], first: int, result: int) -> _Ending | None:
        """Read what comes until the script has ended or has gone too far; the reason in the latter case."""
        assert process.stdout is not None and self.received is not None
        deadline = self.began + self.limits.seconds
        look_at = 0.0
        is_last = False
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout.fileno(), selectors.EVENT_READ, self.printed.write)
            selector.register(result, selectors.EVENT_READ, self.received.take)
            # A script may close every pipe and go on; it is watched until its process has ended.
            while selector.get_map() or process.poll() is None:
                for key, _ in selector.select(_LOOK_SECONDS):
                    piece = os.read(key.fd, _PIECE_BYTES)
                    if not piece:
                        selector.unregister(key.fd)
                    elif key.data(piece) is False:
                        return _DISTURBED
                if self.is_stopped():
                    return ("Killed", "The script was stopped.")
                now = time.monotonic()
                if now >= deadline:
                    return ("TimedOut", f"The script was stopped after {self.limits.seconds:g} seconds.")
                if now >= look_at:
                    look_at = now + _LOOK_SECONDS
                    is_last = is_last or politeness.lower_session(first)
                    if ending := self._beyond(first):
                        return ending
        return self._beyond_at_end(process)

    def _beyond(self, first: int) -> _Ending | None:
        """Which limit the whole tree has passed, if any."""
        used = usage.of_tree(first)
        if used.cpu_seconds >= self.limits.cpu_seconds:
            return self._out_of_cpu()
        if used.tasks > self.limits.tasks + _TASKS_AROUND:
            return ("TooManyTasks", f"The script started more than {self.limits.tasks} processes and threads.")
        stored = files = 0
        for folder in _MOUNTS_WATCHED:
            stored_here, files_here = usage.folder_use(first, folder)
            stored, files = stored + stored_here, files + files_here
        if files > self.limits.files:
            return ("OutputTooLarge", f"The script made more than {self.limits.files:,} files.")
        most = self.limits.memory_bytes
        if used.resident_bytes + stored > most and usage.own_bytes(used.pids) + stored > most:
            return self._out_of_memory()
        if self.group is not None and self.group.ran_out_of_memory():
            return self._out_of_memory()
        return None

    def _beyond_at_end(self, process: subprocess.Popen[bytes]) -> _Ending | None:
        assert self.received is not None
        if self.received.is_whole:
            return None
        if self.group is not None and self.group.ran_out_of_memory():
            return self._out_of_memory()
        if process.returncode == 128 + 9 and time.monotonic() - self.began >= self.limits.cpu_seconds:
            return self._out_of_cpu()
        return _DISTURBED

    def _out_of_memory(self) -> _Ending:
        most = self.limits.memory_bytes // 1_048_576
        return ("OutOfMemory", f"The script needed more than {most} MiB of memory, its files in /output included.")

    def _out_of_cpu(self) -> _Ending:
        return ("TimedOut", f"The script was stopped after {self.limits.cpu_seconds:g} seconds of processor time.")

    def _outcome(self, ending: _Ending | None) -> Outcome:
        assert self.received is not None
        seconds = time.monotonic() - self.began
        if ending is None:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return replace(self.received.outcome(), seconds=seconds, log=self.printed.log())
            ending = _DISTURBED
        self.received.discard()
        name, sentence = ending
        failure = {"exception": name, "line": None, "message": ""}
        return Outcome(False, seconds, self.printed.log(), (), None, None, failure, sentence)


class _Received:
    """What came through the result channel: one line of JSON, then the bytes of at most one output."""

    def __init__(self, into: Path, most_bytes: int) -> None:
        self._into = into
        self._most = most_bytes
        self._line = bytearray()
        self._told: Mapping[str, Any] | None = None
        self._name: str | None = None
        self._size = self._left = 0
        self._path: Path | None = None
        self._file: Any = None

    @property
    def is_whole(self) -> bool:
        return self._told is not None and self._left == 0

    def take(self, piece: bytes) -> bool:
        """Take in what came; False when it is no result."""
        if self._told is None:
            self._line += piece
            line, end, piece = bytes(self._line).partition(b"\n")
            if not end:
                return len(self._line) <= _HEADER_BYTES
            try:
                self._understand(line)
            except (ValueError, KeyError, TypeError, RecursionError):
                return False
        if len(piece) > self._left:
            return False
        if piece:
            self._file.write(piece)
            self._left -= len(piece)
        return True

    def outcome(self) -> Outcome:
        """The outcome as told, each part checked.

        Raises:
            ValueError, KeyError, TypeError: a part is not what it should be.
        """
        self.close()
        told = self._told or {}
        rows_in, rows_out = (_count(told.get(each)) for each in ("rows_in", "rows_out"))
        if told.get("success") is not True:
            local = str(told.get("failure_local") or "")[:_LOCAL_CHARACTERS]
            return Outcome(False, 0, "", (), rows_in, None, _failure(told["failure"]), local)
        if self._path is None or self._name is None:
            raise ValueError("a success without an output")
        return Outcome(True, 0, "", (Output(self._name, self._path, self._size),), rows_in, rows_out, None, None)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def discard(self) -> None:
        """Remove what was received."""
        self.close()
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    def _understand(self, line: bytes) -> None:
        told = json.loads(line)
        if not isinstance(told, dict):
            raise TypeError("no object")
        if told.get("success") is True:
            (output,) = told["outputs"]
            self._name, self._size = _name(output["name"]), _count(output["size"]) or 0
            if self._size > self._most:
                raise ValueError("larger than allowed")
            self._left = self._size
            self._path, self._file = _new_file(self._into, self._name)
        self._told = told


def _new_file(into: Path, name: str) -> tuple[Path, Any]:
    """A file that was not there before, named so or with a number behind."""
    into.mkdir(parents=True, exist_ok=True)
    for number in range(1, 10_000):
        path = into / (name if number == 1 else f"{Path(name).stem} ({number}){Path(name).suffix}")
        with contextlib.suppress(FileExistsError):
            return path, path.open("xb")
    raise ValueError("no free name")


def _name(stated: Any) -> str:
    if (
        not isinstance(stated, str)
        or stated != Path(stated).name
        or stated in ("", ".", "..")
        or "\\" in stated
        or not stated.isprintable()
        or len(stated.encode()) > _NAME_BYTES
    ):
        raise ValueError("no name of a file")
    return stated


def _count(stated: Any) -> int | None:
    if stated is None:
        return None
    if type(stated) is not int or not 0 <= stated < 2**53:
        raise ValueError("no count")
    return stated


def _failure(stated: Any) -> Mapping[str, Any]:
    name, line, message = stated["exception"], stated["line"], stated["message"]
    if not isinstance(name, str) or not name.isidentifier() or len(name) > 100 or not isinstance(message, str):
        raise ValueError("no failure")
    return {"exception": name, "line": _count(line), "message": message[:_MESSAGE_CHARACTERS]}


def _first_inside(started: int, process: subprocess.Popen[bytes]) -> int:
    """The first process inside, as it is numbered here, once bubblewrap has built its walls.

    Raises:
        SandboxUnavailable: bubblewrap could not; the message holds what it said.
    """
    told = bytearray()
    deadline = time.monotonic() + _START_SECONDS
    with selectors.DefaultSelector() as selector:
        selector.register(started, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0 and selector.select(left):
            piece = os.read(started, 4096)
            told += piece
            if not piece:
                break
    with contextlib.suppress(ValueError, KeyError, TypeError):
        return int(json.loads(told)["child-pid"])
    process.kill()
    said = process.communicate()[0].decode("utf-8", "replace").strip()[:500]
    raise SandboxUnavailable(
        f"The local sandbox could not be set up: {said or 'bubblewrap did not start'}. It needs Linux, bubblewrap 0.8"
        " or newer, and user namespaces that ordinary users may make (on Ubuntu 24.04 and newer an AppArmor profile"
        " for bwrap; in a container, the right to make them). Or run the workflow in the browser."
    )


def _kill(process: subprocess.Popen[bytes], first: int | None) -> None:
    """End everything: with its first process a process namespace dies as a whole."""
    if first is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(first, 9)
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _file_with(open_files: contextlib.ExitStack, content: bytes) -> io.FileIO:
    file = open_files.enter_context(io.FileIO(os.memfd_create("spadework"), "r+"))
    file.write(content)
    file.seek(0)
    return file


def _pipe(open_files: contextlib.ExitStack) -> tuple[io.FileIO, io.FileIO]:
    read, write = os.pipe()
    return open_files.enter_context(io.FileIO(read, "r")), open_files.enter_context(io.FileIO(write, "w"))


@contextlib.contextmanager
def _slot(on_wait: Callable[[], None], is_stopped: Callable[[], bool]) -> Iterator[None]:
    """One of two places for runs on this machine, kept by a lock on files that are there anyway."""
    places = [Path(__file__), Path(jail.__file__)]
    with contextlib.ExitStack() as stack:
        files = [stack.enter_context(each.open("rb")) for each in places]
        told = False
        while not any(_locked(each) for each in files) and not is_stopped():
            if not told:
                on_wait()
                told = True
            time.sleep(_LOOK_SECONDS)
        yield


def _locked(file: Any) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
