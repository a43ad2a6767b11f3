"""Evidence is a claim: what no honest recorder could have sent is told, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from grader.consistency import contradictions
from grader.evidence import FitEvidence
from grader.findings import judge
from grader.records import ChildReport, Result, Trace
from tests.hostile import RIGHT

Evidence = Callable[..., FitEvidence]
SOURCE = "import torch\n\ndef fit(x, y, lr, steps):\n" + RIGHT
TWO = """\
import torch

class Odd(torch.autograd.Function):
    @staticmethod
    def forward(ctx, value):
        return value.clone()
    @staticmethod
    def backward(ctx, gradient):
        return -gradient

def fit(x, y, lr, steps):
    w, b = (torch.zeros(1, requires_grad=True) for _ in range(2))
    for step in range(steps):
        LOSS.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad = None
    return w, b
"""
HONEST = {
    "mean": "((w * x + b - y) ** 2).mean()",
    "sum": "(((w * x + b - y) ** 2).sum() / 50)",
    "root": "(((w * x + b - y) ** 2).mean() + 1e-9).sqrt()",
    "half": "(((w * x + b - y) ** 2).mean() / 2)",
    "Huber": "torch.nn.functional.smooth_l1_loss(w * x + b, y)",
    "absolute": "(w * x + b - y).abs().mean()",
    "a minibatch": "((w * x[::2] + b - y[::2]) ** 2).mean()",
    "one factor": "((w * x + b - y) * (w.detach() * x + b.detach() - y)).mean()",
    "turned round": "(-((w * x + b - y) ** 2).mean()).neg()",
    "a function of one's own": "Odd.apply(((w * x + b - y) ** 2).mean())",
    "a function on one parameter": "((Odd.apply(w) * x + b - y) ** 2).mean()",
    "a broadcast": "((w * x + b - y.reshape(-1, 1)) ** 2).mean()",
    "penalised": "(((w * x + b - y) ** 2).mean() + 1e-3 * w ** 2)",
}


def told(run: FitEvidence) -> list[str]:
    return list(contradictions(run))


def forged(run: FitEvidence, change: Callable[[dict[str, Any]], object]) -> list[str]:
    """What is told of the same run, with something changed in its account."""
    assert run.trace is not None
    account = json.loads(run.trace.model_dump_json())
    change(account)
    report = run.report.model_copy(update={"trace": Trace.model_validate(account)})
    return told(replace(run, report=report))


@pytest.fixture(scope="module")
def honest(evidence_of: Evidence) -> FitEvidence:
    return evidence_of(SOURCE)


@pytest.mark.parametrize("loss", HONEST.values(), ids=HONEST)
def test_another_loss_is_no_contradiction(evidence_of: Evidence, loss: str) -> None:
    assert told(evidence_of(TWO.replace("LOSS", loss))) == []


@pytest.mark.parametrize(
    "line",
    [
        "w.register_hook(lambda g: g.clamp(-1, 1)) if step == 0 else None",
        "w.register_hook(lambda g: -g) if step == 0 else None",
        "w.data = w.data.clone()",
        "w = w.detach().clone().requires_grad_()",
        "p = None",
        "w.retain_grad()",
        "step = step + 0",
    ],
)
def test_an_odd_way_is_no_contradiction(evidence_of: Evidence, line: str) -> None:
    source = TWO.replace("        LOSS", f"        {line}\n        {HONEST['mean']}")
    assert told(evidence_of(source)) == []


def test_an_honest_account_holds(honest: FitEvidence) -> None:
    assert told(honest) == []
    assert forged(honest, lambda account: None) == []


def _set(path: list[str | int], value: Any) -> Callable[[dict[str, Any]], object]:
    def change(account: Any) -> None:
        for key in path[:-1]:
            account = account[key]
        account[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_set(["seconds"], 1000.0), "it says that it took 1000.0 s"),
        (_set(["backwards", 2, "step"], 1), "its backward passes are not in their order"),
        (_set(["events", 3, "index"], 7), "its calls are not in their order"),
        (_set(["backwards", 1, "loss", "values"], [1.0, 2.0]), "a tensor of shape () has 2 values"),
        (_set(["backwards", 2, "slots", 0, "value"], [9.0, 9.0]), "and it says that it moved by"),
        (_set(["backwards", 2, "slots", 0, "delta"], [9.0, 9.0]), "and it says that it moved by [9, 9]"),
        (_set(["backwards", 2, "slots", 0, "fresh"], [9.0, 9.0]), "and it says that [9, 9] was made"),
        (_set(["slots", 0, "final"], [9.0, 9.0]), "a parameter ended at [9, 9] and was handed back as"),
    ],
)
def test_a_forged_account_is_told(honest: FitEvidence, change: Any, said: str) -> None:
    (found, *_) = forged(honest, change)
    assert said in found


def test_gradients_that_are_not_the_losses_are_told(honest: FitEvidence) -> None:
    """A trajectory of right losses needs right gradients, too: they are computed anew from the data."""

    def change(account: Any) -> None:
        for backward in account["backwards"]:
            for state in backward["slots"]:
                state["fresh"] = state["grad_after"] = [-state["fresh"][1], state["fresh"][0]]
                state["grad_before"] = None

    (found,) = forged(honest, change)
    assert "its gradient is not that error's (cosine " in found


def test_what_contradicts_itself_is_tampering(honest: FitEvidence) -> None:
    assert honest.trace is not None
    trace = honest.trace.model_copy(update={"seconds": 1e6})
    run = replace(honest, report=honest.report.model_copy(update={"trace": trace}))
    (finding,) = (f for f in judge([run]) if f.severity == "error")
    assert finding.pitfall == "tampering"
    assert finding.message.startswith("What the run says of itself cannot be true: it says that it took")


def test_a_run_that_did_not_end_is_not_judged(honest: FitEvidence) -> None:
    assert honest.trace is not None
    trace = honest.trace.model_copy(update={"seconds": 1e6, "outcome": "raised"})
    report: ChildReport = honest.report.model_copy(update={"trace": trace})
    assert told(replace(honest, report=report)) == []


FORGERY = """\
import json, os
import torch

def fit(x, y, lr, steps):
    X = torch.stack([x, torch.ones_like(x)], 1)
    a, b, c, d = (X.T @ X).reshape(-1).tolist()
    p, q = (X.T @ y).tolist()
    w, v = (d * p - b * q) / (a * d - b * c), (a * q - c * p) / (a * d - b * c)
    tensor = lambda i, value: {"kind": "tensor", "type": "Tensor", "tensor": {
        "id": i, "storage": i, "shape": [1], "dtype": "float32", "device": "cpu", "leaf": True,
        "requires_grad": True, "values": [value]}}
    body = json.dumps({"outcome": "returned", "stage": "call", "seconds": 0.01, "torch": "2", "python": "3",
        "returned": {"kind": "sequence", "type": "tuple", "items": [tensor(1, w), tensor(2, v)]}}).encode()
    for descriptor in range(3, 64):
        try:
            os.write(descriptor, len(body).to_bytes(4, "big") + body)
        except OSError:
            pass
    os._exit(0)
"""


def test_a_well_formed_forgery_earns_nothing(grade_source: Callable[..., Result]) -> None:
    """Its answer is right, for it solved the normal equations; that it trained, it cannot tell so cheaply."""
    result = grade_source(FORGERY)
    assert result.status == "failed"
    assert {f.pitfall for f in result.findings} & {"tampering", "missing-backward", "closed-form-solution"}
