"""One of everything an id can name, for one account, written straight into the tables."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from spadework.accounts.store import tokens
from spadework.accounts.types import KeyId, SessionId
from spadework.core.db import Transaction
from spadework.core.ids import UserId, new_id
from spadework.workbooks import uploads
from tests.conftest import Person

Made = dict[str, UUID | int]
_DAY = timedelta(days=1)


async def make_all(tx: Transaction, person: Person, home: Path) -> Made:
    """Ids by kind; each belongs with the others, and the user and session are further ones of the account."""
    made: Made = {"account": person.account_id, "upload": _upload(home, person), "owner": person.id}
    for kind, make in _MAKERS.items():
        made[kind] = await make(tx, made)
    del made["owner"]
    made["scope"] = made["client"]
    await tx.execute("update api_keys set user_id = $2 where id = $1", made["api_key"], person.id)
    await tx.execute("update sessions set user_id = $2 where id = $1", made["session"], person.id)
    return made


def _upload(home: Path, person: Person) -> UUID:
    upload_id = new_id()
    folder = uploads.folder(home, person.account_id)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{upload_id}.csv").write_text("Company\nExample Inc\n")
    (folder / f"{upload_id}.json").write_text('{"name": "companies.csv"}')
    return upload_id


async def _user(tx: Transaction, _: Made) -> UUID:
    user_id = new_id()
    await tx.execute(
        "insert into users (account_id, id, email, name, role, password_hash) values ($1, $2, $3, 'Bea', 'viewer', '')",
        tx.account,
        user_id,
        f"{user_id}@example.com",
    )
    return user_id


async def _session(tx: Transaction, made: Made) -> UUID:
    session_id = SessionId(new_id())
    await tokens.add_session(
        tx, session_id, UserId(_id(made, "user")), session_id.bytes, life=_DAY, user_agent="a phone", address=""
    )
    return session_id


async def _api_key(tx: Transaction, made: Made) -> UUID:
    key_id = KeyId(new_id())
    await tokens.add_key(
        tx, key_id, UserId(_id(made, "user")), name="script", public_id=key_id.hex[-12:], secret=b"",
        scopes=["runs.read"], life=_DAY,
    )  # fmt: skip
    return key_id


def _insert(sql: str, *kinds: str) -> Callable[[Transaction, Made], Awaitable[UUID]]:
    """Runs the statement with the account, a new id, and ids of those kinds."""

    async def make(tx: Transaction, made: Made) -> UUID:
        made_id = new_id()
        await tx.execute(sql, tx.account, made_id, *(made[each] for each in kinds))
        return made_id

    return make


def _id(made: Mapping[str, UUID | int], kind: str) -> UUID:
    found = made[kind]
    assert isinstance(found, UUID)
    return found


async def _replay(tx: Transaction, made: Made) -> UUID:
    replay_id = new_id()
    await tx.execute(
        "insert into runs (account_id, id, kind, title, client_id, parent_run_id, state, subject, input)"
        " values ($1, $2, 'research_pipeline', 'Dossier, again', $3, $4, 'succeeded',"
        " jsonb_build_object('replay_id', $5::text), jsonb_build_object('base', jsonb_build_object('run_id', $6::text)))",
        tx.account, new_id(), made["client"], made["pipeline"], str(replay_id), str(made["pipeline"]),
    )  # fmt: skip
    return replay_id


_MAKERS: dict[str, Callable[[Transaction, Made], Awaitable[UUID]]] = {
    "user": _user,
    "session": _session,
    "api_key": _api_key,
    "client": _insert("insert into clients (account_id, id, name) values ($1, $2, 'Client ' || $2::uuid)"),
    "workbook": _insert(
        "insert into workbooks (account_id, id, client_id, name) values ($1, $2, $3, 'Workbook')", "client"
    ),
    "table": _insert(
        "insert into tables (account_id, id, workbook_id, name, kind, next_field_no, next_row_id, row_count)"
        " values ($1, $2, $3, 'Table', 'ce', 2, 2, 1)",
        "workbook",
    ),
    "field": _insert(
        "insert into fields (account_id, id, table_id, no, name, kind, storage, slot)"
        " values ($1, $2, $3, 1, 'Company', 'text', 'text', 't1')",
        "table",
    ),
    "row": _insert(
        "insert into rows (account_id, table_id, row_id, source, t1) values ($1, $3, 1, $2::uuid::text, 'Example Inc')",
        "table",
    ),
    "cell_version": _insert(
        "insert into cell_runs (account_id, id, table_id, row_id, field_no, state, value)"
        " values ($1, $2, $3, 1, 1, 'done', '\"Example Ltd\"')",
        "table",
    ),
    "view": _insert("insert into views (account_id, id, table_id, name) values ($1, $2, $3, 'View')", "table"),
    "run": _insert(
        "insert into runs (account_id, id, kind, title, client_id, table_id, state, input)"
        " values ($1, $2, 'fill_columns', 'Run', $3, $4, 'succeeded', jsonb_build_object('field_ids', array[$5::uuid]))",
        "client",
        "table",
        "field",
    ),
    "plan": _insert(
        "insert into plans (account_id, id, client_id, name, document, compiled, hash)"
        " values ($1, $2, $3, 'Plan', jsonb_build_object('tableName', 'Companies', 'steps', '[]'::jsonb),"
        " jsonb_build_object('rows', 0, 'expected_micro_usd', 0, 'worst_micro_usd', 0, 'steps', '[]'::jsonb,"
        " 'blockers', '[]'::jsonb, 'warnings', '[]'::jsonb), 'x')",
        "client",
    ),
    "budget": _insert(
        "insert into budgets (account_id, id, scope, scope_id, limit_micro_usd) values ($1, $2, 'client', $3, 1000)",
        "client",
    ),
    "call": _insert(
        "insert into calls (account_id, id, key, question_sha256, provider, capability, call_class, state)"
        " values ($1, $2, uuid_send($2), uuid_send($2), 'hunter', 'find_email', 'B', 'unknown')"
    ),
    "prompt": _insert(
        "with made as (insert into prompts (account_id, id, key, name, stage) values ($1, $2, 'p' || $2::uuid, 'Prompt',"
        " 'FINAL')), version as (insert into prompt_versions (account_id, id, prompt_id, number, text, config, sha256)"
        " values ($1, $2, $2, 1, 'Greet', '{\"tools\": []}', uuid_send($2)))"
        " insert into prompt_labels (account_id, prompt_id, name, number) values ($1, $2, 'example-value-1', 1)"
    ),
    "label_move": _insert(
        "insert into prompt_label_moves (account_id, id, prompt_id, label, number, state, fingerprint)"
        " values ($1, $2, $3, 'production', 1, 'waiting', 'x')",
        "prompt",
    ),
    "fixture": _insert(
        "insert into prompt_fixtures (account_id, id, prompt_id, name, variables) values ($1, $2, $3, 'Fixture', '{}')",
        "prompt",
    ),
    "experiment": _insert(
        "insert into prompt_experiments (account_id, id, prompt_id, kind, name, candidates, cases)"
        " values ($1, $2, $3, 'test', 'Test', '[]', '[]')",
        "prompt",
    ),
    "step": _insert(
        "insert into step_runs (account_id, id, run_id, no, key, label, state, prompt_id, input_variables)"
        " values ($1, $2, $3, 1, $2::uuid::text, 'Step', 'succeeded', $4, '{\"name\": \"Ana\"}')",
        "run",
        "prompt",
    ),
    "source": _insert(
        "insert into sources (account_id, id, run_id, url, name, text, sha256)"
        " values ($1, $2, $3, 'https://acme.example', 'Acme', 'Acme builds a plant.', uuid_send($2))",
        "run",
    ),
    "dossier": _insert(
        "insert into dossiers (account_id, id, client_id, run_id, state, ready_at, release_at)"
        " values ($1, $2, $3, $4, 'ready', now(), now())",
        "client",
        "run",
    ),
    "contact": _insert(
        "insert into contacts (account_id, id, run_id, dossier_id, contact_index) values ($1, $2, $3, $4, 0)",
        "run",
        "dossier",
    ),
    "onboarding": _insert(
        'insert into onboardings (account_id, id, client_id, intake) values ($1, $2, $3, \'{"goal": "grow"}\')',
        "client",
    ),
    "pipeline": _insert(
        "insert into runs (account_id, id, kind, title, client_id, state)"
        " values ($1, $2, 'research_pipeline', 'Dossier', $3, 'succeeded')",
        "client",
    ),
    "replay": _replay,
    "batch": _insert(
        "insert into runs (account_id, id, kind, title, client_id, state, input)"
        " values ($1, $2, 'dossier_batch', 'Batch', $3, 'failed', '{\"seeds\": [{\"hint\": \"cold stores\"}]}')",
        "client",
    ),
    "batch_schedule": _insert(
        "insert into schedules (account_id, id, name, cron, kind, client_id, next_at)"
        " values ($1, $2, 'Batch', '0 6 * * 1', 'dossier_batch', $3, now() + interval '1 day')",
        "client",
    ),
    "workflow": _insert("insert into workflows (account_id, id, user_id) values ($1, $2, $3)", "owner"),
    "workflow_version": _insert(
        "insert into workflow_versions (account_id, id, workflow_id, version, status, file_extracts)"
        " values ($1, $2, $3, 1, 'validating', '[]')",
        "workflow",
    ),
    "workflow_ledger_entry": _insert(
        "insert into workflow_ledger (account_id, id, workflow_id, direction, what, content, sha256)"
        " values ($1, $2, $3, 'to_server', 'extracts', '{}', sha256('{}'))",
        "workflow",
    ),
}
