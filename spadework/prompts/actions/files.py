"""Prompts as files: the library that comes with Spadework, and import and export, one text file for each."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import LimitReached
from spadework.core.ids import UserId
from spadework.prompts.actions import evaluating, registry
from spadework.prompts.rules import files, gates, templates
from spadework.prompts.rules.files import PromptFile
from spadework.prompts.store import registry as store
from spadework.prompts.types import LATEST, MAIN, PRODUCTION, Draft, Prompt, PromptVersion

FILES_AT_MOST = 500
LIBRARY_BRANCH = "library"
_LIBRARY_NOTE = "As it comes with Spadework"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file: `state` is added (a new prompt), saved (a new version) or same."""

    name: str
    key: str
    number: int
    state: str


async def ensure_library(tx: Transaction) -> int:
    """Load what the account lacks of the library; how many versions were added. Safe to call at any time.

    A prompt that somebody changed keeps its labels: a newer text of ours then waits on the branch `library`.
    """
    wanted = {file.prompt.key: sha256 for file, sha256 in zip(shipped(), _fingerprints(), strict=True)}
    there = await store.list_contents(tx, list(wanted.items()))
    lacking = [each for each in shipped() if (each.prompt.key, wanted[each.prompt.key]) not in there]
    if not lacking:
        return 0
    known = {each.key: each for each in await _all(tx)}
    added = 0
    for file in _in_order(lacking):
        prompt = known.get(file.prompt.key)
        if prompt is None:
            prompt = await registry.create(tx, file.prompt, file.draft, notes=_LIBRARY_NOTE, by=None, is_library=True)
            await _point(tx, prompt, prompt.latest)
            if file.assertions:
                await evaluating.set_assertions(tx, prompt.id, file.assertions, by=None)
            added += 1
        else:
            await _renew(tx, prompt, file, wanted[file.prompt.key])
            added += 1
    return added


async def is_library_loaded(tx: ReadOnly) -> bool:
    """Whether the account has every prompt of the library, in whatever version."""
    return {each.prompt.key for each in shipped()} <= {each.key for each in await _all(tx)}


@cache
def shipped() -> tuple[PromptFile, ...]:
    """The prompts that come with Spadework, as their files say."""
    folder = resources.files("spadework.prompts").joinpath("library")
    found = sorted((each for each in folder.iterdir() if each.name.endswith(".md")), key=lambda each: each.name)
    return tuple(files.read(each.read_text("utf-8"), each.name) for each in found)


async def export(tx: ReadOnly, *, label: str = LATEST) -> dict[str, str]:
    """Every prompt as a file, by file name; the version that `label` points to, where it does."""
    made: dict[str, str] = {}
    for prompt in await _all(tx):
        number = prompt.latest if label == LATEST else getattr(prompt.find_label(label), "number", None)
        if number is not None:
            name, text = await export_one(tx, prompt.id, number)
            made[name] = text
    return made


def archive(texts: Mapping[str, str]) -> bytes:
    """Files by name as one zip archive; the same texts make the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, text in sorted(texts.items()):
            folder.writestr(zipfile.ZipInfo(name), text.encode(), zipfile.ZIP_DEFLATED)
    return made.getvalue()


async def export_one(tx: ReadOnly, prompt: str | UUID, number: int | None = None) -> tuple[str, str]:
    """One prompt as a file, its name and its text: that version, or the newest.

    Raises:
        NotFound: no such prompt or version.
    """
    found = await registry.get(tx, prompt)
    version = await registry.get_version(tx, found, number or found.latest)
    assertions = await evaluating.get_assertions(tx, found.id)
    return file_name(found), files.write(found, version, assertions.assertions)


async def import_files(tx: Transaction, texts: Mapping[str, str], *, by: UserId | None) -> list[Imported]:
    """Each file as a new prompt, or as a new version of the prompt that has its key; all of them, or none.

    Safe to call twice: a file whose content is the newest version already changes nothing. No label but
    `latest` moves.

    Raises:
        InvalidInput: a file cannot be read; the message names it. LimitReached: more than 500 at once.
    """
    if len(texts) > FILES_AT_MOST:
        raise LimitReached(f"At most {FILES_AT_MOST} files are imported at once. Send fewer.")
    named = {files.read(text, name).prompt.key: name for name, text in texts.items()}
    read = [files.read(texts[name], name) for name in named.values()]
    return [await _import(tx, named[each.prompt.key], each, by) for each in _in_order(read)]


def file_name(prompt: Prompt) -> str:
    """The name of the prompt's file."""
    return f"{prompt.key}.md"


async def _import(tx: Transaction, name: str, file: PromptFile, by: UserId | None) -> Imported:
    prompt = await store.find_by_key(tx, templates.require_key(file.prompt.key))
    if prompt is None:
        prompt = await registry.create(tx, file.prompt, file.draft, notes=file.notes or f"Imported from {name}", by=by)
        if file.assertions:
            await evaluating.set_assertions(tx, prompt.id, file.assertions, by=by)
        return Imported(name, prompt.key, prompt.latest, "added")
    before = prompt.latest
    version = await registry.save(
        tx, prompt.id, file.draft, base=before, notes=file.notes or f"Imported from {name}", by=by
    )
    await registry.describe(tx, prompt.id, file.prompt)
    if file.assertions:
        await evaluating.set_assertions(tx, prompt.id, file.assertions, by=by)
    return Imported(name, prompt.key, version.number, "same" if version.number == before else "saved")


async def _renew(tx: Transaction, prompt: Prompt, file: PromptFile, sha256: bytes) -> None:
    """Add our newer text to a prompt that is there; labels follow only where nobody changed it."""
    draft = _tidy(file)
    await store.lock(tx, prompt.id)
    head = await store.find_head(tx, prompt.id, MAIN)
    assert head is not None, "a prompt has a first version"
    number = await store.add_version(
        tx, prompt, draft, sha256=sha256, branch=MAIN if head.is_library else LIBRARY_BRANCH, merged=None,
        parent=await _our_newest(tx, prompt, head), is_library=True, notes=_LIBRARY_NOTE, by=None,
    )  # fmt: skip
    pointer = prompt.find_label(PRODUCTION)
    if head.is_library and (pointer is None or pointer.number == head.number):
        await _point(tx, prompt, number)


@cache
def _fingerprints() -> tuple[bytes, ...]:
    """What makes each prompt of the library what it is, in the library's order."""
    return tuple(gates.fingerprint_of(_tidy(each)) for each in shipped())


def _tidy(file: PromptFile) -> Draft:
    return Draft(text=templates.require_text(file.draft.text), config=file.draft.config, inputs=file.draft.inputs)


async def _our_newest(tx: ReadOnly, prompt: Prompt, head: PromptVersion) -> int:
    """The version a newer text of ours was made from, so that merging it keeps what a person changed."""
    ours = [each.number for each in await store.list_versions(tx, prompt.id) if each.is_library]
    return max(ours, default=head.number)


async def _point(tx: Transaction, prompt: Prompt, number: int) -> None:
    await store.put_label(tx, prompt.id, PRODUCTION, number, is_protected=True, by=None)


async def _all(tx: ReadOnly) -> list[Prompt]:
    return await registry.list_prompts(tx, fragments=True) + await registry.list_prompts(
        tx, fragments=True, archived=True
    )


def _in_order(read: Sequence[PromptFile]) -> list[PromptFile]:
    """The files, each after those it includes; a ring stays in the given order and is refused where it is saved."""
    by_key = {each.prompt.key: each for each in read}
    ordered: dict[str, PromptFile] = {}

    def put(key: str, trail: tuple[str, ...]) -> None:
        if key in by_key and key not in ordered and key not in trail:
            for include in templates.includes(by_key[key].draft.text):
                put(include.key, (*trail, key))
            ordered[key] = by_key[key]

    for each in by_key:
        put(each, ())
    return list(ordered.values())
