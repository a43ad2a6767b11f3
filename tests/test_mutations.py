"""Mistakes made out of references: what each edit changes, and that each is caught as itself."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from grader import findings
from grader.curve import CurveFit
from grader.exercise import Course, find_course
from grader.mutations import MISTAKES, Mutation, mutations
from grader.mutations.program import Program
from grader.pipeline import grade
from grader.pitfall import catalogue
from grader.records import Result
from grader.sandbox import Sandbox
from grader.verify import caught, in_short
from tests.grading import FITS, curve_fit, submission_of

COURSE = find_course()
PACKED = """
import torch
from torch.nn import functional as F

def predict(p, x):
    return p[0] * x + p[1]

def fit(inputs, targets, rate, n):
    p = torch.zeros(2, device=inputs.device).requires_grad_()
    for _ in range(n):
        p.grad = None
        F.mse_loss(predict(p, inputs), targets).backward()
        with torch.no_grad():
            p -= rate * p.grad
    return p
"""
ONE_LOOP = """
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.zeros(1, requires_grad=True, device=x.device)
    for _ in range(steps):
        loss = (y - (w * x + b)).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad.zero_()
    return w, b
"""
CHAINED = """
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True, device=x.device)
    b = torch.zeros(1, requires_grad=True, device=x.device)
    step = 0
    while step < steps:
        loss = torch.mean((w * x + b - y) ** 2)
        loss.backward()
        with torch.no_grad():
            w.sub_(lr * w.grad)
            b.sub_(lr * b.grad)
            w.grad = b.grad = None
        step += 1
    return [w, b]
"""
STYLES = {"packed": PACKED, "one loop": ONE_LOOP, "chained": CHAINED}
SOURCES = {name: COURSE.reference(name).read_text("utf-8") for name in FITS} | STYLES


def exercise(name: str) -> CurveFit:
    return curve_fit(COURSE, name if name not in STYLES else "line")


def made(name: str) -> dict[str, Mutation]:
    return {mutation.name: mutation for mutation in mutations(SOURCES[name], exercise(name))}


def changed(name: str, mistake: str) -> tuple[list[str], list[str]]:
    """The lines that a mistake takes away, and those that it adds."""
    before = Program(SOURCES[name], exercise(name)).text().splitlines()
    after = made(name)[mistake].source.splitlines()
    lines = [line for line in difflib.ndiff(before, after) if line[0] in "-+"]
    return tuple([line[2:].strip() for line in lines if line[0] == sign] for sign in "-+")  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("name", "mistake", "gone", "new"),
    [
        ("line", "gradients never cleared", ["w.grad = None", "b.grad = None"], []),
        ("line", "one gradient not cleared", ["b.grad = None"], []),
        ("quadratic", "one gradient not cleared", ["for parameter in parameters:"],
         ["for parameter in parameters[1:]:"]),
        ("chained", "one gradient not cleared", ["w.grad = b.grad = None"], ["w.grad = None"]),
        ("one loop", "one gradient not cleared", ["p.grad.zero_()"], ["if p is not w:", "p.grad.zero_()"]),
        ("line", "parameters set to None", ["w.grad = None", "b.grad = None"], ["w = b = None"]),
        ("packed", "parameters zeroed", ["p.grad = None"], ["with torch.no_grad():", "p.zero_()"]),
        ("one loop", "gradients cleared too early", ["p.grad.zero_()"], ["p.grad.zero_()"]),
        ("line", "rebound under no_grad", ["w -= lr * w.grad", "b -= lr * b.grad"],
         ["w = w - lr * w.grad", "b = b - lr * b.grad"]),
        ("chained", "sign of the step flipped", ["w.sub_(lr * w.grad)", "b.sub_(lr * b.grad)"],
         ["w.add_(lr * w.grad)", "b.add_(lr * b.grad)"]),
        ("quadratic", "loop variable rebound", ["parameter.sub_(lr * parameter.grad)"],
         ["parameter = parameter.sub(lr * parameter.grad)"]),
        ("quadratic", "another parameter's gradient", ["parameter.sub_(lr * parameter.grad)"],
         ["parameter.sub_(lr * c.grad)"]),
        ("packed", "requires_grad dropped", ["p = torch.zeros(2, device=inputs.device).requires_grad_()"],
         ["p = torch.zeros(2, device=inputs.device)"]),
        ("packed", "target reshaped to a column", ["loss = F.mse_loss(predict(p, inputs), targets)"],
         ["loss = F.mse_loss(predict(p, inputs), targets.reshape(-1, 1))"]),
        ("packed", "mean() dropped", ["loss = F.mse_loss(predict(p, inputs), targets)"],
         ["loss = F.mse_loss(predict(p, inputs), targets, reduction='none')"]),
        ("chained", "mean() dropped", ["loss = torch.mean((w * x + b - y) ** 2)"],
         ["loss = (w * x + b - y) ** 2"]),
        ("one loop", "prediction detached", ["loss = (y - (w * x + b)).pow(2).mean()"],
         ["loss = (y - (w * x + b).detach()).pow(2).mean()"]),
        ("line", "too large a learning rate", [], ["lr = 10 * lr"]),
    ],
)  # fmt: skip
def test_an_edit_changes_this_and_nothing_else(
    name: str, mistake: str, gone: list[str], new: list[str]
) -> None:
    assert changed(name, mistake) == (gone, new)


@pytest.mark.parametrize("name", SOURCES)
def test_every_mutation_is_another_program_that_parses_and_points_at_a_line(name: str) -> None:
    right = Program(SOURCES[name], exercise(name)).text()
    found = list(mutations(SOURCES[name], exercise(name)))
    assert len(found) > 30
    assert len({mutation.source for mutation in found} | {right}) == len(found) + 1
    for mutation in found:
        compile(mutation.source, mutation.name, "exec")
        assert mutation.line is None or mutation.source.splitlines()[mutation.line - 1].strip()
        assert set(mutation.expected) <= set(catalogue())


def test_the_line_is_that_of_the_edit() -> None:
    for name, statement in {
        "scaled after requires_grad": "w = torch.zeros(1, device=x.device, requires_grad=True) * 0.5",
        "gradients never cleared": "for _ in range(steps):",
        "backward() called twice": "loss.backward()",
        "rebound while recording": "w = w - lr * w.grad",
        "torch.optim.SGD": "optimizer = torch.optim.SGD([w, b], lr=lr)",
    }.items():
        mutation = made("line")[name]
        assert mutation.line is not None
        assert mutation.source.splitlines()[mutation.line - 1].strip() == statement


def test_between_them_the_two_references_suffer_every_mistake() -> None:
    assert {mistake.name for mistake in MISTAKES} == set(made("line")) | set(made("quadratic"))


def test_what_a_helper_does_has_no_line() -> None:
    assert made("packed")["target reshaped to a column"].line is None


def test_a_program_without_the_entry_function_makes_no_mistakes() -> None:
    assert list(mutations("x = 1\n", exercise("line"))) == []


def test_a_program_that_does_not_train_can_only_fail_to_run() -> None:
    names = {
        m.name for m in mutations("def fit(x, y, lr, steps):\n    return x[0], y[0]\n", exercise("line"))
    }
    assert {"not implemented", "function renamed", "an endless loop"} <= names
    assert "gradients never cleared" not in names


def test_the_rate_is_too_large_for_the_slowest_schedule() -> None:
    slow = exercise("line").schedules[0]
    asked = replace(exercise("line"), schedules=(replace(slow, lr=0.02),))
    diverging = {m.name: m for m in mutations(SOURCES["line"], asked)}["too large a learning rate"]
    assert "lr = 100 * lr" in diverging.source


# What comes of them ------------------------------------------------------------------------------


def shortened(course_exercise: CurveFit) -> CurveFit:
    """Two schedules of the exercise's own: enough to tell data from constants, and soon over."""
    return replace(course_exercise, schedules=course_exercise.schedules[1:2] + course_exercise.schedules[3:])


def verdict(mutation: Mutation, asked: CurveFit, sandbox: Sandbox) -> Result:
    return grade(submission_of(mutation.source, asked), asked, sandbox, devices=("cpu",))


NOT_YET = {
    ("packed", "parameters set to None"): "set to None before the first backward pass",
}
"""Where the detectors and the contract do not agree yet."""


def graded() -> Iterator[Any]:
    for name in ("line", *STYLES):
        for mistake in made(name):
            reason = NOT_YET.get((name, mistake))
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            if mistake != "an endless loop" or name == "line":
                yield pytest.param(name, mistake, marks=marks, id=f"{name}: {mistake}")


@pytest.mark.parametrize(("name", "mistake"), list(graded()))
def test_a_mistake_is_caught_as_itself(name: str, mistake: str, sandbox: Sandbox, impatient: Sandbox) -> None:
    mutation = made(name)[mistake]
    used = impatient if mutation.expected == ("time-limit",) else sandbox
    result = verdict(mutation, shortened(exercise(name)), used)
    expected = caught(mutation.expected, mutation.line)
    assert expected.holds(result), f"{expected.words}, but {in_short(result)}\n{mutation.source}"


@pytest.mark.parametrize(
    ("mistake", "pitfall"),
    [
        ("gradients never cleared", "stale-gradient"),
        ("target reshaped to a column", "silent-broadcast"),
        ("item() at every step", "item-every-step"),
        ("float64 parameters", "double-precision"),
    ],
)
def test_a_broken_detector_lets_its_mistake_slip(
    mistake: str, pitfall: str, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mutation = made("line")[mistake]
    entries = catalogue() | {pitfall: replace(catalogue()[pitfall], find=None, compare=None)}
    monkeypatch.setattr(findings, "catalogue", lambda: entries)
    result = verdict(mutation, shortened(exercise("line")), sandbox)
    assert not caught(mutation.expected, mutation.line).holds(result)


def test_the_reference_still_passes_on_the_shortened_schedule(course: Course, sandbox: Sandbox) -> None:
    asked = shortened(curve_fit(course, "line"))
    right = Mutation("none", (), ast.unparse(ast.parse(SOURCES["line"])) + "\n", None)
    assert verdict(right, asked, sandbox).status == "passed"
