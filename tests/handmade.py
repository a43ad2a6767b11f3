"""Results made by hand, for the tests of what is shown."""

from __future__ import annotations

import hashlib
import math
from typing import Any

from grader.records import (
    DrawnNode,
    DrawnNumber,
    Environment,
    Finding,
    Limits,
    Picture,
    Result,
    RubricResult,
    RunResult,
    SubmissionInfo,
)

SOURCE = """import torch


def fit(x, y, lr, steps):
    a = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.randn(1, requires_grad=True, device=x.device)
    c = torch.randn(1, requires_grad=True, device=x.device)
    for step in range(steps):
        loss = ((a * x**2 + b * x + c - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            a -= lr * a.grad
            b -= lr * b.grad
            c -= lr * c.grad
        b.grad = None
        c.grad = None
        if step % 500 == 0:
            print(f"step {step}: loss {loss.item():.4f}")
    return a, b, c
"""
TITLES = {
    "coefficients": ("Recovers a, b and c", 40.0),
    "shapes-and-dtypes": ("Shapes and dtypes", 10.0),
    "leaf-status": ("Parameters are leaves that require grad", 10.0),
    "gradient-zeroing": ("Gradients are zeroed each step", 20.0),
    "no-grad": ("Updates happen under no_grad", 20.0),
}
STALE = Finding(
    pitfall="stale-gradient",
    severity="error",
    message=(
        "At step 2 `a.grad` was -10.31, but the gradient of your loss there is -3.22: the other"
        " -7.09 is left over from step 1. `b` and `c` were zeroed; `a` was not."
    ),
    line=12,
    source="            a -= lr * a.grad",
    step=2,
    device="cpu",
    seed=101,
    evidence={"parameter": "a", "consumed": -10.31, "fresh": -3.22, "left over": -7.09},
    fix="After the update, clear all three gradients: add `a.grad = None` beside the other two.",
    title="An update used gradient left over from earlier steps",
    why=(
        "`backward()` adds to `.grad`, it does not replace it. Unless you clear it, every step is"
        " pushed by the sum of all gradients so far, and `a` swings for ever instead of settling."
    ),
    rubric="gradient-zeroing",
)
ITEM = Finding(
    pitfall="item-every-step",
    severity="warning",
    message="`loss.item()` was read at every one of the 2000 steps.",
    line=18,
    source='            print(f"step {step}: loss {loss.item():.4f}")',
    step=1,
    device="cpu",
    seed=101,
    fix="Read it every hundred steps, or once at the end.",
    title="The loss was read to Python at every step",
    why="On a GPU each read waits for all queued work.",
)


def rubric(**statuses: tuple[str, str]) -> tuple[RubricResult, ...]:
    """The rubric of the quadratic; what is not named has passed."""
    items = []
    for name, (title, points) in TITLES.items():
        status, detail = statuses.get(name.replace("-", "_"), ("passed", ""))
        items.append(
            RubricResult(
                id=name, title=title, points=points, status=status,  # type: ignore[arg-type]
                earned=points if status == "passed" else 0.0, detail=detail,
            )
        )  # fmt: skip
    return tuple(items)


def run(**changes: Any) -> RunResult:
    """A run that recovered the coefficients."""
    base = RunResult(
        device="cpu", seed=101, status="completed", seconds=0.31, lr=0.05, steps=2000,
        recovered=(1.5012, -0.7998, 0.4003), expected=(1.5013, -0.7999, 0.4003),
        truth=(1.5, -0.8, 0.4), names=("a", "b", "c"),
        loss=tuple((k, 4.2 * 0.93**k + 0.0025) for k in (*range(1, 60), 500, 1000, 2000)),
        stdout="step 0: loss 4.2031\nstep 500: loss 0.0026\nstep 1000: loss 0.0025\n",
    )  # fmt: skip
    return base.model_copy(update=changes)


def node(number: int, kind: Any, label: str, *inputs: int, **changes: Any) -> DrawnNode:
    """A node of a forward pass that a backward pass can go through."""
    return DrawnNode(id=number, kind=kind, label=label, inputs=inputs, **{"tracked": True, **changes})


FORWARD = (
    node(0, "loss", "loss", 1, note="2.5", line=9),
    node(1, "operation", "mean", 2, note="()", line=8),
    node(2, "operation", "mul", 3, 4, note="(200,)", line=7),
    node(3, "parameter", "a", note="grad 2.53"),
    node(4, "data", "x", note="(200,)", tracked=False),
)


def pictured_run(**changes: Any) -> RunResult:
    """A run with all its pictures, in which `a` had stale gradient and the loss was lost in the end."""
    picture = Picture(
        graph=FORWARD, steps=(1, 2, 3), noise_floor=0.0025, descent=((1, 4.0), (100, 0.0025)),
        numbers=(
            DrawnNumber(name="a", values=(0.5, 1.0, 1.9), target=1.5, fresh=(2.5, 1.8), stale=(0.0, 2.5)),
            DrawnNumber(name="b", values=(0.0, -0.5, -0.8), target=-0.8, fresh=(1.0, 0.5), stale=(0.0, 0.0)),
        ),
        x=(-1.0, 0.0, 1.0), y=(1.0, 0.4, 2.0), powers=(2, 1, 0),
    )  # fmt: skip
    loss = ((1, 4.0), (2, 1.0), (100, math.nan))
    return run(**{"recovered": (1.9, -0.8, 0.1), "loss": loss, "picture": picture, **changes})


def result(**changes: Any) -> Result:
    """A submission that passed."""
    source = changes.pop("source", SOURCE)
    name = changes.pop("name", "alice")
    items = changes.pop("rubric", rubric())
    base = Result(
        exercise="quadratic",
        submission=SubmissionInfo(
            name=name, path=f"class/{name}.py", form="function",
            sha256=hashlib.sha256(source.encode("utf-8", "replace")).hexdigest(),
        ),
        status="passed", score=sum(i.earned for i in items), max_score=100.0,
        rubric=items, findings=(), source=source, grader="0.1.0",
        runs=(run(), run(seed=102, lr=0.08, steps=1200), run(seed=102, repeat=True), run(seed=103)),
        environment=Environment(
            torch="2.13.0", python="3.11.9", devices=("cpu",), isolation="Landlock and seccomp",
            limits=Limits(),
        ),
    )  # fmt: skip
    return base.model_copy(update=changes)


def failed(**changes: Any) -> Result:
    """A submission that forgot to zero one gradient of three."""
    swing = tuple((k, 2.1 + 2.05 * math.sin(1.3 * k)) for k in range(1, 80))
    base = result(
        rubric=rubric(
            coefficients=("failed", "a ended 0.41 away from the least-squares answer."),
            gradient_zeroing=("failed", "stale-gradient at line 12"),
        )
    )
    return base.model_copy(
        update={
            "status": "failed",
            "findings": (STALE, ITEM),
            "runs": (
                run(recovered=(1.9112, -0.7998, 0.1003), loss=swing),
                run(seed=102, status="raised", recovered=None, loss=(), stderr="RuntimeError\n"),
            ),
            **changes,
        }
    )


def ungraded(**changes: Any) -> Result:
    """A submission that the grader could not judge."""
    base = result(rubric=(), runs=())
    return base.model_copy(
        update={
            "status": "ungraded",
            "score": 0.0,
            "reason": "The warm process died three times.",
            **changes,
        }
    )
