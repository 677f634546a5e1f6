"""SQL text stays where tables are owned, so that a change of a table has one place to look."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "spadework"

_SQL = re.compile(
    r"\bselect\b.+\bfrom\b|\binsert\s+into\s+\w+|\bupdate\s+[\w.]+\s+set\b|\bdelete\s+from\s+\w+"
    r"|\b(create|alter|drop)\s+(table|role|schema|index|database|policy|view|function)\b"
    r"|\bset\s+local\s|\bpg_advisory|\bon\s+conflict\b",
    re.IGNORECASE | re.DOTALL,
)
_HOMES = (
    "core/db.py", "core/migrate.py", "core/postgres.py", "migrations/", "engine/",
    "builder/rules/forms/parts/",  # text of the scripts it writes: an SQLite of their own, in memory
)  # fmt: skip


def is_home(path: str) -> bool:
    return path.startswith(_HOMES) or bool(re.fullmatch(r"[a-z]+/store(/[a-z_/]+)?\.py", path))


def texts_of(source: str) -> Iterator[tuple[int, str]]:
    """Every string in the code that is not a docstring; adjacent and formatted ones as one."""
    tree = ast.parse(source)
    documentation = {
        id(statement.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
        if isinstance(statement, ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def test_no_sql_outside_stores_and_migrations() -> None:
    strays = [
        f"{name}:{line}: {' '.join(text.split())[:60]}"
        for path in PACKAGE.rglob("*.py")
        if not is_home(name := path.relative_to(PACKAGE).as_posix())
        for line, text in texts_of(path.read_text())
        if looks_like_sql(text)
    ]
    assert strays == []


def test_sql_is_recognised_and_prose_is_not() -> None:
    assert looks_like_sql("select id from runs where id = $1")
    assert looks_like_sql("INSERT INTO runs (id) VALUES ($1)")
    assert looks_like_sql("update runs set state = $1")
    assert not looks_like_sql("Select a client from the list, then update the settings.")
    assert not looks_like_sql("Delete from your browser what you do not need.")


def looks_like_sql(text: str) -> bool:
    """SQL has a form that prose lacks: it begins with its verb and has no full stop at its end."""
    begins = re.match(r"\s*(with|select|insert|update|delete|create|alter|drop|set)\b", text, re.IGNORECASE)
    return bool(begins and _SQL.search(text)) and not text.rstrip().endswith((".", "!", "?"))
