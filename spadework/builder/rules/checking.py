"""What a person should look at in a script before approving it: found in its syntax, for the eyes only.

This is no boundary. A script can hide anything from a reader of its syntax; what holds it is the sandbox.
"""

import ast
from collections.abc import Iterator, Mapping

from spadework.builder.types import Check

_MOST_CHECKS = 200
_LONGEST = 160

_EXPECTED_IMPORTS = frozenset(
    {
        "__future__", "abc", "array", "base64", "bisect", "calendar", "collections", "colorsys", "contextlib", "copy",
        "csv", "dataclasses", "datetime", "decimal", "difflib", "email", "enum", "fnmatch", "fractions", "functools",
        "graphlib", "gzip", "hashlib", "heapq", "html", "io", "itertools", "json", "locale", "math", "numbers",
        "openpyxl", "operator", "pandas", "pathlib", "polars", "pprint", "pypdf", "python_calamine", "random", "re",
        "sqlite3", "statistics", "string", "struct", "textwrap", "time", "tomllib", "types", "typing", "unicodedata",
        "uuid", "xml", "zipfile", "zlib", "zoneinfo",
    }
)  # fmt: skip
_NETWORK = frozenset(
    {
        "aiohttp", "asyncio", "ftplib", "http", "httpx", "imaplib", "js", "nntplib", "poplib", "pyodide", "pyodide_js",
        "requests", "smtplib", "socket", "socketserver", "ssl", "telnetlib", "urllib", "urllib3", "webbrowser",
        "websocket", "websockets", "wsgiref", "xmlrpc",
    }
)  # fmt: skip
_PROCESS = frozenset(
    {
        "_thread", "cffi", "code", "concurrent", "ctypes", "faulthandler", "fcntl", "mmap", "multiprocessing", "os",
        "posix", "pty", "resource", "signal", "subprocess", "sys", "sysconfig", "threading",
    }
)  # fmt: skip
_DYNAMIC = frozenset(
    {"builtins", "codeop", "dill", "gc", "imp", "importlib", "inspect", "marshal", "pickle", "pkgutil", "runpy", "shelve", "site"}
)  # fmt: skip
_DELETES = frozenset({"remove", "unlink", "rmdir", "removedirs", "rmtree", "truncate"})
_MOVES = frozenset({"rename", "renames", "replace", "move"})
_PROCESS_CALLS = frozenset(
    {"system", "popen", "fork", "kill", "killpg", "execv", "execve", "execvp", "execl", "spawnl", "spawnv", "startfile"}
)
_DYNAMIC_CALLS = frozenset(
    {
        "eval",
        "exec",
        "compile",
        "__import__",
        "globals",
        "locals",
        "vars",
        "getattr",
        "setattr",
        "delattr",
        "breakpoint",
    }
)
_INSIDES = frozenset(
    {
        "__subclasses__", "__globals__", "__builtins__", "__code__", "__bases__", "__base__", "__mro__", "__class__",
        "__dict__", "__closure__", "__loader__", "__reduce__", "f_globals", "f_back", "gi_frame", "tb_frame",
    }
)  # fmt: skip

_IMPORT_NOTES: Mapping[str, str] = {
    "network": "Reaches for a network; the sandbox has none",
    "process": "Reaches for the system; ask why a script for tables needs it",
    "dynamic": "Can run code that is not written here",
    "import": "Is none of the libraries such scripts usually need",
}


def check_script(script: str) -> list[Check]:
    """What stands out in the script, by line: unusual imports, network, deletes, processes, code made while it runs.

    A script that does not parse has one check that says so. At most 200 are given.
    """
    try:
        tree = ast.parse(script)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return [Check("dynamic", line, _line(script, line), "This is no Python that can be read; it would not run")]
    try:
        found = {(line, kind, note) for node in ast.walk(tree) for line, kind, note in _look_at(node)}
    except RecursionError:
        return [Check("dynamic", 1, _line(script, 1), "This is nested too deeply to be looked through")]
    return [Check(kind, line, _line(script, line), note) for line, kind, note in sorted(found)][:_MOST_CHECKS]  # type: ignore[arg-type]  # the kinds are those below


def _look_at(node: ast.AST) -> Iterator[tuple[int, str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _look_at_import(node.lineno, alias.name)
    elif isinstance(node, ast.ImportFrom):
        yield from _look_at_import(node.lineno, node.module or ".")
    elif isinstance(node, ast.Call):
        yield from _look_at_call(node)
    elif isinstance(node, ast.Attribute) and node.attr in _INSIDES:
        yield node.lineno, "dynamic", f"Reaches into Python's own insides ({node.attr})"
    elif isinstance(node, ast.Name) and node.id in {"__builtins__", "__loader__", "__spec__"}:
        yield node.lineno, "dynamic", f"Reaches into Python's own insides ({node.id})"


def _look_at_import(line: int, module: str) -> Iterator[tuple[int, str, str]]:
    top = module.partition(".")[0]
    kind = (
        "network" if top in _NETWORK
        else "process" if top in _PROCESS
        else "dynamic" if top in _DYNAMIC
        else "import"
    )  # fmt: skip
    if kind != "import" or top not in _EXPECTED_IMPORTS:
        yield line, kind, f"Imports {module[:60]}. {_IMPORT_NOTES[kind]}"


def _look_at_call(node: ast.Call) -> Iterator[tuple[int, str, str]]:
    if isinstance(node.func, ast.Name):
        name = node.func.id
        if name in _DYNAMIC_CALLS:
            yield node.lineno, "dynamic", f"Calls {name}, which can reach or run what is not written here"
        elif name in _DELETES:
            yield node.lineno, "delete", f"Calls {name}, which deletes"
        elif name == "open":
            yield from _look_at_open(node)
    elif isinstance(node.func, ast.Attribute):
        name = node.func.attr
        if name in _DELETES:
            yield node.lineno, "delete", f"Calls {name}, which may delete"
        elif name in _MOVES and _is_about_files(node):
            yield node.lineno, "delete", f"Calls {name}, which may move a file over another"
        elif name in _PROCESS_CALLS:
            yield node.lineno, "process", f"Calls {name}, which starts or ends programs"
        elif name == "open":
            yield from _look_at_open(node)


def _is_about_files(node: ast.Call) -> bool:
    """Texts have a `replace` of two arguments, and tables a `rename` with names; those of files take one, or are os's."""
    assert isinstance(node.func, ast.Attribute)
    owner = node.func.value
    if isinstance(owner, ast.Name) and owner.id in {"os", "shutil"}:
        return True
    return len(node.args) == 1 and not node.keywords


def _look_at_open(node: ast.Call) -> Iterator[tuple[int, str, str]]:
    """Opening with a fixed path outside the two folders of a script's files."""
    if not node.args or not isinstance(node.func, ast.Name):
        return
    path = node.args[0]
    if isinstance(path, ast.Constant) and isinstance(path.value, str):
        text = path.value
        if text.startswith(("/", "~", "\\")) and not text.startswith(("/input_files", "/output", "/scratch", "/tmp")):  # noqa: S108  # folders that the sandbox gives
            yield node.lineno, "process", f"Opens {text[:60]!r}, which is none of the script's files"


def _line(script: str, number: int) -> str:
    lines = script.splitlines()
    return lines[number - 1].strip()[:_LONGEST] if 0 < number <= len(lines) else ""
