"""Prompts and their versions: made, found, listed, saved, compared, merged."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, InvalidInput, NotFound
from spadework.core.ids import UserId
from spadework.prompts.actions import resolving
from spadework.prompts.rules import assertions, diffs, gates, templates
from spadework.prompts.store import registry as store
from spadework.prompts.types import (
    LATEST,
    MAIN,
    Difference,
    Draft,
    Merge,
    NewPrompt,
    Prompt,
    PromptVersion,
)


async def create(
    tx: Transaction, new: NewPrompt, draft: Draft, *, notes: str = "", by: UserId | None, is_library: bool = False
) -> Prompt:
    """A new prompt with its first version, which is `latest`; no other label points to it yet.

    Raises:
        Conflict: the account has a prompt of that key. InvalidInput: key, stage, text or config cannot be used.
    """
    tidy = replace(new, key=templates.require_key(new.key), stage=templates.require_stage(new.stage))
    draft = await _checked(tx, tidy.key, draft)
    prompt_id = await store.add(tx, tidy, by=by)
    if prompt_id is None:
        raise Conflict(f"There is a prompt {tidy.key!r} already. Choose another key, or save a version of that one.")
    prompt = await _get(tx, prompt_id)
    await store.add_version(
        tx, prompt, draft, sha256=gates.fingerprint_of(draft), branch=MAIN, parent=None, merged=None,
        is_library=is_library, notes=notes, by=by,
    )  # fmt: skip
    return await _announced(tx, prompt_id)


async def get(tx: ReadOnly, prompt: str | UUID) -> Prompt:
    """The prompt of that id or key, archived or not.

    Raises:
        NotFound: the account has none.
    """
    return await resolving.get_prompt(tx, prompt)


async def list_prompts(
    tx: ReadOnly,
    *,
    stage: str | None = None,
    search: str | None = None,
    fragments: bool = False,
    archived: bool = False,
) -> list[Prompt]:
    """Prompts in the order of the pipeline; fragments, which others include, only when asked for."""
    return await store.list_prompts(tx, stage=stage, search=search or None, fragments=fragments, archived=archived)


async def describe(tx: Transaction, prompt: str | UUID, new: NewPrompt) -> Prompt:
    """The prompt with its lasting facts replaced; versions and labels stay, and so does its key.

    Raises:
        NotFound: no such prompt. InvalidInput: the stage cannot be used.
    """
    found = await get(tx, prompt)
    await store.update(tx, found.id, replace(new, key=found.key, stage=templates.require_stage(new.stage)))
    return await _announced(tx, found.id)


async def archive(tx: Transaction, prompt: str | UUID, *, is_archived: bool = True) -> Prompt:
    """The prompt, out of the lists or back in them; what names it by key still finds it. Safe to call twice.

    Raises:
        NotFound: no such prompt.
    """
    found = await get(tx, prompt)
    await store.set_archived(tx, found.id, is_archived=is_archived)
    return await _announced(tx, found.id)


async def save(
    tx: Transaction, prompt: str | UUID, draft: Draft, *, base: int, branch: str = MAIN, notes: str = "",
    by: UserId | None,
) -> PromptVersion:  # fmt: skip
    """The draft as a new version on its branch; a branch begins with the first version saved on it.

    Safe to call twice: when the branch's newest version has this very content, that one is returned.

    Raises:
        Conflict: the branch has a newer version than `base`; details name it and hold the two merged.
        NotFound: no such prompt, or no version `base`. InvalidInput: the text or config cannot be used.
    """
    found = await get(tx, prompt)
    templates.require_branch(branch)
    if branch == LATEST:
        raise InvalidInput(f"{LATEST!r} is a label of every prompt. Name the branch differently.")
    await store.lock(tx, found.id)
    draft = await _checked(tx, found.key, draft)
    head = await store.find_head(tx, found.id, branch)
    sha256 = gates.fingerprint_of(draft)
    if head is not None and head.sha256 == sha256:
        return head
    began_from = await get_version(tx, found, base)
    try:
        gates.require_head(found, head, base=base, branch=branch)
    except Conflict as error:
        assert head is not None, "a branch without versions has no newer one"
        mine = replace(head, text=draft.text, config=draft.config, inputs=draft.inputs, branch="yours")
        merged = diffs.merge(began_from, head, mine)
        error.details.update(
            merged_text=merged.text, merged_config=merged.config.model_dump(mode="json"),
            merged_inputs=[each.model_dump(mode="json") for each in merged.inputs], conflicts=merged.conflicts,
            setting_conflicts=list(merged.setting_conflicts),
        )  # fmt: skip
        raise
    number = await store.add_version(
        tx, found, draft, sha256=sha256, branch=branch, parent=base, merged=None, is_library=False, notes=notes, by=by
    )
    await _announced(tx, found.id)
    return await get_version(tx, found, number)


async def get_version(tx: ReadOnly, prompt: Prompt, number: int) -> PromptVersion:
    """The version as it was saved, its includes not filled in.

    Raises:
        NotFound: the prompt has no version of that number.
    """
    if version := await store.find_version(tx, prompt.id, number):
        return version
    raise NotFound(f"{prompt.key} has no version {number}. The newest is {prompt.latest}.")


async def list_versions(tx: ReadOnly, prompt: str | UUID, *, branch: str | None = None) -> list[PromptVersion]:
    """The prompt's versions, newest first; of one branch when it is named.

    Raises:
        NotFound: no such prompt.
    """
    return await store.list_versions(tx, (await get(tx, prompt)).id, branch=branch)


async def compare(tx: ReadOnly, prompt: str | UUID, left: int, right: int) -> Difference:
    """Two versions side by side, line by line.

    Raises:
        NotFound: no such prompt or version.
    """
    found = await get(tx, prompt)
    return diffs.between(await get_version(tx, found, left), await get_version(tx, found, right))


async def compare_draft(tx: ReadOnly, prompt: str | UUID, left: int, draft: Draft) -> Difference:
    """A saved version beside what somebody wrote and has not saved yet.

    Raises:
        NotFound: no such prompt or version.
    """
    saved = await get_version(tx, await get(tx, prompt), left)
    text = draft.text.replace("\r\n", "\n")
    return diffs.between(saved, replace(saved, text=text, config=draft.config, inputs=draft.inputs))


async def preview_merge(tx: ReadOnly, prompt: str | UUID, branch: str, *, into: str = MAIN) -> Merge:
    """What `into` would be with what `branch` changed; nothing is saved.

    Raises:
        NotFound: no such prompt or branch.
    """
    found = await get(tx, prompt)
    merged, _, _ = await _merged(tx, found, branch, into)
    return merged


async def merge(
    tx: Transaction, prompt: str | UUID, branch: str, *, into: str = MAIN, resolved: Draft | None = None, notes: str = "",
    by: UserId | None,
) -> PromptVersion:  # fmt: skip
    """A new version on `into` that holds what `branch` changed. `resolved` is a person's own merge of the two.

    Safe to call twice: a branch that is in already gives the newest version of `into`.

    Raises:
        Conflict: both changed the same place and nobody resolved it; details hold the text with marks.
        NotFound: no such prompt or branch. InvalidInput: conflict marks still stand in `resolved`.
    """
    found = await get(tx, prompt)
    await store.lock(tx, found.id)
    merged, ours, theirs = await _merged(tx, found, branch, into)
    if theirs.number in _ancestors(await store.family(tx, found.id), ours.number):
        return ours
    if resolved is None and not merged.is_clean:
        places = merged.conflicts + len(merged.setting_conflicts)
        raise Conflict(
            f"{branch} and {into} both changed the same {'place' if places == 1 else f'{places} places'}. "
            f"Choose in the marked text, then merge with it.",
            details={"merged_text": merged.text, "conflicts": merged.conflicts,
                     "setting_conflicts": list(merged.setting_conflicts)},
        )  # fmt: skip
    draft = resolved or Draft(text=merged.text, config=merged.config, inputs=merged.inputs)
    draft = await _checked(tx, found.key, draft)
    number = await store.add_version(
        tx, found, draft, sha256=gates.fingerprint_of(draft), branch=into, parent=ours.number, merged=theirs.number,
        is_library=False, notes=notes or f"Merged {branch} (version {theirs.number})", by=by,
    )  # fmt: skip
    await _announced(tx, found.id)
    return await get_version(tx, found, number)


async def _merged(tx: ReadOnly, prompt: Prompt, branch: str, into: str) -> tuple[Merge, PromptVersion, PromptVersion]:
    ours, theirs = await _head(tx, prompt, into), await _head(tx, prompt, branch)
    family = await store.family(tx, prompt.id)
    shared = _ancestors(family, ours.number) & _ancestors(family, theirs.number)
    if not shared:
        raise InvalidInput(f"{branch} and {into} share no version, so they cannot be merged. Copy the text by hand.")
    base = await get_version(tx, prompt, max(shared))
    return diffs.merge(base, ours, theirs), ours, theirs


async def _head(tx: ReadOnly, prompt: Prompt, branch: str) -> PromptVersion:
    if head := await store.find_head(tx, prompt.id, branch):
        return head
    raise NotFound(f"{prompt.key} has no branch {branch!r}. Save a version on it first.")


def _ancestors(family: dict[int, tuple[int | None, int | None]], number: int) -> set[int]:
    """The version and everything it was made from."""
    found: set[int] = set()
    left: list[int | None] = [number]
    while left:
        each = left.pop()
        if each is not None and each not in found:
            found.add(each)
            left += family.get(each, ())
    return found


async def _checked(tx: ReadOnly, key: str, draft: Draft) -> Draft:
    """The draft as it will be stored, once its text, includes, inputs and schema hold."""
    tidy = replace(draft, text=templates.require_text(draft.text))
    if diffs.has_marks(tidy.text):
        raise InvalidInput("Conflict marks still stand in the text. Choose one side of each, then save again.")
    names: Sequence[str] = [each.name for each in tidy.inputs]
    if repeated := next((each for each in names if names.count(each) > 1), None):
        raise InvalidInput(f"Two inputs are named {repeated!r}. Give each its own name.")
    assertions.require_schema(tidy.config.output_schema)
    expanded, _ = await resolving.expand(tx, key, tidy.text, label=LATEST)
    templates.require_known(expanded, tidy.inputs)
    return tidy


async def _get(tx: ReadOnly, prompt_id: UUID) -> Prompt:
    return await resolving.get_prompt(tx, prompt_id)


async def _announced(tx: Transaction, prompt_id: UUID) -> Prompt:
    """The prompt as it is now; pages that show it hear of the change when the transaction commits."""
    prompt = await _get(tx, prompt_id)
    await tx.notify(
        "prompts", {"type": "prompt", "prompt_id": str(prompt.id), "key": prompt.key, "latest": prompt.latest}
    )
    return prompt
