"""The parameters are made anew inside the loop."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import READS, Evidence, FitEvidence
from grader.neutralising import at
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import EXCEPTION, POOR_FIT
from grader.records import Event, Intervention, Slot
from grader.words import numbers

PITFALL = Pitfall(
    title="The parameters are made anew in every step",
    section="training",
    rubric="coefficients",
    what="The line that makes the parameters stands inside the loop.",
    why="Each step begins from a new start and forgets what the steps before it learnt.",
    mend="Make the parameters once, before the loop.",
    explains=(
        *EXCEPTION,
        *POOR_FIT,
        "hardcoded-answer",
        "unapplied-update",
        "unseeded-randomness",
        "gradient-ascent",
        "wrong-update",
    ),
    see_also="Capstone, parameters",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    for step in range(steps):
        w = torch.randn(1, requires_grad=True)  # <- parameters-reset
        b = torch.zeros(1, requires_grad=True)
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
    return w, b
"""
        ),
        Example(
            """\
import torch

def one_step(x, y, lr):
    p = torch.zeros(2, requires_grad=True)  # <- parameters-reset
    loss = ((p[0] * x + p[1] - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        p -= lr * p.grad
    return p

def fit(x, y, lr, steps):
    for step in range(steps):
        p = one_step(x, y, lr)
    return p
""",
            note="in a helper that makes its own",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        gw, gb = torch.autograd.grad(loss, [w, b])
        w = torch.tensor([w.detach() - lr * gw], requires_grad=True)
        b = torch.tensor([b.detach() - lr * gb], requires_grad=True)
    return w, b
""",
            note="a new leaf each step, with the new value",
        ),
        Example(
            """\
import torch

def start():
    return torch.zeros(2, requires_grad=True)

def fit(x, y, lr, steps):
    p = start()
    for step in range(steps):
        loss = ((p[0] * x + p[1] - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
""",
            note="made by a helper, once",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    best, least = None, None
    for attempt in range(2):
        p = torch.randn(2, requires_grad=True)
        for step in range(steps):
            loss = ((p[0] * x + p[1] - y) ** 2).mean()
            loss.backward()
            with torch.no_grad():
                p -= lr * p.grad
            p.grad = None
        if least is None or loss.item() < least:
            best, least = p, loss.item()
    return best
""",
            note="two attempts, each trained to its end",
        ),
    ),
)

MANY = 10
"""So many new starts are no search for a good one."""
FEW_STEPS = 16
"""Between two of them lie no more steps than this: the batches of an epoch, say."""
_FROM_NUMBERS = ("torch.tensor", "torch.as_tensor", "torch.asarray", "torch.full", "torch.from_numpy",
                 "torch.nn.Parameter", "Tensor.new_tensor", "Tensor.new_full")  # fmt: skip


def find(run: FitEvidence) -> Iterator[Found]:
    if run.is_right:
        return
    for slot in run.slots:
        births = _births(run, slot)
        if len(births) < 2 or not _again_and_again(slot):
            continue
        event = births[1]
        yield Found(
            message=(
                f"`{run.statement(event)}` made a new `{run.name_of(slot)}` {slot.replaced + 1} times in"
                f" {slot.passes} steps: {_values(births)} at first. Nothing that was learnt before"
                " reached the new one."
            ),
            line=run.line(event),
            step=2,
            evidence={
                "parameter": run.name_of(slot),
                "times_made": slot.replaced + 1,
                "values": [_value(birth) for birth in births[:3]],
            },
        )
        return


def _again_and_again(slot: Slot) -> bool:
    """Whether a parameter was made anew at every step, or at every few: more than a handful of starts."""
    every_step = slot.replaced >= slot.passes - 1
    return every_step or (slot.replaced >= MANY and slot.passes <= FEW_STEPS * slot.replaced)


def _births(run: FitEvidence, slot: Slot) -> list[Event]:
    """The calls that made a parameter's successive leaves out of nothing, at one and the same place."""
    found: list[Event] = []
    for number in slot.tensors:
        birth = run.lineage.birth_of(number)
        if birth is None:  # made while the loop was watched from afar
            continue
        if _descends(run, birth):
            return []
        if found and birth.site != found[0].site:
            return []
        found.append(birth)
    return found


def _descends(run: FitEvidence, birth: Event) -> bool:
    """Whether a new leaf was made of an earlier one's value, or of a number read from it."""
    if birth.inputs:
        return True
    return birth.op in _FROM_NUMBERS and _reads_numbers(run, birth)


def _reads_numbers(run: FitEvidence, birth: Event) -> bool:
    """Whether numbers were read out of torch after the pass before: the new leaf may be made of them."""
    return any(
        event.index < birth.index and event.after == birth.after and event.result is not None
        for event in run.events
        if event.op in READS
    )


def _value(birth: Event) -> tuple[float, ...] | None:
    return birth.outputs[0].values if birth.outputs else None


def _values(births: list[Event]) -> str:
    return ", ".join(numbers(_value(birth)) for birth in births[:3])


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Keep what was made at first."""
    births = [run.lineage.birth_of(number) for slot in run.slots for number in slot.tensors]
    again = [e for e in births if e is not None and (site := run.site(e.site)) and site.visits > 1]
    if again and isinstance(run, FitEvidence):
        yield from at(
            "keep-first", run, [e for e in run.events if e.outputs and e.site in {a.site for a in again}]
        )
        yield Intervention(kind="clear-stale")
