"""What others may do in the conversation: send a message, and for the job that answers it, what it came to."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from spadework.accounts.actions import credentials
from spadework.builder.actions import building, upkeep, workflows
from spadework.builder.actions.announcing import announce
from spadework.builder.rules import states
from spadework.builder.rules.conversation import MOST_MESSAGE_CHARACTERS, Clarification, Verdict
from spadework.builder.store import messages, records, versions
from spadework.builder.store import workflows as store
from spadework.builder.types import MOST_QUESTIONS, Answer, Message, Version
from spadework.core.db import ReadOnly, Transaction
from spadework.core.errors import Conflict, InvalidInput
from spadework.core.ids import UserId
from spadework.prompts.actions import files as prompts
from spadework.runs import actions as runs
from spadework.runs.types import NewRun, Run

KIND = "answer_message"
BUILDING = "Got it. Building your workflow now."
NO_LLM = (
    "No language model is set up, so free text is off. Add one in Settings › Language models, or describe the task "
    "with a form."
)
_LANDED = "This version was closed while the message was being answered. Look at the newest version."


async def find_reason_against_text(tx: ReadOnly) -> str | None:
    """Why free text is off, None when a language model is set up."""
    stored = await credentials.list_credentials(tx)
    return None if any(each.kind == "llm" for each in stored) else NO_LLM


async def send(tx: Transaction, workflow_id: UUID, content: str, *, body: bytes, by: UserId) -> Run:
    """Take a message; the run that answers it begins when this commits. At an approval it makes a new version.

    Raises:
        NotFound, Forbidden: as `workflows.get_own`. Conflict: another message is in flight, a build is under way,
            the version has ended, or no language model is set up. InvalidInput: the message is blank or too long.
    """
    text = content.strip()
    if not text:
        raise InvalidInput("The message is empty. Describe what the workflow shall do.")
    if len(text) > MOST_MESSAGE_CHARACTERS:
        raise InvalidInput(f"The message is longer than {MOST_MESSAGE_CHARACTERS:,} characters. Shorten it.")
    await workflows.get_own(tx, workflow_id, by=by)
    await store.lock(tx, workflow_id)
    await upkeep.settle(tx, workflow_id)
    version = await versions.find_current(tx, workflow_id)
    assert version is not None, "a workflow has a version"
    states.require_may_talk(version)
    if reason := await find_reason_against_text(tx):
        raise Conflict(reason, details={"reason": "no_llm"})
    earlier = None
    if version.status == "pending_user_approval":
        earlier, version = version.id, await building.next_version(tx, version)
    message_id = await messages.add_question(tx, workflow_id, version.id, text)
    await records.add_entry(tx, workflow_id, direction="to_server", what="message", content=body)
    await prompts.ensure_library(tx)
    run = await runs.start(
        tx,
        NewRun(
            kind=KIND, title="Answer a message in the Builder",
            subject={"workflow_id": str(workflow_id), "version_id": str(version.id)},
            input={
                "workflow_id": str(workflow_id), "version_id": str(version.id), "message_id": str(message_id),
                "validates": version.status == "validating", "earlier_version_id": str(earlier) if earlier else None,
            },
        ),
        by=by,
    )  # fmt: skip
    await messages.set_run(tx, message_id, run.id)
    await store.touch(tx, workflow_id)
    await announce(tx, workflow_id, "message", version_id=version.id, status=version.status)
    return run


async def read(tx: ReadOnly, workflow_id: UUID, version_id: UUID) -> tuple[Version, list[Message]]:
    """What a question to the language model is about: the version and the whole conversation.

    Raises:
        NotFound: the workflow was deleted meanwhile.
    """
    version = await workflows.get_version(tx, workflow_id, version_id)
    return version, await messages.list_messages(tx, workflow_id)


async def find_earlier(tx: ReadOnly, asked: Mapping[str, Any]) -> Version | None:
    """The version that the conversation wants changed: the one named, else the one in use, else the newest with a script."""
    named = asked.get("earlier_version_id")
    if named and (found := await versions.find(tx, UUID(str(named)))):
        return found
    workflow_id, version_id = UUID(str(asked["workflow_id"])), UUID(str(asked["version_id"]))
    others = [
        each for each in await versions.list_versions(tx, workflow_id) if each.id != version_id and each.execution
    ]
    return next((each for each in others if each.is_active), others[0] if others else None)


async def keep_verdict(tx: Transaction, asked: Mapping[str, Any], verdict: Verdict) -> None:
    """What the validator said: the version is validated, or rejected with the reason as the answer."""
    version = await _locked(tx, asked)
    if version is None or version.status != "validating":
        return
    if verdict.feasible:
        await versions.set_status(tx, version.id, "validated")
        await announce(tx, version.workflow_id, "status", version_id=version.id, status="validated")
        return
    reason = (verdict.reason or "").strip()
    await versions.reject(tx, version.id, reason)
    await _answer(tx, version, asked, Answer("rejected", reason))


async def begin_clarifying(tx: Transaction, asked: Mapping[str, Any]) -> None:
    """The version is being clarified from now on; safe to call again."""
    version = await _locked(tx, asked)
    if version is not None and version.status == "validated":
        await versions.set_status(tx, version.id, "clarifying")
        await announce(tx, version.workflow_id, "status", version_id=version.id, status="clarifying")


async def keep_clarification(
    tx: Transaction, asked: Mapping[str, Any], found: Clarification, *, by: UserId | None
) -> None:
    """What the clarifier said: its question as the answer, or the build begins; after five questions it always does."""
    version = await _locked(tx, asked)
    if version is None or version.status != "clarifying" or not await _is_in_flight(tx, asked):
        return
    if found.needs_clarification and version.questions_asked < MOST_QUESTIONS:
        await versions.count_question(tx, version.id)
        suggestions = tuple(each.strip()[:200] for each in found.suggestions if each.strip())
        await _answer(tx, version, asked, Answer("clarifying", (found.question or "").strip(), suggestions))
        return
    earlier = asked.get("earlier_version_id")
    await building.start(tx, version, earlier_version_id=UUID(str(earlier)) if earlier else None, by=by)
    await _answer(tx, version, asked, Answer("building", BUILDING))


async def land(tx: Transaction, asked: Mapping[str, Any]) -> None:
    """The message is in flight no more, answered or not; safe to call again."""
    if await messages.land(tx, UUID(str(asked["message_id"]))):
        await announce(tx, UUID(str(asked["workflow_id"])), "message", version_id=UUID(str(asked["version_id"])))


async def outcome(tx: ReadOnly, asked: Mapping[str, Any]) -> Answer:
    """What the message came to: the first answer after it, with the status the version had then or has now."""
    version, said = await read(tx, UUID(str(asked["workflow_id"])), UUID(str(asked["version_id"])))
    ids = [each.id for each in said]
    place = ids.index(UUID(str(asked["message_id"])))
    answer = next((each for each in said[place:] if each.role == "assistant"), None)
    if answer is None:
        return Answer(version.status, _LANDED)
    is_built = answer.content == BUILDING and version.status not in ("failed", "archived")
    return Answer("building" if is_built else version.status, answer.content, tuple(answer.suggestions))


async def _answer(tx: Transaction, version: Version, asked: Mapping[str, Any], answer: Answer) -> None:
    await messages.add(
        tx, version.workflow_id, version.id, role="assistant", content=answer.message, suggestions=answer.suggestions
    )
    await messages.land(tx, UUID(str(asked["message_id"])))
    await store.touch(tx, version.workflow_id)
    await announce(tx, version.workflow_id, "message", version_id=version.id, status=answer.status)


async def _is_in_flight(tx: Transaction, asked: Mapping[str, Any]) -> bool:
    found = await messages.find(tx, UUID(str(asked["message_id"])))
    return found is not None and found.is_in_flight


async def _locked(tx: Transaction, asked: Mapping[str, Any]) -> Version | None:
    await store.lock(tx, UUID(str(asked["workflow_id"])))
    return await versions.find(tx, UUID(str(asked["version_id"])))
