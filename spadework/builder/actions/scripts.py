"""A version's script for people: what the static check found in it, and the files it leaves Spadework as."""

import orjson

from spadework.builder.rules import checking, exporting
from spadework.builder.types import Check, Version, Workflow
from spadework.core.errors import Conflict

FORMAT = "spadework-workflow/1"


def checks(version: Version) -> list[Check]:
    """Imports, network, deletes, other programs and dynamic code in the script, for a person's eyes; no protection."""
    return list(checking.check_script(version.script)) if version.script else []


def as_python(workflow: Workflow, version: Version) -> str:
    """A plain .py with the script, which runs without Spadework.

    Raises:
        Conflict: the version has no script yet.
    """
    script, sha256 = _built(version)
    return exporting.export_script(
        name=workflow.name or "Workflow", version=version.version, fields=version.fields or (),
        execution={**(version.execution or {}), "script": script}, script_sha256=sha256,
    )  # fmt: skip


def python_name(workflow: Workflow) -> str:
    """The name under which `as_python` is saved; the program's own words on how to run it say the same."""
    return f"{exporting.file_stem(workflow.name or 'Workflow')}.py"


def as_workflow_file(workflow: Workflow, version: Version) -> bytes:
    """The JSON file that `spadework run-workflow` takes.

    Raises:
        Conflict: the version has no script yet.
    """
    _, sha256 = _built(version)
    content = {
        "format": FORMAT, "name": workflow.name or "Workflow", "version": version.version,
        "fields": list(version.fields or ()), "execution": dict(version.execution or {}), "script_sha256": sha256,
    }  # fmt: skip
    return orjson.dumps(content, option=orjson.OPT_INDENT_2)


def _built(version: Version) -> tuple[str, str]:
    if version.script is None or version.script_sha256 is None:
        raise Conflict("This version has no script yet. Build it first.")
    return version.script, version.script_sha256
