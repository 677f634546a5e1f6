"""Runs one script in the local sandbox as a process of its own, beside things that a script must not reach.

`python -m tests.sandbox.attacking < request.json`; what came of it is one line of JSON on standard output.
"""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spadework.extracts import traces
from spadework.sandbox import bubblewrap
from spadework.sandbox.types import Job, Limits, Masking, SandboxUnavailable

MASKING = Masking(Path(traces.__file__).parent, traces.__name__, traces.mask_failure.__name__)


def main() -> None:
    """Read the request, run its scripts in turn, tell."""
    request = json.load(sys.stdin)
    folder = Path(request["folder"])
    with surroundings(folder) as values:
        told = [_run(each, values, folder, Limits(**request["limits"])) for each in request["scripts"]]
        told_of_victim = values.pop("victim_lives")()
    json.dump({"runs": told, "victim_lives": told_of_victim, "left": _left()}, sys.stdout)


@contextlib.contextmanager
def surroundings(folder: Path) -> Iterator[dict[str, Any]]:
    """What there is to steal and to break: services, sockets, a secret in the environment, a file, another process."""
    canary = "canary-" + secrets.token_hex(16)
    secret = folder / "secret.key"
    secret.write_text(canary)
    secret_before = os.environ.get("SPADEWORK_SECRET_KEY")
    os.environ["SPADEWORK_SECRET_KEY"] = canary
    inherited = os.open(secret, os.O_RDONLY)
    os.set_inheritable(inherited, True)
    unix, abstract = str(folder / "db.sock"), "spadework-" + secrets.token_hex(8)
    victim = subprocess.Popen(["sleep", "600"])
    with contextlib.ExitStack() as stack:
        doors = [
            _served(stack, socket.AF_INET, ("127.0.0.1", 0)),
            _served(stack, socket.AF_UNIX, unix),
            _served(stack, socket.AF_UNIX, "\0" + abstract),
        ]
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        threading.Thread(target=_echo, args=(udp,), daemon=True).start()
        try:
            yield {
                "canary": canary,
                "home": str(folder),
                "secret_key": str(secret),
                "source": str(Path(bubblewrap.__file__).parent.parent),
                "tcp_port": str(doors[0].getsockname()[1]),
                "udp_port": str(udp.getsockname()[1]),
                "unix_socket": unix,
                "abstract_socket": abstract,
                "victim": str(victim.pid),
                "victim_lives": lambda: victim.poll() is None,
            }
        finally:
            victim.kill()
            victim.wait()
            os.close(inherited)
            os.environ.pop("SPADEWORK_SECRET_KEY")
            if secret_before is not None:
                os.environ["SPADEWORK_SECRET_KEY"] = secret_before


def _run(script: str, values: dict[str, Any], folder: Path, limits: Limits) -> dict[str, Any]:
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    into = folder / "out" / secrets.token_hex(8)
    try:
        outcome = bubblewrap.run_script(Job(script, {}, texts), into=into, masking=MASKING, limits=limits)
    except SandboxUnavailable as error:
        return {"unavailable": str(error)}
    names = [each.name for each in outcome.outputs]
    content = b"".join(each.path.read_bytes() for each in outcome.outputs).decode("latin-1")
    for each in outcome.outputs:
        each.path.unlink()
    into.rmdir() if into.exists() else None
    return {
        "success": outcome.success,
        "seconds": outcome.seconds,
        "log": outcome.log[:20_000] + outcome.log[20_000:][-2_000:],
        "log_length": len(outcome.log),
        "failure": dict(outcome.failure) if outcome.failure else None,
        "failure_local": outcome.failure_local,
        "names": names,
        "has_canary": values["canary"] in content + outcome.log,
        "output": content[:2_000],
    }


def _left() -> list[str]:
    """Control groups of ours that are still there, and processes below this one."""
    mounted = Path("/sys/fs/cgroup")
    mine = f"spadework-{os.getpid()}-*"
    groups = [str(each) for level in ("*", "*/*", "*/*/*", "*/*/*/*") for each in mounted.glob(f"{level}/{mine}")]
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    return groups + [f"process {each}" for each in children]


def _served(stack: contextlib.ExitStack, family: int, address: Any) -> socket.socket:
    door = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
    door.bind(address)
    door.listen()
    threading.Thread(target=_answer, args=(door,), daemon=True).start()
    return door


def _answer(door: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            caller, _ = door.accept()
            caller.sendall(b"reached")
            caller.close()


def _echo(door: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            _, caller = door.recvfrom(4_096)
            door.sendto(b"reached", caller)


if __name__ == "__main__":
    main()
