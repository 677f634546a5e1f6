"""`run-workflow`: an approved workflow run over files on this machine, inside the local sandbox."""

import asyncio
import os
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from spadework.accounts.actions import users
from spadework.builder.actions import versions, workflows
from spadework.builder.types import Failure, RunReport, TestKind, TestReport
from spadework.cli.acting import Acting, act, settings
from spadework.cli.inputs import Given, fill_fields
from spadework.cli.invented import invent_files
from spadework.cli.terminal import ExitCode, Terminal
from spadework.cli.workflow_sources import Source, from_file, hash_if_file, of_version, workflow_id_of
from spadework.core.errors import ContentChanged, InvalidInput, NotFound, Unavailable
from spadework.core.ids import UserId
from spadework.extracts import traces
from spadework.extracts.masking import is_masked
from spadework.sandbox import bubblewrap, self_test
from spadework.sandbox.harness import Outcome, progress_of
from spadework.sandbox.types import MIB, Job, Limits, Masking, NotOffered, SandboxUnavailable

app = typer.Typer(add_completion=False)
_MASKING = Masking(Path(traces.__file__).parent, traces.__name__, traces.mask_failure.__name__)
_USUAL = Limits()
_MORE = {
    "TimedOut": "If it only needs longer, give it more with --seconds.",
    "OutOfMemory": "Give it more with --memory.",
    "MemoryError": "It wanted more memory than it may have. Give it more with --memory.",
    "OutputTooLarge": "Allow larger results with --output-size.",
}


@dataclass(frozen=True)
class _Wish:
    given: Given
    into: Path
    limits: Limits
    seen: str | None
    person: str | None


@app.command("run-workflow")
def run_workflow(  # noqa: PLR0917  each is an option of the command
    ctx: typer.Context,
    workflow: Annotated[
        str | None, typer.Argument(help="Id of a workflow, or the workflow.json or .py it was exported as.")
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="Files: FIELD=PATH, or just PATH when one field takes files."),
    ] = None,
    texts: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=TEXT", help="What a text field gets; repeat it.")
    ] = None,
    renames: Annotated[
        list[str] | None,
        typer.Option(
            "--rename",
            metavar="[FIELD:]NAME=HEADER",
            help="A column that the script knows by another name than the header in your file; repeat it.",
        ),
    ] = None,
    output: Annotated[Path, typer.Option(help="Folder for the result.")] = Path(),
    seconds: Annotated[float, typer.Option(min=1, max=86_400, help="Longest run, in seconds.")] = _USUAL.seconds,
    memory: Annotated[int, typer.Option(min=64, help="Most memory, in MiB.")] = _USUAL.memory_bytes // MIB,
    output_size: Annotated[int, typer.Option(min=1, help="Largest result, in megabytes.")] = 10,
    seen: Annotated[
        str | None,
        typer.Option("--hash", help="The script's SHA-256 as you approved it; then an exported file needs no account."),
    ] = None,
    person: Annotated[
        str | None, typer.Option("--as", metavar="EMAIL", help="Who runs it; by default the account's first owner.")
    ] = None,
    is_test: Annotated[
        bool,
        typer.Option(
            "--test",
            help="Test the newest version before its approval, on the files or, without any, on invented ones.",
        ),
    ] = False,
    is_self_test: Annotated[
        bool, typer.Option("--self-test", help="Only attack the sandbox, and say whether it holds.")
    ] = False,
) -> None:
    """Run an approved workflow over files of any size on this machine; exit code 1 when its script fails.

    The script runs in a sandbox without network, and sees the files it is given and nothing else.
    """
    terminal: Terminal = ctx.obj.terminal
    if is_self_test:
        _tell_state(terminal)
        return
    if workflow is None:
        raise typer.BadParameter("Name a workflow and its files, or give --self-test.")
    given = Given(tuple(files or ()), tuple(texts or ()), tuple(renames or ()))
    wish = _Wish(given, output, _limits(seconds, memory, output_size), seen and seen.lower(), person)
    if wish.seen and Path(workflow).is_file():
        outcome = _carry_out(terminal, from_file(Path(workflow), seen=wish.seen), wish)
        _tell(terminal, outcome, run_id=None)
    elif is_test:
        outcome = act(ctx, lambda acting: _test_and_record(acting, str(workflow), wish))
    else:
        outcome = act(ctx, lambda acting: _run_and_record(acting, str(workflow), wish))
    if not outcome.success:
        raise typer.Exit(ExitCode.FAILED_CHECK)


def _limits(seconds: float, memory: int, output_size: int) -> Limits:
    """The usual limits, or larger ones; whoever asks for more time gets it on every core a script may use."""
    cpu = _USUAL.cpu_seconds if seconds <= _USUAL.seconds else seconds * min(4, os.cpu_count() or 1)
    output_bytes = output_size * 1_000_000
    return Limits(
        seconds=seconds,
        cpu_seconds=min(cpu, seconds * 4),
        memory_bytes=memory * MIB,
        output_bytes=output_bytes,
        # Several results are packed there before they are handed over.
        scratch_bytes=max(_USUAL.scratch_bytes, 2 * output_bytes),
    )


async def _run_and_record(acting: Acting, workflow: str, wish: _Wish) -> Outcome:
    by = await _person(acting, wish.person)
    approved = await _find(acting, workflow, wish.seen, by=by)
    outcome = await _in_thread(acting, approved, wish)
    run_id = await _record(acting, approved, outcome, by=by)
    _tell(acting.terminal, outcome, run_id=run_id)
    return outcome


async def _test_and_record(acting: Acting, workflow: str, wish: _Wish) -> Outcome:
    """Run the newest version's script, approved or not, and keep what came of it as its test."""
    by = await _person(acting, wish.person)
    async with acting.read() as tx:
        view = await workflows.get(tx, workflow_id_of(workflow), by=by)
    version = view.current_version
    if version.script is None:
        raise InvalidInput("The newest version has no script yet. Wait until it is built, then test it.")
    source = of_version(view.workflow, version)
    with tempfile.TemporaryDirectory(prefix="spadework-test-") as folder:
        kind: TestKind = "real" if wish.given.files else "synthetic"
        if kind == "synthetic":
            words = await asyncio.to_thread(invent_files, version, Path(folder))
            wish = replace(wish, given=replace(wish.given, files=words))
        outcome = await _in_thread(acting, source, wish)
    report = TestReport(
        script_sha256=source.script_sha256, kind=kind, result="passed" if outcome.success else "failed",
        **_figures(outcome, str(version.script)),
    )  # fmt: skip
    async with acting.transaction() as tx:
        kept = await versions.report_test(
            tx, view.workflow.id, version.id, report, body=report.model_dump_json().encode(), by=by
        )
    _tell(acting.terminal, outcome, run_id=None)
    if kept.status == "building":
        acting.terminal.say("The language model gets the masked error and repairs the script; look in the Builder.")
    return outcome


async def _in_thread(acting: Acting, source: Source, wish: _Wish) -> Outcome:
    stopped = threading.Event()
    try:
        return await asyncio.to_thread(_carry_out, acting.terminal, source, wish, stopped.is_set)
    finally:
        stopped.set()


async def _person(acting: Acting, email: str | None) -> UserId:
    async with acting.read() as tx:
        people = [each for each in await users.list_users(tx) if each.disabled_at is None]
    if email is not None:
        for each in people:
            if each.email.casefold() == email.strip().casefold():
                return each.id
        raise NotFound(f"Nobody in this account has the address {email!r}. Give the one they sign in with.")
    owner = next((each for each in people if each.role == "owner"), None)
    if owner is None:
        raise NotFound("Nobody has signed in here yet, so there are no workflows. Start with `spadework up`.")
    return owner.id


async def _find(acting: Acting, asked: str, seen: str | None, *, by: UserId) -> Source:
    """The approved version of the workflow of that id, or the one an exported file came from.

    Raises:
        NotFound: there is no such workflow. InvalidInput: nobody approved it. ContentChanged: another script was seen.
    """
    sha256 = await asyncio.to_thread(hash_if_file, Path(asked))
    async with acting.read() as tx:
        if sha256 is not None:
            found = await workflows.find_approved(tx, sha256, by=by)
            if found is None:
                raise InvalidInput(
                    f"Nobody here approved the script in {asked}. Approve it in Spadework, or read it and give its"
                    f" hash: --hash {sha256}"
                )
        else:
            view = await workflows.get(tx, workflow_id_of(asked), by=by)
            if view.active_version is None:
                raise InvalidInput(
                    f"{view.workflow.name or 'This workflow'} has no approved version. Approve it, then run it."
                )
            found = view.workflow, view.active_version
    approved = of_version(*found)
    if seen is not None and seen != approved.script_sha256:
        raise ContentChanged(
            f"The approved script is another one by now: its hash is {approved.script_sha256}. Read it again."
        )
    return approved


def _carry_out(
    terminal: Terminal, approved: Source, wish: _Wish, is_stopped: Callable[[], bool] = lambda: False
) -> Outcome:  # fmt: skip
    """Check the sandbox, then run the script over the files.

    Raises:
        InvalidInput: the files do not fit the workflow, or a package is missing. Unavailable: the sandbox is.
    """
    files, values, renames = fill_fields(approved.fields, wish.given)
    job = Job(
        str(approved.execution["script"]), files, values, renames, approved.execution.get("outputFilename") or None,
        tuple(map(str, approved.execution.get("dependencies") or ())),
    )  # fmt: skip
    terminal.say(f"{_plain(approved.name)}, version {approved.version}")
    bwrap = settings().bubblewrap
    try:
        self_test.run(_MASKING, bwrap=bwrap)
        return bubblewrap.run_script(
            job,
            into=wish.into,
            masking=_MASKING,
            is_stopped=is_stopped,
            bwrap=bwrap,
            limits=wish.limits,
            on_print=lambda line: _show_line(terminal, line),
            on_wait=lambda: terminal.say("Two other scripts are running; this one waits for its turn."),
        )
    except SandboxUnavailable as error:
        raise Unavailable(str(error)) from error
    except NotOffered as error:
        raise InvalidInput(str(error)) from error


def _show_line(terminal: Terminal, line: str) -> None:
    share = progress_of(line)
    terminal.say(f"  {_plain(line)}" if share is None else f"  {share:.0%} done")


async def _record(acting: Acting, approved: Source, outcome: Outcome, *, by: UserId) -> UUID:
    assert approved.workflow_id is not None and approved.version_id is not None
    report = RunReport(
        version_id=approved.version_id, script_sha256=approved.script_sha256, runner="local", success=outcome.success,
        **_figures(outcome, str(approved.execution["script"])),
    )  # fmt: skip
    async with acting.transaction() as tx:
        kept = await versions.report_run(
            tx, approved.workflow_id, report, body=report.model_dump_json().encode(), by=by
        )
    return kept.id


def _figures(outcome: Outcome, script: str) -> dict[str, Any]:
    return {
        "seconds": outcome.seconds, "rows_in": outcome.rows_in, "rows_out": outcome.rows_out,
        "files_out": len(outcome.outputs), "failure": _checked(outcome.failure, script),
    }  # fmt: skip


def _checked(failure: Mapping[str, Any] | None, script: str) -> Failure | None:
    """The failure if nothing of a file can be in it, else only that there was one: it comes from beside the script."""
    if failure is None:
        return None
    line = failure["line"]
    is_known = failure["exception"] in traces.EXCEPTION_NAMES and is_masked(failure["message"])
    if not is_known or (line is not None and not 1 <= line <= script.count("\n") + 1):
        return Failure(exception="Exception", line=None, message="")
    return Failure(exception=failure["exception"], line=line, message=failure["message"])


def _tell(terminal: Terminal, outcome: Outcome, *, run_id: UUID | None) -> None:
    made = [{"name": each.name, "path": str(each.path.absolute()), "size": each.size} for each in outcome.outputs]
    terminal.show(
        {**outcome.to_json(), "outputs": made, "failure_local": outcome.failure_local, "run_id": run_id and str(run_id)}
    )
    if not outcome.success:
        terminal.say(_plain(outcome.failure_local or "The script failed.").rstrip())
        more = _MORE.get((outcome.failure or {}).get("exception", ""), "")
        terminal.say(f"It failed after {outcome.seconds:.1f} s. Your files are as they were. {more}".rstrip())
        return
    counts = " and ".join(
        f"{count:,} rows {where}" for count, where in ((outcome.rows_in, "in"), (outcome.rows_out, "out")) if count
    )
    places = ", ".join(str(each.path) for each in outcome.outputs)
    terminal.say(f"Done in {outcome.seconds:.1f} s{f', {counts}' if counts else ''}. The result is {_plain(places)}")


def _tell_state(terminal: Terminal) -> None:
    try:
        verdict = self_test.run(_MASKING, bwrap=settings().bubblewrap)
    except SandboxUnavailable as error:
        raise Unavailable(str(error)) from error
    terminal.show({"holds": True, "attacks": dict(verdict.held), "seconds": verdict.seconds})
    terminal.table(("Attack", ""), [(name, "held" if held else "BROKEN") for name, held in verdict.held])
    terminal.say(f"The local sandbox holds; the attacks took {verdict.seconds:.1f} s.")


def _plain(text: str) -> str:
    """The text without what a terminal would obey."""
    return "".join(each if each.isprintable() or each in "\n\t" else "\N{REPLACEMENT CHARACTER}" for each in text)
