"""Running scripts in the local sandbox from a process of its own, as this user and, where that is root, as another."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ORDINARY = 23_456
USERS = ["as root", "as an ordinary user"] if os.geteuid() == 0 else ["as an ordinary user"]
REPOSITORY = Path(__file__).resolve().parents[2]
# Python and the tests may lie where only root may go. The ordinary user sees them all the same, in a mount
# namespace of its own: words are folders to lay bare, then pairs of a folder and where it is to be seen.
_SHOWN = (
    'n=0; hidden=; while [ "$1" != -- ]; do hidden="$hidden $1"; shift; done; shift;'
    'while [ "$1" != -- ]; do n=$((n+1)); mkdir -p "$HOLD/$n"; mount --rbind "$1" "$HOLD/$n"; eval "to$n=\\$1"; shift;'
    " done; shift;"
    "for each in $hidden; do mount -t tmpfs -o mode=755 shown $each; done;"
    'i=0; while [ $i -lt $n ]; do i=$((i+1)); eval "to=\\$to$i"; mkdir -p "$to"; mount --rbind "$HOLD/$i" "$to"; done;'
    f'exec setpriv --reuid={ORDINARY} --regid={ORDINARY} --clear-groups --inh-caps=-all -- "$@"'
)


@dataclass(frozen=True)
class Attacked:
    """What came of each script, and what was there afterwards that should not be."""

    runs: list[dict[str, Any]]
    victim_lives: bool
    left: list[str]


Attack = Callable[..., Attacked]


@pytest.fixture(params=USERS)
def attack(request: pytest.FixtureRequest) -> Iterator[Attack]:
    """Runs scripts in the sandbox, one after the other, within limits given by name."""
    folder = Path(tempfile.mkdtemp(prefix="spadework-attacks-"))
    folder.chmod(0o755)
    yield lambda *scripts, **limits: _attacked(request.param, folder, scripts, limits)
    shutil.rmtree(folder)


def _attacked(user: str, folder: Path, scripts: Sequence[str], limits: dict[str, float]) -> Attacked:
    work = folder / "work"
    work.mkdir()
    command = [sys.executable, "-m", "tests.sandbox.attacking"]
    if user != "as root" and os.geteuid() == 0:
        os.chown(work, ORDINARY, ORDINARY)
        command = [*_as_ordinary(), *command]
    mounts = Path("/proc/self/mountinfo").read_text()
    done = subprocess.run(
        command,
        input=json.dumps({"folder": str(work), "scripts": scripts, "limits": limits}),
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={
            "PATH": os.environ["PATH"], "TMPDIR": str(work), "HOME": str(work), "HOLD": str(folder / "hold"),
            "PYTHONPATH": str(REPOSITORY), "PYTHONDONTWRITEBYTECODE": "1",
        },
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    files = sorted(str(each.relative_to(work)) for each in work.rglob("*"))
    left = [*told["left"], *(each for each in files if each not in ("secret.key", "db.sock", "out"))]
    left += sorted(set(Path("/proc/self/mountinfo").read_text().splitlines()) - set(mounts.splitlines()))
    shutil.rmtree(work)
    return Attacked(told["runs"], told["victim_lives"], left)


def _as_ordinary() -> list[str]:
    needed = {Path(sys.base_prefix).resolve(), Path(sys.prefix).resolve(), REPOSITORY}
    closed = {each: top for each in needed if (top := _closed(each))}
    pairs = sorted(map(str, closed))
    start = ["unshare", "--mount", "--propagation", "private", "--", "/bin/sh", "-ec", _SHOWN, "sh"]
    return [*start, *sorted({str(top) for top in closed.values()}), "--", *pairs, "--"]


def _closed(path: Path) -> Path | None:
    """The topmost folder above, or the path itself, that only its owner may enter."""
    return next((each for each in [*reversed(path.parents), path] if not each.stat().st_mode & 0o001), None)
