"""The prompts that come with Spadework, and prompts as files."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from spadework.core.db import Record, Transaction
from spadework.core.errors import InvalidInput, NotFound
from spadework.prompts.actions import evaluating, files, labels, registry, resolving
from spadework.prompts.rules.files import PromptFile
from spadework.prompts.types import Prompt
from tests.prompts.conftest import draft, new

THE_23 = {
    "find-lead.search-builder", "find-lead.signal-discovery", "find-lead.entity-research", "find-lead.contact-discovery",
    "enrich-lead.enrichment", "enrich-opportunity.research", "client-specific.research", "enrich-contacts.lookup",
    "enrich-contact.deep", "copy.outreach", "copy.client-override", "insight.analysis", "media.fetch",
    "dossier-plan.route", "writer.intro", "writer.signals", "writer.lead-intelligence", "writer.strategy",
    "writer.opportunity", "writer.client-specific", "claims.extraction", "claims.merge", "context-pack.build",
}  # fmt: skip
SETUP = {
    "onboarding.consolidate", "onboarding.icp", "onboarding.industry", "onboarding.context", "onboarding.refine",
}  # fmt: skip
BUILDER = {"builder.validate", "builder.clarify", "builder.build", "builder.repair"}
PROMPTS = [each for each in files.shipped() if not each.prompt.is_fragment]
PARTS = ("# Role", "# Task", "# Inputs", "# Rules", "# Output", "# Example")


class Counted(Transaction):
    """A transaction that counts what it asks the database."""

    questions = 0

    async def fetch(self, sql: str, *values: Any) -> list[Record]:
        self.questions += 1
        return await super().fetch(sql, *values)

    async def fetchrow(self, sql: str, *values: Any) -> Record | None:
        self.questions += 1
        return await super().fetchrow(sql, *values)


def test_the_library_holds_the_23_prompts_of_a_dossier_and_those_of_an_onboarding_and_the_builder() -> None:
    assert {each.prompt.key for each in PROMPTS} == THE_23 | SETUP | BUILDER
    assert len(PROMPTS) == len(THE_23 | SETUP | BUILDER)


@pytest.mark.parametrize("file", PROMPTS, ids=lambda file: file.prompt.key)
def test_a_prompt_of_the_library_has_all_its_parts_and_its_example_satisfies_its_own_schema(file: PromptFile) -> None:
    text = file.draft.text
    assert [part for part in PARTS if f"\n{part}\n" not in f"\n{text}"] == []
    assert file.draft.config.output_schema is not None
    example = re.search(r"# Example\n.*?```json\n(.*?)\n```", text, re.DOTALL)
    assert example is not None
    checked = jsonschema_rs.Draft202012Validator(file.draft.config.output_schema)
    assert [each.message for each in checked.iter_errors(json.loads(example[1]))] == []


async def test_an_account_gets_the_library_once_and_every_prompt_is_in_production(tx: Transaction) -> None:
    assert not await files.is_library_loaded(tx)
    assert await files.ensure_library(tx) == len(files.shipped())
    assert await files.ensure_library(tx) == 0
    assert await files.is_library_loaded(tx)
    assert {each.key for each in await registry.list_prompts(tx)} == THE_23 | SETUP | BUILDER
    for key in THE_23 | SETUP:
        version = await resolving.resolve(tx, key)
        assert "{{>" not in version.text
        assert {each.name for each in version.inputs} == set(
            re.findall(r"\{\{(?:#if )?([a-z_]+)\}\}", version.text)
        ) - {"else"}, key
        assert (version.number, version.is_library) == (1, True)


async def test_prompts_resolved_together_are_what_each_is_alone_in_a_few_questions(tx: Transaction) -> None:
    await files.ensure_library(tx)
    alone = {key: await resolving.resolve(tx, key) for key in THE_23}
    counted = Counted(tx.connection, tx.account_id)
    assert await resolving.resolve_all(counted, THE_23) == alone
    assert counted.questions <= 6
    before = counted.questions
    assert await files.ensure_library(counted) == 0
    assert counted.questions == before + 1


async def test_prompts_resolved_together_name_the_one_that_cannot_be(tx: Transaction) -> None:
    await registry.create(tx, new("greeting"), draft("Hello {{name}}\n"), by=None)
    with pytest.raises(NotFound, match="greeting has no version labelled 'production'"):
        await resolving.resolve_all(tx, ["greeting"])
    with pytest.raises(NotFound, match="no such prompt"):
        await resolving.resolve_all(tx, ["nobody.wrote-this"])


@pytest.mark.parametrize("key", sorted(THE_23 | SETUP))
async def test_a_prompt_of_the_library_renders_with_its_required_inputs_alone(tx: Transaction, key: str) -> None:
    await files.ensure_library(tx)
    version = await resolving.resolve(tx, key)
    given = {each.name: {"sample": each.name} for each in version.inputs if each.is_required}
    rendered = resolving.render(version, given, nonce="00")
    assert set(rendered.variables) <= set(given)
    assert "{{" not in rendered.system.split("# Example")[0]


async def test_a_prompt_of_the_library_that_somebody_changed_keeps_their_text_in_production(tx: Transaction) -> None:
    await files.ensure_library(tx)
    own = draft("My own {{contacts}}")
    await registry.save(tx, "enrich-contacts.lookup", own, base=1, by=None)
    assert await files.ensure_library(tx) == 0
    assert (await resolving.resolve(tx, "enrich-contacts.lookup", "latest")).text == "My own {{contacts}}\n"


async def test_a_newer_text_of_ours_waits_on_its_branch_when_somebody_changed_the_prompt(
    tx: Transaction,
) -> None:
    older = next(each for each in files.shipped() if each.prompt.key == "media.fetch")
    mine = next(each for each in files.shipped() if each.prompt.key == "claims.merge")
    await registry.create(tx, older.prompt, draft("Our older {{pages}}"), by=None, is_library=True)
    await registry.create(tx, mine.prompt, draft("Our older {{all_claims}}"), by=None, is_library=True)
    await registry.save(tx, "claims.merge", draft("A person's {{all_claims}}"), base=1, by=None)
    await files.ensure_library(tx)
    assert (await resolving.resolve(tx, "media.fetch")).number == 2
    waiting = (await registry.list_versions(tx, "claims.merge"))[0]
    assert (waiting.number, waiting.branch, waiting.parent, waiting.is_library) == (3, "library", 1, True)
    assert (await resolving.resolve(tx, "claims.merge", "latest")).text == "A person's {{all_claims}}\n"


async def test_what_is_exported_is_imported_as_the_same_prompt(tx: Transaction, prompt: Prompt) -> None:
    await files.ensure_library(tx)
    exported = await files.export(tx)
    assert "greeting.md" in exported and len(exported) == len(files.shipped()) + 1
    done = await files.import_files(tx, exported, by=None)
    assert {each.state for each in done} == {"same"}
    changed = exported["greeting.md"].replace("Be short.", "Be long.").replace("key: greeting", "key: other.greeting")
    (added,) = await files.import_files(tx, {"other.md": changed}, by=None)
    assert (added.key, added.number, added.state) == ("other.greeting", 1, "added")
    assert "Be long." in (await resolving.resolve(tx, "other.greeting", "latest")).text


async def test_an_imported_change_is_a_new_version_and_moves_no_label(tx: Transaction, prompt: Prompt) -> None:
    await labels.move(tx, prompt.id, "staging", 1, by=None)
    name, text = await files.export_one(tx, prompt.id)
    changed = text.replace("Be short.", "Be kind.").replace("assertions: []", "assertions: [{kind: is-json}]")
    (saved,) = await files.import_files(tx, {name: changed}, by=None)
    assert (saved.number, saved.state) == (2, "saved")
    assert (await resolving.resolve(tx, prompt.id, "staging")).number == 1
    assert (await evaluating.get_assertions(tx, prompt.id)).assertions[0].kind == "is-json"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Just a prompt", "does not begin with front matter"),
        ("---\nkey: [\n---\nGo", "no YAML"),
        ("---\nkey: a\n---\nGo", "name"),
        ("---\nkey: a\nname: A\nstage: B\nsize: 3\n---\nGo", "size"),
        ("---\nkey: a\nname: A\nstage: B\ninputs: {1x: no}\n---\nGo", "input"),
    ],
)
async def test_a_file_that_is_no_prompt_is_refused_by_its_name(tx: Transaction, text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason) as refused:
        await files.import_files(tx, {"odd.md": text}, by=None)
    assert "odd.md" in refused.value.message
