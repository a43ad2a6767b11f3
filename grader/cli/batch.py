"""`grader batch`: a class."""

from __future__ import annotations

import contextlib
import gc
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.app import (
    PASSED,
    AcceptWeak,
    Exercises,
    Seconds,
    app,
    course_at,
    limits,
    not_both,
    proved,
    sandbox_for_others,
)
from grader.cli.cluster import Cluster, ClusterWait, no_jobs_elsewhere, workers_of
from grader.cli.ending import StoppedError, status_of
from grader.cli.terminal import complain, console, show

if TYPE_CHECKING:
    from grader.class_run import ClassRun, Progress
    from grader.sandbox.warm import WarmProcess


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
    cluster: Cluster = None,
    cluster_wait: ClusterWait = 120.0,
    seconds: Seconds = None,
    adjustments: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Points and comments of your own, TOML or CSV; else OUT/adjustments.toml."
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="A line about each result, as it comes.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Say nothing but what is wrong: the results are in OUT.")
    ] = False,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Grade again also what is unchanged since OUT was written.")
    ] = False,
    accept_weak_isolation: AcceptWeak = False,
    exercises: Exercises = None,
) -> int:
    """Grade a class as it arrives: every student's latest file for every exercise.

    A class that was stopped goes on where it was.
    """
    not_both(verbose, quiet)
    looks_back = cluster is None and not fresh and (out / "results.jsonl").exists()
    with _without_torch() if looks_back else contextlib.nullcontext() as warm:
        from functools import partial

        from grader.class_run import ClassRun
        from grader.report.progress import ClassProgress, class_arrival, class_summary, for_nobody_told
        from grader.secret import class_secret
        from grader.submission.intake import take_in

        screen = console(sys.stderr, quiet=quiet)
        no_jobs_elsewhere(cluster, jobs)
        course = course_at(context, exercises)
        asked = [course.exercise(name).id for name in exercise or ()]
        key = class_secret(secret)
        with screen.status("Reading the class"):
            intake = take_in(path, course.exercise_ids(), asked, out)
        needed = {name: course.exercise(name) for name in intake.exercises}
        run = ClassRun(out, intake, needed, adjustments)
        open_sandbox = partial(sandbox_for_others, accept_weak_isolation, seconds)
        progress = partial(ClassProgress, screen, told=show if verbose else None)
        if not quiet:
            show(class_arrival(intake.layout, intake.students, intake.exercises, intake.notices))
        try:
            if cluster is not None:
                weak = accept_weak_isolation
                with workers_of(cluster, course, needed, limits(seconds), weak, key, cluster_wait) as workers:
                    run.grade_by(workers.grade_class, workers.settings, progress, fresh=fresh)
            elif warm is None or not _stands(run, warm, accept_weak_isolation, seconds, key, progress):
                with proved(open_sandbox()) as first, _collecting_rarely():
                    run.grade(first, open_sandbox, progress, secret=key, jobs=jobs, fresh=fresh)
        except KeyboardInterrupt as stop:
            raise StoppedError(
                f"stopped: {run.done} of {intake.results} graded, their results are in {out}."
                " Run it again for the rest.",
                status_of(stop),
            ) from None
    if run.unchanged:
        screen.print(f"{run.unchanged} of {intake.results} are unchanged and were not graded again.")
    if not quiet:
        show(class_summary(run.folder))
    for line in for_nobody_told(run.for_nobody):
        complain(line)
    return PASSED


def _without_torch() -> AbstractContextManager[WarmProcess]:
    """Launched first: where nothing changed it is all that is needed, and starts while the rest is read."""
    from grader.sandbox.torchless import bare

    return bare()


def _stands(
    run: ClassRun,
    warm: WarmProcess,
    accept_weak: bool,
    seconds: float | None,
    secret: bytes,
    progress: Progress,
) -> bool:
    """Whether every result stands as it was, and is written. Where that is not sure, torch will tell."""
    from grader.sandbox import Level
    from grader.sandbox.torchless import level_here, torch_version

    torch, level = torch_version(), level_here(warm)
    warm.close()
    if torch is None or level is None or (level < Level.FILTER and not accept_weak):
        return False
    with _collecting_rarely():
        return run.stands(level, torch, limits(seconds).seconds, secret, progress)


_OBJECTS_BETWEEN = 20_000


@contextlib.contextmanager
def _collecting_rarely() -> Iterator[None]:
    """What is loaded stays. A trace is ten thousand objects, and none is garbage while it is read."""
    usual = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_OBJECTS_BETWEEN, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
        gc.unfreeze()
