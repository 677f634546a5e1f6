"""The embedded Postgres survives what happens to it on real machines."""

import asyncio
import contextlib
import errno
import multiprocessing
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from spadework.core import postgres, postgres_home
from spadework.core.errors import DatabaseUnavailable, StorageFull

FAST = {"fsync": "off", "shared_buffers": "16MB"}
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for the whole module: making the data takes most of a second, starting it does not."""
    with new_folder() as folder:
        yield folder / "home"


@pytest.fixture
def server(home: Path) -> postgres.Server:
    return postgres.start(home, settings=FAST)


@contextlib.contextmanager
def new_folder(name: str = "") -> Iterator[Path]:
    """A folder that any user can pass through, unlike pytest's own, with no server left behind."""
    folder = Path(tempfile.mkdtemp(prefix="spadework-test-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        for lock in folder.rglob("postgres.lock"):
            postgres.stop(lock.parent, mode="immediate")
        shutil.rmtree(folder)


def ask(server: postgres.Server, question: str, **login: str) -> Any:
    async def run() -> Any:
        connection = await asyncpg.connect(server.dsn(**login))
        try:
            return await connection.fetchval(question)
        finally:
            await connection.close()

    return in_own_loop(run)


def in_own_loop(run: Callable[[], Any]) -> Any:
    """Run a coroutine beside the session's own event loop."""
    answer: list[Any] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            answer.append(asyncio.run(run()))
        except BaseException as problem:
            failure.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
    return answer[0]


def start_in_a_process(home: Path, *, then: str = "") -> subprocess.Popen[str]:
    script = (
        "import sys; from pathlib import Path; from spadework.core import postgres\n"
        f"server = postgres.start(Path(sys.argv[1]), settings={FAST!r})\n"
        f"print(server.pid, flush=True)\n{then}"
    )
    return subprocess.Popen([sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(claim: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_first_start_makes_a_database_that_answers_and_a_second_start_attaches(
    server: postgres.Server, home: Path
) -> None:
    assert ask(server, "SELECT current_database() || current_setting('data_checksums')") == "spadeworkon"
    assert postgres.start(home) == server
    assert postgres.find_running(home) == server


def test_the_server_opens_no_network_port_and_keeps_its_promises_about_safety(tmp_path: Path) -> None:
    assert postgres.SETTINGS["listen_addresses"] == ""
    assert postgres.SETTINGS["fsync"] == "on"
    assert postgres.SETTINGS["synchronous_commit"] == "on"
    assert postgres.find_running(tmp_path / "never started") is None


def test_only_the_right_password_opens_it(server: postgres.Server) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        ask(server, "SELECT 1", password="wrong")
    assert server.password not in repr(server)


def test_every_way_in_asks_for_the_password(server: postgres.Server) -> None:
    assert ask(server, "SELECT array_agg(DISTINCT auth_method) FROM pg_hba_file_rules") == ["scram-sha-256"]
    assert ask(server, "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' FROM pg_authid WHERE rolname = 'postgres'") is True


@pytest.mark.skipif(sys.platform != "linux", reason="reads which file a process runs")
def test_the_server_runs_from_a_copy_that_an_upgrade_of_the_package_does_not_touch(
    server: postgres.Server, home: Path
) -> None:
    assert home.resolve() in Path(f"/proc/{server.pid}/exe").readlink().parents


def test_password_socket_and_data_are_closed_to_others(server: postgres.Server, home: Path) -> None:
    modes = {
        name: oct(stat.S_IMODE((home / name).stat().st_mode))
        for name in ("postgres.password", "pgsocket", "pgsocket/.s.PGSQL.5432", "pgdata", "postgres.log")
    }
    assert modes == {
        "postgres.password": "0o600",
        "pgsocket": "0o700",
        "pgsocket/.s.PGSQL.5432": "0o700",
        "pgdata": "0o700",
        "postgres.log": "0o600",
    }


def test_stop_ends_it_and_a_restart_keeps_what_was_in_it(server: postgres.Server, home: Path) -> None:
    ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.stop(home)
    assert not is_alive(server.pid)
    assert postgres.find_running(home) is None
    postgres.stop(home)  # a second stop is no error
    assert ask(postgres.start(home, settings=FAST), "SELECT answer FROM kept") == 42


def test_a_dropped_database_is_made_again(server: postgres.Server, home: Path) -> None:
    ask(server, "DROP DATABASE spadework WITH (FORCE)", database="postgres")
    assert ask(postgres.start(home), "SELECT 1") == 1


def test_after_kill_9_of_the_server_the_next_start_recovers(server: postgres.Server, home: Path) -> None:
    ask(server, "CREATE TABLE survived AS SELECT 7 AS answer")
    os.kill(server.pid, signal.SIGKILL)
    again = postgres.start(home, settings=FAST)
    assert again.pid != server.pid
    assert ask(again, "SELECT answer FROM survived") == 7


def test_kill_9_of_the_process_that_started_it_does_not_matter(home: Path) -> None:
    postgres.stop(home)
    client = start_in_a_process(home, then="import time; time.sleep(60)")
    assert client.stdout is not None
    pid = int(client.stdout.readline())
    client.kill()
    client.communicate()
    running = postgres.find_running(home)
    assert running is not None
    assert running.pid == pid
    postgres.stop(home)
    assert not is_alive(pid)


def test_kill_9_of_a_client_process_leaves_server_and_rows_alone(server: postgres.Server, home: Path) -> None:
    ask(server, "CREATE TABLE untouched AS SELECT 5 AS answer")
    holding = "import asyncio, asyncpg\nasync def hold():\n    own = await asyncpg.connect(server.dsn())\n"
    holding += "    await own.execute('BEGIN; DELETE FROM untouched')\n    print('held', flush=True)\n"
    client = start_in_a_process(home, then=holding + "    await asyncio.sleep(60)\nasyncio.run(hold())")
    assert client.stdout is not None
    assert [client.stdout.readline() for _ in range(2)] == [f"{server.pid}\n", "held\n"]
    client.kill()
    client.communicate()
    assert postgres.start(home) == server
    assert ask(server, "SELECT answer FROM untouched") == 5


def test_kill_9_of_one_of_the_servers_own_processes_is_waited_for(server: postgres.Server, home: Path) -> None:
    ask(server, "CREATE TABLE outlived AS SELECT 6 AS answer")

    async def crash() -> None:
        connection = await asyncpg.connect(server.dsn())
        os.kill(connection.get_server_pid(), signal.SIGKILL)
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await connection.execute("SELECT pg_sleep(60)")

    in_own_loop(crash)
    again = postgres.start(home)
    assert again.pid == server.pid
    assert ask(again, "SELECT answer FROM outlived") == 6


@pytest.mark.skipif(sys.platform != "linux", reason="a process that collects nobody's children is made with prctl")
def test_a_dead_server_that_nobody_has_collected_is_not_believed(home: Path) -> None:
    postgres.stop(home)
    # As process 1 of some containers does: the server becomes its child, and stays a zombie when it dies.
    subreaper = "import ctypes; ctypes.CDLL(None).prctl(36, 1)"
    script = (
        f"{subreaper}; import sys, time; from pathlib import Path; from spadework.core import postgres\n"
        f"print(postgres.start(Path(sys.argv[1]), settings={FAST!r}).pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(home)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_alive(pid))
        assert Path(f"/proc/{pid}").exists()
        again = postgres.start(home, settings=FAST)
        assert again.pid != pid
        assert ask(again, "SELECT 1") == 1
        parent.kill()


def test_a_pid_file_that_names_a_stranger_is_not_believed(server: postgres.Server, home: Path) -> None:
    postgres.stop(home)
    owner = (home / "pgdata").stat()
    as_owner: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["/bin/sleep", "60"], cwd="/", **as_owner) as stranger:
        lines = [
            stranger.pid,
            home / "pgdata",
            1,
            5432,
            home / "pgsocket",
            "",
            "  5432001    196608",
            "ready",
        ]
        (home / "pgdata/postmaster.pid").write_text("\n".join(map(str, lines)) + "\n")
        assert postgres.find_running(home) is None
        postgres.stop(home)
        assert stranger.poll() is None
        again = postgres.start(home, settings=FAST)
        assert again.pid != stranger.pid
        assert ask(again, "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


@pytest.mark.parametrize("left", ["", "123", "not a number\n", "\x00\x00\x00"])
def test_a_truncated_pid_file_does_not_stop_the_next_start(server: postgres.Server, home: Path, left: str) -> None:
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not is_alive(server.pid))
    (home / "pgdata/postmaster.pid").write_text(left)
    assert ask(postgres.start(home, settings=FAST), "SELECT 1") == 1


def test_a_server_whose_pid_file_was_truncated_is_still_found_and_stopped(server: postgres.Server, home: Path) -> None:
    (home / "pgdata/postmaster.pid").write_text("")
    postgres.stop(home)
    assert not is_alive(server.pid)


def test_a_server_whose_socket_was_deleted_is_restarted(server: postgres.Server, home: Path) -> None:
    (server.socket_dir / ".s.PGSQL.5432").unlink()
    assert ask(postgres.start(home, settings=FAST), "SELECT 1") == 1
    assert not is_alive(server.pid)


def test_four_processes_that_start_at_once_make_one_server() -> None:
    with new_folder() as folder:
        racers = [start_in_a_process(folder / "home") for _ in range(4)]
        pids = {racer.communicate(timeout=100)[0] for racer in racers}
        assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
        assert len(pids) == 1
        assert int(pids.pop()) > 0


def test_a_home_with_a_long_and_odd_path_gets_a_short_private_socket_folder() -> None:
    with new_folder() as folder:
        home = folder / ("a very long, 'quoted' näme " + "x" * 120)
        server = postgres.start(home, settings=FAST)
        seen = server.socket_dir.lstat()
        assert ask(server, "SELECT 1") == 1
        assert len(str(server.socket_dir)) < 90
        assert stat.S_IMODE(seen.st_mode) == 0o700
        postgres.stop(home)
        server.socket_dir.rmdir()
        server.socket_dir.symlink_to(folder)  # what somebody else could have put there first
        with pytest.raises(DatabaseUnavailable, match="only we can enter"):
            postgres.start(home, settings=FAST)
        server.socket_dir.unlink()


@needs_root
def test_root_runs_the_server_as_an_ordinary_user(server: postgres.Server) -> None:
    assert Path(f"/proc/{server.pid}").stat().st_uid != 0


@needs_root
def test_root_with_a_closed_home_keeps_the_data_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    with new_folder() as folder:
        services = folder / "services"
        services.mkdir(mode=0o755)
        monkeypatch.setattr(postgres_home, "_SERVICES_DATA", services)
        home = folder / "closed/home"
        home.mkdir(parents=True)
        home.parent.chmod(0o700)
        server = postgres.start(home, settings=FAST)
        assert ask(server, "SELECT 1") == 1
        assert home.parent.stat().st_mode & 0o777 == 0o700
        assert services in server.socket_dir.parents
        assert postgres.start(home) == server
        postgres.stop(home)
        shutil.rmtree(next(services.iterdir()))
        with pytest.raises(DatabaseUnavailable, match="which is gone"):
            postgres.start(home)
        (home / "postgres.lock").unlink()


@needs_root
def test_an_ordinary_user_runs_it_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with new_folder() as folder:
        home = folder / "home"
        home.mkdir()
        nobody = pwd.getpwnam("nobody")
        place = postgres_home.Place(home, home, nobody.pw_uid, nobody.pw_gid)
        # The wheel may lie where that user cannot look, so the programs are copied beforehand.
        programs = postgres_home.programs(place, print)
        monkeypatch.setattr(postgres_home, "programs", lambda *_: programs)
        shutil.chown(home, nobody.pw_uid, nobody.pw_gid)

        def as_nobody() -> None:
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
            server = postgres.start(home, settings=FAST)
            assert ask(server, "SELECT 1") == 1
            assert (home / "postgres.password").stat().st_uid == nobody.pw_uid
            postgres.stop(home)
            assert postgres.find_running(home) is None

        child = multiprocessing.get_context("fork").Process(target=as_nobody)
        child.start()
        child.join()
        assert child.exitcode == 0


def test_a_missing_password_is_said_rather_than_replaced() -> None:
    with new_folder() as folder:
        (folder / "pgdata").mkdir()
        with pytest.raises(DatabaseUnavailable, match="Restore it from a backup"):
            postgres.start(folder)


def test_a_bad_setting_fails_at_once_with_postgres_own_reason() -> None:
    with new_folder() as folder:
        with pytest.raises(DatabaseUnavailable, match="no_such_setting"):
            postgres.start(folder / "home", settings={**FAST, "no_such_setting": "1"})
        assert ask(postgres.start(folder / "home", settings=FAST), "SELECT 1") == 1


def test_a_home_whose_path_postgres_cannot_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="without quotes"):
        postgres.start(tmp_path / 'so "called"')


def test_without_a_wheel_the_next_move_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_home, "_WHEELS", (("no_such_package", ""),))
    with new_folder() as folder, pytest.raises(DatabaseUnavailable, match="set DATABASE_URL"):
        postgres.start(folder / "home")


def test_a_full_disk_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StorageFull, match="Make room"), postgres_home.readable_errors(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    place = postgres_home.Place(tmp_path, tmp_path, os.geteuid(), os.getegid())
    with pytest.raises(StorageFull, match="Make room"):
        postgres_home.raise_reason("FATAL: could not write lock file: No space left on device", place)
