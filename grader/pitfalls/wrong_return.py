"""What came back is not what the exercise asks for."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.expected import ATensor
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import first_off, is_lost_gradient, permuted
from grader.pitfalls._symptoms import EXCEPTION
from grader.records import Intervention, ReturnedValue
from grader.words import code, listing, plural

_LOOP = """\
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
"""

PITFALL = Pitfall(
    title="The function did not return what was asked for",
    section="running",
    rubric="shapes-and-dtypes",
    what="The number or the kind of things that came back is not what the exercise asks for.",
    why="What is not handed back cannot be checked, however well it was trained.",
    mend="Return the parameter tensors themselves, in the order that the exercise names.",
    explains=(
        *EXCEPTION,
        "inaccurate-result",
        "non-leaf-parameter",
        "missing-requires-grad",
        "wrong-shape",
        "double-precision",
        "wrong-dtype",
        "moved-leaf",
        "integer-tensor",
    ),
    bad=(
        Example(
            _LOOP.replace("def fit", "def fit", 1).replace(
                "steps):\n    w", "steps):  # <- wrong-return\n    w"
            )
        ),
        Example(
            _LOOP + "    return w.item(), b.item()  # <- wrong-return\n",
            note="numbers instead of tensors",
        ),
    ),
    good=(
        Example(_LOOP + "    return w, b\n"),
        Example(_LOOP + "    return [w, b]\n", note="a list"),
        Example(
            _LOOP.replace(
                "import torch\n",
                "import torch\nfrom typing import NamedTuple\n\n"
                "class Line(NamedTuple):\n    w: torch.Tensor\n    b: torch.Tensor\n",
                1,
            )
            + "    return Line(w, b)\n",
            note="a named tuple",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    trace = run.trace
    if trace is None or trace.returned is None or not run.returned_normally:
        yield from _unreadable_names(run)
        return
    if _is_wanted(run):
        return
    names = run.fit.names
    yield Found(
        message=(
            f"`{run.request.entry}` returned {_describe(trace.returned)}. The exercise asks for"
            f" {code(names)}: {len(names)} tensors of one element each, or one tensor of shape"
            f" ({len(names)},)."
        ),
        line=run.source.last_return(run.request.entry or ""),
        evidence={"returned": _describe(trace.returned), "wanted": list(names)},
        fix=f"End the function with `return {', '.join(names)}`.",
    )


def _is_wanted(run: FitEvidence) -> bool:
    """The right number of tensors; their shapes and kinds are other pitfalls' matter."""
    tensors = run.answer_tensors
    whole = len(tensors) == len(run.answers)
    packed = len(tensors) == 1 and tensors[0].numel == run.fit.size
    return whole and (packed or len(tensors) == run.fit.size)


def _describe(value: ReturnedValue) -> str:
    if value.kind == "none":
        return "None"
    if value.kind == "sequence":
        kinds = [item.type for item in value.items]
        listed = ", ".join(kinds[:6]) + (", …" if len(kinds) > 6 else "")
        return f"a {value.type} of {plural(len(kinds), 'thing')} ({listed})"
    if value.tensor is not None:
        return f"one tensor of shape {tuple(value.tensor.shape)}"
    return f"a {value.type}"


def _unreadable_names(run: FitEvidence) -> Iterator[Found]:
    """A script whose names hold something that is no number."""
    if not run.is_script or not run.returned_normally or run.recovered is not None:
        return
    if len(run.answers) < run.fit.size:
        return
    held = {n: v.type for n, v in zip(run.fit.names, run.answers, strict=True)}
    listed = ", ".join(f"`{name}` a {kind}" for name, kind in held.items())
    yield Found(
        message=f"When the script had ended, {listed}. Each was to hold one fitted number.",
        line=None,
        evidence={"held": held},
        fix=f"Leave the fitted parameters in {code(run.fit.names)} at the end of the script.",
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    offs = (off for off in run.about("kind", "count") if not is_lost_gradient(run, off))
    found = list(first_off(run, offs, at_return=True, fix=_wanted(run), why=_WHY))
    yield from found or _in_another_order(run)


def _in_another_order(run: CallEvidence) -> Iterator[Found]:
    """The right things in the wrong places, where their shapes or dtypes tell them apart."""
    off = next(run.about("shape", "dtype"), None)
    if off is not None and any(True for _ in permuted(run, off.call)):
        names = run.entry.returns
        because = f" All that is asked for is there, in another order: it is {listing(names)}."
        fix = f"Return them in this order: `return {', '.join(names)}`."
        yield from first_off(run, iter([off]), because=because, at_return=True, fix=fix, why=_WHY)


_WHY = "Whoever calls the function counts on what comes back."


def _wanted(run: CallEvidence) -> str | None:
    names = run.entry.returns
    if len(names) > 1:
        return f"Return all of them: `return {', '.join(names)}`."
    if not names:
        return "Return nothing: change what was given in place."
    wanted = "a tensor" if isinstance(run.case.calls[0].returned, ATensor) else "what the exercise asks for"
    return f"Return {wanted}: `.item()` makes a Python number of a tensor, `torch.tensor` a tensor."


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Hand back the parameters."""
    if isinstance(run, FitEvidence) and not run.is_script and run.slots:
        names = list(run.fit.names)
        order = sorted(run.slots, key=lambda s: names.index(s.name) if s.name in names else len(names))
        yield Intervention(kind="return-parameters", slots=tuple(slot.slot for slot in order))
