"""What a plug-in may ask for while it computes one cell: metered, recorded, and nothing that sends."""

from typing import Protocol

from spadework.plug.dossier import DossierMade, DossierRequest
from spadework.plug.llm import LlmReply, LlmRequest
from spadework.plug.prompt import PromptText
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

    async def dossier(self, request: DossierRequest) -> DossierMade:
        """The dossier of this cell, once its making has ended; begun once, however often this is called."""
        ...

    async def prompt(self, key: str, label: str) -> PromptText:
        """The version of a prompt that the label points to, the same for all cells of a run.

        What is completed afterwards is recorded as asked with it. Raises UnknownReference when there is none.
        """
        ...
