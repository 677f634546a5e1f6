"""When an approval holds."""

from spadework.approvals.types import Approval
from spadework.core.errors import ContentChanged


def require_same(seen: str, actual: str) -> None:
    """Refuse a yes to something else.

    Raises:
        ContentChanged: what would happen is not what the person saw; show it again.
    """
    if seen != actual:
        raise ContentChanged("This changed after it was shown to you. Look at it again, then approve.")


def require_yes(approval: Approval | None) -> Approval:
    """The approval, which must be a yes.

    Raises:
        ContentChanged: nobody approved exactly this.
    """
    if approval is None or approval.decision != "yes":
        raise ContentChanged("Nobody has approved exactly this. Show it and ask for approval.")
    return approval
