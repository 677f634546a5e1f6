"""What a plug-in may ask for while it computes one cell: metered, recorded, and nothing that sends."""

from typing import Protocol

from spadework.plug.llm import LlmReply, LlmRequest
from spadework.plug.provider import Outcome
from spadework.plug.questions import Question


class Toolbox(Protocol):
    """The metered door for one cell. Everything asked through it is evidence of that cell.

    Both methods raise OutOfBudget when the reservation does not fit, and `Halted` when the run was
    stopped before anything left; let both pass, the job turns them into cell states.
    """

    async def ask(self, provider: str, question: Question) -> Outcome:
        """The outcome of one question to one provider; never Pending, polling happens inside."""
        ...

    async def complete(self, request: LlmRequest) -> LlmReply:
        """One completion of the run's language model."""
        ...
