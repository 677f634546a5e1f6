"""What the Builder's tests stand on: the product with a worker, a language model that plays a script, approved extracts."""

import hashlib
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from spadework.accounts.actions import credentials
from spadework.app import App
from spadework.core.config import Settings
from spadework.core.ids import AccountId, new_id
from spadework.web import main as web
from tests.conftest import Person, at_work, browser, sign_in

EXTRACT: Mapping[str, Any] = {
    "filename": "sales.csv",
    "columns": ["date", "product_id", "revenue"],
    "sample_rows": [["####-##-##", "AAAA-####", "$#,###.##"], ["####-##-##", "AAAA-####", ""]],
    "row_count": 1542,
}
SCRIPT = """import csv
from pathlib import Path

rows = [row for path in sorted(Path("/input_files/sales").iterdir()) for row in csv.reader(path.open())]
with open("/output/merged.csv", "w", newline="") as file:
    csv.writer(file).writerows(rows)
"""
BUILT: Mapping[str, Any] = {
    "name": "Sales merger",
    "description": "Puts sales files below each other.",
    "fields": [{"id": "sales", "type": "multi_file_upload", "label": "Sales files", "accept": [".csv"]}],
    "execution": {"engine": "pyodide", "dependencies": [], "outputFilename": "merged.csv", "script": SCRIPT},
    "saved_minutes": 12,
}
SHA256 = hashlib.sha256(SCRIPT.encode()).hexdigest()
FEASIBLE = {"match": "builder.validate", "reply": {"feasible": True, "reason": None}}
ENOUGH = {
    "match": "builder.clarify",
    "reply": {"needs_clarification": False, "question": None, "suggestions": []},
}
BUILDS = {"match": "builder.build", "reply": BUILT}
FAILURE = {"exception": "KeyError", "line": 4, "message": "'aaaa'"}


def script_sha256(script: str) -> str:
    """The fingerprint of another script."""
    return hashlib.sha256(script.encode()).hexdigest()


def built(**changes: Any) -> dict[str, Any]:
    """What the builder replies, with another script or other parts."""
    script = changes.pop("script", None)
    reply = {**BUILT, **changes}
    return {**reply, "execution": {**reply["execution"], "script": script}} if script is not None else reply


@dataclass
class Maker:
    """Somebody with the Builder open: what their browser sends, and what the language model is to reply."""

    client: httpx2.AsyncClient
    script: Path
    lines: list[Mapping[str, Any]] = field(default_factory=lambda: [FEASIBLE, ENOUGH, BUILDS])

    def model_says(self, *lines: Mapping[str, Any]) -> None:
        """From now on the first of these whose `match` fits answers, then those of before."""
        self.lines = [*lines, *self.lines]
        self.script.write_text(json.dumps(self.lines))

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> httpx2.Response:
        """A request that may spend."""
        return await self.client.post(path, json=body or {}, headers={"Idempotency-Key": new_id().hex})

    async def begin(self, *extracts: Mapping[str, Any]) -> str:
        """The id of a new workflow."""
        answer = await self.post("/api/workflows", {"file_extracts": list(extracts) or [EXTRACT]})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["workflow_id"])

    async def say(self, workflow_id: str, content: str) -> httpx2.Response:
        """Send a message and wait for its answer."""
        return await self.post(f"/api/workflows/{workflow_id}/messages", {"content": content})

    async def get(self, workflow_id: str) -> Any:
        """The workflow as its page shows it."""
        answer = await self.client.get(f"/api/workflows/{workflow_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def built(self, workflow_id: str, *, not_status: str = "building") -> Any:
        """The workflow once its build has ended, polled as a browser does."""
        while True:
            workflow = await self.get(workflow_id)
            if workflow["current_version"]["status"] != not_status:
                return workflow

    async def make(self) -> Any:
        """A workflow that waits for approval."""
        workflow_id = await self.begin()
        answer = await self.say(workflow_id, "merge these files by the date column")
        assert answer.json()["status"] == "building", answer.text
        workflow = await self.built(workflow_id)
        assert workflow["current_version"]["status"] == "pending_user_approval", workflow["current_version"]["failure"]
        return workflow

    async def test(self, workflow: Mapping[str, Any], **report: Any) -> httpx2.Response:
        """Report a test of the script the workflow has."""
        version = workflow["current_version"]
        body = {"script_sha256": version["script_sha256"], "kind": "synthetic", "result": "passed", **report}
        return await self.post(f"/api/workflows/{workflow['id']}/versions/{version['id']}/tests", body)

    async def approve(self, workflow: Mapping[str, Any]) -> httpx2.Response:
        """A yes to the script as it was shown."""
        version = workflow["current_version"]
        body = {"version_id": version["id"], "script_sha256": version["script_sha256"]}
        return await self.post(f"/api/workflows/{workflow['id']}/approve", body)


@pytest.fixture(scope="module")
async def working(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    """The product with a worker in this process, which has nothing to do yet."""
    async with at_work(replace(settings, home=tmp_path_factory.mktemp("builder"))) as app:
        yield app


@pytest.fixture(scope="module")
async def builder_site(working: App) -> AsyncIterator[web.Site]:
    site = web.create(working)
    async with site.router.lifespan_context(site):
        yield site


@pytest.fixture
async def maker(
    working: App, builder_site: web.Site, account: AccountId, ana: Person, tmp_path: Path
) -> AsyncIterator[Maker]:
    """Ana, whose account has a language model that finds everything feasible and clear, and builds SCRIPT."""
    script = tmp_path / "replies.json"
    async with working.database.transaction(account) as tx:
        await credentials.put_credential(tx, working.box, "llm", "scripted", {"script_path": str(script)})
    async with browser(builder_site, await sign_in(working, ana)) as client:
        maker = Maker(client, script)
        maker.model_says()
        yield maker


def said(workflow: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Who said what, in order."""
    return [(each["role"], each["content"]) for each in workflow["messages"]]
