"""Derivative: the slope of any function at any point, by autograd, the same however often it is asked."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from grader.calls import Call, CallCase, FunctionExercise, case
from grader.exercise import EntryPoint, KnownMistake, RubricItem
from grader.expected import ANumber
from grader.records import FunctionArgument, PlainArgument

FUNCTIONS: tuple[tuple[str, Callable[[float], float]], ...] = (
    ("x**2 + 3*x", lambda x: 2 * x + 3),
    ("torch.sin(x)", math.cos),
    ("x * torch.exp(-x)", lambda x: (1 - x) * math.exp(-x)),
    ("1 / (1 + x**2)", lambda x: -2 * x / (1 + x * x) ** 2),
    ("x**3 - 2*x", lambda x: 3 * x * x - 2),
)
"""Expressions and their derivatives."""
ALONE = 3
"""So many of them are also asked of a process that has answered nothing before."""


def cases(seed: int) -> Iterator[CallCase]:
    """The calls that are made with one seed's data."""
    points = np.random.default_rng(seed).uniform(0.3, 2.5, len(FUNCTIONS)).round(2).tolist()
    calls = [_call(*function, point) for function, point in zip(FUNCTIONS, points, strict=True)]
    for call in calls[:ALONE]:
        yield _case(seed, call)
    again = _call(*FUNCTIONS[0], 2.0)
    yield _case(seed, again, again, *calls, item="called-again", same=((0, 1),))


def _case(seed: int, *calls: Call, **more: object) -> CallCase:
    return case("derivative", seed, *calls, by_autograd=True, at_home_only=True, **more)  # type: ignore[arg-type]


def _call(expression: str, slope: Callable[[float], float], point: float) -> Call:
    arguments = (FunctionArgument(expression=expression), PlainArgument(value=point))
    return Call(arguments, ANumber(value=slope(point)))


KNOWN_MISTAKES = (
    KnownMistake(
        "one tensor for all calls",
        "stale-gradient",
        """\
x = torch.zeros(1, requires_grad=True)  # <- stale-gradient

def derivative(f, x0):
    with torch.no_grad():
        x.fill_(x0)
    f(x).backward()
    return x.grad.item()
""",
    ),
    KnownMistake(
        "no requires_grad",
        "missing-requires-grad",
        """\
def derivative(f, x0):
    x = torch.tensor(x0)  # <- missing-requires-grad
    f(x).backward()
    return x.grad.item()
""",
    ),
    KnownMistake(
        "no backward",
        "missing-backward",
        """\
def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    y = f(x)  # <- missing-backward
    return x.grad.item()
""",
    ),
    KnownMistake(
        "finite differences",
        "autograd-unused",
        """\
def derivative(f, x0):
    step = torch.tensor(1e-4, dtype=torch.float64)
    here = torch.tensor(x0, dtype=torch.float64)
    return ((f(here + step) - f(here - step)) / (2 * step)).item()  # <- autograd-unused
""",
    ),
    KnownMistake(
        "a tensor comes back",
        "wrong-return",
        """\
def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    f(x).backward()
    return x.grad  # <- wrong-return
""",
    ),
    KnownMistake(
        "the value and not the slope",
        "inaccurate-result",
        """\
def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    y = f(x)
    y.backward()
    return y.item()  # <- inaccurate-result
""",
    ),
    KnownMistake(
        "the graph is cut",
        "severed-graph",
        """\
def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    y = f(x.detach())  # <- severed-graph
    y.requires_grad_()
    y.backward()
    return x.grad.item()
""",
    ),
    KnownMistake(
        "an integer",
        "integer-tensor",
        """\
def derivative(f, x0):
    x = torch.tensor(int(x0), requires_grad=True)  # <- integer-tensor
    f(x).backward()
    return x.grad.item()
""",
    ),
    KnownMistake(
        "walked twice",
        "repeated-backward",
        """\
def derivative(f, x0):
    x = torch.tensor(x0, requires_grad=True)
    y = f(x)
    y.backward(retain_graph=True)
    y.backward()  # <- repeated-backward
    return x.grad.item()
""",
    ),
)
"""Each is the functions that are wrong, with the line where it bites marked."""

EXERCISE = FunctionExercise(
    id="derivative",
    place=4,
    title="Let autograd differentiate",
    section="Autograd: the computation graph",
    task="Compute the derivative of any differentiable function at any point with a backward pass.",
    functions=(EntryPoint("derivative", ("f", "x0"), ("df/dx",)),),
    known_mistakes=KNOWN_MISTAKES,
    # What comes back is a Python float, whatever the dtype of the tensor was.
    harmless_edits=("derivative: dtype left to torch", "derivative: float64"),
    make_cases=lambda seed: tuple(cases(seed)),
    rubric=(
        RubricItem("derivative", "The derivative, by autograd", 60),
        RubricItem("called-again", "The same however often it is called", 40),
    ),
    hints=(
        "Autograd fills .grad of leaves that were made with requires_grad=True. Which must that be?",
        "x0 is a Python float: make a float32 tensor of it that requires grad.",
        "f(x) is the scalar that the backward pass starts from.",
        "A tensor that outlives the call keeps its .grad, and the next backward() adds to it: make a new one"
        " each time.",
        "The exercise asks for a Python float: .item() reads the one number of a tensor.",
    ),
)
