"""The command that starts a script's process inside its walls: what is bound where, and who it runs as."""

import json
import math
import os
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from spadework.sandbox import packages, politeness
from spadework.sandbox.types import MIB, Job, Limits, Masking, SandboxUnavailable

INSTALL = (
    "Install bubblewrap (`apt install bubblewrap` on Debian and Ubuntu, `dnf install bubblewrap` on Fedora), or run the"
    " workflow in the browser."
)
NOBODY = 65534
_OWN_FILES = ("__init__.py", "harness.py", "table_files.py", "inside.py")
_DEVICES = ("null", "zero", "full", "random", "urandom")
_COPY_ROOM = 16 * MIB
# Root may read every file, an ordinary user not: root binds what the script gets into a folder of a mount
# namespace that ends with the run, becomes an ordinary user (for whom limits on processes hold), and goes on.
_AS_ROOT = (
    'while [ "$1" != -- ]; do mount --bind "$1" "$2" || exit 125; shift 2; done; shift;'
    f' exec setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --inh-caps=-all -- "$@"'
)


@dataclass(frozen=True)
class Channels:
    """Numbers of the open files that bubblewrap and the program inside take over."""

    request: int
    seccomp: int
    started: int
    go: int
    result: int

    def all(self) -> tuple[int, ...]:
        return (self.request, self.seccomp, self.started, self.go, self.result)


@dataclass(frozen=True)
class _Bind:
    source: Path
    target: str


def request(job: Job, limits: Limits, masking: Masking) -> bytes:
    """What the program inside is to do, as JSON."""
    biggest = max(limits.output_bytes * 2, limits.scratch_bytes, _copies_bytes(job))
    content = {
        "script": job.script,
        "values": dict(job.values),
        "renames": {field: dict(names) for field, names in job.renames.items()},
        "output_filename": job.output_filename,
        "output_bytes": limits.output_bytes,
        "mask_failure": f"{masking.module}:{masking.function}",
        "nice": politeness.NICE,
        "limits": {
            "RLIMIT_CPU": math.ceil(limits.cpu_seconds),
            "RLIMIT_DATA": limits.memory_bytes,
            "RLIMIT_FSIZE": biggest,
            "RLIMIT_NPROC": limits.tasks,
            "RLIMIT_NOFILE": 256,
            "RLIMIT_CORE": 0,
            "RLIMIT_MSGQUEUE": 0,
            "RLIMIT_NICE": 0,
            "RLIMIT_RTPRIO": 0,
        },
    }
    return json.dumps(content).encode()


def command(
    job: Job, limits: Limits, masking: Masking, channels: Channels, *, stage: Path, bwrap: str
) -> list[str]:  # fmt: skip
    """The whole command line; `stage` is an empty folder for as long as the run lasts, `bwrap` bubblewrap's name.

    Raises:
        SandboxUnavailable: a program it needs is not installed.
    """
    binds = [*_system(), *_python(), *_packages(), *_own(masking), *_inputs(job)]
    before: list[str] = []
    if os.geteuid() == 0:
        binds, before = _as_root(binds, stage)
    words = [*before, _program(bwrap), *_walls(channels, limits, job)]
    for bind in binds:
        words += ["--ro-bind", str(bind.source), bind.target]
    site = Path(sysconfig.get_path("stdlib")).resolve() / "site-packages"
    if site.is_dir():
        words += ["--size", "4096", "--tmpfs", str(site), "--remount-ro", str(site)]
    words += [
        "--ro-bind-data",
        str(channels.request),
        "/runner/request.json",
        "--remount-ro",
        "/",
        "--chdir",
        "/scratch",
    ]
    inside = "/runner/spadework/sandbox/inside.py"
    return [*words, "--", str(_interpreter()), "-S", "-s", "-P", inside, str(channels.result)]


def _walls(channels: Channels, limits: Limits, job: Job) -> Iterator[str]:
    yield from ("--unshare-user", "--disable-userns", "--unshare-ipc", "--unshare-pid", "--unshare-net")
    yield from ("--unshare-uts", "--unshare-cgroup", "--new-session", "--die-with-parent", "--cap-drop", "ALL")
    yield from ("--uid", str(NOBODY), "--gid", str(NOBODY), "--hostname", "sandbox", "--clearenv")
    yield from ("--seccomp", str(channels.seccomp), "--info-fd", str(channels.started), "--block-fd", str(channels.go))
    for name, value in _environment().items():
        yield from ("--setenv", name, value)
    yield from ("--dir", "/dev", "--dir", "/originals", "--dir", "/runner", "--dir", "/packages")
    for device in _DEVICES:
        yield from ("--dev-bind", f"/dev/{device}", f"/dev/{device}")
    yield from ("--size", str(limits.scratch_bytes), "--tmpfs", "/scratch")
    # Somewhat more than is handed over, so that a script a little above the limit is told so in words.
    yield from ("--size", str(limits.output_bytes * 3 // 2 + 4 * MIB), "--tmpfs", "/output")
    if copies := _copies_bytes(job):
        yield from ("--size", str(copies), "--tmpfs", "/input_files")
    else:
        yield from ("--dir", "/input_files")
    for link in ("lib", "lib64", "lib32"):
        if (path := Path("/") / link).is_symlink():
            yield from ("--symlink", str(path.readlink()), str(path))


def _environment() -> Mapping[str, str]:
    threads = str(min(4, os.cpu_count() or 1))
    return {
        "HOME": "/scratch", "TMPDIR": "/scratch", "TZ": "UTC", "LANG": "C.UTF-8", "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # The same script over the same files is to make the same bytes, sets of texts included. This is why Python
        # is not started with -I, which would ignore it; with an empty environment -S -s -P are the rest of -I.
        "PYTHONHASHSEED": "0",
        "POLARS_MAX_THREADS": threads, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1",
    }  # fmt: skip


def _system() -> Iterator[_Bind]:
    for folder in ("/lib", "/lib64", "/lib32", "/usr/lib", "/usr/lib64", "/usr/lib32"):
        if (path := Path(folder)).is_dir() and not path.is_symlink():
            yield _Bind(path, folder)
    for path in (Path("/usr/share/zoneinfo"), Path("/etc/ld.so.cache")):
        if path.exists():
            yield _Bind(path, str(path))


def _python() -> Iterator[_Bind]:
    interpreter = _interpreter()
    yield _Bind(interpreter, str(interpreter))
    library = Path(sys.base_prefix).resolve() / "lib"
    if not library.is_relative_to("/usr/lib"):
        yield _Bind(library, str(library))


def _interpreter() -> Path:
    return Path(getattr(sys, "_base_executable", None) or sys.executable).resolve()


def _packages() -> Iterator[_Bind]:
    for name, place in packages.folders().items():
        yield _Bind(place, f"/packages/{name}")


def _own(masking: Masking) -> Iterator[_Bind]:
    for name in _OWN_FILES:
        yield _Bind(Path(__file__).with_name(name), f"/runner/spadework/sandbox/{name}")
    yield _Bind(masking.folder, "/runner/" + "/".join(masking.module.split(".")[:-1]))


def _inputs(job: Job) -> Iterator[_Bind]:
    for field, files in job.files.items():
        place = "/originals" if _is_renamed(job, field) else "/input_files"
        for file in files:
            yield _Bind(file.resolve(), f"{place}/{field}/{file.name}")


def _is_renamed(job: Job, field: str) -> bool:
    return any(alias != real for alias, real in job.renames.get(field, {}).items())


def _copies_bytes(job: Job) -> int:
    """Room for copies with other headers; 0 when no file needs one."""
    renamed = [file for field, files in job.files.items() if _is_renamed(job, field) for file in files]
    return sum(2 * file.stat().st_size for file in renamed) + _COPY_ROOM if renamed else 0


def _as_root(binds: list[_Bind], stage: Path) -> tuple[list[_Bind], list[str]]:
    """The binds as an ordinary user can follow them, and the words before bubblewrap that make it so."""
    stage.chmod(0o711)
    mounts: list[str] = []
    staged: list[_Bind] = []
    for number, bind in enumerate(binds):
        if _everybody_reads(bind.source) and all(each.stat().st_mode & 0o001 for each in bind.source.parents):
            staged.append(bind)
            continue
        place = stage / str(number)
        staged.append(_Bind(place, bind.target))
        if bind.source.is_file() and not _everybody_reads(bind.source):
            shutil.copyfile(bind.source, place)
            place.chmod(0o444)
            continue
        place.mkdir() if bind.source.is_dir() else place.touch()
        mounts += [str(bind.source), str(place)]
    start = [_program("unshare"), "--mount", "--propagation", "private", "--", "/bin/sh", "-c", _AS_ROOT, "sh"]
    _program("setpriv")
    return staged, [*start, *mounts, "--"]


def _everybody_reads(path: Path) -> bool:
    needed = 0o005 if path.is_dir() else 0o004
    return path.stat().st_mode & needed == needed


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/bin:/bin:/usr/sbin:/sbin")
    if found is None:
        raise SandboxUnavailable(f"The local sandbox needs the program {name}, which is not installed. {INSTALL}")
    return found


def stage_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for one run, removed with all it holds when its `with` ends."""
    return tempfile.TemporaryDirectory(prefix="spadework-sandbox-", ignore_cleanup_errors=True)
