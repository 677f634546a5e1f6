"""A script is weighed a tenth of anything else, in every group the kernel weighs it by, and stays there."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from spadework.sandbox import cgroups, politeness, usage
from spadework.sandbox.bubblewrap import run_script
from spadework.sandbox.types import Job, Limits
from tests.sandbox.attacking import MASKING
from tests.sandbox.conftest import Attack

sessions_are_weighed = pytest.mark.skipif(
    not Path("/proc/self/autogroup").exists(), reason="this kernel does not weigh sessions"
)


def ended_when(is_so: Callable[[int], bool], into: Path) -> str | None:
    """Run an endless script until its process is as said, at most ten seconds; what a person is told of the end."""
    outcome = run_script(
        Job("while True: pass", {}), into=into, masking=MASKING, limits=Limits(seconds=10),
        is_stopped=lambda: any(is_so(pid) for pid in usage.of_tree(os.getpid()).pids if runs_a_script(pid)),
    )  # fmt: skip
    return outcome.failure_local


def runs_a_script(pid: int) -> bool:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[1:5] == [b"-S", b"-s", b"-P", b"/runner/spadework/sandbox/inside.py"]


def session_of(pid: int) -> str:
    """As the kernel tells it, such as `nice 10`."""
    return Path(f"/proc/{pid}/autogroup").read_text().partition(" ")[2].strip()


def test_a_script_gives_way_in_its_group(tmp_path: Path) -> None:
    assert ended_when(lambda pid: os.getpriority(os.PRIO_PROCESS, pid) == 10, tmp_path) == "The script was stopped."


@sessions_are_weighed
def test_the_session_of_a_script_gives_way_to_every_other(tmp_path: Path) -> None:
    assert ended_when(lambda pid: session_of(pid) == "nice 10", tmp_path) == "The script was stopped."


@sessions_are_weighed
def test_a_process_that_has_opened_no_session_leaves_its_neighbours_as_they_are() -> None:
    before = session_of(os.getpid())
    with subprocess.Popen(["sleep", "60"]) as neighbour:
        assert not politeness.lower_session(neighbour.pid)
        neighbour.kill()
    assert session_of(os.getpid()) == before


def test_the_control_group_of_a_script_gives_way_to_every_other() -> None:
    group = cgroups.make(512 << 20, 32)
    if group is None:
        pytest.skip("this process may make no control group")
    try:
        told = {name: path.read_text().strip() for name in ("cpu.shares", "cpu.weight.nice") for each in group.folders
                if (path := each / name).exists()}  # fmt: skip
        if not told:
            pytest.skip("no group here weighs processors")
        assert told in ({"cpu.shares": "110"}, {"cpu.weight.nice": "10"})
    finally:
        cgroups.end(group)


def test_a_script_cannot_raise_itself_again(attack: Attack) -> None:
    script = """
import os, resource
print(os.nice(0), resource.getrlimit(resource.RLIMIT_NICE), resource.getrlimit(resource.RLIMIT_RTPRIO))
for attempt in (
    lambda: os.setpriority(os.PRIO_PROCESS, 0, 9),
    lambda: os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1)),
):
    try:
        attempt()
    except PermissionError:
        print("refused")
if os.fork() == 0:  # the first of a group of processes may open no session anyway
    try:
        os.setsid()
    except PermissionError as error:
        print("no session", os.getsid(0) != os.getpid())
    os._exit(0)
os.wait()
open("/output/ended.txt", "w").write("ended")
"""
    (run,) = attack(script).runs
    assert run["success"], run
    assert run["log"].splitlines() == ["10 (0, 0) (0, 0)", "refused", "refused", "no session True"]
