"""The tables `prompt_assertion_sets`, `prompt_fixtures`, `prompt_experiments` and `prompt_trials`, and all SQL on them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from spadework.core.db import ReadOnly, Record, Transaction
from spadework.core.ids import UserId, new_id
from spadework.prompts.types import (
    Assertion,
    AssertionSet,
    Candidate,
    Case,
    Experiment,
    Fixture,
    Output,
    PromptConfig,
    PromptId,
    PromptInput,
    Trial,
    Verdict,
)

_EXPERIMENT = """
    select e.*, p.key from prompt_experiments e
    join prompts p on p.account_id = e.account_id and p.id = e.prompt_id where e.account_id = $1"""


async def find_assertions(tx: ReadOnly, prompt_id: UUID) -> AssertionSet:
    row = await tx.fetchrow(
        "select revision, assertions from prompt_assertion_sets where account_id = $1 and prompt_id = $2"
        " order by revision desc limit 1",
        tx.account, prompt_id,
    )  # fmt: skip
    if row is None:
        return AssertionSet(revision=0, assertions=())
    return AssertionSet(
        revision=row["revision"], assertions=tuple(Assertion.model_validate(each) for each in row["assertions"])
    )


async def add_assertions(
    tx: Transaction, prompt_id: UUID, revision: int, assertions: Sequence[Assertion], *, by: UserId | None
) -> None:
    await tx.execute(
        "insert into prompt_assertion_sets (account_id, prompt_id, revision, assertions, created_by)"
        " values ($1, $2, $3, $4, $5)",
        tx.account, prompt_id, revision, [each.model_dump(mode="json") for each in assertions], by,
    )  # fmt: skip


async def add_fixture(
    tx: Transaction, prompt_id: UUID, name: str, variables: Mapping[str, Any], *, step_run_id: UUID | None,
    by: UserId | None,
) -> UUID | None:  # fmt: skip
    """The id of the new fixture, None when the prompt has one of that name."""
    added = await tx.fetchval(
        "insert into prompt_fixtures (account_id, id, prompt_id, name, variables, step_run_id, created_by)"
        " values ($1, $2, $3, $4, $5, $6, $7) on conflict (account_id, prompt_id, lower(name)) do nothing returning id",
        tx.account, new_id(), prompt_id, name, dict(variables), step_run_id, by,
    )  # fmt: skip
    return UUID(str(added)) if added else None


async def find_fixture(tx: ReadOnly, fixture_id: UUID) -> Fixture | None:
    row = await tx.fetchrow("select * from prompt_fixtures where account_id = $1 and id = $2", tx.account, fixture_id)
    return _fixture(row) if row else None


async def list_fixtures(tx: ReadOnly, prompt_id: UUID) -> list[Fixture]:
    rows = await tx.fetch(
        "select * from prompt_fixtures where account_id = $1 and prompt_id = $2 order by created_at, id limit 500",
        tx.account, prompt_id,
    )  # fmt: skip
    return [_fixture(row) for row in rows]


async def remove_fixture(tx: Transaction, fixture_id: UUID) -> bool:
    tag = await tx.execute("delete from prompt_fixtures where account_id = $1 and id = $2", tx.account, fixture_id)
    return tag.endswith(" 1")


async def add_experiment(
    tx: Transaction, prompt_id: UUID, *, kind: str, name: str, client_id: UUID | None, candidates: Sequence[Candidate],
    cases: Sequence[Case], assertions: AssertionSet, is_fresh: bool, by: UserId | None,
) -> UUID:  # fmt: skip
    experiment_id = new_id()
    await tx.execute(
        "insert into prompt_experiments (account_id, id, prompt_id, kind, name, client_id, candidates, cases, assertions,"
        " assertions_revision, is_fresh, created_by) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        tx.account, experiment_id, prompt_id, kind, name, client_id, [_stored(each) for each in candidates],
        [asdict(each) for each in cases], [each.model_dump(mode="json") for each in assertions.assertions],
        assertions.revision, is_fresh, by,
    )  # fmt: skip
    return experiment_id


async def set_run(tx: Transaction, experiment_id: UUID, run_id: UUID) -> None:
    await tx.execute(
        "update prompt_experiments set run_id = $3 where account_id = $1 and id = $2", tx.account, experiment_id, run_id
    )


async def finish(tx: Transaction, experiment_id: UUID, summary: Mapping[str, Any]) -> None:
    await tx.execute(
        "update prompt_experiments set summary = $3, finished_at = now() where account_id = $1 and id = $2",
        tx.account, experiment_id, dict(summary),
    )  # fmt: skip


async def find_experiment(tx: ReadOnly, experiment_id: UUID) -> Experiment | None:
    row = await tx.fetchrow(f"{_EXPERIMENT} and e.id = $2", tx.account, experiment_id)
    return _experiment(row) if row else None


async def list_experiments(tx: ReadOnly, prompt_id: UUID, *, kind: str | None, limit: int) -> list[Experiment]:
    rows = await tx.fetch(
        f"{_EXPERIMENT} and e.prompt_id = $2 and ($3::text is null or e.kind = $3)"
        " order by e.created_at desc, e.id desc limit $4",
        tx.account, prompt_id, kind, limit,
    )  # fmt: skip
    return [_experiment(row) for row in rows]


async def find_proof(tx: ReadOnly, prompt_id: UUID, number: int, revision: int) -> Experiment | None:
    """The newest finished evaluation of that version against that revision of the assertions."""
    row = await tx.fetchrow(
        f"{_EXPERIMENT} and e.prompt_id = $2 and e.kind <> 'test' and e.assertions_revision = $4"
        " and e.finished_at is not null and e.candidates @> jsonb_build_array(jsonb_build_object('number', $3::int))"
        " order by e.finished_at desc limit 1",
        tx.account, prompt_id, number, revision,
    )  # fmt: skip
    return _experiment(row) if row else None


async def put_trial(
    tx: Transaction, experiment_id: UUID, candidate_no: int, case_no: int, output: Output, verdicts: Sequence[Verdict],
    *, is_passed: bool,
) -> None:  # fmt: skip
    await tx.execute(
        "insert into prompt_trials (account_id, id, experiment_id, candidate_no, case_no, interpolated_prompt, raw_output,"
        " parsed_output, model, input_tokens, output_tokens, cost_micro_usd, duration_ms, attempts, is_simulated, error,"
        " verdicts, is_passed) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        " on conflict (account_id, experiment_id, candidate_no, case_no) do update set"
        " interpolated_prompt = excluded.interpolated_prompt, raw_output = excluded.raw_output,"
        " parsed_output = excluded.parsed_output, model = excluded.model, input_tokens = excluded.input_tokens,"
        " output_tokens = excluded.output_tokens, cost_micro_usd = excluded.cost_micro_usd,"
        " duration_ms = excluded.duration_ms, attempts = excluded.attempts, is_simulated = excluded.is_simulated,"
        " error = excluded.error, verdicts = excluded.verdicts, is_passed = excluded.is_passed, at = now()",
        tx.account, new_id(), experiment_id, candidate_no, case_no, output.interpolated_prompt, output.raw_output,
        output.parsed_output, output.model, output.input_tokens, output.output_tokens, output.cost_micro_usd,
        output.duration_ms, output.attempts, output.is_simulated, dict(output.error) if output.error else None,
        [asdict(each) for each in verdicts], is_passed,
    )  # fmt: skip


async def list_trials(tx: ReadOnly, experiment_id: UUID) -> list[Trial]:
    rows = await tx.fetch(
        "select * from prompt_trials where account_id = $1 and experiment_id = $2 order by case_no, candidate_no",
        tx.account, experiment_id,
    )  # fmt: skip
    return [_trial(row) for row in rows]


async def find_last_trial(tx: ReadOnly, prompt_id: UUID) -> tuple[Experiment, Trial] | None:
    """The prompt's newest trial of any experiment, None when it was never tried."""
    row = await tx.fetchrow(
        "select t.* from prompt_experiments e join prompt_trials t on t.account_id = e.account_id"
        " and t.experiment_id = e.id where e.account_id = $1 and e.prompt_id = $2"
        " order by e.created_at desc, t.at desc limit 1",
        tx.account, prompt_id,
    )  # fmt: skip
    if row is None:
        return None
    experiment = await find_experiment(tx, row["experiment_id"])
    assert experiment is not None, "a trial belongs to an experiment"
    return experiment, _trial(row)


def _stored(candidate: Candidate) -> dict[str, Any]:
    return {
        "number": candidate.number, "title": candidate.title, "text": candidate.text,
        "config": candidate.config.model_dump(mode="json"),
        "inputs": [each.model_dump(mode="json") for each in candidate.inputs],
    }  # fmt: skip


def _experiment(row: Record) -> Experiment:
    return Experiment(
        id=row["id"], prompt_id=PromptId(row["prompt_id"]), key=row["key"], kind=row["kind"], name=row["name"],
        client_id=row["client_id"], run_id=row["run_id"],
        candidates=tuple(
            Candidate(
                number=each["number"], title=each["title"], text=each["text"],
                config=PromptConfig.model_validate(each["config"]),
                inputs=tuple(PromptInput.model_validate(one) for one in each["inputs"]),
            )
            for each in row["candidates"]
        ),
        cases=tuple(
            Case(name=each["name"], variables=each["variables"], fixture_id=_uuid(each.get("fixture_id")),
                 step_run_id=_uuid(each.get("step_run_id")))
            for each in row["cases"]
        ),
        assertions=AssertionSet(
            revision=row["assertions_revision"],
            assertions=tuple(Assertion.model_validate(each) for each in row["assertions"]),
        ),
        is_fresh=row["is_fresh"], summary=row["summary"], created_by=row["created_by"], created_at=row["created_at"],
        finished_at=row["finished_at"],
    )  # fmt: skip


def _trial(row: Record) -> Trial:
    return Trial(
        id=row["id"], experiment_id=row["experiment_id"], candidate_no=row["candidate_no"], case_no=row["case_no"],
        output=Output(**{name: row[name] for name in Output.__dataclass_fields__}),
        verdicts=tuple(Verdict(**each) for each in row["verdicts"]), is_passed=row["is_passed"], at=row["at"],
    )  # fmt: skip


def _fixture(row: Record) -> Fixture:
    return Fixture(
        id=row["id"], prompt_id=PromptId(row["prompt_id"]), name=row["name"], variables=row["variables"],
        step_run_id=row["step_run_id"], created_by=row["created_by"], created_at=row["created_at"],
    )  # fmt: skip


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None
