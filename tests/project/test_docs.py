"""What the documents name exists, and what exists is in the reference."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")]


def paths_named_in(document: Path) -> set[str]:
    """Words in code marks that look like a path of ours: with a slash, and no blank or placeholder."""
    text = document.read_text()
    marked = re.findall(r"`([^`\s<>*…]+/[^`\s<>*…]*)`", text)
    linked = re.findall(r"\]\(([^)#:\s]+)\)", text)
    return {each for each in marked if not each.startswith(("/", "http", "~"))} | set(linked)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_path_a_document_names_exists(document: Path) -> None:
    built = ("spadework/web/static", "ui/node_modules", "benchmarks/results", ".venv")
    missing = [
        path
        for path in sorted(paths_named_in(document))
        if not path.startswith(built) and not (ROOT / path).exists() and not (ROOT / "spadework" / path).exists()
    ]
    assert missing == []


def test_the_tree_in_the_architecture_exists() -> None:
    tree = re.search(r"```\n(spadework/\n.*?)```", (ROOT / "ARCHITECTURE.md").read_text(), re.DOTALL)
    assert tree is not None
    named = re.findall(r"^  ([a-z_]+(?:/|\.py))", tree[1], re.MULTILINE)
    assert len(named) > 15
    assert [name for name in named if not (ROOT / "spadework" / name).exists()] == []


def test_the_reference_is_what_the_code_says() -> None:
    done = subprocess.run(
        [sys.executable, str(ROOT / "docs/generate.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_decisions_are_numbered_without_gaps_or_doubles() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs/decisions").glob("*.md"))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
