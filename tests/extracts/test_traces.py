"""Failures of scripts: nothing of a value goes with them, whatever the script raises."""

import csv
import json
import sqlite3
import zipfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spadework.extracts.masking import is_masked, mask
from spadework.extracts.traces import EXCEPTION_NAMES, MAX_MESSAGE, mask_failure

NAME = "script.py"


def failure_of(script: str) -> dict[str, Any]:
    try:
        exec(compile(script, NAME, "exec"), {})
    except BaseException as error:
        return mask_failure(error, NAME)
    raise AssertionError("the script was to fail")


def test_a_failure_tells_its_kind_its_line_and_the_shape_of_its_message() -> None:
    assert failure_of("row = {}\n\nrow['Ana Berg']\n") == {"exception": "KeyError", "line": 3, "message": "'Aaa Aaaa'"}


def test_the_line_is_the_script_s_own_when_a_library_fails() -> None:
    failure = failure_of("import json\ndef read():\n    return json.loads('{Ana')\nread()\n")
    assert (failure["exception"], failure["line"]) == ("JSONDecodeError", 3)


def test_a_script_that_cannot_be_compiled_tells_its_line() -> None:
    failure = failure_of("x = 1\nif x\n    pass\n")
    assert (failure["exception"], failure["line"]) == ("SyntaxError", 2)


def test_a_failure_outside_the_script_has_no_line() -> None:
    assert mask_failure(ValueError("x"), NAME)["line"] is None


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (csv.Error("x"), "csv.Error"),
        (sqlite3.OperationalError("no such column: Ana"), "OperationalError"),
        (zipfile.BadZipFile("x"), "BadZipFile"),
        (UnicodeDecodeError("utf-8", b"Ana\xff", 3, 4, "x"), "UnicodeDecodeError"),
        (json.JSONDecodeError("x", "Ana", 0), "JSONDecodeError"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
    ],
)
def test_known_kinds_are_named(error: BaseException, name: str) -> None:
    assert mask_failure(error, NAME)["exception"] == name
    assert name in EXCEPTION_NAMES


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("class AnaBergEarns90000(ValueError): pass\nraise AnaBergEarns90000('x')", "ValueError"),
        ("class AnaBerg(Exception): pass\nraise AnaBerg()", "Exception"),
        ("class AnaBerg(BaseException): pass\nraise AnaBerg()", "Exception"),
        ("raise type('Ana Berg', (LookupError,), {'__module__': 'builtins'})()", "LookupError"),
    ],
)
def test_a_class_that_the_script_named_itself_is_reported_as_the_known_one_above_it(script: str, name: str) -> None:
    assert failure_of(script)["exception"] == name


@pytest.mark.parametrize(
    "script",
    [
        "class E(Exception):\n def __str__(self): raise SystemExit\nraise E()",
        "class E(Exception):\n def __str__(self): return 5\nraise E()",
        "class S(str):\n isascii = lambda s: True\n translate = lambda s, t: 'Ana'\n __getitem__ = lambda s, i: s\n"
        "class E(Exception):\n def __str__(self): return S('Ana Berg 90000')\nraise E()",
        "raise ValueError('Ana \\ud800 Berg\\n' * 100000)",
    ],
)
def test_a_message_that_means_to_slip_through_is_masked_or_left_out(script: str) -> None:
    message = failure_of(script)["message"]
    assert type(message) is str
    assert is_masked(message)
    assert "Ana" not in message


@given(st.text(alphabet=st.characters(codec=None), max_size=3 * MAX_MESSAGE))
def test_any_message_is_masked_and_cut(text: str) -> None:
    message = mask_failure(RuntimeError(text), NAME)["message"]
    assert is_masked(message)
    assert len(message) <= MAX_MESSAGE
    assert message[:10] == mask(text)[:10]
