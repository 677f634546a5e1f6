"""A script is weighed a tenth of anything else, in every group the kernel weighs it by, and stays there."""

import contextlib
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from spadework.sandbox import cgroups, politeness, usage
from spadework.sandbox.bubblewrap import run_script
from spadework.sandbox.types import Job, Limits
from tests.sandbox.attacking import MASKING
from tests.sandbox.conftest import Attack


def ended_when(is_so: Callable[[int], bool], into: Path) -> str | None:
    """Run an endless script until its process is as said, at most a minute; what a person is told of the end."""
    outcome = run_script(
        Job("while True: pass", {}), into=into, masking=MASKING, limits=Limits(seconds=60, cpu_seconds=60),
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
    """As the kernel tells it, such as `nice 10`; empty where it does not weigh sessions."""
    try:
        return Path(f"/proc/{pid}/autogroup").read_text().partition(" ")[2].strip()
    except FileNotFoundError:
        return ""


def weight_of_group(pid: int) -> str:
    """What the kernel was told of the script's own control group; empty where it has none that weighs processors."""
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, place = line.split(":", 2)
        if "/spadework-" in place and (not controllers or "cpu" in controllers.split(",")):
            for path in Path("/sys/fs/cgroup").rglob(f"{Path(place).name}/cpu.*"):
                if path.name in ("cpu.shares", "cpu.weight.nice"):
                    return path.read_text().strip()
    return ""


def granted() -> tuple[str, str]:
    """What this machine lets this process have for a session it opens and a group it makes: both may be less than asked."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as other:
        while True:
            try:
                Path(f"/proc/{other.pid}/autogroup").write_text("10")
            except BlockingIOError:  # others have changed one in the last tenth of a second
                time.sleep(0.05)
            except OSError:
                break
            else:
                break
        group = cgroups.make(512 << 20, 32)
        if group is not None:
            with contextlib.suppress(OSError):
                group.add(other.pid)
        told = session_of(other.pid), weight_of_group(other.pid)
        other.kill()
    if group is not None:
        cgroups.end(group)
    return told


def test_a_script_gives_way_in_every_group_that_the_kernel_weighs(tmp_path: Path) -> None:
    session, weight = granted()
    assert session in ("nice 10", session_of(os.getpid())) and weight in ("110", "10", "")
    seen: list[tuple[int, str, str]] = []

    def gives_way(pid: int) -> bool:
        seen.append((os.getpriority(os.PRIO_PROCESS, pid), session_of(pid), weight_of_group(pid)))
        return seen[-1] == (10, session, weight)

    assert ended_when(gives_way, tmp_path) == "The script was stopped.", set(seen)


def test_a_process_that_has_opened_no_session_leaves_its_neighbours_as_they_are() -> None:
    before = session_of(os.getpid())
    with subprocess.Popen(["sleep", "60"]) as neighbour:
        assert not politeness.lower_session(neighbour.pid)
        neighbour.kill()
    assert session_of(os.getpid()) == before


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
