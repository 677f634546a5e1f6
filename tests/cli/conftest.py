"""The command line on a database of its own, called as a person calls it."""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from spadework.cli.main import main
from tests.conftest import SECRET, Addresses


@dataclass(frozen=True)
class Ended:
    """How a command ended: its code, and both its outputs."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be one JSON document and nothing else."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """What standard error says as JSON."""
        return json.loads(self.err)["error"]


Command = Callable[..., Ended]


@pytest.fixture(scope="module")
async def environment(addresses: Addresses, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Settings that lead to an empty database no other file of tests uses."""
    name = f"cli_{uuid4().hex}"
    connection = await asyncpg.connect(addresses.admin)
    await connection.execute(f"create database {name}")
    await connection.close()
    return {
        "DATABASE_URL": urlunsplit(urlsplit(addresses.admin)._replace(path=f"/{name}")),
        "SPADEWORK_HOME": str(tmp_path_factory.mktemp("home")),
        "SPADEWORK_SECRET_KEY": SECRET.hex(),
    }


@pytest.fixture
def spadework(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Calls the command with words, and with what is piped into it."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def call(*words: object, piped: str = "") -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO(piped))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ending:
            main([str(each) for each in words])
        said = capsys.readouterr()
        return Ended(int(ending.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """A small wizard's file: three companies and one free column."""
    path = tmp_path / "answers.json"
    content = {
        "workbook_name": "Chip makers",
        "source": {"filters": {"industries": ["Semiconductors"], "locations": ["California"], "limit": 3}},
        "columns": [{"name": "Shout", "kind": "formula", "settings": {"expression": "{{Company}}.toUpperCase()"}}],
    }
    path.write_text(json.dumps(content))
    return path
