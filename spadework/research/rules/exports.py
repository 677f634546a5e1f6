"""A dossier as a file: Markdown, HTML that prints well, PDF and JSON; pure.

What is written came from models and pages: it is data in every format, escaped, with no image and no
script, and only addresses of http and https become links.
"""

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from spadework.core.errors import InvalidInput
from spadework.research.rules.shapes import SHAPES, Field
from spadework.research.types.claims import MergedClaim
from spadework.research.types.dossiers import Contact, Dossier, Exported, Section, Sentence, UsedSource

_TITLES = {
    "SCORE": "Lead score", "CONTACTS": "Contacts", **{key: shape.label for key, shape in SHAPES.items()},
}  # fmt: skip
_SIMULATED = "SIMULATED: every value in this dossier is invented for training."
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~])")
_LINE_MARKS = re.compile(r"^(\s*)([-+=]|\d+[.)])", re.MULTILINE)
_STYLE = """
:root { color-scheme: light }
body { font: 11pt/1.5 Georgia, 'Times New Roman', serif; color: #1b1b18; max-width: 46rem; margin: 2.5rem auto; padding: 0 1.5rem }
h1 { font-size: 22pt; line-height: 1.2; margin: 0 0 .2rem } h2 { font-size: 14pt; margin: 2rem 0 .5rem; break-after: avoid }
h3 { font-size: 11pt; margin: 1rem 0 .2rem; break-after: avoid } p { margin: 0 0 .6rem } .meta { color: #66645c }
sup { font: 7.5pt/1 system-ui, sans-serif; color: #66645c } sup a { color: inherit; text-decoration: none }
.unsupported { background: #fdf0d5; border-bottom: 1.5pt solid #b4580c } .why { font: 8.5pt system-ui, sans-serif; color: #8a3f05 }
.simulated { border: 1.5pt solid #b4580c; color: #8a3f05; padding: .4rem .8rem; font: 10pt system-ui, sans-serif }
blockquote { margin: .2rem 0 .8rem; padding-left: .8rem; border-left: 2pt solid #d8d5ca; color: #44423b }
article { break-inside: avoid } li { margin-bottom: .5rem; overflow-wrap: anywhere }
@page { margin: 18mm } @media print { body { margin: 0; max-width: none; padding: 0 } a { color: inherit } }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What an export is made of."""

    dossier: Dossier
    client_name: str
    sections: tuple[Section, ...]
    contacts: tuple[Contact, ...]
    sources: tuple[UsedSource, ...]
    claims: Mapping[str, MergedClaim]


def write(document: Document, form: str) -> Exported:
    """The dossier in that format.

    Raises:
        InvalidInput: there is no such format.
    """
    writers: Mapping[str, tuple[str, str, Callable[[Document], bytes]]] = {
        "markdown": ("md", "text/markdown; charset=utf-8", lambda each: to_markdown(each).encode()),
        "html": ("html", "text/html; charset=utf-8", lambda each: to_html(each).encode()),
        "pdf": ("pdf", "application/pdf", to_pdf),
        "json": ("json", "application/json", lambda each: to_json(each).encode()),
    }
    if form not in writers:
        raise InvalidInput(f"A dossier cannot be exported as {form[:40]!r}. It can as: {', '.join(writers)}.")
    extension, media_type, make = writers[form]
    name = re.sub(r"[^a-z0-9]+", "-", (document.dossier.company_name or "dossier").lower()).strip("-") or "dossier"
    return Exported(name=f"{name[:80]}.{extension}", media_type=media_type, content=make(document))


def to_json(document: Document) -> str:
    """Everything, for machines."""
    cited = {each for section in document.sections for each in section.claim_ids}
    value = {
        "dossier": asdict(document.dossier),
        "client": document.client_name,
        "sections": {each.key: asdict(each) for each in document.sections},
        "contacts": [asdict(each) for each in document.contacts],
        "sources": [asdict(each) for each in document.sources],
        "claims": {name: asdict(each) for name, each in document.claims.items() if name in cited},
    }
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def to_markdown(document: Document) -> str:
    """Readable text; each sentence carries the numbers of its claims, which stand at the end with quotes."""
    numbers = _numbers(document)
    dossier = document.dossier
    lines = [f"# {_md(dossier.company_name or 'Dossier')}", "", _md(_subtitle(document)), ""]
    if dossier.is_simulated:
        lines += [f"**{_SIMULATED}**", ""]
    for section in document.sections:
        lines += [f"## {_TITLES[section.key]}", ""]
        for label, sentences in _paragraphs(section, document.contacts):
            text = " ".join(_md_sentence(each, numbers) for each in sentences)
            lines += [f"**{_md(label)}:** {text}" if label else text, ""]
    lines += ["## Claims and sources", ""]
    for name, number in numbers.items():
        claim = document.claims[name]
        lines.append(f"{number}. {_md(claim.statement)}")
        lines += [
            f"   - “{_md(each.quote)}” {_md(each.name)} ({each.tier})"
            + (f" <{each.url}>" if _is_link(each.url) else "")
            for each in claim.sources
            if each.is_supported
        ]
    return "\n".join(lines) + "\n"


def to_html(document: Document) -> str:
    """One self-contained page for reading and printing."""
    numbers = _numbers(document)
    dossier, esc = document.dossier, html.escape
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'>",
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        f"<title>{esc(dossier.company_name or 'Dossier')}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{esc(dossier.company_name or 'Dossier')}</h1><p class='meta'>{esc(_subtitle(document))}</p>",
    ]
    if dossier.is_simulated:
        parts.append(f"<p class='simulated'>{_SIMULATED}</p>")
    for section in document.sections:
        parts.append(f"<section><h2>{esc(_TITLES[section.key])}</h2>")
        for label, sentences in _paragraphs(section, document.contacts):
            text = " ".join(_html_sentence(each, numbers) for each in sentences)
            heading = f"<h3>{esc(label)}</h3>" if label else ""
            parts.append(f"<article>{heading}<p>{text}</p></article>")
        parts.append("</section>")
    parts.append("<section><h2>Claims and sources</h2><ol>")
    for name, number in numbers.items():
        claim = document.claims[name]
        parts.append(f"<li id='claim-{number}'>{esc(claim.statement)}")
        parts += [
            f"<blockquote>“{esc(each.quote)}”<br><cite>{_link(each.url, each.name)}</cite> ({each.tier})</blockquote>"
            for each in claim.sources
            if each.is_supported
        ]
        parts.append("</li>")
    return "".join([*parts, "</ol></section></body></html>"])


def to_pdf(document: Document) -> bytes:
    """The same as the HTML, set for paper."""
    from spadework.research.rules.pdf import Page  # here, because its libraries are slow to load and seldom wanted

    numbers, dossier = _numbers(document), document.dossier
    page = Page(dossier.company_name or "Dossier")
    page.title(dossier.company_name or "Dossier", _subtitle(document))
    if dossier.is_simulated:
        page.warning(_SIMULATED)
    for section in document.sections:
        page.section(_TITLES[section.key])
        for label, sentences in _paragraphs(section, document.contacts):
            page.paragraph(label, [
                (each.text, [numbers[name] for name in each.claim_ids if name in numbers],
                 None if each.status == "supported" else each.problem or "")
                for each in sentences
            ])  # fmt: skip
    page.section("Claims and sources")
    for name, number in numbers.items():
        claim = document.claims[name]
        quotes = [
            (each.quote, f"{each.name} ({each.tier})", each.url if _is_link(each.url) else None)
            for each in claim.sources
            if each.is_supported
        ]
        page.claim(number, claim.statement, quotes)
    return page.to_bytes()


# --- a section as paragraphs -----------------------------------------------------------------------


def _paragraphs(section: Section, contacts: tuple[Contact, ...]) -> Iterator[tuple[str, list[Sentence]]]:
    """Label and sentences of each field that holds something, in the shape's order."""
    if section.key == "CONTACTS":
        for each in contacts:
            about = [each.title, each.organization, each.email, each.phone, each.linkedin_url, each.bio]
            said = ". ".join(part.rstrip(".") for part in about if part)
            yield each.name + (" (primary)" if each.is_primary else ""), [Sentence(path="", text=said)]
        return
    if section.key == "SCORE":
        content = section.content
        yield "", [Sentence(path="", text=f"{content['lead_score']} of 100. Urgency: {content['timing_urgency']}.")]
        for part in content["parts"]:
            yield (
                f"{part['name'].replace('_', ' ').capitalize()} {part['points']} of {part['most']}",
                [Sentence(path="", text=part["reason"], claim_ids=tuple(part["claim_ids"]))],
            )
        return
    by_path: dict[str, list[Sentence]] = {}
    for sentence in section.sentences:
        by_path.setdefault(sentence.path, []).append(sentence)
    for path, label, value in _leaves(section.content, SHAPES[section.key], (), ""):
        yield label, by_path.get(path) or [Sentence(path=path, text=str(value))]


def _leaves(value: Any, shape: Field, path: tuple[str, ...], label: str) -> Iterator[tuple[str, str, Any]]:
    if shape.kind == "object" and isinstance(value, Mapping):
        for name, each in shape.fields.items():
            yield from _leaves(value.get(name), each, (*path, name), each.label)
    elif shape.kind == "list" and isinstance(value, list):
        assert shape.item is not None
        for place, each in enumerate(value):
            yield from _leaves(each, shape.item, (*path, str(place)), shape.item.label)
    elif value not in (None, "", [], {}) and not isinstance(value, Mapping | list):
        yield ".".join(path), label, value


def _numbers(document: Document) -> dict[str, int]:
    """The claims that sentences cite, numbered in the order they are met."""
    cited = [
        claim
        for section in document.sections
        for _, sentences in _paragraphs(section, document.contacts)
        for sentence in sentences
        for claim in sentence.claim_ids
    ]
    return {
        name: number for number, name in enumerate(dict.fromkeys(each for each in cited if each in document.claims), 1)
    }


def _subtitle(document: Document) -> str:
    dossier = document.dossier
    ready = f"ready {dossier.ready_at:%d %B %Y}" if dossier.ready_at else dossier.state
    return ", ".join(each for each in (dossier.domain, f"for {document.client_name}", ready) if each)


def _md_sentence(sentence: Sentence, numbers: Mapping[str, int]) -> str:
    marks = "".join(f"[{numbers[each]}]" for each in sentence.claim_ids if each in numbers)
    text = _md(sentence.text) + (f" {marks}" if marks else "")
    return text if sentence.status == "supported" else f"~~{text}~~ (**not supported:** {_md(sentence.problem or '')})"


def _html_sentence(sentence: Sentence, numbers: Mapping[str, int]) -> str:
    known = [numbers[each] for each in sentence.claim_ids if each in numbers]
    marks = " ".join(f"<a href='#claim-{each}'>{each}</a>" for each in known)
    text = html.escape(sentence.text) + (f"<sup>{marks}</sup>" if marks else "")
    if sentence.status == "supported":
        return f"<span>{text}</span>"
    why = html.escape(sentence.problem or "")
    return f"<span class='unsupported'>{text}</span> <span class='why'>not supported: {why}</span>"


def _md(text: str) -> str:
    return _LINE_MARKS.sub(r"\1\\\2", _MARKDOWN.sub(r"\\\1", text))


def _link(url: str | None, name: str) -> str:
    label = html.escape(name)
    if not _is_link(url):
        return label
    return f"<a href='{html.escape(url or '', quote=True)}' rel='noreferrer noopener'>{label}</a>"


def _is_link(url: str | None) -> bool:
    return url is not None and re.fullmatch(r"https?://[^\s<>\"'`]+", url) is not None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)
