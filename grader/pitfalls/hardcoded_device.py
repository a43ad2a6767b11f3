"""A tensor is made on a fixed device, whatever device the data are on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from grader.accelerators import named_accelerator
from grader.call_evidence import CallEvidence, Off
from grader.evidence import Evidence, FitEvidence
from grader.leaves import MOVES
from grader.mixing import refused_mix, strayed_answer
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import differs, evidence_of
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Event, Intervention
from grader.words import code, first_line

PITFALL = Pitfall(
    title="A tensor is made on a fixed device",
    section="devices",
    rubric="devices",
    what=(
        "A tensor is made on, or moved to, a device of the program's own choice: `device='cuda'`, `.cuda()`,"
        " or no device at all, which is the CPU."
    ),
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
    b = torch.tensor([0.0], requires_grad=True)  # <- hardcoded-device
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
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
        Example(
            """\
import torch

device = "cuda" if torch.cuda.is_available() else "cpu"

def fit(x, y, lr, steps):
    x, y = x.to(device), y.to(device)
    p = torch.zeros(2, device=device, requires_grad=True)  # <- hardcoded-device
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            device="sim",
            note="a device of the program's own choice, and the data are taken there",
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


def find(run: FitEvidence) -> Iterator[Found]:
    event = run.raising_event
    device = named_accelerator(event)
    if event is not None and device is not None and device not in run.request.device:
        yield _not_here(run, event, device)
        return
    yield from _born_elsewhere(run) if run.raised else _handed_back(run)


def _not_here(run: Evidence, event: Event, device: str) -> Found:
    return Found(
        message=(
            f"`{run.statement(event)}` names the device `{device}`. This machine has none, and torch stopped:"
            f' "{_said(event)}".{_where_there_is_one(run, device)}'
        ),
        line=run.line(event),
        step=max(1, event.after),
        evidence={"device": device, "call": event.op, "torch": event.raised},
    )


def _where_there_is_one(run: Evidence, device: str) -> str:
    """What the same call did with the simulated accelerator in the place of the one that was named."""
    told = []
    for other in run.elsewhere:
        data = "the CPU" if other.request.device == "cpu" else f"`{device}`"
        if other.returned_normally:
            told.append(f"with the data on {data} it runs through")
        elif other.raising_event is not None:
            at = f"line {other.line(other.raising_event)}"
            told.append(f'with the data on {data} it stops at {at}, "{_said(other.raising_event)}"')
    if not told:
        return ""
    return f" Tried with a simulated one in its place: {'; '.join(told)}."


def _said(event: Event) -> str:
    return first_line((event.raised or "").partition(": ")[2])


def _born_elsewhere(run: Evidence) -> Iterator[Found]:
    """A tensor made from nothing on another device than the data's, which a call then refused to mix."""
    mix = refused_mix(run)
    if mix is None or mix.origin is None or mix.dropped_move is not None or mix.moved_away is not None:
        return
    made = mix.origin
    name = run.call_it(made.outputs[0], "a tensor") if made.outputs else "a tensor"
    yield Found(
        message=(
            f"`{run.statement(made)}` made `{name}` on `{mix.stray.device}`, while the data given are on"
            f' `{mix.home}`: where the two met, torch stopped: "{_said(mix.event)}".'
        ),
        line=run.line(made),
        step=mix.event.after + 1,
        evidence={"device": mix.stray.device, "data_on": mix.home, "torch": mix.event.raised},
    )


def _handed_back(run: Evidence) -> Iterator[Found]:
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


_SAY_WHERE = "Say where: `device=` takes a device, and `*_like` takes that of its template."
_MAKING = ("torch.tensor", "torch.scalar_tensor")
"""They make a new tensor, on the CPU unless they are told, whatever they are given."""


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    event = run.raising_event
    device = named_accelerator(event)
    if event is not None and device is not None and device not in run.request.device:
        yield _not_here(run, event, device)
        return
    yield from (replace(found, fix=_SAY_WHERE) for found in _born_elsewhere(run))
    yield from _another_choice(run)
    for off in run.about("device"):
        made = run.maker(off.difference.value)
        if made is not None and (not made.inputs or made.op in _MAKING or _names_device(made, off)):
            yield Found(
                message=f"{differs(run, off)} `{run.statement(made)}` put it there.",
                line=run.line(made),
                evidence=evidence_of(run, off),
                fix=_SAY_WHERE,
            )
            return


def _names_device(made: Event, off: Off) -> bool:
    """Whether a move was told the device that it went to, and not the one that was asked for."""
    told = [text.strip("'\"") for text in made.arguments.values()]
    return made.op == "Tensor.cpu" or (made.op in MOVES and off.difference.got in told)


def _another_choice(run: CallEvidence) -> Iterator[Found]:
    """The best device was asked for, and another was named."""
    there = run.case.available
    for off in run.about("device"):
        if there is None or off.difference.value.tensor is not None:
            continue
        found = f"Torch was made to say that {code(there)} is there" if there else "There is no accelerator"
        yield Found(
            message=f"{found}; `{run.entry.name}()` answered {off.difference.got}. The best is"
            f" {off.difference.wanted}.",
            line=run.return_line(off.call),
            evidence=evidence_of(run, off) | {"available": list(there)},
            title="Another device than the best one was chosen",
            fix="Ask torch what is there, the best first, and fall back to the CPU.",
        )
        return


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make every tensor where the data are."""
    if isinstance(run, FitEvidence) or run.raised is not None:
        yield Intervention(kind="at-home")
