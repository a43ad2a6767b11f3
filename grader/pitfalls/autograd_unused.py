"""The numbers are right, and autograd did not make them."""

from __future__ import annotations

import math
from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.expected import AList
from grader.pitfall import Example, Found, Pitfall
from grader.words import code

PITFALL = Pitfall(
    title="The derivative did not come from autograd",
    section="autograd",
    rubric="coefficients",
    what="A derivative was worked out by a formula or by finite differences, and no backward pass was made.",
    why=(
        "A formula holds for one function, and finite differences lose half of the digits. Autograd"
        " differentiates whatever you compute, exactly, and that is what is practised here."
    ),
    mend=(
        "Make a tensor with `requires_grad=True`, compute with it, call `backward()` on the result, and read"
        " `.grad`."
    ),
    explains=("inaccurate-result", "missing-backward", "wrong-dtype", "double-precision"),
    see_also="Autograd: the computation graph",
    bad=(
        Example(
            """\
import torch

def derivative(f, x0):
    h = 1e-3
    ahead = f(torch.tensor(x0 + h, dtype=torch.float64))
    behind = f(torch.tensor(x0 - h, dtype=torch.float64))
    return ((ahead - behind) / (2 * h)).item()  # <- autograd-unused
""",
            exercise="derivative",
            note="finite differences",
        ),
        Example(
            """\
def line_gradients(x, y, w, b):
    residual = w * x + b - y
    loss = (residual ** 2).mean()
    dw = 2 * (residual * x).mean()
    db = 2 * residual.mean()
    return loss, dw, db  # <- autograd-unused
""",
            exercise="gradients",
            note="the formulas, worked out by hand",
        ),
    ),
    good=(
        Example(
            """\
import torch

def derivative(f, x0):
    x = torch.tensor([x0], requires_grad=True)
    (slope,) = torch.autograd.grad(f(x).sum(), x)
    return float(slope)
""",
            exercise="derivative",
            note="by autograd.grad",
        ),
        Example(
            """\
import torch

def derivative(f, x0):
    return torch.func.grad(f)(torch.tensor(x0)).item()
""",
            exercise="derivative",
            note="by torch.func",
        ),
        Example(
            """\
import torch

def line_gradients(x, y, w, b):
    p = torch.tensor([w, b], device=x.device, requires_grad=True)
    loss = ((p[0] * x + p[1] - y) ** 2).mean()
    loss.backward()
    checked = 2 * ((p[0] * x + p[1] - y) * x).mean()
    assert torch.allclose(p.grad[0], checked.detach(), atol=1e-3)
    return loss, p.grad[0], p.grad[1]
""",
            exercise="gradients",
            note="a formula beside it, as a check",
        ),
    ),
)


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    unfit = any(run.about("kind", "count", "shape"))
    if not run.case.by_autograd or not run.is_answered or run.uses_forward_mode or unfit:
        return
    if run.pass_count:
        yield from _only_in_part(run)
        return
    yield Found(
        message=(
            f"`{run.asked()}` was answered without a single backward pass: what came back is no work of"
            " autograd's."
        ),
        line=run.return_line(),
        evidence={"backward_passes": 0, "torch_calls": len(run.events)},
    )


def _only_in_part(run: CallEvidence) -> Iterator[Found]:
    """Derivatives for more numbers than any backward pass computed a gradient for."""
    wanted = run.case.calls[0].returned
    asked = sum(name.startswith("d") for name in run.entry.returns) if isinstance(wanted, AList) else 0
    reached = sum(math.prod(slot.shape) for slot in run.slots)
    if run.is_right and 0 < reached < asked and len(run.calls) == 1:
        names = [slot.name for slot in run.slots if slot.name]
        answers = zip(run.entry.returns, run.returned[0].items, strict=False)
        plain = [
            a for n, a in answers if n.startswith("d") and a.tensor and not run.lineage.is_gradient(a.tensor)
        ]
        lines = [run.line(run.maker(answer)) for answer in plain]
        yield Found(
            message=(
                f"`{run.asked()}` was answered with {asked} derivatives, and the backward passes reached"
                f" {'only ' + code(names) if names else f'{reached} number alone'}: the rest is no work of"
                " autograd's."
            ),
            line=next(iter(lines), None) or run.return_line(),
            evidence={"derivatives": asked, "reached": reached},
        )
