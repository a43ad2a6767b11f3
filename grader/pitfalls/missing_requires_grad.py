"""A parameter that autograd was never told to follow."""

from __future__ import annotations

from collections.abc import Iterator

from grader.answers import answers
from grader.call_evidence import CallEvidence
from grader.evidence import Evidence, FitEvidence
from grader.lineage import GRADIENT_READ
from grader.neutralising import at, calls_at, is_small
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._calls import first_off
from grader.pitfalls._symptoms import EXCEPTION, NO_TRAINING
from grader.records import Argument, Intervention, PlainArgument, TensorView
from grader.words import code, first_line, numbers

PITFALL = Pitfall(
    title="A parameter does not require grad",
    section="autograd",
    rubric="leaf-status",
    what=(
        "Autograd follows only tensors made with `requires_grad=True` (or told so by"
        " `.requires_grad_()`), and what is computed from them."
    ),
    why="Without it there is no graph to walk, `backward()` fails or `.grad` stays None.",
    mend="Make the parameter with `requires_grad=True`.",
    explains=(*EXCEPTION, *NO_TRAINING),
    see_also="Autograd: the computation graph",
    bad=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1)  # <- missing-requires-grad
    b = torch.zeros(1)
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
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1)  # <- missing-requires-grad
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="one of two",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w.detach(), b.detach()  # <- missing-requires-grad
""",
            note="a detached copy is handed back",
        ),
    ),
    good=(
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1).requires_grad_()
    b = torch.zeros(1)
    b.requires_grad = True
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="told afterwards",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w, b = (torch.nn.Parameter(torch.zeros(1)) for _ in range(2))
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            for p in (w, b):
                p -= lr * p.grad
                p.grad = None
    return w, b
""",
            note="nn.Parameter requires grad by itself",
        ),
        Example(
            """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    rate = torch.tensor(lr)
    scale = torch.ones(1)
    for step in range(steps):
        loss = ((w * x * scale + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= rate * w.grad
            b -= rate * b.grad
        w.grad = b.grad = None
    return w, b
""",
            note="constants need none",
        ),
    ),
)


def find(run: FitEvidence) -> Iterator[Found]:
    lacking = _asked_in_vain(run) or _never_recorded(run)
    if lacking:
        yield _lacking(run, lacking)
    else:
        yield from _handed_back(run)


def _asked_in_vain(run: Evidence) -> list[TensorView]:
    """Leaves that do not require grad, made by no update, whose ``.grad`` was read as None."""
    found: dict[int, TensorView] = {}
    for event in run.events:
        if event.op != GRADIENT_READ or event.result != "None":
            continue
        view = event.inputs[0]
        birth = run.lineage.birth(view)
        if not view.requires_grad and birth is not None and birth not in run.lineage.updates():
            found.setdefault(view.id, view)
    return [view for view in found.values() if run.pass_count or run.raised]


def _never_recorded(run: Evidence) -> list[TensorView]:
    """The parameters of a loss that no graph stands behind."""
    failed = run.raising_pass
    if failed is None or failed.loss is None or failed.loss.requires_grad:
        return []
    if run.parameter_leaves:
        return []
    return list(run.plain_parameters)


def _lacking(run: Evidence, lacking: list[TensorView]) -> Found:
    names = [run.call_it(view, "the parameter") for view in lacking]
    birth = run.lineage.birth(lacking[0])
    stopped = ""
    if run.raised is not None:
        stopped = f' It stopped with "{first_line(run.raised.message)}".'
    return Found(
        message=(
            f"{code(names)} {'does' if len(names) == 1 else 'do'} not require grad: made as"
            f" `{run.statement(birth)}`, with requires_grad=False. So no gradient was computed for"
            f" {'it' if len(names) == 1 else 'them'}, and `.grad` is None.{stopped}"
        ),
        line=run.line(birth),
        step=max(1, run.pass_count),
        evidence={
            "parameters": names,
            "requires_grad": False,
            "values": [view.values for view in lacking],
        },
        fix=f"Make {code(names)} with `requires_grad=True`.",
    )


def _handed(name: str) -> str:
    return f"The `{name}` that" if name != "the parameter" else "The tensor that"


def _handed_back(run: FitEvidence) -> Iterator[Found]:
    """A trained parameter's number, in a tensor that does not require grad."""
    wrong = [answer for answer in answers(run) if not answer.view.requires_grad]
    if run.is_script or not run.answer_tensors or not wrong:
        return
    answer = wrong[0]
    yield Found(
        message=(
            f"{_handed(answer.name)} was handed back ({numbers(answer.view.values)}) does not require"
            " grad. The exercise asks for the fitted parameters themselves: leaves that require grad."
        ),
        line=answer.line or run.source.definition(run.request.entry or ""),
        evidence={"requires_grad": False, "grad_fn": answer.view.grad_fn},
        fix="Return the parameters as they were trained, without `.detach()`, `.data` or a copy.",
    )


def find_in_call(run: CallEvidence) -> Iterator[Found]:
    lacking = _asked_in_vain(run) or _behind_the_loss(run)
    if lacking:
        yield _lacking(run, lacking)
    elif _has_no_leaf(run):
        yield _nothing_requires_grad(run)
    else:
        offs = (off for off in run.about("requires_grad") if off.difference.got == "False")
        yield from first_off(run, offs, fix="Make it with `requires_grad=True`.")


def _has_no_leaf(run: CallEvidence) -> bool:
    """Whether a backward pass began at a loss that nothing behind required grad of, with no call that
    could have recorded it switched off."""
    failed = run.raising_pass
    if failed is None or failed.loss is None or failed.loss.requires_grad or run.parameter_leaves:
        return False
    return all(event.grad_enabled for event in run.forward_of(failed))


def _nothing_requires_grad(run: CallEvidence) -> Found:
    failed = run.raising_pass
    plain = [p for p, a in zip(run.entry.parameters, run.case.arguments, strict=False) if _is_number(a)]
    because = f" {code(plain)} came as Python numbers, which autograd does not follow." if plain else ""
    return Found(
        message=(
            f"`{run.statement(failed)}` began at a number that was computed from nothing that requires"
            f" grad.{because}"
        ),
        line=run.line(failed),
        evidence={"requires_grad": False, "torch": failed.raised if failed else None},
        fix="Make tensors of them with `requires_grad=True`, and compute with these.",
    )


def _is_number(argument: Argument) -> bool:
    return isinstance(argument, PlainArgument) and isinstance(argument.value, (int, float))


def _behind_the_loss(run: CallEvidence) -> list[TensorView]:
    """What the submission itself made a loss of that no graph stands behind."""
    failed = run.raising_pass
    if failed is None or failed.loss is None or failed.loss.requires_grad or run.parameter_leaves:
        return []
    found: dict[int, TensorView] = {}
    for event in run.lineage.ancestors(failed.loss):
        for view in event.inputs:
            birth = run.lineage.birth_of(view.id)
            if birth is not None and not birth.inputs and view.dtype.startswith("float"):
                found.setdefault(view.id, view)
    return list(found.values())


def neutralise(run: Evidence, found: Found) -> Iterator[Intervention]:
    """Have the parameters require grad."""
    births = [run.lineage.birth(view) for view in run.plain_parameters]
    here = [e for e in calls_at(run, found) if any(_could_train(view) for view in e.outputs)]
    yield from at("new-leaf", run, [*here, *(event for event in births if event is not None)])


def _could_train(view: TensorView) -> bool:
    return is_small(view) and not view.requires_grad and view.dtype.startswith("float")
