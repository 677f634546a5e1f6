"""Dossier column: has a whole dossier made about the company of a row; the cell is its score and leads to it."""

from collections.abc import Mapping, Sequence

from pydantic import ConfigDict, Field, model_validator

from spadework.plug.column import Ask, Cell, ColumnKind, Row, Settings, Storage
from spadework.plug.dossier import DossierRequest
from spadework.plug.references import fill, find_references
from spadework.plug.toolbox import Toolbox

_SEED = ("company", "domain", "hint")
_OUTPUTS: Mapping[str, Storage] = {
    "state": "text", "company": "text", "urgency": "text", "primary_signal": "text", "contacts": "number",
    "dossier_id": "text", "run_id": "text",
}  # fmt: skip


class DossierSettings(Settings):
    """What of the row a dossier begins from: texts with columns in them, such as `{{Company}}`.

    `release_after_hours` holds each finished dossier back. `contacts_table_id` is a table of the same client to
    which the dossier's people are added as rows. The schema names the outputs under `x-outputs`, because no
    setting does.
    """

    model_config = ConfigDict(json_schema_extra={"x-outputs": list(_OUTPUTS)})

    company: str = Field(default="", max_length=1_000)
    domain: str = Field(default="", max_length=1_000)
    hint: str = Field(default="", max_length=4_000)
    release_after_hours: float = Field(default=0, ge=0, le=24 * 365)
    contacts_table_id: str = Field(default="", max_length=36, pattern=r"^([0-9a-f-]{36})?$")

    @model_validator(mode="after")
    def _begins_somewhere(self) -> "DossierSettings":
        if not (self.company or self.domain or self.hint):
            raise ValueError("Say what a dossier begins from: a company, a domain or a hint.")
        return self


class DossierColumn(ColumnKind):
    """One run of the research pipeline per row; begun once for a cell, also when its run is begun again."""

    key = "dossier"
    label = "Dossier"
    summary = "A researched dossier about the row's company, with score, sources and contacts"
    is_computed = True
    makes_dossiers = True
    settings = DossierSettings

    def storage(self, settings: DossierSettings) -> Storage:
        return "number"

    def references(self, settings: DossierSettings) -> set[str]:
        return {each for name in _SEED for each in find_references(getattr(settings, name))}

    def outputs(self, settings: DossierSettings) -> Mapping[str, Storage]:
        return _OUTPUTS

    def asks(self, settings: DossierSettings) -> Sequence[Ask]:
        # What a dossier asks is known where its steps are; whoever estimates adds it to this.
        return ()

    async def value(self, row: Row, settings: DossierSettings, toolbox: Toolbox) -> Cell:
        said = {name: fill(getattr(settings, name), row.values).strip() for name in _SEED}
        seed = {name: text for name, text in said.items() if text}
        if not seed:
            names = ", ".join(row.names.get(each, each) for each in sorted(self.references(settings)))
            return Cell(state="missing_input", note=f"Nothing in {names or 'the row'} to begin from.")
        made = await toolbox.dossier(
            DossierRequest(
                seed=seed, release_after_hours=settings.release_after_hours,
                contacts_table_id=settings.contacts_table_id,
            )
        )  # fmt: skip
        outputs = {
            "state": "failed" if made.problem else "ready", "company": made.company, "urgency": made.urgency,
            "primary_signal": made.primary_signal, "contacts": made.contacts, "dossier_id": made.dossier_id,
            "run_id": made.run_id,
        }  # fmt: skip
        if made.problem is not None:
            return Cell(state="failed", note=made.problem, outputs=outputs)
        if made.score is None:
            return Cell(state="no_data", note="The dossier is ready and was not scored.", outputs=outputs)
        return Cell(value=made.score, note=made.primary_signal, outputs=outputs)
