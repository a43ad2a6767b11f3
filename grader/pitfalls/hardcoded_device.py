"""A tensor is made on a fixed device, whatever device the data are on."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import RunEvidence
from grader.mixing import refused_mix, strayed_answer
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Event
from grader.words import first_line

PITFALL = Pitfall(
    title="A device is written into the program",
    section="devices",
    rubric="coefficients",
    what="A tensor is made on, or moved to, a device named in the program: `device='cuda'`, `.cuda()`.",
    why=(
        "On a machine without that device the line fails; on one with it, it fails wherever the data are"
        " somewhere else."
    ),
    mend="Ask the data: `torch.zeros(1, device=x.device, requires_grad=True)`.",
    explains=(*EXCEPTION, *NO_TRAINING, "device-mismatch", "import-failure"),
    see_also="Devices: CPU, CUDA, MPS",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, device="cuda", requires_grad=True)  # <- hardcoded-device
    b = torch.zeros(1, device="cuda", requires_grad=True)
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
    x, y = x.cuda(), y.cuda()  # <- hardcoded-device
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="by a method",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True, device=x.device)
    b = torch.tensor([0.0, 0.0], requires_grad=True)  # <- hardcoded-device
    for step in range(steps):
        loss = ((w * x + b[:1].repeat(len(x)) - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            device="sim",
            note="made on the CPU, the default, beside data on an accelerator",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="the device of the data",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = x.new_zeros(2).requires_grad_()
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="made like the data",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    if torch.cuda.is_available():
        torch.zeros(1, device="cuda")
    p = torch.zeros_like(x[:2], requires_grad=True)
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="a device that was asked for first",
        ),
    ),
)

_ACCELERATORS = ("cuda", "mps", "xpu", "hpu")


def find(run: RunEvidence) -> Iterator[Found]:
    event = run.raising_event
    device = _named_device(event)
    if event is None or device is None:
        yield from _born_elsewhere(run) if run.raised else _handed_back(run)
        return
    said = first_line((event.raised or "").partition(": ")[2])
    yield Found(
        message=(
            f"`{run.statement(event)}` names the device `{device}`. This machine has none, and torch stopped:"
            f' "{said}". Where there is one, the line would work, but the data may be on another device.'
        ),
        line=run.line(event),
        step=max(1, event.after),
        evidence={"device": device, "call": event.op, "torch": event.raised},
    )


def _born_elsewhere(run: RunEvidence) -> Iterator[Found]:
    """A tensor made from nothing on another device than the data's, which a call then refused to mix."""
    mix = refused_mix(run)
    if mix is None or mix.origin is None or mix.dropped_move is not None or mix.moved_away is not None:
        return
    made = mix.origin
    name = run.call_it(made.outputs[0], "a tensor") if made.outputs else "a tensor"
    said = first_line((mix.event.raised or "").partition(": ")[2])
    yield Found(
        message=(
            f"`{run.statement(made)}` made `{name}` on `{mix.stray.device}`, while the data given are on"
            f' `{mix.home}`: where the two met, torch stopped: "{said}".'
        ),
        line=run.line(made),
        step=mix.event.after + 1,
        evidence={"device": mix.stray.device, "data_on": mix.home, "torch": mix.event.raised},
    )


def _handed_back(run: RunEvidence) -> Iterator[Found]:
    """A fitted parameter that was made on another device than the data's, and stayed there."""
    strayed = strayed_answer(run)
    if strayed is None or strayed.moved_away is not None or strayed.origin is None:
        return
    answer = strayed.answer
    yield Found(
        message=(
            f"`{run.statement(strayed.origin)}` made `{answer.name}` on `{answer.view.device}`, and there it"
            f" was handed back. The data given are on `{run.request.device}`: whoever combines the two is"
            " stopped by torch."
        ),
        line=run.line(strayed.origin),
        evidence={"device": answer.view.device, "data_on": run.request.device},
    )


def _named_device(event: Event | None) -> str | None:
    """The accelerator that a call asked for by name."""
    if event is None:
        return None
    method = event.op.removeprefix("Tensor.")
    if method in _ACCELERATORS:
        return method
    for value in event.arguments.values():
        name = value.strip("'\"").partition(":")[0]
        if name in _ACCELERATORS:
            return name
    return None
