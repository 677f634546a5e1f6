"""Pure decisions about plans: the wizard's answers made into one, its checks, and its fingerprint."""

import difflib
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from spadework.core.errors import Conflict, CyclicReference, InvalidInput, UnknownReference
from spadework.planner.types import (
    Answers,
    ColumnAnswer,
    Condition,
    Plan,
    PlanBlocker,
    PlanDocument,
    PlanStep,
    SourceColumn,
)

STEP_TYPES = ("create_workbook", "create_table", "add_source", "add_column", "run_enrichment")
COMPANY_COLUMNS = (
    SourceColumn(name="Company", kind="text", path="name"),
    SourceColumn(name="Website", kind="url", path="website"),
    SourceColumn(name="Domain", kind="text", path="domain"),
    SourceColumn(name="Industries", kind="text", path="industries"),
    SourceColumn(name="City", kind="text", path="headquarters.city"),
    SourceColumn(name="State", kind="text", path="headquarters.region"),
    SourceColumn(name="Country", kind="text", path="headquarters.country"),
    SourceColumn(name="Employees", kind="number", path="employees"),
    SourceColumn(name="Revenue (USD)", kind="number", path="revenue_usd"),
    SourceColumn(name="Founded", kind="number", path="founded_year"),
    SourceColumn(name="CEO", kind="text", path="ceo"),
    SourceColumn(name="Source text", kind="json", path="raw"),
)
"""What *Find companies* fills; the wizard's columns may refer to these names."""

_OUTPUT_TYPES = {"qualified": "boolean", "score": "number", "reasoning": "text"}
_NAMES = re.compile(r"\{\{\s*([^{}]+?)\s*\}\}")
_KEY_ORDER = orjson.OPT_SORT_KEYS


def fingerprint(document: PlanDocument) -> str:
    """The hash an approval binds to: SHA-256 of the document's canonical JSON."""
    return hashlib.sha256(orjson.dumps(document.model_dump(mode="json"), option=_KEY_ORDER)).hexdigest()


def from_answers(answers: Answers, *, rows: int) -> PlanDocument:
    """The plan the wizard's answers ask for: workbook, table, source, columns, one run of all of them."""
    steps = [
        PlanStep(
            order=1, type="create_workbook", description=f"Create the workbook {answers.workbook_name}",
            config={"name": answers.workbook_name, "isTraining": answers.is_training},
        ),
        PlanStep(
            order=2, type="create_table", description="Create its company table", dependsOn=(1,),
            config={"name": "Companies", "kind": "ce"},
        ),
        _source_step(answers, rows),
    ]  # fmt: skip
    for column in answers.columns:
        steps.append(_column_step(column, len(steps) + 1, {each.name for each in answers.columns}, steps))
    computed = [step for step in steps if step.type == "add_column"]
    if computed:
        steps.append(
            PlanStep(
                order=len(steps) + 1, type="run_enrichment", description="Fill the columns",
                dependsOn=(3, *(each.order for each in computed)),
                config={"columns": [each.config["name"] for each in computed], "runAll": True},
            )
        )  # fmt: skip
    return PlanDocument(
        tableName=answers.workbook_name, estimatedRows=rows, steps=tuple(steps),
        description=_sentence(answers, rows), recommendations=tuple(_recommendations(answers)),
    )  # fmt: skip


def check(document: PlanDocument, *, source_columns: Sequence[SourceColumn]) -> list[PlanBlocker]:
    """What stops the plan, step by step: unknown types, broken order, names that lead nowhere."""
    blockers: list[PlanBlocker] = []
    seen: dict[int, PlanStep] = {}
    names: dict[str, str] = {}
    for step in document.steps:
        try:
            _check_step(step, seen, names, document)
        except InvalidInput as error:
            blockers.append(PlanBlocker(order=step.order, message=error.message))
        seen[step.order] = step
        if step.type == "add_source":
            names |= {each.name.casefold(): each.name for each in source_columns}
        if step.type == "add_column":
            names |= _makes(step)
    if not any(step.type == "add_source" for step in document.steps):
        blockers.append(PlanBlocker(order=0, message="The plan adds no rows. Add a source."))
    return blockers


def column_settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of the column kind an `add_column` step asks for, with columns named as people name them."""
    settings = dict(config.get("settings") or {})
    kind = config.get("type")
    if kind == "ai":
        if config.get("prompt"):
            settings["prompt"] = config["prompt"]
        for name, ours in (("promptKey", "prompt_key"), ("promptLabel", "prompt_label"), ("variables", "variables")):
            if config.get(name):
                settings[ours] = config[name]
        if config.get("model"):
            settings["model"] = config["model"]
        if config.get("outputSchema"):
            settings["output_fields"] = [
                {"name": name, **({"type": _as_type(spec)} if isinstance(spec, str) else dict(spec))}
                for name, spec in config["outputSchema"].items()
            ]
    if kind == "enrichment" and config.get("enrichmentType"):
        settings.setdefault("capability", _CAPABILITIES.get(config["enrichmentType"], config["enrichmentType"]))
        settings.setdefault("provider", _PROVIDERS.get(config["enrichmentType"], "hunter"))
        if config.get("sourceColumn"):
            settings.setdefault("inputs", {"domain": "{{" + str(config["sourceColumn"]) + "}}"})
    return settings


def output_columns(config: Mapping[str, Any]) -> dict[str, str]:
    """Names of further columns a step makes from the outputs of its column, and which output each shows."""
    return {str(name): str(output) for name, output in (config.get("outputColumns") or {}).items()}


def condition_text(condition: Condition | str | None) -> str | None:
    """The condition in the seed's language; None runs always."""
    if condition is None or isinstance(condition, str):
        return condition or None
    if condition.type == "always" or not condition.column:
        return None
    return ("!!" if condition.type == "column_not_empty" else "!") + "{{" + condition.column + "}}"


def names_in(value: Any) -> Iterator[str]:
    """Every column name that texts inside the value refer to."""
    if isinstance(value, str):
        yield from (match for match in _NAMES.findall(value) if not match.startswith("f_"))
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from names_in(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from names_in(each)


def require_state(plan: Plan, *allowed: str) -> None:
    """Refuse what the plan's state does not allow.

    Raises:
        Conflict: the plan is further along.
    """
    if plan.state not in allowed:
        raise Conflict(f"This plan is {plan.state}, so it cannot be changed or approved again. Make a new one.")


def _check_step(step: PlanStep, seen: Mapping[int, PlanStep], names: Mapping[str, str], document: PlanDocument) -> None:
    if step.type not in STEP_TYPES:
        raise UnknownReference(f"Step {step.order} is of the unknown type {step.type!r}. Use {', '.join(STEP_TYPES)}.")
    if step.order in seen:
        raise InvalidInput(f"Two steps have the order {step.order}. Number them 1, 2, 3 and so on.")
    later = [each for each in step.dependsOn if each not in seen]
    if later:
        raise CyclicReference(f"Step {step.order} depends on step {later[0]}, which does not come before it.")
    if step.type == "add_column":
        own = str(step.config.get("name", "")).strip()
        if not own:
            raise InvalidInput(f"Step {step.order} adds a column without a name. Give it one.")
        if own.casefold() in names:
            raise InvalidInput(f"Step {step.order} adds a second column called {own!r}. Choose another name.")
        for name in _reads(step):
            if name.casefold() not in names:
                raise _unreachable(step, name, names, document)
    if step.type == "run_enrichment":
        unknown = [each for each in step.config.get("columns", []) if str(each).casefold() not in names]
        if unknown:
            raise UnknownReference(f"Step {step.order} runs the column {unknown[0]!r}, which no earlier step makes.")


def _reads(step: PlanStep) -> Iterator[str]:
    yield from names_in([column_settings(step.config), step.config.get("conditionalRun")])


def _unreachable(step: PlanStep, name: str, names: Mapping[str, str], document: PlanDocument) -> InvalidInput:
    """Why the column of a step cannot read another: a ring, a step that comes too late, or no such column."""
    own = step.config["name"]
    makers = {made: each for each in document.steps if each.type == "add_column" for made in _makes(each)}
    if ring := _ring(step, makers):
        return CyclicReference(
            f"Columns depend on each other in a ring: {' → '.join(ring)}. Take one of these references out."
        )
    if (maker := makers.get(name.casefold())) is not None:
        return UnknownReference(
            f"Column {own!r} refers to {{{{{name}}}}}, which only step {maker.order} makes, after it. Put that step first."
        )
    near = difflib.get_close_matches(name.casefold(), names, n=1)
    hint = f"Did you mean {names[near[0]]!r}?" if near else f"There are: {', '.join(names.values()) or 'none yet'}."
    return UnknownReference(f"Column {own!r} refers to {{{{{name[:80]}}}}}, which no earlier step makes. {hint}")


def _ring(start: PlanStep, makers: Mapping[str, PlanStep]) -> list[str] | None:
    """Names of columns from one around to itself, each reading the next; None when it is in no ring."""
    ways = [[start]]
    met: set[int] = set()
    while ways:
        way = ways.pop()
        for step in (makers[name.casefold()] for name in _reads(way[-1]) if name.casefold() in makers):
            if step is start:
                return [str(each.config["name"]) for each in (*way, start)]
            if id(step) not in met:
                met.add(id(step))
                ways.append([*way, step])
    return None


def _source_step(answers: Answers, rows: int) -> PlanStep:
    source = answers.source
    if answers.lead_source == "csv":
        config: dict[str, Any] = {
            "sourceType": "csv", "uploadId": source.upload_id, "mapping": source.mapping or [],
        }  # fmt: skip
        return PlanStep(order=3, type="add_source", description="Import the CSV file", dependsOn=(2,), config=config)
    if answers.lead_source == "other":
        return PlanStep(
            order=3,
            type="add_source",
            description="Start with an empty table",
            dependsOn=(2,),
            config={"sourceType": "empty"},
        )
    filters = source.filters.model_dump(exclude_none=True)
    return PlanStep(
        order=3, type="add_source", dependsOn=(2,),
        description=f"Find companies in the {source.provider} and add {rows:,} rows",
        config={"sourceType": "find_companies", "provider": source.provider, "filters": filters},
    )  # fmt: skip


def _column_step(column: ColumnAnswer, order: int, all_names: set[str], steps: Sequence[PlanStep]) -> PlanStep:
    config: dict[str, Any] = {"name": column.name, "type": column.kind}
    if column.kind == "ai":
        if column.prompt_key:
            config |= {"promptKey": column.prompt_key, "promptLabel": column.prompt_label or "production",
                       "variables": dict(column.variables)}  # fmt: skip
        else:
            config["prompt"] = column.prompt or ""
        if column.model:
            config["model"] = column.model
        config["outputSchema"] = _output_schema(column.outputs)
    settings = {key: value for key, value in column.settings.items() if key != "outputColumns"}
    if settings:
        config["settings"] = settings
    if column.settings.get("outputColumns"):
        config["outputColumns"] = column.settings["outputColumns"]
    if text := condition_text(column.condition):
        config["conditionalRun"] = text
    used = {name.casefold() for name in names_in([config])} & {name.casefold() for name in all_names}
    makers = tuple(step.order for step in steps if step.type == "add_column" and used & _makes(step).keys())
    return PlanStep(
        order=order, type="add_column", description=f"Add {_with_kind(column)}",
        dependsOn=(3, *makers), config=config,
    )  # fmt: skip


def _with_kind(column: ColumnAnswer) -> str:
    """The column's name with its kind behind it, unless the name says it already."""
    kind = _KIND_WORDS.get(column.kind, column.kind)
    return column.name if kind.casefold() in column.name.casefold() else f"{column.name} ({kind})"


def _makes(step: PlanStep) -> dict[str, str]:
    """Names of the columns a step adds, as written, by what they are compared as."""
    return {each.casefold(): each for each in (str(step.config.get("name", "")), *output_columns(step.config))}


def _output_schema(outputs: Sequence[str | Mapping[str, Any]]) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    for each in outputs or ("qualified", "score", "reasoning"):
        if isinstance(each, str):
            schema[each] = _OUTPUT_TYPES.get(each, "text")
        else:
            schema[str(each["name"])] = {key: value for key, value in each.items() if key != "name"}
    return schema


def _as_type(text: str) -> str:
    """The seed writes `string`, `array` and `object`; our columns say text and json."""
    return {"string": "text", "array": "json", "object": "json"}.get(text, text)


def _sentence(answers: Answers, rows: int) -> str:
    made = ", ".join(each.name for each in answers.columns) or "no further columns"
    start = {"find_companies": f"Find {rows:,} companies", "csv": "Import a CSV file", "other": "Start empty"}
    return f"{start[answers.lead_source]}, then fill {made}."


def _recommendations(answers: Answers) -> Iterator[str]:
    for column in answers.columns:
        if column.kind == "ai" and not condition_text(column.condition):
            yield f"Give {column.name} a condition, so that rows without what it needs cost nothing."


_KIND_WORDS = {
    "ai": "AI column", "waterfall": "waterfall", "enrichment": "enrichment", "formula": "formula", "rubric": "ICP score",
}  # fmt: skip
_CAPABILITIES = {
    "apollo_person": "enrich_person", "apollo_company": "enrich_company", "clearbit_person": "enrich_person",
    "clearbit_company": "enrich_company", "email_finder": "find_email", "linkedin_profile": "enrich_person",
    "phone_finder": "enrich_person", "company_search": "find_companies",
}  # fmt: skip
_PROVIDERS = {"apollo_person": "apollo", "apollo_company": "apollo", "email_finder": "hunter"}
