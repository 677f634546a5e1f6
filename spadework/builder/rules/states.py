"""What may be done with a version in each status, in words for people; the database enforces the steps themselves."""

from spadework.builder.types import Status, Version
from spadework.core.errors import Conflict, ContentChanged, InvalidInput

MAY_TALK: tuple[Status, ...] = ("validating", "validated", "clarifying", "pending_user_approval")
MAY_EDIT: tuple[Status, ...] = ("pending_user_approval", "approved", "rejected", "failed", "archived")
_MAY_TEST: tuple[Status, ...] = ("pending_user_approval", "approved")
_WORDS = {
    "validating": "waiting for its first message",
    "validated": "waiting for a message",
    "clarifying": "waiting for an answer",
    "building": "being built",
    "pending_user_approval": "waiting for approval",
    "approved": "approved",
    "rejected": "rejected",
    "failed": "failed",
    "archived": "archived",
}


def require_may_talk(version: Version) -> None:
    """Raise Conflict when a message cannot be taken now; it says what can be done instead."""
    if version.status == "building":
        raise Conflict("The workflow is being built. Wait until it is done, then say what should change.")
    if version.status not in MAY_TALK:
        raise Conflict(
            f"This version is {_WORDS[version.status]}, so it takes no messages. Press Edit to make a new version first."
        )


def require_may_edit(version: Version) -> None:
    """Raise Conflict when no new version can be made from this one now."""
    if version.status not in MAY_EDIT:
        raise Conflict(f"This version is {_WORDS[version.status]}, so there is nothing to edit yet.")


def require_may_use_form(version: Version) -> None:
    """Raise Conflict when a form cannot make a script now."""
    if version.status == "building":
        raise Conflict("The workflow is being built. Wait until it is done.")
    if version.status not in MAY_TALK:
        raise Conflict(f"This version is {_WORDS[version.status]}. Press Edit to make a new version first.")


def require_approvable(version: Version, seen_sha256: str) -> None:
    """Raise when a yes to what the person saw cannot count: ContentChanged, or Conflict for another status."""
    if version.status == "approved" and version.script_sha256 == seen_sha256:
        return
    if version.status != "pending_user_approval":
        raise Conflict(f"This version is {_WORDS[version.status]}, so it cannot be approved.")
    if version.script_sha256 != seen_sha256:
        raise ContentChanged("The script changed after it was shown to you. Read it again, then approve.")


def require_testable(version: Version, script_sha256: str) -> None:
    """Raise Conflict when a test's report is about another script than the version has now."""
    if version.status not in _MAY_TEST:
        raise Conflict(f"This version is {_WORDS[version.status]}, so a test of it cannot be kept.")
    if version.script_sha256 != script_sha256:
        raise Conflict("The test was of another script than this version has now. Run the test again.")


def require_runnable(version: Version, script_sha256: str) -> None:
    """Raise when what ran is not what a person approved."""
    if version.approved_at is None:
        raise Conflict("This version was never approved, so it has no runs. Approve it, or report a test.")
    if version.script_sha256 != script_sha256:
        raise InvalidInput("The script that ran is not the approved one. Load the workflow again and run that.")
