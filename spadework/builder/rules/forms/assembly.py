"""Puts a form's script together: the settings as data, and of `parts/` exactly the code that they need."""

import ast
import pprint
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_PARTS = Path(__file__).parent / "parts"
_PACKAGE = f"{__name__.rpartition('.')[0]}.parts."
_PACKAGE_OF = {"openpyxl": "openpyxl", "python_calamine": "python-calamine"}
_WIDTH = 110
_TYPES_AND_CONSTANTS, _CLASSES, _FUNCTIONS = range(3)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a script begins: a function in one of the parts; `takes_inputs` when a person enters text at each run."""

    module: str
    function: str
    takes_inputs: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """A script and the packages that it needs besides Python's own library."""

    text: str
    dependencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Definition:
    module: str
    name: str
    rank: int
    text: str
    names: tuple[str, ...]
    """What it refers to, in the order in which it does."""


@dataclass(frozen=True, slots=True)
class _Module:
    definitions: Mapping[str, _Definition]
    siblings: Mapping[str, tuple[str, str]]
    """Name → the module and name it is imported from, among the parts."""
    imports: Mapping[str, tuple[str, str | None]]
    """Name → the outside module, and the name in it; None for the module itself."""


@dataclass(slots=True)
class _Found:
    definitions: list[_Definition] = field(default_factory=list)
    modules: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)


def assemble(
    entry: Entry, settings: Mapping[str, Any], *, summary: str, instead: Mapping[str, str] | None = None
) -> Script:
    """The whole script of a form; the same settings give the same bytes.

    `summary` is a sentence of ours for the top. `instead` names parts that stand in for others, as
    `workbook_results` for `csv_results`. The settings enter as one literal and nowhere else.
    """
    found = _Found()
    _follow(entry.module, entry.function, instead or {}, found)
    ordered = sorted(found.definitions, key=lambda each: each.rank)
    call = f"{entry.function}(SETTINGS, inputs)" if entry.takes_inputs else f"{entry.function}(SETTINGS)"
    simple = [each.text for each in ordered if each.rank == _TYPES_AND_CONSTANTS]
    larger = [each.text for each in ordered if each.rank != _TYPES_AND_CONSTANTS]
    literal = pprint.pformat(dict(settings), indent=1, width=_WIDTH, sort_dicts=False)
    blocks = [
        f'"""{summary}"""\n\n' + "\n".join(_import_lines(found)) + f"\n\nSETTINGS = {literal}",
        *(["\n".join(simple)] if simple else []),
    ]
    text = "\n\n".join(blocks) + "\n\n\n" + "\n\n\n".join([*larger, call]) + "\n"
    packages = {each.partition(".")[0] for each in found.modules | set(found.names)}
    return Script(text, tuple(sorted(_PACKAGE_OF[each] for each in packages if each in _PACKAGE_OF)))


def _follow(module: str, name: str, instead: Mapping[str, str], found: _Found) -> None:
    module = instead.get(module, module)
    definition = _modules()[module].definitions[name]
    if definition in found.definitions:
        return
    found.definitions.append(definition)
    home = _modules()[module]
    for each in definition.names:
        if each in home.definitions:
            _follow(module, each, instead, found)
        elif each in home.siblings:
            _follow(*home.siblings[each], instead, found)
        elif each in home.imports:
            outside, inner = home.imports[each]
            if inner is None:
                found.modules.add(outside)
            else:
                found.names.setdefault(outside, set()).add(inner)


def _import_lines(found: _Found) -> list[str]:
    lines = [f"import {each}" for each in sorted(found.modules)]
    lines += [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(found.names.items())]
    own = [each for each in lines if each.split()[1].partition(".")[0] in _PACKAGE_OF]
    standard = [each for each in lines if each not in own]
    return [*standard, "", *own] if own else standard


@cache
def _modules() -> Mapping[str, _Module]:
    return {path.stem: _read(path) for path in sorted(_PARTS.glob("*.py")) if path.stem != "__init__"}


def _read(path: Path) -> _Module:
    text = path.read_text("utf-8")
    definitions: dict[str, _Definition] = {}
    siblings: dict[str, tuple[str, str]] = {}
    imports: dict[str, tuple[str, str | None]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            imports |= {alias.name: (alias.name, None) for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(_PACKAGE):
            home = (node.module or "").removeprefix(_PACKAGE)
            siblings |= {alias.name: (home, alias.name) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imports |= {alias.name: (node.module or "", alias.name) for alias in node.names}
        elif named := _name(node):
            definitions[named[0]] = _Definition(path.stem, *named, _text_of(node, text), tuple(_names_in(node)))
    return _Module(definitions, siblings, imports)


def _name(node: ast.stmt) -> tuple[str, int] | None:
    if isinstance(node, ast.FunctionDef):
        return node.name, _FUNCTIONS
    if isinstance(node, ast.ClassDef):
        return node.name, _CLASSES
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, _TYPES_AND_CONSTANTS
    return None


def _text_of(node: ast.stmt, text: str) -> str:
    """The statement's lines, with its decorators and the comment right above it."""
    lines = text.splitlines()
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    first = min([node.lineno, *(each.lineno for each in decorators)]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return re.sub(r"  # fmt: skip$", "", "\n".join(lines[first : node.end_lineno]), flags=re.MULTILINE)


def _names_in(node: ast.AST) -> Iterator[str]:
    # In the order of the text, so that what is called first also comes first in the script.
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.Name):
            yield each.id
        yield from _names_in(each)
