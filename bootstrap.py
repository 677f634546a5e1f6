"""Sets up .venv for every `make` target: packages by the lock, Spadework itself, the web interface.

Runs under any Python 3.11+ with the standard library alone. What is up to date is left alone, what
an interruption left half done is done again, and two runs at once wait for each other.
"""
# ruff: noqa: T201  # it talks to a person in a terminal

import contextlib
import fcntl
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import ui_build

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".set-up"  # what was installed, written only once it is

_UV_FOLDER = VENV / "uv"


class SetUpFailed(Exception):
    """Set-up cannot go on; the message is one sentence with the next move."""


def main() -> None:
    """Set up what is missing or stale; silent when nothing is. `lock` writes requirements.lock instead."""
    try:
        with _alone():
            write_lock() if sys.argv[1:] == ["lock"] else set_up()
    except (SetUpFailed, ui_build.UiBuildFailed) as problem:
        sys.exit(f"\n{problem}")
    except OSError as problem:
        sys.exit(f"\nSet-up failed: {problem}. Make room or give write access, and run the same command again.")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; run the same command again to go on.")


def set_up() -> None:
    """Bring .venv up to date, in the order that each part needs the one before."""
    stamp = _read_stamp()
    if not _is_usable():
        _make_venv()
        stamp = {}
    packages = _digest(LOCK)
    if stamp.get("packages") != packages:
        with _step("installing packages"):
            _uv("pip", "sync", "--require-hashes", str(LOCK))
        stamp = {"packages": packages}
        _write_stamp(stamp)
    itself = _digest(ROOT / "pyproject.toml", ROOT / "hatch_build.py", ROOT / "ui_build.py")
    is_stale = ui_build.is_stale()
    if stamp.get("itself") != itself or is_stale:
        with _step("installing Spadework" + (" and building its web interface" if is_stale else "")):
            _uv("pip", "install", "--no-deps", "--editable", str(ROOT))
        _write_stamp({**stamp, "itself": itself})


def write_lock() -> None:
    """Choose the newest versions that pyproject.toml allows, for every platform.

    The lock names versions and hashes and no address, so that it works behind any mirror: see
    docs/decisions/0002-hash-lock.md.
    """
    with _step("choosing versions"):
        _uv(
            *("pip", "compile", "pyproject.toml", "--group", "dev", "--universal", "--generate-hashes"),
            *("--no-emit-index-url", "--no-annotate", "--no-header", "--upgrade", "--quiet"),
            *("--output-file", str(LOCK)),
        )


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with Path(__file__).open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another set-up is running; waiting for it.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _step(name: str) -> Iterator[None]:
    print(f"  {name} …", flush=True)
    began = time.monotonic()
    yield
    print(f"  {name}: done in {time.monotonic() - began:.0f} s", flush=True)


def _is_usable() -> bool:
    if not (VENV / "pyvenv.cfg").is_file() or not PYTHON.exists():
        return False
    question = "import sys, encodings; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)"
    return subprocess.run([str(PYTHON), "-I", "-c", question], capture_output=True, check=False).returncode == 0  # noqa: S603


def _make_venv() -> None:
    print(f"Setting up Spadework in {VENV}; the first time takes about a minute.", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    # Without pip, because Debian leaves the part that installs pip to another package (python3-venv).
    made = _run([_base_python(), "-m", "venv", "--without-pip", str(VENV)])
    if made.returncode:
        raise SetUpFailed(
            f"{made.stdout.strip()}\nPython could not make an environment. On Debian or Ubuntu run "
            "`apt-get install python3-venv`, then the same command again."
        )


def _uv(*words: str) -> None:
    environment = {**_uv_environment(), "VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    command = [_find_uv(), *words, "--python", str(PYTHON)]
    if sys.stderr.isatty():
        # uv draws its own progress bars, and what it says when it fails stays on the screen.
        if subprocess.run(command, env=environment, check=False).returncode:  # noqa: S603
            raise SetUpFailed("The lines above say what failed; when it is put right, run the same command again.")
        return
    done = _run(command, environment)
    if done.returncode:
        # Between a failed interface build and us stands the package builder with its own traceback.
        said = re.search(r"UiBuildFailed: (.*?)(?=\n\s*hint:|\Z)", done.stdout, re.DOTALL)
        raise SetUpFailed(f"{(said[1] if said else done.stdout).strip()}\n{_advice(done.stdout)}")


def _advice(said: str) -> str:
    if re.search(r"No space left|quota exceeded", said, re.IGNORECASE):
        return "The disk is full. Make room and run the same command again."
    if re.search(r"dns error|error sending request|Failed to fetch|timed out|Connection", said):
        return (
            "The package index cannot be reached. Check the network (behind a mirror set PIP_INDEX_URL), "
            "then run the same command again."
        )
    return "The lines above say what failed; when it is put right, run the same command again."


def _find_uv() -> str:
    """A uv that works: the machine's own, else one fetched by pip into .venv."""
    for each in (shutil.which("uv"), str(_UV_FOLDER / "bin/uv")):
        if each and Path(each).exists() and _run([each, "--version"]).returncode == 0:
            return each
    with _step("getting uv, which installs packages"):
        shutil.rmtree(_UV_FOLDER, ignore_errors=True)
        said = ""
        for pip in _pips():
            done = _run([*pip, "install", "--quiet", "--no-deps", "--target", str(_UV_FOLDER), "uv>=0.5"])
            if done.returncode == 0:
                return str(_UV_FOLDER / "bin/uv")
            said = done.stdout.strip()
            if "No module named pip" not in said:
                raise SetUpFailed(f"{said}\n{_advice(said)}")
        raise SetUpFailed(
            "Installing packages needs uv or pip, and this Python has neither. On Debian or Ubuntu run "
            "`apt-get install python3-venv`, elsewhere install uv; then run the same command again."
        )


def _pips() -> Iterator[list[str]]:
    """Ways to run pip, the likeliest first: a machine may have any one of them and not the others."""
    yield [_base_python(), "-m", "pip"]
    if _run([str(PYTHON), "-m", "ensurepip"]).returncode == 0:
        yield [str(PYTHON), "-m", "pip"]
    # Debian leaves pip and ensurepip out of python3, and keeps pip's wheel in a package of its own.
    # A wheel is a zip archive that Python can run from.
    for wheel in itertools.chain(Path("/usr/share/python-wheels").glob("pip-*.whl"), _wheels_from_debian()):
        yield [_base_python(), str(wheel / "pip")]


def _wheels_from_debian() -> Iterator[Path]:
    """Pip's wheel out of Debian's package, unpacked into .venv: installs nothing and needs no root."""
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return
    folder = VENV / "apt"
    (folder / "state/lists/partial").mkdir(parents=True, exist_ok=True)
    (folder / "cache/archives/partial").mkdir(parents=True, exist_ok=True)
    apt = ["apt-get", "-qq", "-o", f"Dir::Cache={folder}/cache", "-o", f"Dir::State={folder}/state"]
    apt += ["-o", "Dir::State::status=/var/lib/dpkg/status", "-o", "APT::Sandbox::User="]
    _run([*apt, "update"])
    _run([*apt, "download", "python3-pip-whl"], cwd=folder)
    for package in folder.glob("python3-pip-whl_*.deb"):
        _run(["dpkg-deb", "-x", str(package), str(folder)])
    yield from folder.glob("usr/share/python-wheels/pip-*.whl")


def _uv_environment() -> dict[str, str]:
    """The environment, with pip's own settings translated: whoever set a mirror set it for pip."""
    # The machine's certificate authorities, not those built into uv (its old and its new name for it).
    environment = {"UV_NATIVE_TLS": "1", "UV_SYSTEM_CERTS": "1", **os.environ}
    cache = Path("~/.cache/uv").expanduser()
    if "UV_CACHE_DIR" not in environment and not ui_build.can_write(cache):
        environment["UV_CACHE_DIR"] = str(VENV / "cache/uv")
    listed = _run([_base_python(), "-m", "pip", "config", "list"]).stdout
    pip_settings = dict(re.findall(r"^(?:global|install|:env:)\.([a-z-]+)='(.*)'$", listed, re.MULTILINE))
    pip_settings |= {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in os.environ.items()
        if name.startswith("PIP_")
    }
    for name, variable, between in (
        ("index-url", "UV_DEFAULT_INDEX", " "),
        ("extra-index-url", "UV_INDEX", " "),
        ("find-links", "UV_FIND_LINKS", ","),
        ("cert", "SSL_CERT_FILE", " "),
    ):
        values = pip_settings.get(name, "").replace("\\n", " ").split()
        usable = [each for each in values if "://" in each or Path(each).exists()]  # pip skips what is not there
        if usable:
            environment.setdefault(variable, between.join(usable))
    if "extra-index-url" in pip_settings:
        # As pip does; the lock's hashes keep out a package of the same name from elsewhere.
        environment.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    return environment


def _base_python() -> str:
    # Not sys.executable: that may be the very .venv that is about to be replaced.
    return str(getattr(sys, "_base_executable", None) or sys.executable)


def _run(
    command: list[str], environment: dict[str, str] | None = None, *, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  # our own words
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )


def _digest(*files: Path) -> str:
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def _read_stamp() -> dict[str, str]:
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def _write_stamp(stamp: dict[str, str]) -> None:
    scratch = STAMP.with_suffix(".new")
    scratch.write_text(json.dumps(stamp))
    scratch.replace(STAMP)


if __name__ == "__main__":
    main()
