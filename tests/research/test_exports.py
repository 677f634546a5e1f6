"""A dossier as a file: escaped everywhere, with quotes, and with what is not supported marked."""

import json
import re
from datetime import UTC, datetime
from uuid import UUID

import pytest

from spadework.core.errors import InvalidInput
from spadework.core.ids import ClientId, RunId
from spadework.research.rules import exports, pdf, sections
from spadework.research.types.dossiers import Contact, Dossier, LeadScore, ScorePart
from tests.research.building import merged

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
EVIL = "<script>alert(1)</script> [x](javascript:alert(1)) *bold* ![i](http://spy.example/p.png)"


def document(*, is_simulated: bool = False) -> exports.Document:
    claims = [
        merged("MERGED_001", "Harbor Foods builds in Dayton", quote="will build in “Dayton” <b>"),
        merged("MERGED_002", f"Dayton {EVIL}"),
    ]
    content = {"company_intel": f"Harbor Foods builds in Dayton [MERGED_001]. Dayton {EVIL} [MERGED_002]. They hire."}
    score = LeadScore(
        total=28, urgency="HIGH",
        parts=(ScorePart(name="signal", points=28, most=30, reason="A plant", claim_ids=("MERGED_001",)),),
    )  # fmt: skip
    dossier = Dossier(
        id=UUID(int=2), client_id=ClientId(UUID(int=3)), run_id=RunId(UUID(int=4)), company_name="Harbor & Sons <i>",
        domain="harbor.example", state="ready", score=score, primary_signal=None, media={},
        sections_completed=("LEAD_INTELLIGENCE",), release_after_hours=0, ready_at=NOON, release_at=NOON,
        is_simulated=is_simulated, created_at=NOON, updated_at=NOON,
    )  # fmt: skip
    people = (Contact(index=0, first_name="Dana", last_name="Field", email="dana@example.com", is_primary=True),)
    parts = (
        sections.score_section(score, claims),
        sections.contacts_section(people),
        sections.write("LEAD_INTELLIGENCE", {"content": content}, claims),
    )
    return exports.Document(
        dossier=dossier, client_name="Coldwell", sections=parts, contacts=people, sources=sections.all_sources(parts),
        claims={each.merged_claim_id: each for each in claims},
    )  # fmt: skip


def test_html_is_one_page_that_loads_nothing_and_runs_nothing() -> None:
    page = exports.write(document(), "html")
    text = page.content.decode()
    assert (page.name, page.media_type) == ("harbor-sons-i.html", "text/html; charset=utf-8")
    assert "<script" not in text
    assert re.findall(r"(?:src|href)=[\"']([^#\"'][^\"']*)", text) == ["https://harbor.example/news"] * 2
    assert "default-src 'none'" in text
    assert "@page" in text


def test_every_sentence_leads_to_its_quote_and_what_is_not_supported_is_marked() -> None:
    text = exports.to_html(document())
    assert "Harbor Foods builds in Dayton.<sup><a href='#claim-1'>1</a></sup>" in text
    assert "<li id='claim-1'>Harbor Foods builds in Dayton<blockquote>“will build in “Dayton” &lt;b&gt;”" in text
    assert (
        "<span class='unsupported'>They hire.</span> <span class='why'>not supported: It cites no claim.</span>" in text
    )


def test_markdown_escapes_what_pages_and_models_wrote() -> None:
    text = exports.to_markdown(document())
    assert "\\<script\\>" in text
    assert "\\[x\\](javascript" in text
    assert "!\\[i\\]" in text
    assert "Harbor Foods builds in Dayton. [1]" in text
    assert "~~They hire.~~ (**not supported:** It cites no claim.)" in text
    assert "**Dana Field (primary):** dana@example.com" in text


def test_json_holds_everything_cited() -> None:
    value = json.loads(exports.write(document(), "json").content)
    assert value["dossier"]["company_name"] == "Harbor & Sons <i>"
    assert set(value["claims"]) == {"MERGED_001", "MERGED_002"}
    assert value["claims"]["MERGED_001"]["sources"][0]["quote"] == "will build in “Dayton” <b>"
    assert value["contacts"][0]["email"] == "dana@example.com"


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_a_simulated_dossier_says_so(form: str) -> None:
    assert b"SIMULATED" in exports.write(document(is_simulated=True), form).content
    assert b"SIMULATED" not in exports.write(document(), form).content


def test_another_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput, match="markdown, html, pdf, json"):
        exports.write(document(), "docx")


def test_a_pdf_is_the_same_bytes_each_time_and_holds_the_links_of_its_sources() -> None:
    made = exports.write(document(), "pdf")
    assert (made.name, made.media_type, made.content[:5]) == ("harbor-sons-i.pdf", "application/pdf", b"%PDF-")
    assert made.content == exports.write(document(), "pdf").content
    assert made.content.count(b"(https://harbor.example/news)") >= 1
    assert b"spy.example" not in made.content
    assert b"javascript" not in made.content


@pytest.mark.parametrize(("text", "lacks"), [("Łódź, Ωμέγα, Жук — “quoted” €5", False), ("冷蔵", True)])
def test_a_pdf_knows_when_its_font_lacks_letters_and_says_so(text: str, lacks: bool) -> None:
    page = pdf.Page("Dossier")
    page.title("Harbor Foods", text)
    assert page.lacks_letters is lacks
    assert page.to_bytes().startswith(b"%PDF-")
