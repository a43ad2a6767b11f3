"""An exception ended the run, and no other pitfall says why."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._ended import ran_out_of_threads
from grader.plain import in_plain_words
from grader.records import Limits, Raised
from grader.words import first_line

PITFALL = Pitfall(
    title="An exception ended the program",
    section="running",
    rubric="coefficients",
    what="Your code, or a call that it made, raised an exception that nothing caught.",
    why="The run ended there; what came after was not seen.",
    mend="Read the last line of the message first: it says what was wrong, and the line says where.",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()  # <- runtime-error
        loss.backward()
    return w, w
""",
            note="a name that is not defined",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    design = torch.stack([x, torch.ones_like(x), x * x], dim=1)
    for step in range(steps):
        loss = ((design @ p - y) ** 2).mean()  # <- runtime-error
        loss.backward()
    return p
""",
            note="shapes that do not fit",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    try:
        torch.ones(3) @ torch.ones(4)
    except RuntimeError:
        pass
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="an exception that was caught",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    counter = iter(range(steps))
    while True:
        try:
            next(counter)
        except StopIteration:
            return p
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
""",
            note="an exception as the loop's end",
        ),
        Example(
            """\
import sys
import torch

torch.manual_seed(0)
x = torch.linspace(-1, 1, 100)
y = 2.5 * x - 0.9 + 0.1 * torch.randn(100)
w = torch.zeros(1, requires_grad=True)
b = torch.zeros(1, requires_grad=True)
for step in range(200):
    ((w * x + b - y) ** 2).mean().backward()
    with torch.no_grad():
        for p in (w, b):
            p -= 0.5 * p.grad
            p.grad = None
sys.exit(0)
""",
            note="a script that ends with sys.exit(0)",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    if ran_out_of_threads(run):
        yield _too_many_threads(run)
        return
    trace, raised = run.trace, run.raised
    if trace is None or raised is None or trace.stage == "import":
        return
    yield Found(
        message=f"{_where(run, raised)} {_said(raised)}{in_plain_words(raised)}",
        line=raised.line,
        step=max(1, run.pass_count) if run.pass_count else None,
        evidence={
            "exception": raised.type,
            "message": raised.message,
            "stack": list(raised.stack),
            "backward_passes": run.pass_count,
        },
    )


def _too_many_threads(run: Evidence) -> Found:
    line = run.report.stack[0] if run.report.stack else None
    return Found(
        message=(
            f"The run was ended, for it asked for more threads than a run may have, {Limits().processes}."
            " Are they started in a loop, or is `torch.set_num_threads` told a large number?"
        ),
        line=line,
        evidence={"detail": run.report.detail, "stack": list(run.report.stack)},
    )


def _where(run: Evidence, raised: Raised) -> str:
    line = (run.source.line(raised.line) or "").strip()
    after = f", after {run.pass_count} backward passes" if run.pass_count else ""
    return f"`{line[:80]}`{after}:" if line else f"The program{after}:"


def _said(raised: Raised) -> str:
    said = first_line(raised.message, 200)
    return f"{raised.type}: {said}." if said else f"{raised.type}."


find_in_call = find
