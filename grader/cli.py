"""The command line. Nothing else in the package prints.

What a command needs is imported inside it, so that ``--help`` and ``explain`` answer at once.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import signal
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from grader.errors import GraderError, UsageError
from grader.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console, RenderableType

    from grader.exercise import Course
    from grader.records import Limits
    from grader.sandbox import Sandbox
    from grader.watching import Regraded

PASSED, NOT_PASSED, WRONG_USE, GRADER_FAILED, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    help="Grades PyTorch autograd exercises: which pitfall, at which line, and how to mend it.",
    epilog="Exit status: 0 passed, 1 not passed, 2 wrong command or file, 3 the grader failed.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class _StoppedError(Exception):
    """Ctrl-C, and what was done until then."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class _TerminatedError(KeyboardInterrupt):
    """A signal that ends the process, to be taken as Ctrl-C is: what is open is closed."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Format(StrEnum):
    """What ``check`` prints."""

    text = "text"
    json = "json"


class Kind(StrEnum):
    """What a new exercise asks for."""

    fit = "fit"
    function = "function"


Seconds = Annotated[
    float | None,
    typer.Option(metavar="N", min=0.5, max=3600, help="How long one run may take; 30 else."),
]
AcceptWeak = Annotated[
    bool,
    typer.Option(
        "--accept-weak-isolation",
        help="Go on where strangers' code cannot be held in; every report says so.",
    ),
]
Exercises = Annotated[
    Path | None,
    typer.Option(
        "--exercises",
        metavar="PATH",
        help="An exercises repository of your own, instead of the course that came along.",
    ),
]


def _version(wanted: bool) -> None:
    if wanted:
        _stdout(f"grader {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    exercises: Exercises = None,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version and leave."),
    ] = False,
) -> None:
    context.obj = exercises
    if context.invoked_subcommand is None:
        _stdout(context.get_help())
        raise typer.Exit(WRONG_USE)


@app.command()
def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The submission, a .py or .ipynb file.")],
    *,
    exercise: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Which exercise it is; else the file's name says it."),
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="A report to read, or one JSON object.")
    ] = Format.text,
    html: Annotated[
        Path | None, typer.Option(metavar="OUT.html", help="Write the report as a page, too.")
    ] = None,
    device: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Grade on this device only; may be given repeatedly."),
    ] = None,
    seed: Annotated[
        list[int] | None,
        typer.Option(metavar="N", min=0, max=2**32 - 1, help="Use this seed; may be given repeatedly."),
    ] = None,
    ci: Annotated[
        bool, typer.Option("--ci", help="The file is another's: run it only if it can be held in.")
    ] = False,
    accept_weak_isolation: AcceptWeak = False,
    seconds: Seconds = None,
    exercises: Exercises = None,
) -> int:
    """Grade one submission."""
    from grader.pipeline import grade
    from grader.report.files import check_writable, write
    from grader.report.json_text import result_json
    from grader.report.text import check_report
    from grader.sandbox import Sandbox
    from grader.submission import read_submission

    chosen = _course(context, exercises).exercise_of(file, exercise)
    submission = read_submission(file, chosen)
    if html is not None:
        _not_over(file, html)
        check_writable(html)
    sandbox = _sandbox_for_others(accept_weak_isolation, seconds) if ci else Sandbox(_limits(seconds))
    with _console(sys.stderr).status("Running your code"), sandbox:
        result = grade(submission, chosen, sandbox, devices=device or (), seeds=seed or ())
    if html is not None:
        from grader.report.html import html_report

        write(html, html_report(result))
    if format_ is Format.json:
        _stdout(result_json(result, indent=2))
    else:
        _show(check_report(result))
    return {"passed": PASSED, "failed": NOT_PASSED}.get(result.status, GRADER_FAILED)


@app.command()
def watch(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The submission.")],
    *,
    exercise: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Which exercise it is; else the file's name says it."),
    ] = None,
    exercises: Exercises = None,
) -> int:
    """Grade a file again at every save. Ctrl-C ends it, with status 0."""
    from grader.submission import read_submission
    from grader.watching import regrade

    chosen = _course(context, exercises).exercise_of(file, exercise)
    read_submission(file, chosen)  # a file that is wrong now was named wrongly
    try:
        _watch(file, lambda sandbox: regrade(file, chosen, sandbox))
    except _TerminatedError as stop:
        raise _StoppedError("stopped.", _status_of(stop)) from None
    except KeyboardInterrupt:
        _stdout("\nStopped watching.")
    return PASSED


@app.command()
def batch(
    context: typer.Context,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="The class, a folder or an archive: Canvas, Moodle, Gradescope, GitHub Classroom, plain.",
        ),
    ],
    *,
    exercise: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Which exercise; may be given repeatedly. Else file names say it."),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="OUT", help="The folder to write results to.")],
    jobs: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="How many at once; else one a core.")
    ] = None,
    secret: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Draw each submission's data by this secret; or GRADER_CLASS_SECRET."
        ),
    ] = None,
    seconds: Seconds = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Grade again also what is unchanged since OUT was written.")
    ] = False,
    accept_weak_isolation: AcceptWeak = False,
    exercises: Exercises = None,
) -> int:
    """Grade a class as it arrives: every student's latest file for every exercise.

    A class that was stopped goes on where it was.
    """
    from functools import partial

    from grader.class_run import ClassRun
    from grader.report.progress import ClassProgress, class_arrival, class_summary
    from grader.secret import class_secret
    from grader.submission.intake import take_in

    course = _course(context, exercises)
    asked = [course.exercise(name).id for name in exercise or ()]
    key = class_secret(secret)
    with _console(sys.stderr).status("Reading the class"):
        intake = take_in(path, course.exercise_ids(), asked, out)
    run = ClassRun(out, intake, {name: course.exercise(name) for name in intake.exercises})
    open_sandbox = partial(_sandbox_for_others, accept_weak_isolation, seconds)
    progress = partial(ClassProgress, _console(sys.stderr))
    _show(class_arrival(intake.layout, intake.students, intake.exercises, intake.notices))
    try:
        with _proved(open_sandbox()) as first:
            run.grade(first, open_sandbox, progress, secret=key, jobs=jobs, fresh=fresh)
    except KeyboardInterrupt as stop:
        raise _StoppedError(
            f"stopped: {run.done} of {intake.results} graded, their results are in {out}."
            " Run it again for the rest.",
            _status_of(stop),
        ) from None
    if run.unchanged:
        told = f"{run.unchanged} of {intake.results} are unchanged and were not graded again."
        _console(sys.stderr).print(told)
    _show(class_summary(run.folder.rows, run.folder.index))
    return PASSED


@app.command()
def verify(
    context: typer.Context,
    junit: Annotated[
        Path | None, typer.Option(metavar="OUT.xml", help="Write what was proved as JUnit XML.")
    ] = None,
    exercises: Exercises = None,
) -> int:
    """Prove every exercise: references pass, templates do not, mistakes are caught."""
    from grader.report import junit as xml
    from grader.report.files import check_writable, write
    from grader.report.proof import proof
    from grader.verify import verify_course

    course = _course(context, exercises)
    if junit is not None:
        check_writable(junit)
    console = _console(sys.stderr)
    with console.status("Proving every exercise") as status:
        count = itertools.count(1)
        checks = verify_course(course, lambda check: status.update(f"{next(count)}: {check.name}"))
    if junit is not None:
        write(junit, xml.junit(checks))
    _show(proof(checks))
    return PASSED if all(check.passed for check in checks) else NOT_PASSED


@app.command()
def explain(
    name: Annotated[
        str | None, typer.Argument(metavar="PITFALL", help="Its id; none lists them all.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="Write it as a page instead.")] = None,
) -> int:
    """Say what a pitfall is, why it bites, and how to mend it."""
    from grader.pitfall import catalogue, pitfall
    from grader.report.reference_text import explanation, pitfall_list

    if html is not None:
        _write_reference(name, html)
    else:
        _show(pitfall_list(catalogue().values()) if name is None else explanation(pitfall(name)))
    return PASSED


@app.command()
def hint(
    context: typer.Context,
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="Its id; grader list shows them.")],
    *,
    every: Annotated[bool, typer.Option("--all", help="Show all of them at once.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Begin again with the first.")] = False,
    exercises: Exercises = None,
) -> int:
    """Unfold one more hint each time."""
    from grader.hints import HintMemory, unfold
    from grader.report.lesson import hints_shown

    if every and restart:
        raise UsageError("--all shows every hint, --restart begins with the first: name one of them.")
    course = _course(context, exercises)
    chosen = course.exercise(exercise)
    memory = HintMemory(course.root)
    _show(hints_shown(course, chosen, unfold(chosen, memory, every=every, restart=restart)))
    if memory.problem:
        _complain(memory.problem)
    return PASSED


@app.command("list")
def list_(context: typer.Context, exercises: Exercises = None) -> int:
    """List the exercises, in the lesson's order."""
    from grader.report.lesson import exercise_list

    _show(exercise_list(_course(context, exercises)))
    return PASSED


@app.command()
def start(
    context: typer.Context,
    exercise: Annotated[
        str | None, typer.Argument(metavar="EXERCISE", help="Its id; grader list shows them.")
    ] = None,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to put it.")] = Path(),
    every: Annotated[
        Path | None, typer.Option("--all", metavar="FOLDER", help="Hand out all of them, to this folder.")
    ] = None,
    exercises: Exercises = None,
) -> int:
    """Hand out the template of an exercise."""
    from grader.handing_out import hand_out, hand_out_all
    from grader.report.lesson import all_handed_out, handed_out

    if (exercise is None) == (every is None):
        raise UsageError("Name one exercise (grader list shows them), or all of them with --all FOLDER.")
    course = _course(context, exercises)
    if every is not None:
        _show(all_handed_out(course, every, *hand_out_all(course, every)))
    elif exercise is not None:
        chosen = course.exercise(exercise)
        _show(handed_out(course, chosen, hand_out(course, chosen, folder)))
    return PASSED


@app.command()
def new(
    context: typer.Context,
    exercise: Annotated[str, typer.Argument(metavar="ID", help="The new exercise's id.")],
    *,
    kind: Annotated[
        Kind, typer.Option(help="A curve to fit by a training loop, or a function that must answer.")
    ] = Kind.fit,
    exercises: Exercises = None,
) -> int:
    """Make a new exercise: a small one that works, to be edited."""
    from grader.report.lesson import made_new
    from grader.skeleton import course_folder, new_exercise

    root = course_folder(exercises or context.obj)
    _show(made_new(root, exercise, new_exercise(root, exercise, kind)))
    return PASSED


@app.command()
def devices() -> int:
    """List the devices a submission would be graded on, and what isolation is in force."""
    from grader.accelerators import in_words
    from grader.clean import terminal
    from grader.sandbox import Sandbox

    with Sandbox() as sandbox:
        lines = [f"device     {in_words(name)}" for name in sandbox.devices()]
        lines.append(f"isolation  {sandbox.isolation}")
        lines.append(f"torch      {sandbox.versions.torch}")
        lines.append(f"python     {sandbox.versions.python}")
    _show(terminal("\n".join(lines)))
    return PASSED


@app.command()
def schema() -> int:
    """Print the JSON schema of a result."""
    import json

    from grader.records import Result

    _stdout(json.dumps(Result.model_json_schema(), indent=2, ensure_ascii=False))
    return PASSED


def _watch(file: Path, regrade: Callable[[Sandbox], Iterator[Regraded]]) -> None:
    """Show what comes of every save, each report in the place of the one before."""
    from datetime import datetime

    from grader.clean import terminal
    from grader.report.brief import brief_report, watching
    from grader.sandbox import Sandbox

    screen, waiting = _console(sys.stdout), _console(sys.stderr)
    with Sandbox() as sandbox:
        reports = regrade(sandbox)
        with waiting.status("Running your code"):
            report = next(reports)
        while True:
            screen.clear()
            screen.print(brief_report(report.result) if report.result else terminal(report.problem + "\n"))
            screen.print(watching(str(file), datetime.now(), report.seconds))
            report = next(reports)


def _sandbox_for_others(accept_weak: bool, seconds: float | None) -> Sandbox:
    """For code that is not that of whoever runs the grader."""
    from grader.sandbox import Level, Sandbox

    return Sandbox(_limits(seconds), least=Level.FILTER, accept_weak=accept_weak)


def _limits(seconds: float | None) -> Limits:
    from grader.records import Limits

    return Limits() if seconds is None else Limits(seconds=seconds)


@contextlib.contextmanager
def _proved(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Refuse a class before anything is written for it. Raises SandboxError, WeakIsolation among them."""
    with sandbox:
        with _console(sys.stderr).status("Trying the sandbox"):
            sandbox.level  # noqa: B018 - it is proved here
        yield sandbox


def _write_reference(name: str | None, out: Path) -> None:
    """A pitfall's page, written to ``out``."""
    from grader.clean import terminal
    from grader.pitfall import pitfall
    from grader.report.files import check_writable, write
    from grader.report.reference_page import reference_page

    if name is None:
        raise UsageError("--html writes the page of one pitfall: name it. grader explain lists them all.")
    entry = pitfall(name)
    check_writable(out)
    write(out, reference_page(entry))
    _show(terminal(f"Wrote {out}."))


def _course(context: typer.Context, exercises: Path | None) -> Course:
    from grader.exercise import find_course

    return find_course(exercises or context.obj)


def _not_over(file: Path, out: Path) -> None:
    if out.exists() and out.samefile(file):
        raise UsageError(f"--html '{out}' is the submission itself: name another file.")


def _console(stream: object) -> Console:
    from rich.console import Console

    return Console(file=stream, highlight=False, markup=False, emoji=False)  # type: ignore[arg-type]


def _show(what: RenderableType) -> None:
    _console(sys.stdout).print(what)


def _stdout(text: str) -> None:
    """Plain UTF-8, whatever the terminal's encoding is."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.flush()


def _complain(message: str) -> None:
    """One line to stderr."""
    from grader.clean import one_line

    sys.stderr.write(f"grader: {one_line(message, limit=1000)}\n")


def main() -> NoReturn:
    """The console script."""
    from grader.clean import READABLE

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=READABLE)
    _end_in_order()
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_pipe()
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command; its exit status."""
    try:
        status = app(args=arguments, prog_name="grader", standalone_mode=False) or PASSED
        if status == INTERRUPTED:  # Typer has caught a Ctrl-C
            raise KeyboardInterrupt
        return int(status)
    except _StoppedError as stopped:
        _complain(str(stopped))
        return stopped.status
    except GraderError as error:
        _complain(str(error))
        return error.exit_status
    except KeyboardInterrupt as stop:
        _complain("stopped.")
        return _status_of(stop)
    except BrokenPipeError:
        _leave_pipe()
        return GRADER_FAILED
    except Exception as error:  # noqa: BLE001 - the last resort of the whole program
        return _failed(error)


def _status_of(stop: KeyboardInterrupt) -> int:
    """As a shell tells it: 128 and the signal's number."""
    return 128 + stop.number if isinstance(stop, _TerminatedError) else INTERRUPTED


def _end_in_order() -> None:
    """Let a signal that would end the process at once end what it has started, too."""

    def terminated(number: int, frame: object) -> NoReturn:
        raise _TerminatedError(number)

    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, terminated)


def _failed(error: Exception) -> int:
    """A wrong command line, which Typer raises as its own errors, or a fault of the grader."""
    if hasattr(error, "format_message"):
        _complain(f"{error.format_message()} (grader --help says what there is)")
        return WRONG_USE
    if os.environ.get("GRADER_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    _complain(f"the grader failed: {type(error).__name__}: {error}. Please report it.")
    return GRADER_FAILED


def _leave_pipe() -> None:
    """Whoever read our output has left: what is still buffered goes nowhere, without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
