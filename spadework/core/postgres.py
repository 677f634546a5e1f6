"""The embedded Postgres: starts, finds and stops one server per home folder; what is in it is not known here.

Many processes may share a home. It holds:

    postgres.lock       held while somebody starts or stops the server
    postgres.alive      held by the server and its children for as long as any of them lives
    postgres.password   the superuser's random password, readable by us alone
    pg-<version>/       our copy of the programs
    pgdata/  pgsocket/  postgres.log

Linux and macOS. Anywhere else set DATABASE_URL.
"""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO
from urllib.parse import quote

from spadework.core import postgres_home
from spadework.core.errors import DatabaseUnavailable
from spadework.core.postgres_home import PORT, SUPERUSER, Place, Progress

DATABASE = "spadework"

SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "4GB",
    "wal_compression": "pglz",  # the wheels are built without lz4 and zstd
    "jit": "off",
    "fsync": "on",
    "synchronous_commit": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
}

_START_TIMEOUT_SECONDS = 600  # recovery after a crash replays up to max_wal_size
_STOP_TIMEOUT_SECONDS = 120
_PROGRESS_SECONDS = 5
_MAX_LOG_BYTES = 10_000_000
_RECOVERING = (
    "in recovery mode", "is starting up", "not yet accepting connections", "because of crash of another",
    "server closed the connection unexpectedly",
)  # fmt: skip
_STOP_SIGNALS = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}


@dataclass(frozen=True)
class Server:
    """A running server and how to reach it."""

    home: Path
    socket_dir: Path
    port: int
    pid: int
    superuser: str
    password: str = field(repr=False)  # a repr ends up in logs

    def dsn(self, database: str = DATABASE, user: str | None = None, password: str | None = None) -> str:
        """A URL through the Unix socket that asyncpg and psycopg both read; the superuser's by default."""
        who = quote(user or self.superuser, safe="")
        secret = quote(self.password if password is None else password, safe="")
        host = quote(str(self.socket_dir), safe="/")
        return f"postgresql://{who}:{secret}@/{quote(database, safe='')}?host={host}&port={self.port}"


@dataclass(frozen=True)
class _PidFile:
    """What postmaster.pid says; any part may be missing, because a full disk truncates it."""

    pid: int | None
    is_ready: bool


def start(home: Path, *, settings: Mapping[str, str] | None = None, on_progress: Progress | None = None) -> Server:
    """A running server with its `spadework` database: attaches to the one that runs, else starts it.

    Safe to call from many processes at once: one starts it, the others attach. `settings` go
    over SETTINGS and count only when this call starts the server. Blocks for 0.1 s on a restart,
    for seconds the first time, and for up to ten minutes when it must recover after a crash.

    Raises:
        DatabaseUnavailable: it cannot run here; the message holds Postgres' own reason.
        StorageFull: the disk is full; make room and call again.
    """
    tell = on_progress or (lambda _: None)
    with postgres_home.readable_errors(home):
        home = _canonical(home)
        # Root's server runs as another user, who must be able to pass through the folder.
        home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        with _held(home / "postgres.lock", tell):
            if (server := _attach(home, tell)) is None:
                server = _launch(home, {**SETTINGS, **(settings or {})}, tell)
                _create_database(server, tell)
            return server


def find_running(home: Path) -> Server | None:
    """The home's server if it runs and takes connections, else None; starts and changes nothing."""
    with postgres_home.readable_errors(home):
        home = _canonical(home)
        place = postgres_home.find_place(home)
        if place is None or not place.password_file.is_file():
            return None
        said = _read_pid_file(place)
        # Connecting is the proof: another process may have inherited the pid, and a server in a
        # container that shares the home is real although its pid means nothing here.
        if not said.is_ready or not _connects(place):
            return None
        pid = _live_pid(place) or said.pid
        return _server(place, pid) if pid else None


def stop(home: Path, mode: str = "fast") -> None:
    """Stop the home's server and wait until it is gone; nothing happens when none runs.

    `mode` is Postgres' own: "smart" waits for clients, "fast" drops them, "immediate" leaves
    recovery to the next start. Nothing else stops the server: it outlives its clients.

    Raises:
        DatabaseUnavailable: it did not end within two minutes.
    """
    if mode not in _STOP_SIGNALS:
        raise DatabaseUnavailable(f"{mode!r} is no way to stop Postgres. Use {', '.join(_STOP_SIGNALS)}.")
    with postgres_home.readable_errors(home):
        home = _canonical(home)
        place = postgres_home.find_place(home)
        if place is None:
            return
        with _held(home / "postgres.lock", lambda _: None):
            pid = _live_pid(place)
            if pid is not None:
                os.kill(pid, _STOP_SIGNALS[mode])
            os.close(_take_alive(place, timeout_seconds=_STOP_TIMEOUT_SECONDS))


def _canonical(home: Path) -> Path:
    # The server is recognised by the path on its command line, so a home has one spelling.
    return home.expanduser().resolve()


def _attach(home: Path, tell: Progress) -> Server | None:
    server = find_running(home)
    if server is None:
        return None
    try:
        _create_database(server, tell)
    except DatabaseUnavailable as problem:
        # A server that was just killed or told to stop takes connections for a moment longer.
        place = postgres_home.place(home, tell)
        if "shutting down" not in problem.message and _live_pid(place) == server.pid:
            raise
        os.close(_take_alive(place, timeout_seconds=_STOP_TIMEOUT_SECONDS))
        return None
    return server


def _launch(home: Path, settings: Mapping[str, str], tell: Progress) -> Server:
    place = postgres_home.place(home, tell)
    password = postgres_home.password(place)
    pid = _live_pid(place)
    if pid is not None:
        if _read_pid_file(place).is_ready and not place.socket.exists():
            tell("restarting the database, whose socket was deleted")
            os.kill(pid, signal.SIGINT)
        if server := _when_ready(place, pid, tell):
            return server
    alive = _take_alive(place, timeout_seconds=_STOP_TIMEOUT_SECONDS)
    try:
        programs = postgres_home.programs(place, tell)
        postgres_home.remove_other_programs(place, programs)
        postgres_home.init_data(place, programs, password, tell, is_durable=settings.get("fsync") != "off")
        postgres_home.require_same_version(place, programs)
        postgres_home.make_socket_dir(place)
        with _open_log(place) as log:
            log_start = log.tell()
            pid = _spawn(place, programs, settings, alive, log)
    finally:
        os.close(alive)
    if server := _when_ready(place, pid, tell):
        return server
    postgres_home.raise_reason(_tail(place.log, log_start), place)


def _spawn(place: Place, programs: Path, settings: Mapping[str, str], alive: int, log: IO[bytes]) -> int:
    """Start the server and return its pid at once; it inherits the lock `alive`."""
    stale = _read_pid_file(place).pid
    if stale is None:
        (place.data / "postmaster.pid").unlink(missing_ok=True)  # Postgres refuses a truncated one
    socket_dir = '"' + str(place.socket_dir).replace('"', '""') + '"'  # a list; a path may hold a comma
    flags = {**settings, "unix_socket_directories": socket_dir}
    # The shell hands the server to process 1, which collects it when it ends; as our own child
    # it would stay a zombie. Its own session keeps a Ctrl-C in our terminal from it.
    shell = subprocess.run(  # noqa: S603  # our own program with our own settings
        [
            *("/bin/sh", "-c", '"$@" >&2 & echo $!', "sh"),
            *(str(programs / "postgres"), "-D", str(place.data), "-p", str(PORT)),
            *(part for name, value in flags.items() for part in ("-c", f"{name}={value}")),
        ],
        env={
            "PATH": os.defpath,
            # When the pid file names a living process, Postgres takes it for a server and gives up,
            # unless it is told that this process is its own grandparent. We hold the lock that a
            # real server would hold, so that process has merely inherited the number. Patroni does
            # the same: github.com/patroni/patroni/pull/681
            **({"PG_GRANDPARENT_PID": str(stale)} if stale else {}),
        },
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=log,
        pass_fds=(alive,),
        start_new_session=True,
        check=True,
        umask=0o077,
        user=place.switch_uid,
        group=place.switch_gid,
        extra_groups=None if place.switch_uid is None else (),
    )
    return int(shell.stdout)


def _when_ready(place: Place, pid: int, tell: Progress) -> Server | None:
    """The server once it takes connections; None when it has ended instead."""
    began = told = time.monotonic()
    while True:
        said = _read_pid_file(place)
        if said.is_ready and said.pid == pid and _connects(place):
            return _server(place, pid)
        if _have_all_ended(place):
            return None
        now = time.monotonic()
        if now - began > _START_TIMEOUT_SECONDS:
            raise DatabaseUnavailable(
                f"The database has not become ready in {_START_TIMEOUT_SECONDS} s and goes on trying; "
                f"run the same command again to keep waiting. Its log is {place.log}."
            )
        if now - told > _PROGRESS_SECONDS:
            tell(f"waiting for the database to recover ({now - began:.0f} s)")
            told = now
        time.sleep(0.01)


def _create_database(server: Server, tell: Progress) -> None:
    place = postgres_home.place(server.home, tell)
    began = told = time.monotonic()
    while (done := _run_psql(server, place, tell)).returncode:
        now = time.monotonic()
        # One of the server's processes was killed: it drops everybody and recovers, without a new start.
        if not any(each in done.stderr for each in _RECOVERING) or now - began > _START_TIMEOUT_SECONDS:
            postgres_home.raise_reason(done.stderr, place)
        if now - told > _PROGRESS_SECONDS:
            tell(f"waiting for the database to recover ({now - began:.0f} s)")
            told = now
        time.sleep(0.05)


def _run_psql(server: Server, place: Place, tell: Progress) -> subprocess.CompletedProcess[str]:
    # psql rather than a driver: this module blocks, and our driver does not.
    return subprocess.run(  # noqa: S603  # our own program with fixed words
        [
            *(str(postgres_home.programs(place, tell) / "psql"), "-Xqw", "-v", "ON_ERROR_STOP=1"),
            *("-h", str(server.socket_dir), "-p", str(PORT), "-U", SUPERUSER, "-d", "postgres"),
        ],
        env={"PGPASSWORD": server.password, "PATH": os.defpath},
        input=(
            f"SELECT 'CREATE DATABASE {DATABASE}' "
            f"WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec\n"
        ),
        text=True,
        capture_output=True,
        check=False,
    )


def _server(place: Place, pid: int) -> Server:
    return Server(place.home, place.socket_dir, PORT, pid, SUPERUSER, password=place.password_file.read_text())


def _read_pid_file(place: Place) -> _PidFile:
    # Lines: pid, data folder, start time, port, socket folder, address, shared memory, status.
    # postgresql.org/docs/18/storage-file-layout.html
    try:
        lines = (place.data / "postmaster.pid").read_text(errors="replace").split("\n")
    except FileNotFoundError:
        return _PidFile(None, is_ready=False)
    pid = int(lines[0]) if lines[0].isascii() and lines[0].isdigit() and int(lines[0]) > 0 else None
    return _PidFile(pid, is_ready=len(lines) >= 8 and lines[7].strip() == "ready")


def _live_pid(place: Place) -> int | None:
    """The server's process, known by the data folder on its command line and not by its number."""
    said = _read_pid_file(place).pid
    if said is not None and _is_ours(place, said):
        return said
    proc = Path("/proc")
    numbers = (int(each.name) for each in proc.iterdir() if each.name.isdigit()) if proc.is_dir() else ()
    return next((pid for pid in numbers if _is_ours(place, pid)), None)


def _is_ours(place: Place, pid: int) -> bool:
    wanted = os.fsencode(place.data)
    process = Path(f"/proc/{pid}")
    if not Path("/proc/self").exists():  # macOS
        seen = subprocess.run(  # noqa: S603  # fixed words and a number
            ["/bin/ps", "-o", "stat=,command=", "-p", str(pid)], capture_output=True, check=False
        ).stdout.strip()
        return wanted in seen and not seen.startswith(b"Z")
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        state = (process / "stat").read_bytes().rpartition(b")")[2].split()[0]
    except (OSError, IndexError):
        return False
    return words[0].endswith(b"/bin/postgres") and wanted in words and state not in (b"Z", b"X")


def _connects(place: Place) -> bool:
    with socket.socket(socket.AF_UNIX) as door:
        door.settimeout(5)
        try:
            door.connect(str(place.socket))
        except OSError:
            return False
    return True


def _have_all_ended(place: Place) -> bool:
    descriptor = _try_lock(place.home / "postgres.alive")
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def _take_alive(place: Place, *, timeout_seconds: float) -> int:
    """The lock that a server and all its children inherit, taken once the last of them has ended.

    After kill -9 of the server its children still write for a moment; a second server beside
    them would damage the data.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        descriptor = _try_lock(place.home / "postgres.alive")
        if descriptor is not None:
            return descriptor
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                f"Processes of the database in {place.data} have not ended after {timeout_seconds:.0f} s. "
                f"End them by hand (`ps -ef | grep postgres` shows them). Its log is {place.log}."
            )
        time.sleep(0.01)


def _try_lock(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


@contextlib.contextmanager
def _held(path: Path, tell: Progress) -> Iterator[None]:
    descriptor = _try_lock(path)
    if descriptor is None:
        tell("waiting for another process that starts or stops the database")
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(descriptor)


def _open_log(place: Place) -> IO[bytes]:
    if place.log.exists() and place.log.stat().st_size > _MAX_LOG_BYTES:
        place.log.replace(place.log.with_suffix(".log.1"))
    place.log.touch(mode=0o600)
    return place.log.open("ab")


def _tail(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(max(start, log.stat().st_size - 8_000))
        return file.read().decode(errors="replace")
