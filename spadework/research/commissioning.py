"""Has a research service look into one step's topic: submitted once, waited for, and its report as plain data.

What the report cites is read like any other page by whoever calls; the report itself is no source.
"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from spadework.core import clock
from spadework.core.errors import InvalidInput, ProviderError, ProviderRefused, ProviderUnavailable
from spadework.plug import catalog
from spadework.plug.provider import Found, NotFound, Outcome, Provider, Refused
from spadework.plug.questions import ResearchReport, ResearchTopic
from spadework.plug.step import Step
from spadework.prompts.types import PromptConfig
from spadework.runs.jobs import Job
from spadework.runs.types import StepRun
from spadework.toolbox import tasks
from spadework.toolbox.cell import CellToolbox
from spadework.toolbox.tasks import Patience
from spadework.toolbox.vendors import TaskState

TOOL = "research"
"""Among a prompt's tools it says that the pages of its `background` step are found by a research service."""
MOST_NOTES_CHARACTERS = 20_000
"""What of a report the model is shown beside the pages."""
_UNDER_WAY = ("queued", "running", "waiting")


def is_wanted(step: Step, config: PromptConfig) -> bool:
    """Whether the step is left to a research service."""
    return step.mode == "background" and TOOL in config.tools


def question(step: Step, provider: str | None, variables: Mapping[str, Any]) -> ResearchTopic:
    """What the service is asked.

    Raises:
        InvalidInput: there is no service to ask; the message says how to set one up.
    """
    if provider is None:
        known = catalog.load(Provider, "provider").values()
        names = ", ".join(each.label for each in known if each.find_capability(ResearchTopic.capability))
        raise InvalidInput(
            f"The prompt of {step.label.lower()} has the tool {TOOL!r}, and no research service is set up. Add a key "
            f"for {names} in Settings › Keys and retry the run, or take the tool out and start a new one."
        )
    return ResearchTopic(instructions=step.topic(variables))


def patience(job: Job, key: str, step: Step, before: StepRun | None) -> Patience:
    """How long the task is waited for: as long as the step may take, from its submission on, whoever waits.

    After an attempt that ended without a report the time begins anew. Each poll is shown in the step's record.
    """

    async def watch(task: TaskState) -> None:
        await job.show_step(key, calls=[_evidence(task)])

    return Patience(most_seconds=step.timeout_seconds, since=_since(before), watch=watch)


def generation(before: StepRun | None) -> str:
    """Tells purchases apart after a task that failed: only then is another one bought for the same topic."""
    error = before.error if before else None
    return f"task-{error.get('attempt', '')}" if error and error.get("code") == ProviderRefused.code else ""


async def report(toolbox: CellToolbox, provider: str, asked: ResearchTopic) -> dict[str, Any]:
    """The report, its sources and the task's id.

    Raises:
        ProviderRefused: the service gave the task up, and a retry begins another.
        ProviderUnavailable: it has not ended in time, and a retry waits for the same. Others as the door's.
    """
    outcome = await toolbox.ask(provider, asked)
    if isinstance(outcome, Found) and isinstance(outcome.answer, ResearchReport):
        made = outcome.answer
        return {"text": made.text, "sources": [asdict(each) for each in made.sources], "task_id": made.task_id}
    raise _problem(outcome, str(toolbox.attempts[-1].get("state", "")))


def _problem(outcome: Outcome, state: str) -> ProviderError:
    if isinstance(outcome, NotFound):
        return ProviderRefused(f"The research service found nothing: {outcome.reason}. Correct the seed, then retry.")
    assert isinstance(outcome, Refused)
    if state == "failed":
        return ProviderRefused(f"{outcome.message} Retry the run to begin another task, which is paid for again.")
    kind = ProviderUnavailable if outcome.kind in ("vendor_down", "rate_limited") else ProviderError
    return kind(outcome.message)


def _since(before: StepRun | None) -> datetime | None:
    return None if before is None or before.state in _UNDER_WAY else clock.now()


def _evidence(task: TaskState) -> dict[str, Any]:
    return {
        "provider": task.provider, "capability": task.capability, "outcome": "Pending", "cost_micro_usd": 0,
        "is_simulated": task.is_simulated, "call_id": str(task.call_id), **tasks.shown(task),
    }  # fmt: skip
