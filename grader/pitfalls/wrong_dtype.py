"""A dtype that the exercise does not ask for, neither an integer's nor float64."""

from __future__ import annotations

from collections.abc import Iterator

from grader.answers import answers
from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.lineage import source_of_dtype
from grader.neutralising import at, calls_at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls import _calls
from grader.pitfalls._clash import clash_with
from grader.pitfalls._symptoms import EXCEPTION, POOR_FIT
from grader.records import Intervention
from grader.words import code

PITFALL = Pitfall(
    title="A tensor has another dtype than was asked for",
    section="tensors",
    rubric="shapes-and-dtypes",
    what="The exercise asks for float32. Half precision (float16, bfloat16) and complex numbers are others.",
    why=(
        "Half precision keeps three digits: small updates are rounded away, and it does not mix with float32"
        " in a matrix product."
    ),
    mend="Make it `torch.float32`, torch's default for floats: leave `dtype=` out.",
    explains=(*EXCEPTION, *POOR_FIT),
    see_also="Dtypes you actually need",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, dtype=torch.bfloat16, requires_grad=True)  # <- wrong-dtype
    b = torch.zeros(1, dtype=torch.bfloat16, requires_grad=True)
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
import torch

def fit(x, y, lr, steps):
    design = torch.stack([x, torch.ones_like(x)], dim=1)
    p = torch.zeros(2).half().requires_grad_()  # <- wrong-dtype
    for step in range(steps):
        loss = ((design @ p - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="half precision does not mix in a product",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, dtype=torch.float32, requires_grad=True)
    b = torch.zeros(1, dtype=torch.float, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="float is float32",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, dtype=x.dtype, requires_grad=True)
    b = torch.zeros_like(w, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="the dtype of the data",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    small = torch.zeros(2, dtype=torch.float16)
    p = small.float().requires_grad_()
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="converted before it is a parameter",
        ),
    ),
)

_OTHERS = ("float16", "bfloat16", "complex64", "complex128", "complex32", "float8")


def find(run: FitEvidence) -> Iterator[Found]:
    clash = clash_with(run, _OTHERS)
    if clash is not None:
        yield clash
        return
    wrong = [answer for answer in answers(run) if answer.view.dtype.startswith(_OTHERS)]
    if wrong:
        event = source_of_dtype(run.lineage, wrong[0].first, wrong[0].view.dtype)
        yield Found(
            message=(
                f"{code([a.name for a in wrong])} {'is' if len(wrong) == 1 else 'are'} {wrong[0].view.dtype};"
                " the exercise asks for float32."
            ),
            line=run.line(event) or wrong[0].line,
            evidence={"dtypes": {answer.name: answer.view.dtype for answer in answers(run)}},
        )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    for off in run.about("dtype"):
        got, wanted = off.difference.got, off.difference.wanted
        integer_for_float = got.startswith(("int", "uint", "bool")) and wanted.startswith("float")
        if not integer_for_float and (got, wanted) != ("float64", "float32"):
            yield from _calls.wrong_dtype(
                run,
                (got,),
                fix=f"Say the dtype where the tensor is made, or convert it: `.to(torch.{wanted})`.",
                why="Whoever uses the tensor counts on its dtype: torch refuses to mix some dtypes, and"
                " converts others without a word.",
            )
            return


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make float32 of what is made there, and of what is told to require grad."""
    if isinstance(run, FitEvidence):
        yield from at("as-float32", run, calls_at(run, found))
        yield Intervention(kind="float32-parameters")
