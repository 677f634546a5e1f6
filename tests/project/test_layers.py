"""The layers of ARCHITECTURE.md hold, and the contracts that check them cover everything."""

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "spadework"
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# Libraries that only arrive with others, or that nothing may use yet: import-linter cannot speak of
# a package that nobody imports.
HOMES = {
    "sqlalchemy": ("engine",),
    "psycopg": ("engine",),
    "typer": ("cli",),
    "rich": ("cli",),
    "requests": (),
    "httpx": (),
    "httpx2": ("llms",),  # the clients inside the SDKs take their own connection pool
}


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module or ""


def test_every_import_respects_the_layers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = cli.lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert result == cli.EXIT_STATUS_SUCCESS, capsys.readouterr().out


def test_every_domain_has_its_contracts() -> None:
    domains = {path.parent.name for name in ("actions", "actions.py") for path in PACKAGE.glob(f"*/{name}")}
    layered = next(each for each in CONTRACTS if each["id"] == "domains")["containers"]
    assert domains <= {each.removeprefix("spadework.") for each in layered}
    guarded = {module for each in CONTRACTS if each["id"].endswith("-inside") for module in each["protected_modules"]}
    inner = {
        f"spadework.{domain}.{part}"
        for domain in domains
        for part in ("rules", "store")
        if (PACKAGE / domain / part).is_dir() or (PACKAGE / domain / f"{part}.py").is_file()
    }
    assert inner <= guarded


def test_external_packages_have_one_home() -> None:
    strays = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in PACKAGE.rglob("*.py")
        for name in imports_of(path)
        if name.split(".")[0] in HOMES and path.relative_to(PACKAGE).parts[0] not in HOMES[name.split(".")[0]]
    ]
    assert strays == []


def test_package_markers_are_empty_so_that_nothing_is_imported_by_the_way() -> None:
    assert [path for path in PACKAGE.rglob("__init__.py") if path.read_text().strip()] == []
