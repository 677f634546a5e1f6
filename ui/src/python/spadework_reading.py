"""What the worker that reads files calls: text in, text out, files by their paths; in Pyodide only."""

import json
from pathlib import Path

import _spadework_page as page

from spadework.extracts import browser, joins

_MADE = Path("/made")


def extract(request: str) -> str:
    """The masked extracts of one mounted file, or the error that names the next move."""
    asked = json.loads(request)
    return browser.extract_file(
        asked["path"], asked["filename"], asked["mime"], json.dumps(asked["options"]), page.progress
    )


def synthesise(request: str) -> str:
    """Files with invented content of the extracts' shape, left at the paths that the answer names."""
    asked = json.loads(request)
    _MADE.mkdir(exist_ok=True)
    for old in _MADE.iterdir():
        old.unlink()
    made = json.loads(
        browser.synthesise_files(json.dumps(asked["extracts"]), asked["seed"], asked["rows"], str(_MADE))
    )
    files = [{"name": each["filename"], "path": each["path"]} for each in made.get("files", ())]
    return json.dumps({**made, "files": files})


def suggest_joins(request: str) -> str:
    """Columns by which the mounted files may be joined."""
    paths = [Path(each) for each in json.loads(request)["paths"]]
    return json.dumps({"joins": joins.suggest_joins(paths)})
