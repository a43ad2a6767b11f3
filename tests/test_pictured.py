"""What the pictures are drawn from: the run's own numbers, small, and nothing the child was not to know."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from grader.curve import Polynomial
from grader.descent import descent
from grader.evidence import FitEvidence
from grader.fit import Fit
from grader.forward_graph import FIRST_NODES
from grader.pictured import picture, pictured
from grader.records import NO_GRAD, Picture, Result
from grader.report.json_text import result_json

RIGHT = """import torch


def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True, device=x.device)
    b = torch.zeros(1, requires_grad=True, device=x.device)
    for _ in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
"""
STALE = RIGHT.replace("w.grad = b.grad = None", "b.grad = None")
DETACHED = RIGHT.replace("(w * x + b - y)", "((w * x).detach() + b - y)")
CONVERTED = RIGHT.replace(
    ").mean()", ").mean().item()\n        loss = torch.tensor(loss, requires_grad=True)"
)
PLAIN = RIGHT.replace("b = torch.zeros(1, requires_grad=True", "b = torch.zeros(1")
SUMMED = RIGHT.replace(".mean()", ".sum() / 20")
SWAPPED = RIGHT.replace("w * x + b - y", "b + w * x - y")
PACKED = """import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True, device=x.device)
    for _ in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        (g,) = torch.autograd.grad(loss, p)
        with torch.no_grad():
            p -= lr * g
    return p
"""

Evidence = Callable[..., FitEvidence]


def picture_of(evidence_of: Evidence, source: str) -> Picture:
    return picture(evidence_of(source))


def labels(drawn: Picture, kind: str) -> list[str]:
    return sorted(node.label for node in drawn.graph if node.kind == kind)


# --- the reference's curve ------------------------------------------------------------------------


def test_gradient_descent_is_the_one_that_is_made_step_by_step() -> None:
    model = Polynomial((2, 1, 0))
    x = np.linspace(-2, 2, 50)
    y = model.design(x) @ np.array([1.5, -0.8, 0.4]) + 0.05 * np.cos(37 * x)
    best = tuple(model.least_squares(x, y).tolist())
    fit = Fit(model, ("a", "b", "c"), best, 0.02, None, 0.05, x, y)
    parameters = np.array([1.0, 2.0, -3.0])
    walked = []
    for step in range(1, 201):
        walked.append((step, model.loss(parameters, x, y)))
        parameters = parameters - 0.1 * model.gradient(parameters, x, y)
    computed = descent(fit, (1.0, 2.0, -3.0), 0.1, range(1, 201))
    assert [step for step, _ in computed] == [step for step, _ in walked]
    assert np.allclose([loss for _, loss in computed], [loss for _, loss in walked])


def test_gradient_descent_at_too_high_a_rate_goes_to_infinity_and_does_not_raise() -> None:
    x = np.linspace(-2, 2, 50)
    fit = Fit(Polynomial((1, 0)), ("w", "b"), (2.0, 1.0), 0.02, None, 0.05, x, 2 * x + 1)
    assert descent(fit, (0.0, 0.0), 50.0, (1, 10**9))[1][1] == math.inf
    assert descent(fit, (0.0,), 0.1, (1,)) == []


# --- of real runs ---------------------------------------------------------------------------------


def test_the_picture_of_a_right_run(evidence_of: Evidence) -> None:
    run = evidence_of(RIGHT)
    drawn = picture(run)
    assert labels(drawn, "parameter") == ["b", "w"]
    assert labels(drawn, "data") == ["x", "y"]
    assert sorted(labels(drawn, "operation")) == ["add", "mean", "mul", "pow", "sub"]
    assert [number.name for number in drawn.numbers] == ["w", "b"]
    for number, expected in zip(drawn.numbers, run.fit.expected, strict=True):
        assert number.target == pytest.approx(expected, rel=1e-4)
        assert number.values[-1] == pytest.approx(expected, abs=0.02)
        assert not any(number.stale)
        assert len(number.values) == len(drawn.steps)
    assert drawn.noise_floor == pytest.approx(run.fit.loss(run.fit.expected), rel=1e-4)
    own = dict(run.losses)
    shared = [(own[step], value) for step, value in drawn.descent if step in own]
    assert len(shared) > 10
    assert all(a == pytest.approx(b, rel=1e-2) for a, b in shared), "gradient descent is what it did"
    assert not drawn.error
    assert len(drawn.x) == len(drawn.y) == run.fit.points


def test_stale_gradient_is_in_the_picture_of_its_parameter_alone(evidence_of: Evidence) -> None:
    w, b = picture_of(evidence_of, STALE).numbers
    assert w.stale[0] == 0
    assert w.stale[1] == pytest.approx(w.fresh[0], rel=1e-3)
    assert not any(b.stale)


def test_the_graph_shows_where_a_part_of_it_was_cut_off(evidence_of: Evidence) -> None:
    graph = picture_of(evidence_of, DETACHED).graph
    (cut,) = [node for node in graph if node.kind == "cut"]
    assert (cut.label, cut.line) == ("detach", 8)
    notes = {node.label: node.note for node in graph if node.kind == "parameter"}
    assert notes["w"] == "", "no gradient came there"
    assert notes["b"].startswith("grad ")


def test_the_graph_leads_through_a_number_that_python_held(evidence_of: Evidence) -> None:
    drawn = picture_of(evidence_of, CONVERTED)
    (cut,) = [node for node in drawn.graph if node.kind == "cut"]
    assert (cut.label, cut.line, cut.tracked) == ("item", 8, False)
    assert labels(drawn, "parameter") == ["b", "w"]


def test_a_parameter_that_does_not_require_grad_is_told_apart(evidence_of: Evidence) -> None:
    drawn = picture_of(evidence_of, PLAIN)
    assert labels(drawn, "parameter") == ["w"]
    assert [(n.label, n.note) for n in drawn.graph if n.kind == "missing"] == [("b", NO_GRAD)]


def test_what_is_only_looked_at_is_no_missing_parameter(evidence_of: Evidence) -> None:
    looking = RIGHT.replace(
        "    return w, b", "    best = w.detach().requires_grad_()\n    best * 2\n    return w, b"
    )
    assert labels(picture_of(evidence_of, looking), "missing") == []


def test_a_step_without_history_is_drawn_from_its_gradient(evidence_of: Evidence) -> None:
    rebound = RIGHT.replace("w -= lr", "w = w - lr").replace("b -= lr", "b = b - lr")
    rebound = rebound.replace("w.grad = b.grad = None", "pass")
    graph = picture_of(evidence_of, rebound).graph
    cuts = {(node.label, node.line) for node in graph if node.kind == "cut"}
    assert cuts == {("sub", 11), ("sub", 12)}
    assert "w.grad" in [node.label for node in graph if node.kind == "data"]
    assert picture_of(evidence_of, rebound).error == (), "of a parameter that was not seen nothing is said"


def test_another_loss_is_drawn_beside_the_error(evidence_of: Evidence) -> None:
    run = evidence_of(SUMMED)
    error = picture(run).error
    assert error
    assert error[0][1] == pytest.approx(run.fit.loss((0.0, 0.0)), rel=1e-4)


@pytest.mark.parametrize("source", [SWAPPED, PACKED])
def test_each_number_has_its_own_target(evidence_of: Evidence, source: str) -> None:
    run = evidence_of(source)
    targets = [number.target for number in picture(run).numbers]
    assert targets == pytest.approx(list(run.fit.expected), rel=1e-4)


def test_of_a_loop_over_the_data_no_more_is_said_than_was_seen(evidence_of: Evidence) -> None:
    looped = RIGHT.replace(
        "loss = ((w * x + b - y) ** 2).mean()",
        "loss = 0\n        for i in range(100):\n            loss = loss + (w * x[i] + b - y[i]) ** 2 / 100",
    ).replace("range(steps)", "range(3)")
    drawn = picture_of(evidence_of, looped)
    assert len(drawn.graph) == FIRST_NODES + 1
    assert drawn.graph_left_out > 400
    assert all(node.tracked for node in drawn.graph), "no part of it is taken for data"


def test_where_calls_and_autograd_disagree_autograds_graph_is_drawn(evidence_of: Evidence) -> None:
    run = evidence_of(RIGHT)
    assert run.trace is not None
    calls = tuple(event for event in run.trace.events if event.op != "Tensor.add")
    trace = run.trace.model_copy(update={"events": calls})
    drawn = picture(FitEvidence(request=run.request, report=run.report.model_copy(update={"trace": trace}),
                                source=run.source, fit=run.fit))  # fmt: skip
    assert labels(drawn, "parameter") == ["b", "w"]
    assert labels(drawn, "data") == []
    assert all(node.tracked for node in drawn.graph)


# --- which runs, and how much ---------------------------------------------------------------------


def test_one_run_is_drawn_where_the_others_say_the_same(grade_source: Callable[..., Result]) -> None:
    result = grade_source(RIGHT)
    assert [run.picture is not None for run in result.runs] == [True] + [False] * (len(result.runs) - 1)
    assert result.runs[0].picture is not None
    assert len(result.runs[0].picture.model_dump_json()) < 15_000
    assert len(result_json(result)) < 40_000
    assert Result.model_validate_json(result_json(result)).runs[0].picture == result.runs[0].picture


def test_the_run_of_the_first_error_is_drawn_too(
    evidence_of: Evidence, grade_source: Callable[..., Result]
) -> None:
    run = evidence_of(STALE)
    error = next(f for f in grade_source(STALE).findings if f.severity == "error")
    other = FitEvidence(request=run.request.model_copy(update={"seed": 5}), report=run.report,
                        source=run.source, fit=run.fit)  # fmt: skip
    assert set(pictured([run, other, other], [error.model_copy(update={"seed": 5})])) == {0, 1}


def test_a_result_of_before_there_were_pictures_still_reads(grade_source: Callable[..., Result]) -> None:
    result = grade_source(RIGHT)
    old = result.model_dump(mode="json")
    for run in old["runs"]:
        del run["picture"]
    del old["environment"]["limits"]
    assert Result.model_validate(old).runs[0].picture is None


def test_a_run_of_which_nothing_came_is_not_drawn(grade_source: Callable[..., Result]) -> None:
    assert all(run.picture is None for run in grade_source("import torch\n1 / 0\n").runs)
