"""The folder as the catalogue sees it: three services, shared code left out, heavy libraries not loaded."""

import subprocess
import sys

from spadework.plug.catalog import load
from spadework.plug.column import ColumnKind
from spadework.plug.llm import Llm


def test_each_service_is_found_and_the_shared_code_is_not_taken_for_one():
    assert {"anthropic", "openai", "scripted"} <= load(Llm, "llm").keys()
    assert not [key for key in load(Llm, "llm") if key.startswith("_")]


def test_only_the_pretended_service_says_it_is_simulated():
    assert [key for key, each in load(Llm, "llm").items() if each.is_simulated] == ["scripted"]


def test_the_ai_column_is_found():
    assert "ai" in load(ColumnKind, "column")


def test_looking_at_the_services_does_not_load_their_libraries():
    program = (
        "import sys\n"
        "from spadework.plug.catalog import load\n"
        "from spadework.plug.llm import Llm\n"
        "load(Llm, 'llm')\n"
        "print([each for each in ('pydantic_ai', 'anthropic', 'openai', 'httpx2') if each in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert printed.stdout == "[]\n"
