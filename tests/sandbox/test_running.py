"""Runs in the local sandbox: what a script has there, what is taken from it, and what ends it."""

import hashlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from spadework.sandbox import self_test
from spadework.sandbox.bubblewrap import run_script
from spadework.sandbox.harness import Outcome
from spadework.sandbox.types import Job, Limits, NotOffered, SandboxUnavailable
from tests.sandbox.attacking import MASKING
from tests.sandbox.conftest import Attack

Run = Callable[..., Outcome]
WRITE = "open('/output/a.csv', 'w').write('a\\n1\\n')\n"


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a script over files given as `field=path`."""

    def call(script: str, *, limits: Limits | None = None, **job: Any) -> Outcome:
        return run_script(
            Job(script, job.pop("files", {}), **job), into=tmp_path / "results", masking=MASKING, limits=limits
        )

    return call


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the ordinary user may enter whom root turns into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "Sales.csv"
    path.write_text("Day,Revenue\n2026-01-05,10.5\n2026-01-06,7\n")
    path.chmod(0o600)
    return path


def test_a_script_reads_its_files_and_its_result_is_a_new_file(run: Run, table: Path, tmp_path: Path) -> None:
    script = "open('/output/a.csv', 'w').write(open('/input_files/sales/Sales.csv').read())"
    for name in ("a.csv", "a (2).csv"):
        outcome = run(script, files={"sales": (table,)})
        assert outcome.success, outcome.failure_local
        assert [each.path for each in outcome.outputs] == [tmp_path / "results" / name]
        assert (tmp_path / "results" / name).read_text() == table.read_text()
        assert (outcome.rows_in, outcome.rows_out) == (2, 2)


def test_the_file_itself_cannot_be_changed(run: Run, table: Path) -> None:
    before = table.read_bytes()
    for renames in ({}, {"sales": {"day": "Day"}}):
        outcome = run(
            "import os\nos.chmod('/input_files/sales/Sales.csv', 0o666)\nopen('/input_files/sales/Sales.csv', 'a')"
            "\nopen('/originals/sales/Sales.csv', 'a')",
            files={"sales": (table,)},
            renames=renames,
        )
        assert not outcome.success
    assert table.read_bytes() == before


@pytest.mark.parametrize("library", ["polars", "pandas"])
def test_the_libraries_for_large_tables_are_there(run: Run, table: Path, library: str) -> None:
    write = "write_csv('/output/a.csv')" if library == "polars" else "to_csv('/output/a.csv', index=False)"
    script = f"import {library}\n{library}.read_csv('/input_files/sales/Sales.csv').sort" + (
        f"('Revenue').{write}" if library == "polars" else f"_values('Revenue').{write}"
    )
    outcome = run(script, files={"sales": (table,)}, dependencies=(library,))
    assert outcome.success, outcome.failure_local
    assert outcome.outputs[0].path.read_text().splitlines()[1] == "2026-01-06,7.0"


def test_a_package_that_is_not_offered_stops_the_run_before_it_begins(run: Run) -> None:
    with pytest.raises(NotOffered, match="needs 'requests', which the local sandbox does not offer"):
        run(WRITE, dependencies=("requests",))


def test_three_runs_of_a_script_that_orders_by_hash_give_the_same_bytes(run: Run) -> None:
    script = "open('/output/a.txt', 'w').write(' '.join({str(n) + 'x' for n in range(500)}))"
    made = {hashlib.sha256(run(script).outputs[0].path.read_bytes()).hexdigest() for _ in range(3)}
    assert len(made) == 1


@pytest.mark.parametrize(
    ("script", "limits", "name"),
    [
        ("import time\ntime.sleep(60)", Limits(seconds=2), "TimedOut"),
        ("while True: pass", Limits(cpu_seconds=1), "TimedOut"),
        ("import mmap\nk = mmap.mmap(-1, 1 << 30)\nfor _ in range(64): k.write(b'x' * (1 << 24))", Limits(), "OutOfMemory"),
        ("import os\nos.kill(os.getpid(), 9)", Limits(), "Killed"),
        ("import os\nos._exit(0)", Limits(), "Killed"),
        ("open('/output/a', 'wb').write(b'x' * 3_000_000)", Limits(output_bytes=2_500_000), "OutputTooLarge"),
        (WRITE + "for n in range(300): open(f'/scratch/{n}', 'w')\nwhile 1: pass", Limits(files=200), "OutputTooLarge"),
    ],
)  # fmt: skip
def test_what_goes_too_far_is_ended_and_named(run: Run, script: str, limits: Limits, name: str, tmp_path: Path) -> None:
    outcome = run(script, limits=limits)
    assert outcome.failure == {"exception": name, "line": None, "message": ""}
    assert outcome.failure_local
    assert not list((tmp_path / "results").glob("*"))


def test_memory_is_counted_over_all_processes_of_a_script(attack: Attack) -> None:
    script = (
        "import os, time\nfor _ in range(8):\n    if os.fork() == 0:\n        kept = os.urandom(1 << 20) * 40\n"
        "        time.sleep(20)\ntime.sleep(20)"
    )
    (run,) = attack(script, seconds=30, memory_bytes=200 << 20).runs
    assert run["failure"]["exception"] == "OutOfMemory", run


def test_a_script_that_closes_every_pipe_is_still_watched(attack: Attack) -> None:
    script = (
        "import os, time\nos.closerange(0, 256)\nfor _ in range(8):\n    if os.fork() == 0:\n"
        "        kept = os.urandom(1 << 20) * 40\n        time.sleep(20)\ntime.sleep(20)"
    )
    (run,) = attack(script, seconds=30, memory_bytes=200 << 20).runs
    assert run["failure"]["exception"] == "OutOfMemory", run


def test_a_run_that_is_stopped_ends_at_once(tmp_path: Path) -> None:
    begun = threading.Event()
    outcome = run_script(
        Job("print('begun')\nimport time\ntime.sleep(600)", {}), into=tmp_path, masking=MASKING,
        on_print=lambda line: begun.set(), is_stopped=begun.is_set,
    )  # fmt: skip
    assert (outcome.success, outcome.failure_local) == (False, "The script was stopped.")


def test_a_third_run_waits_for_one_of_two_places(tmp_path: Path) -> None:
    release, waiting = tmp_path / "release.txt", threading.Event()
    release.write_text("")
    running = threading.Barrier(3)
    slow = "import time\nprint('here')\nwhile not open('/input_files/f/release.txt').read(): time.sleep(0.02)\n" + WRITE

    def first() -> None:
        job = Job(slow, {"f": (release,)})
        ended.append(run_script(job, into=tmp_path, masking=MASKING, on_print=lambda line: _meet(running)))

    def third() -> None:
        ended.append(run_script(Job(WRITE, {}), into=tmp_path, masking=MASKING, on_wait=waiting.set))

    ended: list[Outcome] = []
    threads = [threading.Thread(target=each) for each in (first, first)]
    for each in threads:
        each.start()
    running.wait(60)
    late = threading.Thread(target=third)
    late.start()
    assert waiting.wait(60)
    release.write_text("go")
    for each in (*threads, late):
        each.join()
    assert [each.success for each in ended] == [True, True, True]


def _meet(barrier: threading.Barrier) -> None:
    barrier.wait(60)


def test_a_hundred_attacks_leave_no_process_no_mount_no_file_and_no_group(attack: Attack) -> None:
    folder = Path(__file__).parent / "attacks"
    names = ("daemon", "forged_result", "symlink_in_output", "pipe_in_output", "kill_everybody", "mounts",
             "inherited_files", "sparse_file", "planted_modules", "thread_bomb")  # fmt: skip
    scripts = [(folder / f"{name}.py").read_text() for name in names] * 10
    attacked = attack(*scripts, seconds=20, cpu_seconds=10)
    assert len(attacked.runs) == 100
    assert not [each for each in attacked.runs if "ESCAPED" in each["log"]]
    assert (attacked.left, attacked.victim_lives) == ([], True)


def test_the_sandbox_is_attacked_before_it_is_trusted() -> None:
    verdict = self_test.run(MASKING)
    assert [name for name, held in verdict.held if held] == list(self_test.NAMES)
    assert len(self_test.NAMES) == 6


def test_a_sandbox_with_a_hole_is_not_used(open_folder: Path) -> None:
    hole = open_folder / "bwrap"
    hole.write_text('#!/bin/bash\nwords=()\nfor word in "$@"; do [ "$word" != --unshare-net ] && words+=("$word"); done\n'
                    'for at in "${!words[@]}"; do [ "${words[at]}" = --seccomp ] && break; done\n'
                    'exec /usr/bin/bwrap "${words[@]:0:at}" "${words[@]:at+2}"\n')  # fmt: skip
    hole.chmod(0o755)
    with pytest.raises(SandboxUnavailable, match=r"does not hold on this machine \(network\)"):
        self_test.run(MASKING, bwrap=str(hole))


def test_without_user_namespaces_nothing_runs_and_the_message_says_what_is_needed(open_folder: Path) -> None:
    broken = open_folder / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    with pytest.raises(SandboxUnavailable, match=r"could not be set up: bwrap: setting up uid map: .* user namespaces"):
        run_script(Job(WRITE, {}), into=open_folder, masking=MASKING, bwrap=str(broken))


def test_without_bubblewrap_nothing_runs_and_the_message_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="apt install bubblewrap"):
        run_script(Job(WRITE, {}), into=tmp_path, masking=MASKING, bwrap=str(tmp_path / "nowhere"))
