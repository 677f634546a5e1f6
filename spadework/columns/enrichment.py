"""Enrichment column: asks one provider one question per row and keeps a part of the answer."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import Field, model_validator

from spadework.columns._asking import (
    ANSWERS,
    Lacking,
    build_question,
    check_ask,
    check_output,
    input_references,
    output_storage,
    read_output,
    state_of,
)
from spadework.plug.column import Ask, Cell, ColumnKind, Row, Settings, Storage
from spadework.plug.provider import Found
from spadework.plug.questions import EmailFound, EmailVerdict
from spadework.plug.toolbox import Toolbox


class EnrichmentSettings(Settings):
    """Whom to ask what: `inputs` map question fields to `{{f_…}}`, mixed text or literals.

    `output` is the dotted path of the value in the answer (`headquarters.city`), empty for the usual one;
    `outputs` are further values by name.
    """

    provider: str
    capability: str
    inputs: dict[str, Any] = Field(default_factory=dict)
    output: str = ""
    outputs: dict[str, str] = Field(default_factory=dict, max_length=50)

    @model_validator(mode="after")
    def _fits_the_catalogue(self) -> "EnrichmentSettings":
        check_ask(self.provider, self.capability, self.inputs)
        for path in (self.value_path, *self.outputs.values()):
            check_output(self.capability, path)
        return self

    @property
    def value_path(self) -> str:
        """Where in the answer the cell's value is."""
        return self.output or ANSWERS[self.capability][1]


class EnrichmentColumn(ColumnKind):
    """One question, one answer; what was not found, refused or not asked is a state with its reason."""

    key = "enrichment"
    label = "Enrichment"
    summary = "Ask one data source about each row"
    is_computed = True
    settings = EnrichmentSettings

    def storage(self, settings: EnrichmentSettings) -> Storage:
        return output_storage(settings.capability, settings.value_path)

    def references(self, settings: EnrichmentSettings) -> set[str]:
        return input_references(settings.inputs)

    def outputs(self, settings: EnrichmentSettings) -> Mapping[str, Storage]:
        return {name: output_storage(settings.capability, path) for name, path in settings.outputs.items()}

    def asks(self, settings: EnrichmentSettings) -> Sequence[Ask]:
        return (Ask(provider=settings.provider, capability=settings.capability),)

    async def value(self, row: Row, settings: EnrichmentSettings, toolbox: Toolbox) -> Cell:
        question = build_question(row, settings.provider, settings.capability, settings.inputs)
        if isinstance(question, Lacking):
            return Cell(state=question.state, note=question.note)
        outcome = await toolbox.ask(settings.provider, question)
        if not isinstance(outcome, Found):
            state, note = state_of(outcome)
            return Cell(state=state, note=note)
        answer = outcome.answer
        value = read_output(answer, settings.value_path)
        outputs = {name: read_output(answer, path) for name, path in settings.outputs.items()}
        is_missing = value is None
        return Cell(
            state="no_data" if is_missing else "done",
            value=value,
            note=f"Found, but without {settings.value_path.replace('_', ' ')}." if is_missing else None,
            outputs=outputs,
            confidence_percent=answer.confidence_percent if isinstance(answer, EmailFound | EmailVerdict) else None,
            is_guess=isinstance(answer, EmailFound) and answer.is_guess,
        )
