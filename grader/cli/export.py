"""`grader export`: results in the formats of other systems."""

from __future__ import annotations

import contextlib
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from grader.cli.app import PASSED, AcceptWeak, Exercises, app, course_at
from grader.cli.terminal import console, show
from grader.errors import UsageError

if TYPE_CHECKING:
    from grader.export.format import Format, Order

_IN_MEMORY = 8 * 1024 * 1024


@app.command()
def export(
    context: typer.Context,
    format_: Annotated[
        str | None, typer.Argument(metavar="FORMAT", help="Which format; none lists them all.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Argument(metavar="SOURCE", help="A graded class's folder, one result's JSON, or - for stdin."),
    ] = None,
    *,
    into: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The CSV file that the system exported, to be filled in."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write here; never over the file of --into.")
    ] = None,
    exercise: Annotated[
        str | None, typer.Option(metavar="ID", help="This exercise only: its results, or its autograder.")
    ] = None,
    student: Annotated[
        str | None, typer.Option(metavar="NAME", help="The results of this student only: id or name.")
    ] = None,
    column: Annotated[
        str | None, typer.Option(metavar="TITLE", help="The column of --into: its title or its number.")
    ] = None,
    adjustments: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Scores decided by hand; else those in the class's folder."),
    ] = None,
    accept_weak_isolation: AcceptWeak = False,
    exercises: Exercises = None,
) -> int:
    """Write results as another system takes them: gradebooks, Gradescope, GitHub, CI."""
    from grader.export.format import Order, format_called
    from grader.export.reading import RESULTS, read_results
    from grader.export.selection import Selection, adjustments_for

    if format_ is None:
        _list_formats()
        return PASSED
    chosen = format_called(format_)
    given = {"into": into, "column": column, "accept_weak_isolation": accept_weak_isolation or None}
    _check_options(format_, chosen, given)
    order = Order(
        into=into,
        column=column,
        exercise=exercise,
        course=None if chosen.reads_results else course_at(context, exercises),
        accept_weak_isolation=accept_weak_isolation,
    )
    if chosen.reads_results:
        if source is None:
            raise UsageError(f"Which results? grader export {format_} OUT, a graded class's folder.")
        selection = Selection(exercise, student, adjustments_for(source, adjustments), order.tell)
        order = order.of(selection.graded(read_results(source)))
    elif source is not None:
        raise UsageError(f"{format_} is made of no results: leave out '{source}'.")
    inputs = [into, adjustments, *([Path(source), Path(source, RESULTS)] if source else [])]
    _write(format_, chosen, order, out, [path for path in inputs if path is not None])
    return PASSED


def _list_formats() -> None:
    from rich.table import Table

    from grader.clean import terminal
    from grader.export.format import formats

    table = Table.grid(padding=(0, 2))
    for name, each in formats().items():
        table.add_row(terminal(name), terminal(each.summary))
    show(table)


def _check_options(name: str, chosen: Format, given: Mapping[str, object]) -> None:
    for option, value in given.items():
        if value is not None and option not in chosen.takes:
            raise UsageError(f"--{option.replace('_', '-')} means nothing to {name}: leave it out.")


def _write(name: str, chosen: Format, order: Order, out: Path | None, inputs: list[Path]) -> None:
    """Make it, and only when all of it is made let it be seen."""
    from grader.clean import terminal

    place = out or chosen.place(order)
    if place is None and chosen.is_binary:
        raise UsageError(f"{name} is no text: name a file for it with --out.")
    with _delivering(place, appending=chosen.appends and out is None, inputs=inputs) as file:
        chosen.write(order, file)
    if place is not None:
        order.tell(f"Wrote {place}.")
    for sentence in order.notes:
        console(sys.stderr).print(terminal(sentence))


@contextlib.contextmanager
def _delivering(place: Path | None, *, appending: bool, inputs: list[Path]) -> Iterator[BinaryIO]:
    from grader.report.files import check_writable, replacing

    if place is not None and not appending:
        check_writable(place)
        for path in inputs:
            if place.exists() and path.exists() and place.samefile(path):
                raise UsageError(f"'{place}' is what is read: name another file with --out.")
        with replacing(place) as file:
            yield file
        return
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as made:
        yield made  # type: ignore[misc] # it is a binary file in all but its type
        made.seek(0)
        if place is None:
            sys.stdout.flush()
            shutil.copyfileobj(made, sys.stdout.buffer)
            sys.stdout.flush()
            return
        try:
            with place.open("ab") as file:
                shutil.copyfileobj(made, file)
        except OSError as error:
            raise UsageError(f"Cannot write '{place}': {error.strerror or error}.") from error
