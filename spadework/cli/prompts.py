"""`prompts`: list, show, compare, save, label, export, import and evaluate prompts."""

import asyncio
import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from spadework.cli.acting import Acting, act, read_id
from spadework.cli.terminal import ExitCode, Terminal
from spadework.core import money
from spadework.core.errors import Halted, InvalidInput, SpadeworkError
from spadework.prompts.actions import evaluating, files, labels, registry
from spadework.prompts.types import LATEST, Draft, Experiment, LabelMove, Prompt, PromptVersion, Trial
from spadework.research.actions import prompt_trials
from spadework.runs import actions as runs
from spadework.runs.types import Run

app = typer.Typer(add_completion=False, no_args_is_help=True)
FAILED = 100
"""How `evaluate` ends when a case does not pass; an error ends it with 1. The codes CI systems know from promptfoo."""
_LOOK_SECONDS = 0.2
_LARGEST_FILE = 1_000_000
Key = Annotated[str, typer.Argument(metavar="KEY", help="Key or id of the prompt, such as find-lead.search-builder.")]


@app.command("list")
def list_prompts(
    ctx: typer.Context,
    stage: Annotated[str | None, typer.Option(help="Only those of this stage.")] = None,
    fragments: Annotated[bool, typer.Option("--fragments", help="Also what other prompts include.")] = False,
) -> None:
    """Prompts in the order of the pipeline; the library is loaded first."""
    act(ctx, lambda acting: _list(acting, stage, fragments))


@app.command("show")
def show_prompt(
    ctx: typer.Context, key: Key, version: Annotated[int | None, typer.Option(help="By default the newest.")] = None
) -> None:
    """One version's text and settings, and where the labels point."""
    act(ctx, lambda acting: _show(acting, key, version))


@app.command("versions")
def list_versions(ctx: typer.Context, key: Key) -> None:
    """Every version, newest first."""
    act(ctx, lambda acting: _versions(acting, key))


@app.command("diff")
def diff_versions(
    ctx: typer.Context,
    key: Key,
    left: Annotated[int, typer.Argument(help="The older version's number.")],
    right: Annotated[int, typer.Argument(help="The newer version's number.")],
) -> None:
    """What changed from one version to another."""
    act(ctx, lambda acting: _diff(acting, key, left, right))


@app.command("save")
def save_version(
    ctx: typer.Context,
    key: Key,
    file: Annotated[Path, typer.Argument(help="A text file with the prompt's text alone.", exists=False)],
    base: Annotated[int, typer.Option(help="The version it was made from; refused when there is a newer one.")],
    branch: Annotated[str, typer.Option(help="The branch to save it on.")] = "main",
    notes: Annotated[str, typer.Option(help="What changed, and why.")] = "",
) -> None:
    """Save a new version; settings and inputs are those of the version it was made from."""
    act(ctx, lambda acting: _save(acting, key, file, base, branch, notes))


@app.command("label")
def move_label(
    ctx: typer.Context,
    key: Key,
    label: Annotated[str, typer.Argument(help="Such as staging or production.")],
    version: Annotated[int, typer.Argument(help="The version it shall point to.")],
    note: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Point a label at a version; a protected one waits for an approver."""
    act(ctx, lambda acting: _label(acting, key, label, version, note))


@app.command("approve")
def approve_move(
    ctx: typer.Context,
    move: Annotated[str, typer.Argument(metavar="ID", help="Id of the move that waits.")],
    seen: Annotated[str, typer.Option("--hash", help="The move's hash as it was shown; binds the yes to it.")],
) -> None:
    """Let a protected label move, once its assertions pass."""
    act(ctx, lambda acting: _approve(acting, move, seen))


@app.command("library")
def load_library(ctx: typer.Context) -> None:
    """Load what the account lacks of the prompts that come with Spadework."""
    act(ctx, _load_library)


@app.command("export")
def export_prompts(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Folder to write to; made when it is not there.")],
    label: Annotated[str, typer.Option(help="Write the versions this label points to.")] = LATEST,
) -> None:
    """Write every prompt as a text file with front matter."""
    act(ctx, lambda acting: _export(acting, folder, label))


@app.command("import")
def import_prompts(
    ctx: typer.Context,
    paths: Annotated[list[Path], typer.Argument(help="Files, or folders with .md files.", exists=False)],
) -> None:
    """Take prompt files in: new prompts, or new versions of those that are there; all of them, or none."""
    act(ctx, lambda acting: _import(acting, paths))


@app.command("fixture")
def keep_fixture(
    ctx: typer.Context,
    key: Key,
    name: Annotated[str, typer.Argument(help="What to call it.")],
    file: Annotated[Path, typer.Argument(help="A JSON file with an object: variable and value.", exists=False)],
) -> None:
    """Keep an input, on which versions are then evaluated."""
    act(ctx, lambda acting: _keep_fixture(acting, key, name, file))


@app.command("evaluate")
def evaluate_prompt(
    ctx: typer.Context,
    key: Key,
    version: Annotated[list[int] | None, typer.Option(help="A version to try; may be repeated.")] = None,
    label: Annotated[list[str] | None, typer.Option(help="Try what the label points to; may be repeated.")] = None,
    past_runs: Annotated[int, typer.Option(min=0, max=200, help="Also the inputs of that many past runs.")] = 0,
    fresh: Annotated[bool, typer.Option("--fresh", help="Buy anew what was answered before.")] = False,
) -> None:
    """Try versions on the prompt's fixtures against its assertions. Exit codes: 0 passed, 100 failed, 1 error."""
    wanted: list[int | str | Draft] = [*(version or []), *(label or [])] or [LATEST]
    terminal: Terminal = ctx.obj.terminal
    try:
        code = act(ctx, lambda acting: _evaluate(acting, key, wanted, past_runs, fresh), works=True)
    except Halted:
        raise
    except SpadeworkError as error:
        # Scripts tell "does not pass" from "could not be tried" by this code alone.
        terminal.fail(error.code, error.message, error.details)
        code = ExitCode.FAILED_CHECK
    if code:
        raise typer.Exit(code)


async def _list(acting: Acting, stage: str | None, fragments: bool) -> None:
    async with acting.transaction() as tx:
        await files.ensure_library(tx)
        found = await registry.list_prompts(tx, stage=stage, fragments=fragments)
    acting.terminal.show({"data": [_brief(each) for each in found], "next_cursor": None})
    acting.terminal.table(
        ("Stage", "Prompt", "Name", "Newest", "Labels"),
        [
            (each.stage, each.key, each.name, each.latest,
             ", ".join(f"{one.name} → {one.number}" for one in each.labels))
            for each in found
        ],
        right=(3,),
    )  # fmt: skip


async def _show(acting: Acting, key: str, number: int | None) -> None:
    async with acting.read() as tx:
        prompt = await registry.get(tx, key)
        version = await registry.get_version(tx, prompt, number or prompt.latest)
    acting.terminal.show({**_brief(prompt), "version": _whole(version)})
    acting.terminal.say(f"{prompt.key}, version {version.number} on {version.branch}: {version.notes or 'no notes'}")
    for each in prompt.labels:
        acting.terminal.say(f"  {each.name} → {each.number}{' (protected)' if each.is_protected else ''}")
    acting.terminal.say(f"\n{version.text}")


async def _versions(acting: Acting, key: str) -> None:
    async with acting.read() as tx:
        found = await registry.list_versions(tx, key)
    acting.terminal.show({"data": [_whole(each) for each in found], "next_cursor": None})
    acting.terminal.table(
        ("", "Branch", "From", "By", "Saved", "Notes"),
        [
            (each.number, each.branch, each.parent, each.created_by_name or ("Spadework" if each.is_library else ""),
             each.created_at.strftime("%Y-%m-%d %H:%M"), each.notes)
            for each in found
        ],
        right=(0, 2),
    )  # fmt: skip


async def _diff(acting: Acting, key: str, left: int, right: int) -> None:
    async with acting.read() as tx:
        difference = await registry.compare(tx, key, left, right)
    acting.terminal.show(asdict(difference))
    for each in difference.lines:
        if each.kind == "same":
            continue
        if each.left is not None:
            acting.terminal.say(f"- {each.left_no:>4}  {each.left}")
        if each.right is not None:
            acting.terminal.say(f"+ {each.right_no:>4}  {each.right}")
    for name, before, after in difference.settings:
        acting.terminal.say(f"  {name}: {before!r} → {after!r}")
    acting.terminal.say(f"{difference.changed} lines and {len(difference.settings)} settings differ.")


async def _save(acting: Acting, key: str, file: Path, base: int, branch: str, notes: str) -> None:
    text = _read(file)
    async with acting.transaction() as tx:
        prompt = await registry.get(tx, key)
        began = await registry.get_version(tx, prompt, base)
        draft = Draft(text=text, config=began.config, inputs=began.inputs)
        saved = await registry.save(tx, prompt.id, draft, base=base, branch=branch, notes=notes, by=None)
    acting.terminal.show(_whole(saved))
    acting.terminal.say(f"Saved as version {saved.number} on {saved.branch}.")


async def _label(acting: Acting, key: str, label: str, version: int, note: str) -> None:
    async with acting.transaction() as tx:
        move = await labels.move(tx, key, label, version, note=note, by=None)
    _show_move(acting, key, move)


async def _approve(acting: Acting, move_id: str, seen: str) -> None:
    async with acting.transaction() as tx:
        move = await labels.decide(tx, read_id(move_id, "move"), seen=seen, is_yes=True, by=None)
        prompt = await registry.get(tx, move.prompt_id)
    _show_move(acting, prompt.key, move)


async def _load_library(acting: Acting) -> None:
    async with acting.transaction() as tx:
        added = await files.ensure_library(tx)
    acting.terminal.show({"added": added})
    acting.terminal.say(f"{added} versions added." if added else "Everything is there already.")


async def _export(acting: Acting, folder: Path, label: str) -> None:
    async with acting.transaction() as tx:
        await files.ensure_library(tx)
        texts = await files.export(tx, label=label)
    await asyncio.to_thread(_write_all, folder, texts)
    acting.terminal.show({"folder": str(folder), "files": sorted(texts)})
    acting.terminal.say(f"{len(texts)} prompts written to {folder}.")


async def _import(acting: Acting, paths: Sequence[Path]) -> None:
    texts = await asyncio.to_thread(_read_all, paths)
    async with acting.transaction() as tx:
        done = await files.import_files(tx, texts, by=None)
    acting.terminal.show({"data": [asdict(each) for each in done]})
    acting.terminal.table(
        ("File", "Prompt", "Version", ""), [(each.name, each.key, each.number, each.state) for each in done], right=(2,)
    )


async def _keep_fixture(acting: Acting, key: str, name: str, file: Path) -> None:
    try:
        variables = json.loads(_read(file))
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{file} is no JSON: {error}. Correct it.") from error
    if not isinstance(variables, dict):
        raise InvalidInput(f'{file} holds no object. Write {{"variable": value, …}}.')
    async with acting.transaction() as tx:
        await files.ensure_library(tx)
        kept = await evaluating.keep_fixture(tx, key, name, variables, by=None)
    acting.terminal.show(asdict(kept))
    acting.terminal.say(f"Kept as {kept.name!r}.")


async def _evaluate(
    acting: Acting, key: str, wanted: Sequence[int | str | Draft], past_runs: int, is_fresh: bool
) -> int:
    client = await acting.client()
    async with acting.transaction() as tx:
        await files.ensure_library(tx)
        if not (await evaluating.get_assertions(tx, key)).assertions:
            raise InvalidInput(f"{key} has no assertions, so nothing could fail. Write some first.")
        experiment, run = await prompt_trials.start_experiment(
            tx, key, wanted, past_runs=past_runs, client_id=client.id, is_fresh=is_fresh, by=None
        )
    acting.terminal.say(f"{len(experiment.candidates)} × {len(experiment.cases)} trials, run {run.id}")
    ended = await _ended(acting, run)
    async with acting.read() as tx:
        experiment = await evaluating.get_experiment(tx, experiment.id)
        trials = await evaluating.list_trials(tx, experiment.id)
    _show_experiment(acting.terminal, experiment, trials, ended)
    if ended.state == "stopped":
        raise Halted("The evaluation was stopped.")
    if ended.state != "succeeded" or any(line["errors"] for line in experiment.summary["candidates"]):
        return ExitCode.FAILED_CHECK
    return ExitCode.OK if all(each.is_passed for each in trials) else FAILED


async def _ended(acting: Acting, run: Run) -> Run:
    """The run once it is over; Ctrl-C stops it."""
    try:
        while True:
            async with acting.read() as tx:
                current = await runs.get(tx, run.id)
            if not current.is_open:
                return current
            await asyncio.sleep(_LOOK_SECONDS)
    except asyncio.CancelledError:
        with contextlib.suppress(SpadeworkError):
            async with acting.transaction() as tx:
                await runs.request_stop(tx, run.id, by=None)
        raise


def _show_experiment(terminal: Terminal, experiment: Experiment, trials: Sequence[Trial], run: Run) -> None:
    terminal.show(
        {
            "experiment_id": experiment.id, "run_id": run.id, "state": run.state, "error": run.error,
            "summary": experiment.summary,
            "trials": [
                {"candidate": experiment.candidates[each.candidate_no].title, "case": experiment.cases[each.case_no].name,
                 "is_passed": each.is_passed, "error": each.output.error, "cost_micro_usd": each.output.cost_micro_usd,
                 "duration_ms": each.output.duration_ms, "verdicts": [asdict(one) for one in each.verdicts]}
                for each in trials
            ],
        }
    )  # fmt: skip
    terminal.table(
        ("", "Candidate", "Case", "Cost", "Milliseconds", "Why not"),
        [
            ("pass" if each.is_passed else "FAIL", experiment.candidates[each.candidate_no].title,
             experiment.cases[each.case_no].name, money.show(each.output.cost_micro_usd), each.output.duration_ms,
             _why_not(each))
            for each in trials
        ],
        right=(3, 4),
    )  # fmt: skip
    if run.error:
        terminal.say(str(run.error.get("message", "")))
    passed = sum(each.is_passed for each in trials)
    terminal.say(f"{passed} of {len(trials)} passed{', simulated' if run.is_simulated else ''}.")


def _why_not(trial: Trial) -> str:
    reasons = [f"{each.kind}: {each.reason}" for each in trial.verdicts if not each.is_passed]
    if trial.output.error is not None:
        reasons.insert(0, str(trial.output.error["message"]))
    return " ".join(reasons)


def _show_move(acting: Acting, key: str, move: LabelMove) -> None:
    acting.terminal.show(asdict(move))
    if move.state == "moved":
        acting.terminal.say(f"{key}: {move.label} → {move.number}.")
        return
    acting.terminal.say(f"{move.label} is protected. {move.gate['reason']}")
    acting.terminal.say(f"An approver may say yes with: spadework prompts approve {move.id} --hash {move.fingerprint}")


def _brief(prompt: Prompt) -> dict[str, Any]:
    return asdict(prompt)


def _whole(version: PromptVersion) -> dict[str, Any]:
    shown: dict[str, Any] = {
        name: getattr(version, name)
        for name in ("id", "key", "number", "branch", "parent", "merged", "text", "notes", "is_library", "created_at")
    }
    return {
        **shown, "config": version.config.model_dump(mode="json"),
        "inputs": [each.model_dump(mode="json") for each in version.inputs],
    }  # fmt: skip


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise InvalidInput(f"{path} is larger than {_LARGEST_FILE:,} bytes. A prompt is a text file.")
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}. Name a text file in UTF-8.") from error


def _read_all(paths: Sequence[Path]) -> dict[str, str]:
    found = [each for path in paths for each in (sorted(path.glob("*.md")) if path.is_dir() else [path])]
    if not found:
        raise InvalidInput("There is no .md file there. Name files, or folders with .md files.")
    return {str(each): _read(each) for each in found}


def _write_all(folder: Path, texts: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput(f"{folder} cannot be written: {error}. Choose another folder.") from error
