"""The log: what becomes of an event when nobody can read it any more."""

import subprocess
import sys

import pytest

CONFIGURED = "import os, sys, structlog; from spadework.core import log; log.configure(); "
ASKED = "structlog.get_logger().error('an_event', api_key='secret-1'); print('the work goes on')"


@pytest.mark.parametrize("gone", ["sys.stderr.close()", "sys.stderr = None", "os.close(2)"])
def test_an_event_that_cannot_be_written_is_dropped_and_the_work_goes_on(gone: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{CONFIGURED}{gone}; {ASKED}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "the work goes on\n"), done.stderr


def test_an_event_goes_to_whatever_is_standard_error_by_then_without_its_secrets() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{CONFIGURED}sys.stderr.close(); sys.stderr = sys.stdout; {ASKED}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    event, _ = done.stdout.splitlines()
    assert '"event": "an_event"' in event and '"api_key": "[redacted]"' in event


def test_a_library_may_ask_for_a_logger_by_name() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"{CONFIGURED}structlog.get_logger('a_library').warning('will_try_again')"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert '"event": "will_try_again"' in done.stderr
