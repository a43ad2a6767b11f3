"""Update: one step of gradient descent in place, and an evaluation that builds no graph."""

from collections.abc import Iterator

import numpy as np

from grader.calls import Call, CallCase, FunctionExercise, case, tensor
from grader.exercise import EntryPoint, KnownMistake, RubricItem
from grader.expected import AList, ANumber, ATensor, Nothing
from grader.records import ListArgument, PlainArgument

SHAPES: tuple[tuple[tuple[int, ...], ...], ...] = (((1,), (1,)), ((2, 3), (3,), ()), ((4,),))


def cases(seed: int) -> Iterator[CallCase]:
    """The calls that are made with one seed's data."""
    generator = np.random.default_rng(seed)
    steps = (_step(generator, shapes, rate) for shapes, rate in zip(SHAPES, (0.1, 0.5, 0.02), strict=True))
    yield case("sgd_step", seed, *steps)
    yield case("evaluate", seed, *(_evaluation(generator, count) for count in (20, 1)), no_graph=True)


def _step(generator: np.random.Generator, shapes: tuple[tuple[int, ...], ...], rate: float) -> Call:
    given, wanted = [], []
    for sizes in shapes:
        count = int(np.prod(sizes))
        value = generator.uniform(0.5, 2, count).astype(np.float32)
        gradient = (generator.uniform(0.5, 3, count) * generator.choice([-1, 1], count)).astype(np.float32)
        moved = value.astype(np.float64) - rate * gradient.astype(np.float64)
        given.append(tensor(value.tolist(), sizes, requires_grad=True, gradient=tuple(gradient.tolist())))
        wanted.append(ATensor(shapes=(sizes,), values=tuple(moved.tolist()), requires_grad=True, clear=True))
    arguments = (ListArgument(items=tuple(given)), PlainArgument(value=rate))
    return Call(arguments, Nothing(), left=(AList(tuple(wanted)), None))


def _evaluation(generator: np.random.Generator, count: int) -> Call:
    x = generator.uniform(-2, 2, count).astype(np.float32)
    y = generator.uniform(-3, 3, count).astype(np.float32)
    w, b = generator.uniform(-2, 2, 2).astype(np.float32).tolist()
    error = float(np.mean((w * x.astype(np.float64) + b - y.astype(np.float64)) ** 2))
    arguments = (
        tensor(x.tolist()),
        tensor(y.tolist()),
        tensor([w], requires_grad=True),
        tensor([b], requires_grad=True),
    )
    left = (None, None, *(ATensor(values=(value,), requires_grad=True) for value in (w, b)))
    return Call(arguments, ANumber(value=error), left)


KNOWN_MISTAKES = (
    KnownMistake(
        "outside no_grad",
        "tracked-inplace-update",
        """\
def sgd_step(params, lr):
    for p in params:
        p -= lr * p.grad  # <- tracked-inplace-update
        p.grad = None
""",
    ),
    KnownMistake(
        "the loop variable is rebound",
        "unapplied-update",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        for p in params:
            p = p - lr * p.grad  # <- unapplied-update
    for p in params:
        p.grad = None
""",
    ),
    KnownMistake(
        "rebound in the list, outside no_grad",
        "tracked-rebinding",
        """\
def sgd_step(params, lr):
    for i in range(len(params)):
        params[i] = params[i] - lr * params[i].grad  # <- tracked-rebinding
""",
    ),
    KnownMistake(
        "rebound in the list, under no_grad",
        "lost-requires-grad",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        for i in range(len(params)):
            params[i] = params[i] - lr * params[i].grad  # <- lost-requires-grad
""",
    ),
    KnownMistake(
        "gradients are not cleared",
        "stale-gradient",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad  # <- stale-gradient
""",
    ),
    KnownMistake(
        "cleared before the step",
        "gradient-cleared-too-early",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        for p in params:
            p.grad.zero_()  # <- gradient-cleared-too-early
            p -= lr * p.grad
""",
    ),
    KnownMistake(
        "the parameter is zeroed",
        "cleared-parameter",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
            p.zero_()  # <- cleared-parameter
            p.grad = None
""",
    ),
    KnownMistake(
        "uphill",
        "gradient-ascent",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        for p in params:
            p += lr * p.grad  # <- gradient-ascent
            p.grad = None
""",
    ),
    KnownMistake(
        "through .data",
        "data-attribute-update",
        """\
def sgd_step(params, lr):
    for p in params:
        p.data -= lr * p.grad  # <- data-attribute-update
        p.grad = None
""",
    ),
    KnownMistake(
        "the rate is forgotten",
        "inaccurate-result",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        for p in params:
            p -= p.grad  # <- inaccurate-result
            p.grad = None
""",
    ),
    KnownMistake(
        "another's gradient",
        "wrong-update",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        for p in params:
            p -= lr * params[0].grad.sum()  # <- wrong-update
    for p in params:
        p.grad = None
""",
    ),
    KnownMistake(
        "only the first one is moved",
        "unapplied-update",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        params[0] -= lr * params[0].grad  # <- unapplied-update
    for p in params:
        p.grad = None
""",
    ),
    KnownMistake(
        "the parameters are returned",
        "wrong-return",
        """\
def sgd_step(params, lr):
    with torch.no_grad():
        for p in params:
            p -= lr * p.grad
            p.grad = None
    return params  # <- wrong-return
""",
    ),
    KnownMistake(
        "evaluated with a graph",
        "tracked-evaluation",
        """\
def evaluate(x, y, w, b):
    return ((w * x + b - y) ** 2).mean().item()  # <- tracked-evaluation
""",
    ),
    KnownMistake(
        "a tensor comes back",
        "wrong-return",
        """\
def evaluate(x, y, w, b):
    with torch.no_grad():
        return ((w * x + b - y) ** 2).mean()  # <- wrong-return
""",
    ),
)
"""Each is the functions that are wrong, with the line where it bites marked."""

EXERCISE = FunctionExercise(
    id="update",
    place=7,
    title="Step downhill, and look without recording",
    section="Turning autograd off: no_grad and friends",
    task=(
        "Move parameters in place by -lr times their gradients and clear these; compute a loss without"
        " building a graph."
    ),
    functions=(
        EntryPoint("sgd_step", ("params", "lr")),
        EntryPoint("evaluate", ("x", "y", "w", "b"), ("error",)),
    ),
    known_mistakes=KNOWN_MISTAKES,
    make_cases=lambda seed: tuple(cases(seed)),
    rubric=(
        RubricItem("sgd-step", "Parameters move in place and stay leaves, gradients are clear", 60),
        RubricItem("evaluate", "A loss without a graph", 30),
        RubricItem("devices", "Works wherever the data are", 10),
    ),
    hints=(
        "An update is no part of the model: under which context does torch not record?",
        "p = p - lr * p.grad gives the name p to a new tensor; the caller still holds the old one. Which"
        " operators change a tensor itself?",
        "When the step is done, the gradient has been used: set it to None, or fill it with zeros.",
        "An evaluation asks for a number, not for a graph: the same context serves; .item() makes a float.",
    ),
)
