"""Which installed packages a script may import in the local sandbox, and the folders they live in; nothing of ours."""

import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from spadework.sandbox.types import NotOffered

OFFERED = ("openpyxl", "python-calamine", "polars", "pandas", "numpy", "pypdf", "xlsxwriter", "python-dateutil")
# Import names that scripts state instead of the package's own name.
_OTHER_NAMES = {"python_calamine": "python-calamine", "dateutil": "python-dateutil"}
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*")


def folders() -> dict[str, Path]:
    """{name in the sandbox: file or folder here} of every offered package that is installed, and of what it needs."""
    found: dict[str, Path] = {}
    for distribution in _with_needs():
        for name in sorted({file.parts[0] for file in distribution.files or ()}):
            place = Path(str(distribution.locate_file(name)))
            if name not in ("..", "__pycache__") and not name.endswith((".dist-info", ".pth")) and place.exists():
                found[name] = place
    return found


def require(dependencies: tuple[str, ...]) -> None:
    """Make sure that the script finds what it says it needs.

    Raises:
        NotOffered: a package is not offered, or not installed; the message says which, and how to get it.
    """
    for stated in dependencies:
        name = _normal(_OTHER_NAMES.get(stated, stated))
        if name not in map(_normal, OFFERED):
            raise NotOffered(
                f"The script needs {stated!r}, which the local sandbox does not offer. It offers: {', '.join(OFFERED)}."
            )
        if _find(name) is None:
            raise NotOffered(
                f"The script needs {stated!r}, which is not installed. Install it with"
                f" `pip install 'spadework[local]'`, or `pip install {stated}` beside Spadework."
            )


def _with_needs() -> Iterator[metadata.Distribution]:
    waiting, seen = list(OFFERED), set[str]()
    while waiting:
        name = _normal(waiting.pop())
        if name in seen or name.startswith("spadework"):
            continue
        seen.add(name)
        distribution = _find(name)
        if distribution is not None:
            waiting += [
                stated[0]
                for need in distribution.requires or ()
                if "extra ==" not in need and (stated := _NAME.match(need))
            ]
            yield distribution


def _find(name: str) -> metadata.Distribution | None:
    try:
        return metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
