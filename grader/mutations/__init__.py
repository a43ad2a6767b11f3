"""Mistakes made out of a reference by editing its syntax tree.

``grader verify`` runs them all: a gate that only sees right programs pass proves nothing about wrong ones. An
instructor's own exercise gets its mistakes for free, so every edit looks for what it edits, and one that
finds nothing to edit makes no mistake.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.calls import FunctionExercise
from grader.curve import CurveFit
from grader.exercise import Exercise
from grader.mutations import answers, graph, parameters, running, training, updates, zeroing
from grader.mutations.functions import function_mutations
from grader.mutations.mutation import Mutation
from grader.mutations.program import Mistake, Program

__all__ = ["MISTAKES", "Mutation", "mutations"]

MISTAKES: tuple[Mistake, ...] = (
    *zeroing.MISTAKES,
    *parameters.MISTAKES,
    *graph.MISTAKES,
    *updates.MISTAKES,
    *training.MISTAKES,
    *answers.MISTAKES,
    *running.MISTAKES,
)


def mutations(source: str, exercise: Exercise) -> Iterator[Mutation]:
    """Every mistake that can be made out of ``source``, a right program for ``exercise``.

    Raises:
        SyntaxError: ``source`` is no Python.
    """
    if isinstance(exercise, CurveFit):
        yield from _of_a_fit(source, exercise)
    if isinstance(exercise, FunctionExercise):
        yield from function_mutations(source, exercise)


def _of_a_fit(source: str, exercise: CurveFit) -> Iterator[Mutation]:
    right = Program(source, exercise).text()
    for mistake in MISTAKES:
        program = Program(source, exercise)
        if program.entry is None:
            return
        place = mistake.edit(program)
        if place is not None and program.text() != right:
            yield _mutation(mistake, program, place)


def _mutation(mistake: Mistake, program: Program, place: ast.stmt) -> Mutation:
    return Mutation(mistake.name, mistake.expected, program.text(), program.line_of(place))
