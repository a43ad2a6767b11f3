"""Neither the entry function nor the fitted names are there."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import FitEvidence
from grader.pitfall import Example, Found, Pitfall
from grader.words import code

PITFALL = Pitfall(
    title="There is nothing to call and nothing to read",
    section="running",
    rubric="coefficients",
    what=(
        "The file defines no function of the name that the exercise asks for, and leaves no fitted"
        " parameters in the names that it asks for."
    ),
    why="The grader calls your function by its name; a misspelt one is not found.",
    mend="Name the function as the exercise does.",
    explains=("wrong-return", "missing-backward"),
    bad=(
        Example(
            """\
import torch

def train(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="another name",
        ),
        Example("import torch\n", note="nothing at all"),
    ),
    good=(
        Example(
            """\
import torch

def train(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p

fit = train
""",
            note="another name, and the right one too",
        ),
        Example(
            """\
import torch

class Line:
    def __call__(self, x, y, lr, steps):
        p = torch.zeros(2, requires_grad=True)
        for step in range(steps):
            ((p[0] * x + p[1] - y) ** 2).mean().backward()
            with torch.no_grad():
                p -= lr * p.grad
            p.grad = None
        return p

fit = Line()
""",
            note="something that can be called",
        ),
        Example(
            """\
import torch

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
""",
            note="a script that leaves w and b",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    if run.trace is None or not (run.trace.entry_missing or _names_are_missing(run)):
        return
    names = run.fit.names
    others = run.source.functions()
    defined = f" It defines {code(others[:6])}." if others else " It defines no function."
    entry = run.request.entry or "fit"
    yield Found(
        message=(
            f"There is no function `{entry}` in the file, and no {code(names)} at its top level.{defined}"
        ),
        line=None,
        evidence={"functions": list(others[:6]), "wanted": entry, "or_names": list(names)},
        fix=(
            f"Name your function `{entry}`, or leave the fitted parameters of a script in {code(names)} at"
            " its top level."
        ),
    )


def _names_are_missing(run: FitEvidence) -> bool:
    return run.is_script and run.returned_normally and len(run.answers) < run.fit.size


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    if run.trace is None or not run.trace.entry_missing:
        return
    others = run.source.functions()
    defined = f" It defines {code(others[:6])}." if others else " It defines no function."
    name = run.entry.name
    yield Found(
        message=f"There is no function `{name}` in the file.{defined}",
        line=None,
        evidence={"functions": list(others[:6]), "wanted": name},
        title="A function is missing",
        fix=f"Define `{name}({', '.join(run.entry.parameters)})`.",
    )
