"""Gradients: loss, dL/dw and dL/db of a line, by autograd, held against the formulas."""

from collections.abc import Iterator

import numpy as np

from grader.calls import Call, CallCase, FunctionExercise, case, tensor
from grader.exercise import EntryPoint, KnownMistake, RubricItem
from grader.expected import AList, ATensor
from grader.records import PlainArgument

ONE_ELEMENT: tuple[tuple[int, ...], ...] = ((), (1,))


def cases(seed: int) -> Iterator[CallCase]:
    """The calls that are made with one seed's data."""
    generator = np.random.default_rng(seed)
    for count in (20, 1):
        yield _case(seed, _call(generator, count))
    first = _call(generator, 12)
    yield _case(seed, first, first, _call(generator, 100), item="called-again", same=((0, 1),))


def _case(seed: int, *calls: Call, **more: object) -> CallCase:
    return case("line_gradients", seed, *calls, by_autograd=True, **more)  # type: ignore[arg-type]


def _call(generator: np.random.Generator, count: int) -> Call:
    x = generator.uniform(-2, 2, count).astype(np.float32)
    y = generator.uniform(-3, 3, count).astype(np.float32)
    w, b = generator.uniform(-2, 2, 2).round(3).tolist()
    residual = w * x.astype(np.float64) + b - y.astype(np.float64)
    answers = (np.mean(residual**2), 2 * np.mean(residual * x), 2 * np.mean(residual))
    loss, dw, db = (float(answer) for answer in answers)
    return Call(
        (tensor(x.tolist()), tensor(y.tolist()), PlainArgument(value=w), PlainArgument(value=b)),
        AList(
            (
                ATensor(shapes=((),), values=(loss,)),
                ATensor(shapes=ONE_ELEMENT, values=(dw,)),
                ATensor(shapes=ONE_ELEMENT, values=(db,)),
            )
        ),
    )


KNOWN_MISTAKES = (
    KnownMistake(
        "formulas by hand",
        "autograd-unused",
        """\
def line_gradients(x, y, w, b):
    residual = w * x + b - y
    return (residual ** 2).mean(), 2 * (residual * x).mean(), 2 * residual.mean()  # <- autograd-unused
""",
    ),
    KnownMistake(
        "no requires_grad for b",
        "missing-requires-grad",
        """\
def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device)  # <- missing-requires-grad
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    return loss, w.grad, b.grad.clone()
""",
    ),
    KnownMistake(
        "made on the CPU",
        "hardcoded-device",
        """\
def line_gradients(x, y, w, b):
    w = torch.tensor([w], requires_grad=True)  # <- hardcoded-device
    b = torch.tensor([b], requires_grad=True)
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    return loss, w.grad, b.grad
""",
    ),
    KnownMistake(
        "never averaged",
        "non-scalar-backward",
        """\
def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device, requires_grad=True)
    loss = (w * x + b - y) ** 2
    loss.backward()  # <- non-scalar-backward
    return loss, w.grad, b.grad
""",
    ),
    KnownMistake(
        "summed, not averaged",
        "inaccurate-result",
        """\
def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device, requires_grad=True)
    loss = ((w * x + b - y) ** 2).sum()
    loss.backward()
    return loss, w.grad, b.grad  # <- inaccurate-result
""",
    ),
    KnownMistake(
        "the gradients in the wrong order",
        "inaccurate-result",
        """\
def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device, requires_grad=True)
    loss = ((w * x + b - y) ** 2).mean()
    loss.backward()
    return loss, b.grad, w.grad  # <- inaccurate-result
""",
    ),
    KnownMistake(
        "parameters kept between calls",
        "stale-gradient",
        """\
kept = {}

def line_gradients(x, y, w, b):
    if not kept:
        kept["p"] = torch.zeros(2, device=x.device, requires_grad=True)  # <- stale-gradient
    p = kept["p"]
    with torch.no_grad():
        p.copy_(torch.tensor([w, b]))
    loss = ((p[0] * x + p[1] - y) ** 2).mean()
    loss.backward()
    return loss, p.grad[0].clone(), p.grad[1].clone()
""",
    ),
    KnownMistake(
        "under no_grad",
        "untracked-forward",
        """\
def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device, requires_grad=True)
    with torch.no_grad():
        loss = ((w * x + b - y) ** 2).mean()  # <- untracked-forward
    loss.backward()
    return loss, w.grad, b.grad
""",
    ),
    KnownMistake(
        "the loss is left out",
        "wrong-return",
        """\
def line_gradients(x, y, w, b):
    w = torch.tensor([w], device=x.device, requires_grad=True)
    b = torch.tensor([b], device=x.device, requires_grad=True)
    ((w * x + b - y) ** 2).mean().backward()
    return w.grad, b.grad  # <- wrong-return
""",
    ),
)
"""Each is the functions that are wrong, with the line where it bites marked."""

EXERCISE = FunctionExercise(
    id="gradients",
    place=5,
    title="The gradients of a line's loss",
    section="Capstone: one forward and backward pass, dissected",
    task="Compute the mean squared error of w·x + b and its derivatives for w and b, by autograd.",
    functions=(EntryPoint("line_gradients", ("x", "y", "w", "b"), ("loss", "dw", "db")),),
    known_mistakes=KNOWN_MISTAKES,
    make_cases=lambda seed: tuple(cases(seed)),
    rubric=(
        RubricItem("line-gradients", "Loss and both derivatives, by autograd", 60),
        RubricItem("called-again", "The same however often it is called", 30),
        RubricItem("devices", "Works wherever the data are", 10),
    ),
    hints=(
        "w and b come as Python floats. Autograd differentiates for tensors that require grad: make two of"
        " them, where x is.",
        "The forward pass is w * x + b: N predictions for N points.",
        "Average the squared differences to a single number, and call backward() on that.",
        "After it, the derivatives are in .grad of the two tensors that you made.",
    ),
)
