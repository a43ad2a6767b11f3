"""The file cannot be read as Python, or cannot be imported."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall
from grader.plain import in_plain_words
from grader.records import Raised
from grader.words import first_line

PITFALL = Pitfall(
    title="The file cannot be imported",
    section="running",
    rubric="coefficients",
    what="Python could not read the file, or an exception ended it before any function was called.",
    why="Nothing in it could be run, so nothing could be judged.",
    mend="Run the file by itself, `python your_file.py`, and mend what Python says.",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps)  # <- import-failure
    w = torch.zeros(1, requires_grad=True)
    return w, w
""",
            note="a colon is missing",
        ),
        Example(
            """\
import torch

RATE = learning_rate  # <- import-failure

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    return w, w
""",
            note="an exception at the top level",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b

if __name__ == "__main__":
    print(undefined_name)
""",
            note="what is under the guard is not run on import",
        ),
        Example(
            """\
try:
    import a_package_that_is_not_there
except ImportError:
    a_package_that_is_not_there = None
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="an optional package",
        ),
        Example(
            """\
from __future__ import annotations
import torch

assert torch.tensor([1.0, 2.0]).sum().item() == 3.0

def fit(x: torch.Tensor, y: torch.Tensor, lr: float, steps: int) -> torch.Tensor:
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="a check of one's own at the top",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    trace = run.trace
    if trace is None or trace.stage != "import" or trace.raised is None:
        return
    raised = trace.raised
    yield Found(
        message=_message(run, raised),
        line=raised.line,
        evidence={"exception": raised.type, "message": raised.message},
        fix=_fix(raised),
    )


def _message(run: Evidence, raised: Raised) -> str:
    said = first_line(raised.message)
    if not run.request.source:
        return raised.message
    if raised.missing_module is not None:
        return (
            f"`{run.source.line(raised.line) or 'import'}`: the package `{raised.missing_module}` is not"
            " installed where this was graded. That is a matter of the grading environment and not a"
            " mistake of yours, but the file could not be run without it."
        )
    where = f" at {run.source.where(raised.line)}" if raised.line else ""
    if raised.type in ("SyntaxError", "IndentationError", "TabError"):
        return f"Python cannot read the file: {raised.type}{where}: {said}."
    if raised.type == "SystemExit":
        return f"The file ended the process{where} while it was being imported (SystemExit: {said})."
    return f"An exception ended the import{where}: {raised.type}: {said}.{in_plain_words(raised)}"


def _fix(raised: Raised) -> str | None:
    if raised.missing_module is not None:
        return (
            f"Write it without `{raised.missing_module}` (the exercise needs torch alone), or ask for it to"
            " be installed."
        )
    return None


find_in_call = find
