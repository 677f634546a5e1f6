"""The catalogue of the form's operations, and the build that settings make: no language model is asked."""

from collections.abc import Mapping, Sequence

from pydantic import ValidationError

from spadework.builder.rules.forms.append import Append
from spadework.builder.rules.forms.assembly import assemble
from spadework.builder.rules.forms.columns import Columns
from spadework.builder.rules.forms.convert import Convert
from spadework.builder.rules.forms.dedupe import Dedupe
from spadework.builder.rules.forms.filter import Filter
from spadework.builder.rules.forms.group_and_aggregate import GroupAndAggregate
from spadework.builder.rules.forms.merge import Merge
from spadework.builder.rules.forms.operation import Extracts, wrong
from spadework.builder.rules.forms.operation import Operation as FormOperation
from spadework.builder.rules.forms.sort import Sort
from spadework.builder.rules.forms.split import Split
from spadework.builder.types import Build, Execution, Operation, WorkflowField
from spadework.core.errors import UnknownReference
from spadework.extracts.types import FileExtract

_OPERATIONS: Mapping[str, FormOperation] = {
    each.key: each
    for each in (Merge(), Append(), Filter(), GroupAndAggregate(), Dedupe(), Split(), Columns(), Sort(), Convert())
}


def list_operations() -> Sequence[Operation]:
    """What a form can make, in the order in which it is offered."""
    return [
        Operation(each.key, each.label, each.description, each.settings.model_json_schema())
        for each in _OPERATIONS.values()
    ]


def compile_form(operation: str, settings: Mapping[str, object], extracts: Sequence[FileExtract]) -> Build:
    """The workflow that the settings make; the same settings give the same script, byte for byte.

    Raises:
        UnknownReference: there is no such operation.
        InvalidInput: a setting is wrong or does not fit the files; the message and `details["setting"]` name it.
    """
    chosen = _OPERATIONS.get(operation)
    if chosen is None:
        known = ", ".join(_OPERATIONS)
        raise UnknownReference(f"The form has no operation {operation[:80]!r}. There are: {known}.")
    try:
        checked = chosen.settings.model_validate(settings)
    except ValidationError as error:
        first = error.errors()[0]
        place = [str(each) for each in first["loc"]]
        raise wrong(".".join(place) or "settings", _sentence(first["msg"])) from error
    plan = chosen.plan(checked, Extracts(extracts))
    script = assemble(
        plan.entry,
        plan.settings,
        summary=chosen.summary,
        instead={"csv_results": "workbook_results"} if plan.as_workbook else None,
    )
    return Build(
        name=plan.name[:120],
        description=plan.description[:2_000],
        fields=tuple(WorkflowField.model_validate(each) for each in plan.fields),
        execution=Execution(
            engine="pyodide",
            dependencies=script.dependencies,
            outputFilename=plan.output_filename,
            script=script.text,
        ),
        saved_minutes=plan.saved_minutes,
    )


def _sentence(message: str) -> str:
    return message[:1].lower() + message[1:].rstrip(".")
