"""The provider in docs/how-to/add-a-provider.md, dropped in as a file, works as that page says."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-provider.md"
REPLIES = [
    (200, '{"email": "odile@kestrel.example.com", "verdict": "ok"}', "Found", "valid"),
    (200, '{"email": "odile@kestrel.example.com", "verdict": "unsure"}', "Found", "unknown"),
    (200, '{"email": "odile@kestrel.example.com", "verdict": 5}', "Refused", "garbage"),
    (200, "<html>", "Refused", "garbage"),
    (401, '{"error": "no such key"}', "Refused", "bad_key"),
    (503, "", "Refused", "vendor_down"),
]
# A process of its own, so that the dropped file is in no other test's catalogue.
SCRIPT = """
import json, sys
from pathlib import Path
from spadework.core.http import HttpResponse
from spadework.plug import catalog
from spadework.plug.provider import Found, Provider
from spadework.plug.questions import VerifyEmail

catalog.add_folder(Path(sys.argv[1]))
known = catalog.load(Provider, "provider")
dropped = known["mailcheck"]()
asked = dropped.request(VerifyEmail(email="odile@kestrel.example.com"))
outcomes = [
    dropped.interpret(asked, HttpResponse(status=status, body=body.encode()))
    for status, body in json.loads(sys.argv[2])
]
print(json.dumps({
    "keys": list(known),
    "capabilities": [each.question.capability for each in dropped.capabilities],
    "url": dropped.authorize(asked, {"api_key": "k"}).full_url,
    "headers": dict(dropped.authorize(asked, {"api_key": "k"}).headers),
    "outcomes": [
        [type(each).__name__, each.answer.status if isinstance(each, Found) else each.kind] for each in outcomes
    ],
}))
"""


@pytest.fixture(scope="module")
def dropped(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a fresh process says about the page's code block, saved under the name the page gives it."""
    page = PAGE.read_text(encoding="utf-8")
    name, code = re.search(r"`(\w+\.py)`, complete:\n\n```python\n(.*?)```", page, re.DOTALL).groups()
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "providers").mkdir()
    (folder / "providers" / name).write_text(code, encoding="utf-8")
    sent = json.dumps([(status, body) for status, body, _, _ in REPLIES])
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), sent], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def test_the_dropped_file_appears_in_the_catalogue_beside_ours(dropped):
    assert "mailcheck" in dropped["keys"]
    assert {"apollo", "hunter", "zerobounce"} < set(dropped["keys"])
    assert dropped["capabilities"] == ["verify_email"]


def test_the_dropped_file_asks_with_its_key(dropped):
    assert dropped["url"] == "https://api.mailcheck.example.com/v1/check?email=odile%40kestrel.example.com"
    assert dropped["headers"] == {"Authorization": "Bearer k"}


def test_the_dropped_file_reads_good_and_bad_replies(dropped):
    assert dropped["outcomes"] == [[outcome, meaning] for _, _, outcome, meaning in REPLIES]


def test_every_path_the_page_names_exists():
    root = PAGE.parents[2]
    named = re.findall(r"`((?:spadework|tests)/[\w/.]+)`", PAGE.read_text(encoding="utf-8"))
    assert named
    assert [each for each in named if not (root / each).exists()] == []
