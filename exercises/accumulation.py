"""Accumulation: gradients added up over batches on purpose, and cleared when they have been read."""

from collections.abc import Iterator

import numpy as np

from grader.calls import Call, CallCase, FunctionExercise, case, tensor
from grader.exercise import EntryPoint, KnownMistake, RubricItem
from grader.expected import AList, ATensor
from grader.records import ListArgument

ONE_ELEMENT: tuple[tuple[int, ...], ...] = ((1,), ())


def cases(seed: int) -> Iterator[CallCase]:
    """The calls that are made with one seed's data."""
    generator = np.random.default_rng(seed)
    yield _case(seed, generator, 3, 8)
    yield _case(seed, generator, 4, 1)
    yield _case(seed, generator, 1, 10, item="one-batch")


def _case(seed: int, generator: np.random.Generator, count: int, size: int, **more: object) -> CallCase:
    w, b = generator.uniform(-2, 2, 2).astype(np.float32).tolist()
    x = generator.uniform(-2, 2, (count, size)).astype(np.float32)
    y = generator.uniform(-3, 3, (count, size)).astype(np.float32)
    residual = w * x.astype(np.float64) + b - y.astype(np.float64)
    dw, db = float(2 * np.mean(residual * x)), float(2 * np.mean(residual))
    batches = ListArgument(
        items=tuple(
            ListArgument(items=(tensor(xs.tolist()), tensor(ys.tolist())), is_tuple=True)
            for xs, ys in zip(x, y, strict=True)
        )
    )
    parameters = (tensor([w], requires_grad=True), tensor([b], requires_grad=True))
    call = Call(
        (batches, *parameters),
        AList(
            (
                ATensor(shapes=ONE_ELEMENT, values=(dw,)),
                ATensor(shapes=ONE_ELEMENT, values=(db,)),
            )
        ),
        left=(None, *(ATensor(values=(value,), requires_grad=True, clear=True) for value in (w, b))),
    )
    return case("accumulated_gradients", seed, call, by_autograd=True, backward_passes=count, **more)  # type: ignore[arg-type]


KNOWN_MISTAKES = (
    KnownMistake(
        "gradients left behind",
        "stale-gradient",
        """\
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        (((w * x + b - y) ** 2).mean() / len(batches)).backward()  # <- stale-gradient
    return w.grad, b.grad
""",
    ),
    KnownMistake(
        "the sum, not the mean",
        "inaccurate-result",
        """\
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        ((w * x + b - y) ** 2).mean().backward()
    dw, db = w.grad, b.grad
    w.grad = b.grad = None
    return dw, db  # <- inaccurate-result
""",
    ),
    KnownMistake(
        "cleared between batches",
        "gradient-cleared-too-early",
        """\
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        w.grad = None  # <- gradient-cleared-too-early
        b.grad = None
        (((w * x + b - y) ** 2).mean() / len(batches)).backward()
    dw, db = w.grad, b.grad
    w.grad = b.grad = None
    return dw, db
""",
    ),
    KnownMistake(
        "zeroed through an alias",
        "gradient-cleared-too-early",
        """\
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        (((w * x + b - y) ** 2).mean() / len(batches)).backward()
    dw, db = w.grad, b.grad
    w.grad.zero_()  # <- gradient-cleared-too-early
    b.grad.zero_()
    return dw, db
""",
    ),
    KnownMistake(
        "all batches at once",
        "missing-backward",
        """\
import torch

def accumulated_gradients(batches, w, b):
    x = torch.cat([x for x, _ in batches])
    y = torch.cat([y for _, y in batches])
    ((w * x + b - y) ** 2).mean().backward()  # <- missing-backward
    dw, db = w.grad, b.grad
    w.grad = b.grad = None
    return dw, db
""",
    ),
    KnownMistake(
        "formulas by hand",
        "autograd-unused",
        """\
def accumulated_gradients(batches, w, b):
    dw = db = 0.0
    for x, y in batches:
        residual = w.detach() * x + b.detach() - y
        dw = dw + 2 * (residual * x).mean() / len(batches)
        db = db + 2 * residual.mean() / len(batches)
    return dw, db  # <- autograd-unused
""",
    ),
    KnownMistake(
        "only one is returned",
        "wrong-return",
        """\
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        (((w * x + b - y) ** 2).mean() / len(batches)).backward()
    dw = w.grad
    w.grad = b.grad = None
    return dw  # <- wrong-return
""",
    ),
)
"""Each is the functions that are wrong, with the line where it bites marked."""

EXERCISE = FunctionExercise(
    id="accumulation",
    place=6,
    title="Accumulate on purpose",
    section="Autograd: the computation graph (gradients accumulate)",
    task=(
        "Compute the gradient of the mean loss over all batches with one backward pass a batch, and leave"
        " the parameters' gradients clear."
    ),
    functions=(EntryPoint("accumulated_gradients", ("batches", "w", "b"), ("dw", "db")),),
    known_mistakes=KNOWN_MISTAKES,
    make_cases=lambda seed: tuple(cases(seed)),
    rubric=(
        RubricItem("accumulated-gradients", "Several batches, one backward pass each", 60),
        RubricItem("one-batch", "A single batch", 30),
        RubricItem("devices", "Works wherever the data are", 10),
    ),
    hints=(
        "backward() adds to .grad. Over several batches, that is what you want for once.",
        "The mean over all batches is the sum of the batches' means divided by how many there are: where can"
        " you divide?",
        "Read w.grad and b.grad after the last batch, not in between, and do not clear in between either.",
        "Clear them before you return; but a name for w.grad is no copy of it. What happens to what you"
        " return when you call w.grad.zero_()?",
    ),
)
