"""A tensor was moved, and the result was not kept."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.leaves import MOVES
from grader.mixing import is_on, refused_mix
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import differs, evidence_of
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Intervention
from grader.words import first_line

PITFALL = Pitfall(
    title="A move was made and its result thrown away",
    section="devices",
    rubric="devices",
    what="`t.to(device)` returns a new tensor on that device. `t` itself stays where it was.",
    why="The tensor is still on its old device, and meets the data there as a stranger.",
    mend="Keep the result: `t = t.to(device)`.",
    explains=(*EXCEPTION, *NO_TRAINING, "hardcoded-device", "device-mismatch"),
    see_also="Devices: CPU, CUDA, MPS (remember the rebind)",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1)
    b = torch.zeros(1)
    scale = torch.ones(1, 1)
    scale.to(x.device)  # <- unbound-move
    w, b = (t.to(x.device).requires_grad_() for t in (w, b))
    for step in range(steps):
        loss = ((w * x * scale[0] + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            device="sim",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    design = torch.stack([torch.linspace(-1, 1, len(x)), torch.ones(len(x))], dim=1)
    design.to(x.device)  # <- unbound-move
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for step in range(steps):
        loss = ((design @ p - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            device="sim",
            note="a matrix",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2)
    p = p.to(x.device)
    p.requires_grad_()
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            device="sim",
            note="kept",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    p.detach().to("cpu")
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            device="sim",
            note="a copy that nobody needs, and nothing is missing",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    x = x.to(p.device)
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            device="sim",
            note="a move to where it is already",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    mix = refused_mix(run)
    if mix is None or mix.dropped_move is None:
        return
    name = run.call_it(mix.dropped_move.inputs[0], "the tensor")
    said = first_line((mix.event.raised or "").partition(": ")[2])
    yield Found(
        message=(
            f"`{run.statement(mix.dropped_move)}` made a copy of `{name}` on `{mix.home}` that nothing uses."
            f' `{name}` itself is still on `{mix.stray.device}`, and torch stopped: "{said}".'
        ),
        line=run.line(mix.dropped_move),
        step=mix.event.after + 1,
        evidence={"tensor": name, "device": mix.stray.device, "data_on": mix.home},
        fix=f"Keep the result: `{name} = {name}.to(…)`.",
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    yield from find(run)
    for off in run.about("device"):
        view = off.difference.value.tensor
        if view is None:
            continue
        for event in run.events:
            moved = (
                event.op in MOVES and bool(event.inputs and event.outputs) and event.inputs[0].id == view.id
            )
            if moved and is_on(event.outputs[0], run.request.device):
                yield Found(
                    message=(
                        f"`{run.statement(event)}` made a copy on `{run.request.device}` that nothing uses."
                        f" {differs(run, off)}"
                    ),
                    line=run.line(event),
                    evidence=evidence_of(run, off),
                    fix="Keep what `.to(…)` returns.",
                )
                return


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make every tensor where the data are."""
    if isinstance(run, FitEvidence) or run.raised is not None:
        yield Intervention(kind="at-home")
