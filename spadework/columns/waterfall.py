"""Waterfall column: asks providers in order, has each answer validated, and stops at the first valid one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from spadework.columns._asking import (
    ANSWERS,
    Lacking,
    build_question,
    check_ask,
    check_output,
    input_references,
    label_of,
    output_storage,
    read_output,
    state_of,
)
from spadework.plug.column import Ask, Cell, CellState, ColumnKind, Row, Settings, Storage, Value
from spadework.plug.provider import Found, Refused
from spadework.plug.questions import QUESTIONS, EmailFound, EmailVerdict, EmailVerdictStatus, Question
from spadework.plug.toolbox import Toolbox

# For the estimate before anything is measured: half of the rows that reach a provider get an answer from it.
_ASSUMED_HIT_SHARE = 0.5
_NEVER_ACCEPTED: frozenset[EmailVerdictStatus] = frozenset({"invalid", "do_not_mail"})
_SAYS: Mapping[EmailVerdictStatus, str] = {
    "valid": "says it is valid",
    "invalid": "says it is invalid",
    "catch_all": "says its domain takes mail to any address",
    "role": "says it belongs to a role and not to a person",
    "disposable": "says it is disposable",
    "do_not_mail": "says it must not be mailed",
    "unknown": "cannot tell whether it is valid",
}


class Step(BaseModel):
    """One provider to ask; `inputs` as in an enrichment column."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    capability: str
    inputs: dict[str, Any] = Field(default_factory=dict)


class Validator(BaseModel):
    """Who checks an answer before it is taken; it is given the value as its first input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    capability: str = "verify_email"


class WaterfallSettings(Settings):
    """The steps in order. `accept` are the validator's statuses that count as valid; `accept_catch_all` adds one.

    `output` is the dotted path of the value, empty for the usual one; all steps have the same capability.
    """

    steps: tuple[Step, ...] = Field(min_length=1, max_length=20)
    validator: Validator | None = None
    accept: tuple[EmailVerdictStatus, ...] = Field(default=("valid",), min_length=1)
    accept_catch_all: bool = False
    output: str = ""

    @model_validator(mode="after")
    def _fits_the_catalogue(self) -> "WaterfallSettings":
        for step in self.steps:
            check_ask(step.provider, step.capability, step.inputs)
        if len({each.capability for each in self.steps}) > 1:
            raise ValueError("All steps of a waterfall answer the same question; choose one capability.")
        check_output(self.capability, self.value_path)
        if self.validator:
            check_ask(self.validator.provider, self.validator.capability, {})
            if ANSWERS[self.validator.capability][0] is not EmailVerdict:
                raise ValueError(f"{self.validator.capability!r} gives no verdict. Use verify_email, or no validator.")
        if refused := _NEVER_ACCEPTED.intersection(self.accept):
            raise ValueError(f"{min(refused)!r} cannot be accepted: it says the value must not be used.")
        return self

    @property
    def capability(self) -> str:
        """The question all steps answer."""
        return self.steps[0].capability

    @property
    def value_path(self) -> str:
        """Where in an answer the cell's value is."""
        return self.output or ANSWERS[self.capability][1]

    @property
    def accepted(self) -> frozenset[str]:
        """The verdicts that count as valid."""
        return frozenset(self.accept) | ({"catch_all"} if self.accept_catch_all else frozenset())


@dataclass(frozen=True, slots=True)
class _Passed:
    """A step that gave no valid answer: why, and what the cell would be had this been the last word."""

    state: CellState
    why: str
    status: str | None = None
    ends: bool = False


class WaterfallColumn(ColumnKind):
    """The note tells, step by step, why it went on; a provider that refuses is passed over with its reason."""

    key = "waterfall"
    label = "Waterfall"
    summary = "Ask several sources in order until one gives a valid answer"
    is_computed = True
    settings = WaterfallSettings

    def storage(self, settings: WaterfallSettings) -> Storage:
        return output_storage(settings.capability, settings.value_path)

    def references(self, settings: WaterfallSettings) -> set[str]:
        return {each for step in settings.steps for each in input_references(step.inputs)}

    def outputs(self, settings: WaterfallSettings) -> Mapping[str, Storage]:
        return {"provider": "text", "status": "text", "confidence_percent": "number"}

    def asks(self, settings: WaterfallSettings) -> Sequence[Ask]:
        asks: list[Ask] = []
        reached = 1.0
        for step in settings.steps:
            asks.append(Ask(provider=step.provider, capability=step.capability, likelihood=reached))
            hit = reached * _ASSUMED_HIT_SHARE
            if settings.validator:
                checked = settings.validator
                asks.append(Ask(provider=checked.provider, capability=checked.capability, likelihood=hit))
            reached -= hit
        return asks

    async def value(self, row: Row, settings: WaterfallSettings, toolbox: Toolbox) -> Cell:
        passed: list[_Passed] = []
        for step in settings.steps:
            result = await _try(row, step, settings, toolbox)
            if isinstance(result, Cell):
                notes = [each.why for each in passed]
                return Cell(
                    value=result.value,
                    note=" ".join([*notes, result.note or ""]).strip() or None,
                    outputs=result.outputs,
                    confidence_percent=result.confidence_percent,
                    is_guess=result.is_guess,
                )
            passed.append(result)
            if result.ends:
                break
        status = next((each.status for each in reversed(passed) if each.status), None)
        return Cell(
            state=_last_word(passed),
            note=" ".join(each.why for each in passed),
            outputs={"provider": None, "status": status, "confidence_percent": None},
        )


async def _try(row: Row, step: Step, settings: WaterfallSettings, toolbox: Toolbox) -> Cell | _Passed:
    """The finished cell when this step has a valid answer, else why to go on."""
    question = build_question(row, step.provider, step.capability, step.inputs)
    if isinstance(question, Lacking):
        return _Passed(question.state, _said_of(step, question.note))
    outcome = await toolbox.ask(step.provider, question)
    if not isinstance(outcome, Found):
        state, why = state_of(outcome)
        must_stop = isinstance(outcome, Refused) and outcome.kind == "do_not_contact"
        return _Passed(state, _said_of(step, why), ends=must_stop)
    value = read_output(outcome.answer, settings.value_path)
    if value is None:
        part = settings.value_path.replace("_", " ").replace(".", " › ")
        return _Passed("no_data", _said_of(step, f"found, but without {part}."))
    found = outcome.answer if isinstance(outcome.answer, EmailFound) else None
    if settings.validator is None:
        if found and found.status in _NEVER_ACCEPTED:
            why = f"found, but {label_of(step.provider)} itself {_SAYS[found.status]}."
            return _Passed("no_data", _said_of(step, why), found.status)
        return _taken(step, value, found, status=found.status if found else None, why=_said_of(step, "found."))
    return await _validated(step, value, found, settings.validator, settings.accepted, toolbox)


async def _validated(
    step: Step,
    value: Value,
    found: EmailFound | None,
    validator: Validator,
    accepted: frozenset[str],
    toolbox: Toolbox,
) -> Cell | _Passed:
    outcome = await toolbox.ask(validator.provider, _about(value, validator.capability))
    who = label_of(validator.provider)
    if not isinstance(outcome, Found) or not isinstance(outcome.answer, EmailVerdict):
        state, why = state_of(outcome)
        # Not knowing is no reason to take the value, nor to say that there is none.
        must_stop = isinstance(outcome, Refused) and outcome.kind == "do_not_contact"
        state = "no_data" if must_stop else "rate_limited" if state == "rate_limited" else "failed"
        return _Passed(state, _said_of(step, f"found, but {who} could not validate it: {why}"), ends=must_stop)
    verdict = outcome.answer
    if verdict.status not in accepted:
        return _Passed("no_data", _said_of(step, f"found, but {who} {_words(verdict)}."), verdict.status)
    why = _said_of(step, f"found, {who} {_SAYS[verdict.status]}.")
    return _taken(step, value, found, status=verdict.status, why=why, confidence=verdict.confidence_percent)


def _taken(
    step: Step, value: Value, found: EmailFound | None, *, status: str | None, why: str, confidence: int | None = None
) -> Cell:
    percent = confidence if confidence is not None else found.confidence_percent if found else None
    return Cell(
        value=value,
        note=why,
        outputs={"provider": step.provider, "status": status, "confidence_percent": percent},
        confidence_percent=percent,
        # A guess that a validator has confirmed is one no more.
        is_guess=found is not None and found.is_guess and status != "valid",
    )


def _said_of(step: Step, text: str) -> str:
    """The sentence under the step's name, once where it begins with it already."""
    label = label_of(step.provider)
    return text if text.startswith(label) else f"{label}: {text}"


def _words(verdict: EmailVerdict) -> str:
    """What the validator says, with its reason where that says more; vendors send theirs as `mailbox_not_found`."""
    says = _SAYS[verdict.status]
    if not verdict.detail or verdict.detail == verdict.status:
        return says
    is_code = " " not in verdict.detail
    reason = verdict.detail.replace("_", " ") if is_code else verdict.detail.rstrip(".")
    return f"{says} ({reason})"


def _about(value: Value, capability: str) -> Question:
    shape = QUESTIONS[capability]
    return shape(**{fields(shape)[0].name: str(value)})


def _last_word(passed: Sequence[_Passed]) -> CellState:
    """The state when no step had a valid answer: something to try again beats "there is none"."""
    if passed[-1].ends:
        return passed[-1].state
    states = {each.state for each in passed}
    for state in ("rate_limited", "failed", "invalid"):
        if state in states:
            return state
    return "missing_input" if states == {"missing_input"} else "no_data"
