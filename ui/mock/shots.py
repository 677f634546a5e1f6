"""Takes every screen's picture from the built UI over the stand-in server: `python mock/shots.py FOLDER [NAME …]`.

Needs Playwright for Python and Chromium (SPADEWORK_CHROMIUM); also prints what the page complained about.
"""

import atexit
import os
import subprocess
import sys
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
OUT = Path(sys.argv[1] if len(sys.argv) > 1 else "shots")
ONLY = sys.argv[2:]
SIZES = {"1440": (1440, 900), "1024": (1024, 768)}
CLIENT = "0192f0c0-0000-7000-8000-000000000010"
QUIET = "0192f0c0-0000-7000-8000-000000000011"


def serve(port: int, *flags: str, **env: str) -> tuple[subprocess.Popen[bytes], str]:
    command = ["node", str(HERE / "server.mjs"), "--port", str(port), "--static", str(HERE / "../../spadework/web/static"), *flags]
    process = subprocess.Popen(command, env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    atexit.register(process.kill)
    assert process.stdout
    process.stdout.readline()
    return process, f"http://127.0.0.1:{port}"


def sign_in(page: Page, base: str) -> None:
    page.goto(base + "/sign-in")
    page.get_by_label("E-mail").fill("ana@example.com")
    page.get_by_label("Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").wait_for()


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    time.sleep(0.35)


def wizard(page: Page, base: str, step: int) -> None:
    page.evaluate("sessionStorage.clear()")  # what an earlier picture filled in is still there
    page.goto(f"{base}/c/{CLIENT}/begin")
    page.get_by_label("Workbook name").fill("California technology, Q1")
    if step == 1:
        return
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Industries").click()
    for word in ("Software", "Semiconductors", "Internet"):
        page.get_by_role("combobox").fill(word)
        page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Headquarters").click()
    page.get_by_role("combobox").fill("California")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.get_by_label("Take at most").fill("500")
    if step == 2:
        return
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Add ICP score and work e-mail").click()
    if step == 3:
        page.get_by_role("button", name="Unfold").first.click()
        return
    page.get_by_role("button", name="Continue").click()


def wizard_ai(page: Page, base: str) -> None:
    wizard(page, base, 3)
    page.get_by_role("button", name="Fold", exact=True).first.click()
    page.get_by_role("button", name="Add column").click()
    page.get_by_role("menuitem", name="AI column").click()
    page.get_by_label("Prompt").last.click()
    page.keyboard.type("Does {{Company}} ship physical goods? Look at {{Industries}} and {{Nonsense}}.")


def wizard_csv(page: Page, base: str) -> None:
    wizard(page, base, 1)
    page.get_by_role("radio", name="CSV import").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("CSV file").set_input_files({"name": "autumn-conference.csv", "mimeType": "text/csv", "buffer": b"Company Name,Website\nAlder Analytics,alder.example.com\n"})
    page.get_by_text("Another file").wait_for()


def plan(page: Page, base: str, *, tab: str = "") -> None:
    wizard(page, base, 4)
    page.get_by_role("button", name="Make the plan").click()
    page.wait_for_url("**/plans/**")
    if tab:
        page.get_by_role("tab", name=tab).click()


def first_run(page: Page, base: str, title: str) -> None:
    page.goto(f"{base}/c/{CLIENT}/runs")
    page.get_by_text(title, exact=title.startswith("Freight")).first.click()
    page.get_by_role("heading", level=1).wait_for()


def unfold(page: Page, base: str) -> None:
    wizard(page, base, 3)
    page.get_by_role("button", name="Fold", exact=True).first.click()
    page.get_by_role("button", name="Unfold").last.click()


def keys_drawer(page: Page, base: str) -> None:
    page.goto(f"{base}/settings/llms")
    page.get_by_role("button", name="Connect").nth(1).click()
    page.get_by_label("API key").fill("sk-invented-0123")
    page.get_by_label("Address").fill("http://127.0.0.1:11434/v1")
    page.get_by_role("button", name="Store key").click()
    page.get_by_role("button", name="Test connection").click()
    page.get_by_text("Key accepted").wait_for()


def press(keys: str):
    def act(page: Page, base: str) -> None:
        page.goto(f"{base}/c/{CLIENT}/workbooks")
        page.get_by_text("California technology, Q1").first.wait_for()
        page.keyboard.press(keys)
    return act


def at(path: str):
    return lambda page, base: page.goto(base + path)


SHOTS = {
    "clients": at("/clients"),
    "workbooks": at(f"/c/{CLIENT}/workbooks"),
    "workbooks-empty": at(f"/c/{QUIET}/workbooks"),
    "summary": at(f"/c/{CLIENT}/workbooks?tab=summary"),
    "begin-1": lambda page, base: wizard(page, base, 1),
    "begin-2": lambda page, base: wizard(page, base, 2),
    "begin-2-csv": wizard_csv,
    "begin-3-rubric": lambda page, base: wizard(page, base, 3),
    "begin-3-waterfall": unfold,
    "begin-3-ai": wizard_ai,
    "begin-4": lambda page, base: wizard(page, base, 4),
    "plan": plan,
    "plan-file": lambda page, base: plan(page, base, tab="Plan file"),
    "runs": at(f"/c/{CLIENT}/runs"),
    "run-live": lambda page, base: first_run(page, base, "Work e-mail, ICP score"),
    "run-steps": lambda page, base: (first_run(page, base, "Begin California"), page.get_by_text("Qualify: Alder").click()),
    "run-failed": lambda page, base: first_run(page, base, "Freight brokers: contact e-mail"),
    "spend": at(f"/c/{CLIENT}/spend"),
    "spend-account": at("/spend"),
    "settings-keys": at("/settings/keys"),
    "settings-llm-test": keys_drawer,
    "settings-training": at("/settings/training"),
    "settings-people": at("/settings/people"),
    "settings-api-keys": at("/settings/api-keys"),
    "settings-appearance": at("/settings/appearance"),
    "commands": press("Control+k"),
    "keys": press("?"),
    "not-found": at(f"/c/{CLIENT}/plans/nothing"),
}


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    failing, failing_url = serve(8792, MOCK_FAIL="/v3/workbooks")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("SPADEWORK_CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--disable-gpu"])
        try:
            for scheme in ("light", "dark"):
                for size, (width, height) in SIZES.items():
                    mock, base = serve(8791)
                    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
                    page = context.new_page()
                    page.set_default_timeout(8000)
                    page.on("console", lambda message: message.type in ("error", "warning") and "404" not in message.text and "401" not in message.text and print("  console:", message.text[:300]))
                    page.on("pageerror", lambda error: print("  page error:", str(error)[:300]))

                    def shot(name: str) -> None:
                        settle(page)
                        page.screenshot(path=OUT / f"{name}-{size}-{scheme}.png")

                    if not ONLY:
                        page.goto(base + "/sign-in")
                        shot("sign-in")
                        page.goto(base + "/welcome?token=fresh")
                        page.get_by_label("Password").fill("short one")
                        shot("welcome")
                    sign_in(page, base)
                    for name, act in SHOTS.items():
                        if ONLY and name not in ONLY:
                            continue
                        try:
                            act(page, base)
                            shot(name)
                        except Exception as error:  # one screen's trouble must not hide the others' pictures
                            print(f"  {name} {size} {scheme}: {str(error)[:400]}")
                            page.screenshot(path=OUT / f"{name}-{size}-{scheme}-FAILED.png")
                    if not ONLY:
                        sign_in(page, failing_url)
                        page.goto(f"{failing_url}/c/{CLIENT}/workbooks")
                        time.sleep(4)
                        shot("workbooks-error")
                    context.close()
                    mock.terminate()
                    mock.wait()
        finally:
            browser.close()
            failing.terminate()


main()
