"""The loss no longer reaches the parameters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.cut import cut, is_cut, looked_at, missed
from grader.evidence import READS, Evidence
from grader.neutralising import at, calls_at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Backward, Event, Intervention, TensorView
from grader.words import code, first_line

PITFALL = Pitfall(
    title="The graph between the loss and the parameters was cut",
    section="autograd",
    rubric="coefficients",
    what=(
        "`.item()`, `.detach()`, `float(…)`, `math.sqrt(…)`, `torch.tensor(loss)`: each hands on the number"
        " and leaves its history behind. What is computed from it has no way back to the parameters."
    ),
    why=(
        "`backward()` fails, or, where the cut-off loss was told to require grad, runs without an error and"
        " brings the parameters nothing."
    ),
    mend="Keep everything between the parameters and the loss in torch; read numbers out beside it.",
    explains=(*EXCEPTION, *NO_TRAINING, "missing-requires-grad", "hardcoded-device", "wrong-return"),
    see_also="Turning autograd off: detach",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        y_hat = (w * x + b).detach()  # <- severed-graph
        loss = ((y_hat - y) ** 2).mean()
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
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        mse = ((w * x + b - y) ** 2).mean()
        loss = torch.tensor(mse.item(), requires_grad=True)  # <- severed-graph
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a new tensor of the loss's number",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        y_hat = float(w) * x + float(b)  # <- severed-graph
        loss = ((y_hat - y) ** 2).mean()
        loss.requires_grad = True
        loss.backward()
        with torch.no_grad():
            if w.grad is not None:
                w -= lr * w.grad
                b -= lr * b.grad
    return w, b
""",
            note="silent: the loss was told to require grad",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    history = []
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        if step % 20 == 0:
            history.append(loss.item())
            print(f"{loss.detach():.4f}")
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="numbers read out beside the graph",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        scale = (w * x + b - y).detach().abs().max().clamp(min=1.0)
        loss = (((w * x + b - y) / scale) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * scale ** 2 * w.grad
            b -= lr * scale ** 2 * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="a constant taken from the prediction, on purpose",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = torch.sqrt(((w * x + b - y) ** 2).mean()) ** 2
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="torch.sqrt stays in the graph",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    leaves = missed(run)
    backward = looked_at(run)
    if not leaves or backward is None:
        yield from _no_tensor(run)
        return
    event = cut(run, backward, leaves)
    if event is None or (not event.grad_enabled and event.outputs):
        return
    yield _found(run, backward, leaves, event)


def _found(run: Evidence, backward: Backward, leaves: Sequence[TensorView], event: Event) -> Found:
    names = [run.call_it(view, "a parameter") for view in leaves]
    return Found(
        message=(
            f"{run.at_step(backward.step)} `{run.statement(event)}` took the number and left its history"
            " behind"
            f" ({_how(event)}): from the loss there is no way back to {code(names)}. {_then(run, backward)}"
        ),
        line=run.line(event),
        step=1,
        evidence={
            "unreached": names,
            "call": event.op,
            "loss_grad_fn": backward.loss.grad_fn if backward.loss else None,
        },
    )


def _no_tensor(run: Evidence) -> Iterator[Found]:
    """`backward()` was called on a Python number, read out of a tensor that had a graph."""
    raised = run.raised
    if raised is None or raised.type != "AttributeError" or "no attribute 'backward'" not in raised.message:
        return
    reads = [e for e in run.events if e.op in READS and e.inputs and e.inputs[0].requires_grad]
    if not reads:
        return
    event = reads[-1]
    yield Found(
        message=(
            f"{run.at_step(event.after + 1)} `{run.statement(event)}` made a Python number of the loss"
            f" ({_how(event)}: {event.result}). A number has no graph and no `backward()`:"
            f' "{first_line(raised.message)}".'
        ),
        line=run.line(event),
        step=event.after + 1,
        evidence={"call": event.op, "value": event.result, "python": raised.message},
    )


def _how(event: Event) -> str:
    if event.outputs:
        flag = event.outputs[0].requires_grad
        return f"{event.op} returned a tensor with requires_grad={flag} and grad_fn=None"
    return f"{event.op} returned a Python number"


def _then(run: Evidence, backward: Backward) -> str:
    if backward.raised:
        return f'Torch stopped: "{first_line(backward.raised.partition(": ")[2])}".'
    return "`backward()` ran without an error and brought them no gradient."


find_in_call = find


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Hand on what was cut off; where only a number went on, the tensor that it was read from."""
    here = calls_at(run, found)
    reads = [event for event in here if event.op in READS]
    cuts = [event for event in here if is_cut(event) and event.inputs[0].shape == event.outputs[0].shape]
    if cuts and not reads:
        losses = {backward.loss.id for backward in run.passes if backward.loss is not None}
        flags = [e for e in run.events if e.op in _FLAGS and e.inputs and e.inputs[0].id in losses]
        yield from at("hand-through", run, [*cuts, *flags])
    if not cuts and reads and any(_is_made_of_a_number(e) for e in here):
        yield Intervention(kind="link-number")


_FLAGS = ("Tensor.requires_grad.__set__", "Tensor.requires_grad_")


def _is_made_of_a_number(event: Event) -> bool:
    return not event.inputs and any(view.numel == 1 for view in event.outputs)
