"""What the static check shows a person of a script, and what it leaves alone."""

import pytest

from spadework.builder.rules.checking import check_script


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("import socket", "network"),
        ("from urllib.request import urlopen", "network"),
        ("import js", "network"),
        ("from pyodide.http import pyfetch", "network"),
        ("import subprocess", "process"),
        ("import ctypes", "process"),
        ("os.system('ls')", "process"),
        ("os.kill(1, 9)", "process"),
        ("open('/etc/passwd')", "process"),
        ("import importlib", "dynamic"),
        ("import pickle", "dynamic"),
        ("eval('1')", "dynamic"),
        ("exec(text)", "dynamic"),
        ("__import__('js')", "dynamic"),
        ("getattr(thing, name)", "dynamic"),
        ("().__class__.__base__.__subclasses__()", "dynamic"),
        ("error.__traceback__.tb_frame.f_globals", "dynamic"),
        ("Path('/output/x').unlink()", "delete"),
        ("shutil.rmtree('/output')", "delete"),
        ("os.remove(path)", "delete"),
        ("os.replace(one, other)", "delete"),
        ("path.rename(other)", "delete"),
        ("import sklearn", "import"),
        ("import shutil", "import"),
    ],
)
def test_each_thing_to_look_at_is_shown_with_its_line_and_its_kind(code: str, kind: str) -> None:
    checks = check_script(f"x = 1\n{code}\n")
    assert [(each.kind, each.line, each.text) for each in checks[:1]] == [(kind, 2, code)]
    assert all(each.note for each in checks)


@pytest.mark.parametrize(
    "code",
    [
        "import csv, json, re, sqlite3\nfrom pathlib import Path",
        "import openpyxl\nimport polars as pl\nimport pandas",
        "open('/input_files/sales/a.csv', encoding='utf-8')",
        "with open('/output/a.csv', 'w') as file:\n    file.write('x')",
        "text = name.replace('a', 'b')",
        "frame = frame.rename(columns={'a': 'b'})",
        "pattern = re.compile('a')",
        "print('import socket; eval(x)')",
    ],
)
def test_what_such_scripts_usually_do_is_not_shown(code: str) -> None:
    assert check_script(code) == []


def test_a_script_that_does_not_parse_is_shown_at_its_line() -> None:
    (check,) = check_script("x = 1\ndef broken(:\n")
    assert (check.kind, check.line, check.text) == ("dynamic", 2, "def broken(:")


@pytest.mark.parametrize("script", ["x\0y", "(" * 5_000 + ")" * 5_000, "-" * 50_000 + "1"])
def test_a_hostile_script_is_shown_and_never_raises(script: str) -> None:
    assert check_script(script)


def test_a_script_full_of_things_to_look_at_shows_two_hundred() -> None:
    assert len(check_script("import socket\n" * 1_000)) == 200
