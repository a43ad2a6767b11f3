"""Tensors on different devices meet, and no line made one of them on a fixed device."""

from __future__ import annotations

from collections.abc import Iterator

from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.mixing import Mix, is_on, refused_mix, strayed_answer
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import first_off
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Event, Intervention
from grader.words import first_line

PITFALL = Pitfall(
    title="Tensors on different devices were combined",
    section="devices",
    rubric="devices",
    what="Every operand of an operation has to be on one device. Torch never copies across by itself.",
    why="A copy between the CPU and an accelerator is slow, and torch raises instead of making it unasked.",
    mend="Leave tensors where the data are; bring numbers over only to print them, at the end.",
    explains=(*EXCEPTION, *NO_TRAINING),
    see_also="Devices: CPU, CUDA, MPS (mixing devices fails loudly)",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    y = y.cpu()  # <- device-mismatch
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            device="sim",
            note="the targets are taken to the CPU",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    p = torch.zeros(2, device=x.device, requires_grad=True)
    best = float(y.numpy().max())  # <- device-mismatch
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            device="sim",
            note="NumPy knows only the CPU",
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
    print(y.cpu().numpy().max(), p.detach().cpu().numpy())
    return p
""",
            device="sim",
            note="numbers brought over to print them",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    rate = torch.tensor(lr)
    p = torch.zeros(2, device=x.device, requires_grad=True)
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= rate * p.grad
        p.grad = None
    return p
""",
            device="sim",
            note="a 0-dim tensor may stay on the CPU",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    x, y = x.cpu().to(x.device), y.cpu().to(y.device)
    p = torch.zeros_like(x[:2]).requires_grad_()
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            device="sim",
            note="there and back again",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    yield from _refused(run)
    yield from _handed_back(run)


def _refused(run: Evidence) -> Iterator[Found]:
    mix = refused_mix(run)
    if mix is not None and mix.dropped_move is None and (mix.origin is None or mix.moved_away is not None):
        yield _mixed(run, mix)
    event = run.raising_event
    if event is not None and _asks_for_numpy(run, event):
        said = first_line((event.raised or "").partition(": ")[2])
        yield Found(
            message=(
                f"`{run.statement(event)}` asked for a NumPy array of data on `{event.inputs[0].device}`:"
                f' "{said}".'
            ),
            line=run.line(event),
            step=event.after + 1,
            evidence={"device": event.inputs[0].device, "torch": event.raised},
            fix="Bring it over first: `.detach().cpu().numpy()`.",
        )


def _handed_back(run: Evidence) -> Iterator[Found]:
    """A fitted parameter that was taken to another device than the data's before it was handed back."""
    strayed = strayed_answer(run)
    if strayed is None or not strayed.answer.view.leaf:
        return
    if strayed.moved_away is None and strayed.origin is not None:
        return
    answer = strayed.answer
    yield Found(
        message=(
            f"`{answer.name}` was handed back on `{answer.view.device}`, while the data given are on"
            f" `{run.request.device}`: whoever combines the two is stopped by torch."
        ),
        line=run.line(strayed.moved_away) or answer.line,
        evidence={"device": answer.view.device, "data_on": run.request.device},
        fix="Hand the parameters back where the data are: leave out the move, or undo it: `.to(x.device)`.",
    )


def _asks_for_numpy(run: Evidence, event: Event) -> bool:
    numpy = event.op in ("Tensor.numpy", "Tensor.__array__") and bool(event.inputs)
    return numpy and not is_on(event.inputs[0], "cpu")


def _mixed(run: Evidence, mix: Mix) -> Found:
    moved = mix.moved_away.outputs[0] if mix.moved_away else mix.stray
    name = run.call_it(mix.stray, "") or run.call_it(moved, "one of them")
    said = first_line((mix.event.raised or "").partition(": ")[2])
    away = f" `{run.statement(mix.moved_away)}` had taken it there." if mix.moved_away else ""
    return Found(
        message=(
            f"`{run.statement(mix.event)}`: `{name}` is on `{mix.stray.device}`, the data are on"
            f' `{mix.home}`.{away} Torch stopped: "{said}".'
        ),
        line=run.line(mix.moved_away or mix.event),
        step=mix.event.after + 1,
        evidence={"devices": [view.device for view in mix.event.inputs], "torch": mix.event.raised},
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    yield from _refused(run)
    offs = (off for off in run.about("device") if off.difference.value.tensor is not None)
    yield from first_off(
        run,
        offs,
        at_return=True,
        title="A tensor came back on another device than was asked for",
        fix="Make it where it is asked for (`device=`), or move it there and keep what `.to(…)` returns.",
    )


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Make every tensor where the data are."""
    if isinstance(run, FitEvidence) or run.raised is not None:
        yield Intervention(kind="at-home")
