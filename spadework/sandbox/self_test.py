"""Six attacks on the local sandbox before it is trusted with a script; if one gets through, it stays off."""

import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from spadework.sandbox import bubblewrap
from spadework.sandbox.harness import Outcome
from spadework.sandbox.types import MIB, Job, Limits, Masking, SandboxUnavailable

_CANARY = "SPADEWORK_SANDBOX_CANARY"
_PROBES = """
import ctypes, os, socket

def attempt(name, act):
    try:
        act()
    except BaseException:
        print("held", name)
    else:
        print("BROKEN", name)

def read_host():
    open(inputs["canary"]).read()

def connect():
    socket.create_connection(("127.0.0.1", int(inputs["port"])), timeout=1).close()

def environment():
    assert inputs["variable"] in os.environ

def nest():
    assert ctypes.CDLL(None, use_errno=True).unshare(0x10000000) == 0

def fork():
    children = []
    try:
        for _ in range(int(inputs["tasks"]) + 8):
            child = os.fork()
            if child == 0:
                __import__("time").sleep(2)
                os._exit(0)
            children.append(child)
    finally:
        for each in children:
            os.kill(each, 9)
            os.waitpid(each, 0)

for name, act in (("host files", read_host), ("network", connect), ("environment", environment),
                  ("new namespaces", nest), ("processes", fork)):
    attempt(name, act)
open("/output/well.txt", "w").write("well")
"""
_EATING = """
kept = []
while True:
    kept.append(__import__("mmap").mmap(-1, 8 << 20))
    kept[-1].write(b"x" * (8 << 20))
"""
NAMES = ("host files", "network", "environment", "new namespaces", "processes", "memory")


@dataclass(frozen=True)
class Verdict:
    """What the attacks showed: each one's name and whether it was held, and the seconds it all took."""

    held: tuple[tuple[str, bool], ...]
    seconds: float


def run(masking: Masking, *, bwrap: str = "bwrap") -> Verdict:
    """Make the six attacks.

    Raises:
        SandboxUnavailable: one got through, or the sandbox cannot be set up; no script may be run.
    """
    with (
        tempfile.TemporaryDirectory(prefix="spadework-check-") as folder,
        socket.create_server(("127.0.0.1", 0)) as door,
    ):
        canary = Path(folder) / "canary"
        canary.write_text("canary")
        Path(folder).chmod(0o755)
        os.environ[_CANARY] = "canary"
        try:
            values = {"canary": str(canary), "port": str(door.getsockname()[1]), "variable": _CANARY, "tasks": "32"}
            probes = _attack(_PROBES, values, Limits(seconds=20), folder, masking, bwrap)
            eating = _attack(_EATING, {}, Limits(seconds=20, memory_bytes=96 * MIB), folder, masking, bwrap)
        finally:
            del os.environ[_CANARY]
    held = {name: f"held {name}" in probes.log and f"BROKEN {name}" not in probes.log for name in NAMES}
    held["memory"] = not eating.success and (eating.failure or {})["exception"] in ("OutOfMemory", "MemoryError")
    if not probes.success or not all(held.values()):
        broken = ", ".join(name for name in NAMES if not held[name]) or "an ordinary script did not run"
        raise SandboxUnavailable(
            f"The local sandbox does not hold on this machine ({broken}), so no script is run here."
            " Run the workflow in the browser, and report what `spadework run-workflow --self-test` says."
        )
    return Verdict(tuple(held.items()), probes.seconds + eating.seconds)


def _attack(
    script: str, values: dict[str, str], limits: Limits, folder: str, masking: Masking, bwrap: str
) -> Outcome:  # fmt: skip
    job = Job(script, files={}, values=values)
    return bubblewrap.run_script(job, into=Path(folder) / "out", masking=masking, limits=limits, bwrap=bwrap)
