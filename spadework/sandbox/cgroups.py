"""A control group for one run where this process may make one: the kernel's own limit on a whole tree of processes."""

import contextlib
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from spadework.sandbox import politeness

_ENDING_SECONDS = 2.0


@dataclass(frozen=True)
class Group:
    """The folders of one run's group: one in version 2, one for each controller in version 1."""

    folders: tuple[Path, ...]

    def add(self, pid: int) -> None:
        """Put a process, and whatever it starts from now on, under the limits."""
        for folder in self.folders:
            (folder / "cgroup.procs").write_text(str(pid))

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel has ended a process of the group for want of memory."""
        return any(_kills(folder / name) for folder in self.folders for name in ("memory.events", "memory.oom_control"))


def make(memory_bytes: int, tasks: int, *, mounts: Path = Path("/proc/self/mountinfo")) -> Group | None:
    """A new, empty group with these limits; None where this process may not make one."""
    name = f"spadework-{os.getpid()}-{secrets.token_hex(4)}"
    for parents in _parents(mounts):
        _sweep(parents)
        made: list[Path] = []
        try:
            for parent in parents:
                folder = parent / name
                folder.mkdir()
                made.append(folder)
            _limit(made, memory_bytes, tasks)
        except OSError:
            for folder in made:
                with contextlib.suppress(OSError):
                    folder.rmdir()
        else:
            return Group(tuple(made))
    return None


def end(group: Group) -> None:
    """Remove the group once its last process is gone, which must have been killed before."""
    deadline = time.monotonic() + _ENDING_SECONDS
    for folder in group.folders:
        while folder.exists():
            try:
                folder.rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)


def _sweep(parents: tuple[Path, ...]) -> None:
    """Remove what a process left that was killed before it could clean up."""
    for parent in parents:
        for folder in parent.glob("spadework-*-*"):
            if not Path(f"/proc/{folder.name.split('-')[1]}").exists():
                with contextlib.suppress(OSError):  # still busy, or somebody else's
                    folder.rmdir()


def _limit(folders: list[Path], memory_bytes: int, tasks: int) -> None:
    """The two limits; and a tenth of the weight that other groups have, as `politeness` gives the script itself."""
    if len(folders) == 1:
        (folders[0] / "memory.max").write_text(str(memory_bytes))
        (folders[0] / "pids.max").write_text(str(tasks))
        (folders[0] / "memory.oom.group").write_text("1")
        _write_if_there(folders[0] / "memory.swap.max", "0")
        _write_if_there(folders[0] / "cpu.weight.nice", str(politeness.NICE))
        return
    memory, pids, *processor = folders
    (memory / "memory.limit_in_bytes").write_text(str(memory_bytes))
    _write_if_there(memory / "memory.memsw.limit_in_bytes", str(memory_bytes))
    (pids / "pids.max").write_text(str(tasks))
    for folder in processor:
        _write_if_there(folder / "cpu.shares", str(politeness.WEIGHT))


def _write_if_there(path: Path, text: str) -> None:
    if path.exists():
        path.write_text(text)


def _kills(path: Path) -> bool:
    with contextlib.suppress(OSError):
        for line in path.read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill" and count.strip() not in ("", "0"):
                return True
    return False


def _parents(mounts: Path) -> Iterator[tuple[Path, ...]]:
    """Folders in which a group might be made: version 1 with memory, pids and cpu if there is one, or any level of version 2."""
    first: dict[str, Path] = {}
    second: Path | None = None
    for line in mounts.read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        place = Path(before.split(" ")[4])
        if kind == "cgroup2":
            second = place
        elif kind == "cgroup":
            first |= {each: place for each in options.split(",") if each in ("memory", "pids", "cpu")}
    if {"memory", "pids"} <= set(first):
        yield tuple(first[each] for each in ("memory", "pids", "cpu") if each in first)
    if second is not None:
        yield from ((level,) for level in _levels(second))


def _levels(mount: Path) -> Iterator[Path]:
    own = next((line[3:] for line in Path("/proc/self/cgroup").read_text().splitlines() if line.startswith("0::")), "/")
    level = mount / own.strip("/")
    while True:
        with contextlib.suppress(OSError):
            if {"memory", "pids"} <= set((level / "cgroup.subtree_control").read_text().split()):
                yield level
        if level == mount:
            return
        level = level.parent
