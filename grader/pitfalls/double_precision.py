"""float64 where the exercise asks for float32."""

from __future__ import annotations

from collections.abc import Iterator

from grader.answers import Answer, answers
from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.lineage import source_of_dtype
from grader.neutralising import at, calls_at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import wrong_dtype
from grader.pitfalls._clash import clash_with
from grader.pitfalls._symptoms import EXCEPTION
from grader.records import Intervention
from grader.words import code

PITFALL = Pitfall(
    title="A tensor is float64 where float32 was asked for",
    section="tensors",
    rubric="shapes-and-dtypes",
    what=(
        "Deep learning runs on float32, torch's default. float64 comes in from NumPy arrays, `.double()`"
        " or `dtype=torch.float64`, and spreads to everything it meets."
    ),
    why="Twice the memory, slow on accelerators, and an error as soon as it meets a float32 layer.",
    mend="Make it `torch.float32` where it is made: `dtype=torch.float32`, or `.float()`.",
    explains=EXCEPTION,
    see_also="Dtypes you actually need",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, dtype=torch.float64, requires_grad=True)  # <- double-precision
    b = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
"""
        ),
        Example(
            """\
import numpy as np
import torch

def fit(x, y, lr, steps):
    start = np.zeros(2)
    p = torch.from_numpy(start)  # <- double-precision
    p.requires_grad_()
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="from NumPy",
        ),
    ),
    good=(
        Example(
            """\
import numpy as np
import torch

def fit(x, y, lr, steps):
    p = torch.tensor(np.zeros(2), dtype=torch.float32, requires_grad=True)
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="from NumPy, made float32",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    best = torch.tensor(float("inf"), dtype=torch.float64)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        best = torch.minimum(best, loss.detach().double())
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a running record in float64",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b).double() - y.double()).pow(2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the loss in float64, the parameters float32",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    clash = clash_with(run, ("float64",))
    if clash is not None:
        yield clash
        return
    wrong = [answer for answer in answers(run) if answer.view.dtype == "float64"]
    if not wrong:
        return
    names = [answer.name for answer in wrong]
    line, how = _origin(run, wrong[0])
    yield Found(
        message=(
            f"{code(names)} {'is' if len(names) == 1 else 'are'} float64. {how}The exercise asks for float32."
        ),
        line=line,
        evidence={"dtypes": {answer.name: answer.view.dtype for answer in answers(run)}},
    )


def _origin(run: FitEvidence, answer: Answer) -> tuple[int | None, str]:
    """Where float64 came in."""
    event = source_of_dtype(run.lineage, answer.first, "float64")
    if event is None:
        return answer.line, ""
    return run.line(event), f"That came in at `{run.statement(event)}`. "


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    clash = clash_with(run, ("float64",))
    if clash is not None:
        yield clash
    elif any(off.difference.wanted == "float32" for off in run.about("dtype")):
        yield from wrong_dtype(run, ("float64",), fix="Say `dtype=torch.float32`, or convert: `.float()`.")


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make float32 of what is made there, and of what is told to require grad."""
    if isinstance(run, FitEvidence):
        yield from at("as-float32", run, calls_at(run, found))
        yield Intervention(kind="float32-parameters")
