"""Looks around on the web for one step: our own searches first, then what the model asks to see besides.

The part of `stepping` that knows searches and pages. What fails is a note beside what was found; what was
read is kept as sources by whoever calls.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from spadework.core.errors import FateUnknown, InvalidInput, LimitReached, NotFound, ProviderUnavailable
from spadework.plug.dossier import DossierMade, DossierRequest
from spadework.plug.llm import LlmReply, LlmRequest
from spadework.plug.prompt import PromptText
from spadework.plug.provider import Found, Outcome, Refused
from spadework.plug.questions import Question, ReadPage, SearchWeb, WebPage, WebResult, WebResults
from spadework.plug.step import Step
from spadework.prompts.types import Candidate, Rendered
from spadework.research.actions import results
from spadework.research.rules import web
from spadework.research.types.claims import Source
from spadework.runs.jobs import Job
from spadework.toolbox import research_loop
from spadework.toolbox.cell import CellToolbox
from spadework.toolbox.research_loop import ResearchTask

_RESULTS_PER_SEARCH = 8
_PAGES_AT_ONCE = 4
_NOTES_TOKENS = 2_000
_INSTRUCTIONS = """\
You look things up for somebody who will write the report below from the pages that were read. Do not write \
it. Look at what was found, and ask only for what the report still lacks and a page could tell. Pages that were \
read are at hand when the report is written, so the narrative is a short note: what was found where, and what \
could not be found.

The report's own instructions, for orientation:

{report}"""

Turn = Callable[[str, LlmRequest, Callable[[CellToolbox], Awaitable[dict[str, Any]]]], Awaitable[dict[str, Any]]]
"""Takes one turn as a durable step run, with a toolbox of its own."""


@dataclass
class Looker:
    """One step's look at the web. `read` are the pages that this process has read and nobody has kept yet.

    `texts` are all sources that this look knows the words of, by id: nobody waits for what is at hand to be read back.
    """

    job: Job
    step: Step
    search: str | None
    reader: str
    read: list[Source] = field(default_factory=list)
    texts: dict[UUID, Source] = field(default_factory=dict)

    async def begin(
        self, values: Mapping[str, Any], toolbox: CellToolbox, *, cited: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """What our own searches find and the best of their pages, as plain data without the pages' texts.

        With `cited`, the addresses that a report names, nothing is searched and those are read.

        Raises:
            ProviderUnavailable: nothing could be searched or read at all.
        """
        searches = list(self.step.searches(values)) if self.search and cited is None else []
        outcomes = await asyncio.gather(*(self._search(toolbox, each) for each in searches))
        listed = [found for found, _ in outcomes]
        unread = [{"search": query, "why": why} for query, (_, why) in zip(searches, outcomes, strict=True) if why]
        addresses = web.choose_pages(
            [cited or (), *([each.url for each in found] for found in listed)], self.step.pages(values),
            at_most=self.step.pages_at_most,
        )  # fmt: skip
        slots = asyncio.Semaphore(_PAGES_AT_ONCE)
        until = asyncio.get_running_loop().time() + self.step.timeout_seconds

        async def read_one(url: str) -> tuple[str, WebPage | str]:
            async with slots:
                self.job.require_going()
                if asyncio.get_running_loop().time() > until:
                    return url, f"Not read: the step's {self.step.timeout_seconds} seconds were over."
                return url, await self._read(toolbox, url)

        pages = []
        for url, page in await asyncio.gather(*(read_one(each) for each in addresses)):
            if isinstance(page, str):
                unread.append({"url": url, "why": page})
            else:
                pages.append(self._keep(page, toolbox))
        if not pages and unread:
            raise ProviderUnavailable(
                f"Nothing could be read for {self.step.label.lower()}: {unread[0]['why']} "
                "Retry the run when that is solved."
            )
        found = [
            {"query": query, "results": [{"title": each.title, "url": each.url} for each in hits]}
            for query, hits in zip(searches, listed, strict=True)
        ]
        return {"pages": pages, "unread": unread, "found": found}

    async def go_on(
        self, done: Mapping[str, Any], version: Candidate, rendered: Rendered, *, nonce: str, purpose: str, take: Turn
    ) -> tuple[list[UUID], str]:
        """Sources of the pages that the model asked for besides, and its note on what it found.

        The report's prompt says with `tools` whether it may search, read, both or none.
        """
        tools = set(version.config.tools)
        if not tools or self.step.turns_at_most < 1:
            return [], ""
        task = ResearchTask(
            instructions=_INSTRUCTIONS.format(report=rendered.system), prompt=rendered.prompt,
            search=self.search if "search" in tools else None, reader=self.reader, nonce=nonce,
            model=version.config.model, max_tokens=_NOTES_TOKENS, turns_at_most=self.step.turns_at_most,
            searches_at_most=self.step.more_searches_at_most,
            pages_at_most=self.step.more_pages_at_most if "read_page" in tools else 0, purpose=purpose,
        )  # fmt: skip
        more: list[UUID] = []

        async def remember(key: str, request: LlmRequest, work: Any) -> dict[str, Any]:
            async def turn(toolbox: CellToolbox) -> dict[str, Any]:
                door.toolbox = toolbox
                # What the turn before has read is kept: a turn begins when that step's end is written.
                self.read.clear()
                gave = await work()
                return {**gave, "findings": [self._without_text(each, toolbox) for each in gave["findings"]]}

            gave = await take(key, request, turn)
            findings = await self._with_texts(gave["findings"])
            more.extend(UUID(each["read"]["source_id"]) for each in gave["findings"] if "read" in each)
            return {**gave, "findings": findings}

        door = _Door()
        known = await self._known(done)
        made = await research_loop.research(door, task, known=known, remember=remember)
        return more, made.narrative

    async def sources(self, ids: Sequence[UUID]) -> list[Source]:
        """Those sources that the run has, in the order asked for."""
        if missing := [each for each in ids if each not in self.texts]:
            async with self.job.database.read(self.job.account_id) as tx:
                self.texts |= await results.find_sources(tx, self.job.run.id, missing)
        return [self.texts[each] for each in ids if each in self.texts]

    async def _known(self, done: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What the first look found, as the model is shown it."""
        searches = [
            research_loop.searched(
                SearchWeb(query=each["query"], limit=_RESULTS_PER_SEARCH),
                [WebResult(title=hit["title"], url=hit["url"]) for hit in each["results"]],
            )
            for each in done["found"]
        ]
        unread = [{"page": each["url"], "why": each["why"]} for each in done["unread"] if "url" in each]
        pages = [{"page": each["url"], "read": each} for each in done["pages"]]
        return [*searches, *unread, *await self._with_texts(pages)]

    async def _search(self, toolbox: CellToolbox, query: str) -> tuple[Sequence[WebResult], str | None]:
        assert self.search is not None
        self.job.require_going()
        outcome = await _outcome(toolbox, self.search, SearchWeb(query=query, limit=_RESULTS_PER_SEARCH))
        if isinstance(outcome, Found) and isinstance(outcome.answer, WebResults):
            return outcome.answer.results, None
        return (), outcome.message if isinstance(outcome, Refused) else None

    async def _read(self, toolbox: CellToolbox, url: str) -> WebPage | str:
        outcome = await _outcome(toolbox, self.reader, ReadPage(url=url))
        if isinstance(outcome, Found) and isinstance(outcome.answer, WebPage):
            return outcome.answer
        return outcome.message if isinstance(outcome, Refused) else "The page holds no text."

    def _keep(self, page: WebPage, toolbox: CellToolbox) -> dict[str, Any]:
        source = results.to_source(page, self.job.run.id, is_simulated=toolbox.is_simulated)
        self.read.append(source)
        self.texts[source.id] = source
        return {"source_id": str(source.id), "url": source.url, "title": source.name}

    def _without_text(self, finding: Mapping[str, Any], toolbox: CellToolbox) -> dict[str, Any]:
        """A finding as a step run keeps it: the page's words have their home among the sources."""
        if "read" not in finding:
            return dict(finding)
        return {**finding, "read": self._keep(WebPage(**finding["read"]), toolbox)}

    async def _with_texts(self, findings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Findings with the words of their pages, which are kept among the sources.

        Raises:
            NotFound: the run lacks one of them.
        """
        ids = {UUID(each["read"]["source_id"]) for each in findings if "read" in each}
        kept = {each.id: each for each in await self.sources(list(ids))}
        if kept.keys() != ids:
            raise NotFound("A page that was read is no longer stored. Start a new run.")
        return [
            _with_text(each, kept[UUID(each["read"]["source_id"])]) if "read" in each else dict(each)
            for each in findings
        ]


@dataclass
class _Door:
    """The toolbox of whichever turn is being taken: each turn is a step run with evidence of its own."""

    toolbox: CellToolbox | None = None

    async def ask(self, provider: str, question: Question) -> Outcome:
        assert self.toolbox is not None
        return await self.toolbox.ask(provider, question)

    async def complete(self, request: LlmRequest) -> LlmReply:
        assert self.toolbox is not None
        return await self.toolbox.complete(request)

    async def dossier(self, request: DossierRequest) -> DossierMade:
        assert self.toolbox is not None
        return await self.toolbox.dossier(request)

    async def prompt(self, key: str, label: str) -> PromptText:
        assert self.toolbox is not None
        return await self.toolbox.prompt(key, label)


def _with_text(finding: Mapping[str, Any], kept: Source) -> dict[str, Any]:
    page = WebPage(
        url=finding["page"], final_url=kept.url, title=kept.name, text=kept.text, sha256="",
        published=kept.published_on.isoformat() if kept.published_on else None, fetched_at=kept.fetched_at.isoformat(),
    )  # fmt: skip
    return {**finding, **research_loop.page_read(finding["page"], page)}


async def _outcome(toolbox: CellToolbox, provider: str, question: Question) -> Outcome:
    try:
        return await toolbox.ask(provider, question)
    except (InvalidInput, LimitReached) as error:
        # An address that is none of ours to call, or a page larger than we take: that page's alone.
        return Refused("invalid_request", error.message)
    except (FateUnknown, ProviderUnavailable) as error:
        # The call is in the books and waits for a person where its fate is unknown; the step goes on without.
        return Refused("vendor_down", error.message)
