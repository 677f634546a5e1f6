"""Every command's result, its JSON and its exit code."""

import json
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from spadework.cli.main import NOUNS
from tests.cli.conftest import Command

NOBODY = str(uuid4())


def test_help_names_every_command_and_the_exit_codes(spadework: Command) -> None:
    ended = spadework("--help")
    assert ended.code == 0
    assert [noun for noun in NOUNS if noun not in ended.out] == []
    assert "5 out of budget" in " ".join(ended.out.split())


@pytest.mark.parametrize("noun", list(NOUNS))
def test_every_command_explains_itself(spadework: Command, noun: str) -> None:
    ended = spadework(noun, "--help")
    assert (ended.code, ended.err) == (0, "")
    assert f"spadework {noun}" in ended.out


@pytest.mark.parametrize(
    "words",
    [
        ("dance",),
        ("runs", "dance"),
        ("--loud",),
        ("runs", "show"),
        ("quiesce", "--timeout", "soon"),
        ("up", "--port", "x"),
    ],
)
def test_wrong_usage_ends_with_2_and_one_sentence(spadework: Command, words: tuple[str, ...]) -> None:
    ended = spadework(*words)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.rstrip().endswith("See `spadework --help`.")


def test_wrong_usage_is_json_when_json_was_asked_for(spadework: Command) -> None:
    ended = spadework("runs", "dance", "--json")
    assert (ended.code, ended.out, ended.error["code"]) == (2, "", "usage")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_json_may_be_asked_for_at_any_place(spadework: Command, place: int) -> None:
    words = ["runs", "list"]
    words.insert(place, "--json")
    assert spadework(*words).json == {"data": [], "next_cursor": None}


def test_recover_prints_a_link_for_the_address_people_use_and_another_each_time(spadework: Command) -> None:
    first, second = (spadework("recover", "--json").json for _ in range(2))
    assert first["sign_in_link"].startswith("http://localhost:8300/welcome?token=")
    assert first["sign_in_link"] != second["sign_in_link"]
    elsewhere = spadework("recover", "--address", "https://gtm.example.com/")
    assert "https://gtm.example.com/welcome?token=" in elsewhere.out
    assert "30 minutes" in elsewhere.out


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        (("runs", "show", NOBODY), 3, "not_found"),
        (("runs", "stop", NOBODY), 3, "not_found"),
        (("runs", "resume", NOBODY), 3, "not_found"),
        (("plan", "show", NOBODY), 3, "not_found"),
        (("plan", "approve", NOBODY, "--hash", "x"), 3, "not_found"),
        (("tables", "show", NOBODY), 3, "not_found"),
        (("keys", "remove", "hunter"), 3, "not_found"),
        (("budget", "remove", NOBODY), 3, "not_found"),
        (("runs", "list", "--account", NOBODY), 3, "not_found"),
        (("plan", "make", "answers.json", "--client", "Nobody"), 4, "invalid_input"),
        (("runs", "list", "--account", "me"), 4, "invalid_input"),
        (("runs", "list", "--cursor", "x"), 4, "invalid_input"),
        (("runs", "show", "12"), 4, "invalid_input"),
        (("budget", "set", "galaxy", NOBODY, "5"), 4, "invalid_input"),
        (("budget", "set", "account", NOBODY, "a lot"), 4, "invalid_input"),
        (("keys", "set", "nobody"), 4, "unknown_reference"),
        (("keys", "set", "hunter"), 4, "invalid_input"),
    ],
)
def test_a_refusal_has_its_code_and_leaves_standard_output_empty(
    spadework: Command, words: tuple[str, ...], code: int, error: str
) -> None:
    ended = spadework(*words, "--json")
    assert (ended.code, ended.out, ended.error["code"]) == (code, "", error)
    assert ended.error["message"].rstrip().endswith(".")


def test_a_refusal_is_one_sentence_for_people(spadework: Command) -> None:
    ended = spadework("runs", "show", "12")
    assert (ended.code, ended.out, ended.err) == (4, "", "'12' is no id of a run. Copy it from the list.\n")


def test_a_database_that_cannot_be_reached_ends_with_6(spadework: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/nothing")
    ended = spadework("runs", "list", "--json")
    assert (ended.code, ended.out, ended.error["code"]) == (6, "", "database_unavailable")


@pytest.mark.parametrize(
    ("name", "value"), [("SPADEWORK_PORT", "high"), ("SPADEWORK_LOG_LEVEL", "LOUD"), ("SPADEWORK_SECRET_KEY", "short")]
)
def test_a_setting_that_cannot_work_is_named(
    spadework: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    ended = spadework("runs", "list", "--json")
    assert (ended.code, ended.error["code"]) == (4, "misconfigured")
    assert name in ended.error["message"]


def test_a_key_is_stored_from_a_pipe_listed_without_itself_and_removed(spadework: Command) -> None:
    secret = "example-key-of-hunter-4321"
    assert spadework("keys", "set", "hunter", "--usd-per-credit", "0.03", "--json", piped=f"{secret}\n").json == {
        "kind": "provider", "name": "hunter", "last_four": "4321",
        "fingerprint": spadework("keys", "list", "--json").json["data"][0]["fingerprint"],
    }  # fmt: skip
    listed = spadework("keys", "list", "--json")
    assert [(each["name"], each["usd_per_credit"]) for each in listed.json["data"]] == [("hunter", 0.03)]
    assert secret not in listed.out + spadework("keys", "list").out
    assert spadework("keys", "remove", "hunter").code == 0
    assert spadework("keys", "list", "--json").json == {"data": []}


def test_a_key_may_be_piped_as_json_and_a_field_it_has_not_is_refused(spadework: Command) -> None:
    assert spadework("keys", "set", "zerobounce", piped='{"api_key": "example-key-012345"}').code == 0
    refused = spadework("keys", "set", "zerobounce", "--json", piped='{"password": "example-key-012345"}')
    assert (refused.code, refused.error["code"]) == (4, "invalid_input")
    assert spadework("keys", "remove", "zerobounce").code == 0


def test_a_budget_is_set_in_dollars_and_lifted(spadework: Command) -> None:
    place = str(uuid4())
    made = spadework("budget", "set", "client", place, "2.50", "--json").json
    assert (made["limit_micro_usd"], made["left_micro_usd"]) == (2_500_000, 2_500_000)
    assert "$2.50" in spadework("budget", "list").out
    assert spadework("budget", "remove", made["id"]).code == 0
    assert spadework("budget", "list", "--json").json == {"data": []}


def test_a_plan_is_made_shown_and_approved_only_by_its_hash(spadework: Command, answers: Path) -> None:
    plan = spadework("plan", "make", answers, "--json").json
    assert (plan["state"], plan["estimate"]["rows"], plan["blockers"]) == ("draft", 3, [])
    shown = spadework("plan", "show", plan["id"])
    assert "Add Shout (formula)" in shown.out and plan["hash"] in shown.out
    wrong = spadework("plan", "approve", plan["id"], "--hash", "0" * 64, "--json")
    assert (wrong.code, wrong.out, wrong.error["code"]) == (4, "", "content_changed")
    approved = spadework("plan", "approve", plan["id"], "--hash", plan["hash"], "--json").json
    assert (approved["plan"]["state"], approved["run"]["state"]) == ("applying", "queued")
    run = approved["run"]["id"]
    assert spadework("runs", "show", run, "--json").json["input"] == {"plan_id": plan["id"]}
    waiting = spadework("quiesce", "--timeout", "0", "--json")
    assert (waiting.code, waiting.json["runs"]["queued"]) == (1, 1)
    assert spadework("runs", "stop", run, "--json").json["state"] == "stopped"
    assert (stop := spadework("runs", "stop", run, "--json")).code == 4 and stop.error["code"] == "conflict"
    assert spadework("quiesce", "--timeout", "0").code == 0


def test_without_a_language_model_the_plan_and_the_demo_say_which_column_cannot_run_and_what_to_do(
    spadework: Command, answers: Path, tmp_path: Path
) -> None:
    content = json.loads(answers.read_text())
    content["columns"].append({"name": "Fit", "kind": "ai", "prompt": "Does {{Company}} fit?"})
    answers.write_text(json.dumps(content))
    said = "Step 5 blocks the plan: Fit cannot run: add a key in Settings › Language models."
    made = spadework("plan", "make", answers)
    assert said in made.out
    assert "plan approve" not in made.out
    (blocker,) = spadework("plan", "make", answers, "--json").json["blockers"]
    assert (blocker["order"], "Settings › Language models" in blocker["message"]) == (5, True)
    before = spadework("runs", "list", "--json").json
    for yes in (["--yes"], []):
        demo = spadework("demo", "--answers", answers, *yes, "--csv", tmp_path / "out.csv", piped="y\n")
        assert (demo.code, said in demo.out, "Carry out this plan?" in demo.out) == (4, True, False)
        assert "Settings › Language models" in demo.err
    assert spadework("runs", "list", "--json").json == before
    assert not (tmp_path / "out.csv").exists()


def test_answers_may_be_written_in_yaml(spadework: Command, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("workbook_name: From YAML\nsource: {filters: {locations: [California], limit: 2}}\n")
    assert spadework("plan", "make", path, "--json").json["name"] == "From YAML"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.json", None, "cannot be read"),
        ("broken.json", b"{", "is no JSON"),
        ("broken.yaml", b"a: [", "is no YAML"),
        ("list.json", b"[]", "holds a list"),
        ("bytes.json", b"\xff\xfe\x00", "cannot be read"),
        ("empty.json", b"{}", "workbook_name"),
    ],
)
def test_answers_that_cannot_be_used_are_refused_with_the_reason(
    spadework: Command, tmp_path: Path, name: str, content: bytes | None, says: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    ended = spadework("plan", "make", path, "--json")
    assert (ended.code, ended.out) == (4, "")
    assert says in ended.error["message"]


def test_the_catalogue_lists_sources_columns_and_language_models(spadework: Command) -> None:
    found = spadework("providers", "--json").json
    assert {"directory", "hunter", "apollo", "zerobounce"} <= {each["key"] for each in found["providers"]}
    assert {"text", "formula", "waterfall", "ai"} <= {each["key"] for each in found["columns"]}
    assert {"anthropic", "openai", "scripted"} <= {each["key"] for each in found["llms"]}
    assert "Company directory" in spadework("providers").out


def test_the_contract_is_printed_without_a_database(spadework: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody:x@127.0.0.1:1/nothing")
    contract = spadework("openapi").json
    operations = [each for path in contract["paths"].values() for each in path.values()]
    assert [each["operationId"] for each in operations if "x-permission" not in each or "x-effects" not in each] == []


def test_the_books_of_a_new_installation_hold(spadework: Command) -> None:
    ended = spadework("check", "--json")
    assert (ended.code, ended.json["holds"]) == (0, True)
    assert {each["name"] for each in ended.json["findings"]} >= {"within_limits", "reservations", "living_workers"}


def test_global_options_after_a_double_dash_are_arguments(spadework: Command) -> None:
    ended = spadework("runs", "show", "--", "--json")
    assert (ended.code, ended.err) == (4, "'--json' is no id of a run. Copy it from the list.\n")


def test_nothing_heavy_is_imported_for_help() -> None:
    code = "import sys, spadework.cli.main; sys.exit(any(m in sys.modules for m in ('dbos', 'fastapi', 'asyncpg')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
