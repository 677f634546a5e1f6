"""What a tree of processes uses at this moment, read from /proc; who may use how much is decided elsewhere."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
# Fields of /proc/<pid>/stat after the name in brackets, counted from 0: proc(5).
_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM, _THREADS, _RESIDENT = 11, 12, 13, 14, 17, 21


@dataclass(frozen=True)
class Usage:
    """Of a whole tree: processor time including ended children, threads, and pages in memory, shared ones repeated."""

    cpu_seconds: float
    tasks: int
    resident_bytes: int
    pids: tuple[int, ...]


def of_tree(root: int) -> Usage:
    """The usage of a process and everything below it; a process that is just ending counts as nothing."""
    cpu = tasks = resident = 0
    pids = tuple(_tree(root))
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        fields = text[text.rindex(")") + 2 :].split()
        cpu += sum(int(fields[each]) for each in (_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM))
        tasks += int(fields[_THREADS])
        resident += int(fields[_RESIDENT]) * _PAGE_BYTES
    return Usage(cpu / _TICKS, tasks, resident, pids)


def own_bytes(pids: tuple[int, ...]) -> int:
    """The memory these processes have made their own: a shared page counts once, program files not at all."""
    return sum(_own_bytes(pid) for pid in pids)


def folder_use(root: int, folder: str) -> tuple[int, int]:
    """Bytes and files in a file system of the tree's own, seen through its root; (0, 0) when it is gone."""
    try:
        found = os.statvfs(f"/proc/{root}/root{folder}")
    except OSError:
        return 0, 0
    return (found.f_blocks - found.f_bfree) * found.f_frsize, found.f_files - found.f_ffree


def _own_bytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    shares = {name: int(value.split()[0]) for name, _, value in (line.partition(":") for line in lines[1:])}
    return (shares.get("Pss_Anon", 0) + shares.get("Pss_Shmem", 0)) * 1024


def _tree(root: int) -> Iterator[int]:
    waiting = [root]
    while waiting:
        pid = waiting.pop()
        yield pid
        try:
            threads = list(Path(f"/proc/{pid}/task").iterdir())
        except OSError:
            continue
        for thread in threads:
            try:
                waiting += map(int, (thread / "children").read_text().split())
            except OSError:
                continue
