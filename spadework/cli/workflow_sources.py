"""Where the script of a `run-workflow` comes from: a version in the database, or a file that one was exported as."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from spadework.builder.actions import scripts
from spadework.builder.types import Version, Workflow
from spadework.cli.acting import read_id
from spadework.core.errors import ContentChanged, InvalidInput, NotFound
from spadework.sandbox.types import MIB

_STATED_HASH = re.compile(r"SHA-256 is ([0-9a-f]{64})")
_MOST_FILE_BYTES = 10 * MIB


@dataclass(frozen=True)
class Source:
    """A workflow, the fields it asks for, and its script with the hash that was checked."""

    name: str
    version: int
    fields: Sequence[Mapping[str, Any]]
    execution: Mapping[str, Any]
    script_sha256: str
    workflow_id: UUID | None = None
    version_id: UUID | None = None


def workflow_id_of(text: str) -> UUID:
    """The id somebody typed, with or without `wf_`.

    Raises:
        NotFound: it names a file that is not there. InvalidInput: it has another form.
    """
    if text.endswith((".json", ".py")):
        raise NotFound(f"There is no file {text}. Name a file that is there, or the workflow's id.")
    return read_id(text.removeprefix("wf_"), "workflow")


def of_version(workflow: Workflow, version: Version) -> Source:
    """What a version holds.

    Raises:
        ContentChanged: its script is not the one that its hash was made of.
    """
    execution = dict(version.execution or {})
    sha256 = _sha256(str(execution.get("script", "")))
    if sha256 != version.script_sha256:
        raise ContentChanged("The stored script is not the one that was approved, so it is not run. Edit the workflow.")
    return Source(
        workflow.name or "Workflow", version.version, version.fields or (), execution, sha256, workflow.id, version.id
    )


def from_file(path: Path, *, seen: str) -> Source:
    """The workflow in an exported JSON file whose script has the hash that the person gives.

    Raises:
        InvalidInput: it is no such file. ContentChanged: its script has another hash.
    """
    content = _read_export(path)
    try:
        execution, fields = dict(content["execution"]), [dict(each) for each in content["fields"]]
        sha256 = _sha256(str(execution["script"]))
        approved = Source(str(content["name"]), int(content["version"]), fields, execution, sha256)
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidInput(f"{path} is no exported workflow. Export it again as workflow.json.") from error
    if sha256 != seen or sha256 != content.get("script_sha256"):
        raise ContentChanged(f"The script in {path} has the hash {sha256}, not the one you gave. Read it again.")
    return approved


def hash_if_file(path: Path) -> str | None:
    """The hash of the approved script that an exported file holds or states; None if this is no file."""
    if not path.is_file():
        return None
    if path.suffix.lower() == ".py":
        stated = _STATED_HASH.search(_read(path))
        if stated is None:
            raise InvalidInput(f"{path} does not say which approved script it holds. Export the workflow again.")
        return stated[1]
    content = _read_export(path)
    script = content["execution"].get("script") if isinstance(content.get("execution"), dict) else None
    if not isinstance(script, str):
        raise InvalidInput(f"{path} is no exported workflow. Export it again as workflow.json.")
    return _sha256(script)


def _read_export(path: Path) -> Mapping[str, Any]:
    if path.suffix.lower() == ".py":
        raise InvalidInput(f"{path} runs by itself with `python`; --hash goes with a workflow.json. Export that.")
    try:
        content = json.loads(_read(path))
    except ValueError as error:
        raise InvalidInput(f"{path} is no JSON: {error}. Export the workflow again.") from error
    if not isinstance(content, dict) or content.get("format") != scripts.FORMAT:
        raise InvalidInput(f"{path} is no exported workflow. Export it again as workflow.json.")
    return content


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_FILE_BYTES:
            raise InvalidInput(
                f"{path} is too large for an exported workflow. Name the workflow first, then its files."
            )
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}. Export the workflow again.") from error


def _sha256(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()
