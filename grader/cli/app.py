"""The application that the commands belong to, and the options that several of them share."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from grader.cli.terminal import console, stdout
from grader.errors import UsageError
from grader.version import __version__

if TYPE_CHECKING:
    from grader.exercise import Course
    from grader.records import Limits
    from grader.sandbox import Sandbox
    from grader.sandbox.warm import WarmProcess

PASSED, NOT_PASSED, WRONG_USE, GRADER_FAILED = 0, 1, 2, 3

app = typer.Typer(
    help="Grades PyTorch autograd exercises: which pitfall, at which line, and how to mend it.",
    epilog="Exit status: 0 passed, 1 not passed, 2 wrong command or file, 3 the grader failed.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)

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

Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="All of it: every run, all evidence, what was printed.")
]


def not_both(verbose: bool, quiet: bool) -> None:
    """Raises UsageError."""
    if verbose and quiet:
        raise UsageError("-v and -q exclude each other: leave one out.")


def _version(wanted: bool) -> None:
    if wanted:
        stdout(f"grader {__version__}")
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
        stdout(context.get_help())
        raise typer.Exit(WRONG_USE)


def course_at(context: typer.Context, exercises: Path | None) -> Course:
    from grader.exercise import find_course

    return find_course(exercises or context.obj)


def sandbox_for_others(accept_weak: bool, seconds: float | None, warm: WarmProcess | None = None) -> Sandbox:
    """For code that is not that of whoever runs the grader."""
    from grader.sandbox import Level, Sandbox

    return Sandbox(limits(seconds), least=Level.FILTER, accept_weak=accept_weak, warm=warm)


def limits(seconds: float | None) -> Limits:
    from grader.records import Limits

    return Limits() if seconds is None else Limits(seconds=seconds)


@contextlib.contextmanager
def proved(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Refuse a class before anything is written for it. Raises SandboxError, WeakIsolation among them."""
    with sandbox:
        with console(sys.stderr).status("Trying the sandbox"):
            sandbox.level  # noqa: B018 - it is proved here
        yield sandbox
