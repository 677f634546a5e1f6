"""Finds plug-ins: each file in a folder holds exactly one subclass whose `key` is the file's name."""

import importlib
import importlib.util
import inspect
import pkgutil
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from spadework.core.errors import Misconfigured, UnknownReference

Shape = TypeVar("Shape")
_extra_folders: list[Path] = []
FOLDERS = {"provider": "providers", "llm": "llms", "column": "columns", "step": "steps"}


@cache
def load(shape: type[Shape], kind: str) -> dict[str, type[Shape]]:
    """Every plug-in of one kind by key: ours, those of the entry point group `spadework.<kind>`, and the user's own.

    Raises:
        Misconfigured: a file lacks its one subclass, its key, or something the shape demands.
    """
    package = importlib.import_module(f"spadework.{FOLDERS[kind]}")
    modules = [
        importlib.import_module(f"{package.__name__}.{each.name}")
        for each in pkgutil.iter_modules(package.__path__)
        if not each.name.startswith("_")  # code that several plug-ins of a folder share
    ]
    modules += [point.load() for point in entry_points(group=f"spadework.{kind}")]
    modules += [_from_file(each) for folder in _extra_folders for each in sorted((folder / FOLDERS[kind]).glob("*.py"))]
    found = (_only_subclass(module, shape) for module in modules)
    return {each.key: each for each in sorted(found, key=lambda each: each.key)}  # type: ignore[attr-defined]


def add_folder(folder: Path) -> None:
    """Look for plug-ins in `folder/providers`, `folder/columns` and `folder/llms` too; call it once, at start-up."""
    if folder not in _extra_folders:
        _extra_folders.append(folder)
        load.cache_clear()


def get(shape: type[Shape], kind: str, key: str) -> type[Shape]:
    """The plug-in of that key.

    Raises:
        UnknownReference: there is none; the message lists those there are.
    """
    known = load(shape, kind)  # type: ignore[arg-type]  # mypy does not see that a class is hashable
    if key not in known:
        raise UnknownReference(f"There is no {kind} {key[:80]!r}. There are: {', '.join(known)}.")
    return known[key]


def _from_file(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"spadework_plugins.{path.parent.name}.{path.stem}", path)
    assert spec is not None and spec.loader is not None, f"{path} is a Python file"
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _only_subclass(module: ModuleType, shape: type[Shape]) -> type[Shape]:
    own = [
        each
        for each in vars(module).values()
        if inspect.isclass(each) and issubclass(each, shape) and each.__module__ == module.__name__
    ]
    name = module.__name__.rpartition(".")[2]
    if len(own) != 1:
        raise Misconfigured(f"{module.__name__} must define exactly one {shape.__name__}; it defines {len(own)}.")
    lacking = sorted(getattr(own[0], "__abstractmethods__", ())) + [
        each for each in ("key", "label") if not getattr(own[0], each, None)
    ]
    if lacking:
        raise Misconfigured(f"{module.__name__}: {own[0].__name__} lacks {', '.join(lacking)}.")
    if own[0].key != name:  # type: ignore[attr-defined]
        raise Misconfigured(f"{module.__name__}: its key must be {name!r}, the file's name.")
    return own[0]
