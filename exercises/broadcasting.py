"""Broadcasting: a grid of sums on purpose, and a mean squared error without a grid by accident."""

from collections.abc import Iterator

import numpy as np

from grader.calls import Call, CallCase, FunctionExercise, case, tensor
from grader.exercise import EntryPoint, KnownMistake, RubricItem
from grader.expected import ATensor


def cases(seed: int) -> Iterator[CallCase]:
    """The calls that are made with one seed's data."""
    generator = np.random.default_rng(seed)
    sizes = ((3, 4), (5, 5), (1, 6), (40, 2))
    yield case("grid_sum", seed, *(_grid(generator, height, width) for height, width in sizes))
    targets = ((6, False), (6, True), (64, True), (1, True), (1, False))
    yield case("mse", seed, *(_error(generator, count, column) for count, column in targets))


def _grid(generator: np.random.Generator, height: int, width: int) -> Call:
    column = generator.uniform(-5, 5, height).astype(np.float32)
    row = generator.uniform(-5, 5, width).astype(np.float32)
    sums = column.astype(np.float64)[:, None] + row.astype(np.float64)
    return Call(
        (tensor(column.tolist()), tensor(row.tolist())),
        ATensor(shapes=((height, width),), values=tuple(sums.reshape(-1).tolist())),
    )


def _error(generator: np.random.Generator, count: int, column: bool) -> Call:
    prediction = generator.uniform(-3, 3, count).astype(np.float32)
    target = (prediction + generator.uniform(-1, 1, count)).astype(np.float32)
    error = float(((prediction.astype(np.float64) - target.astype(np.float64)) ** 2).mean())
    return Call(
        (tensor(prediction.tolist()), tensor(target.tolist(), (count, 1) if column else (count,))),
        ATensor(shapes=((),), values=(error,)),
    )


KNOWN_MISTAKES = (
    KnownMistake(
        "no new dimension",
        "runtime-error",
        """\
def grid_sum(col, row):
    return col + row  # <- runtime-error
""",
    ),
    KnownMistake(
        "the other way round",
        "wrong-shape",
        """\
def grid_sum(col, row):
    return row[:, None] + col  # <- wrong-shape
""",
    ),
    KnownMistake(
        "two loops",
        "python-loop",
        """\
import torch

def grid_sum(col, row):
    grid = torch.zeros(len(col), len(row), device=col.device)
    for i in range(len(col)):
        for j in range(len(row)):  # <- python-loop
            grid[i, j] = col[i] + row[j]
    return grid
""",
    ),
    KnownMistake(
        "targets as they come",
        "silent-broadcast",
        """\
def mse(pred, target):
    return ((pred - target) ** 2).mean()  # <- silent-broadcast
""",
    ),
    KnownMistake(
        "predictions as a column",
        "silent-broadcast",
        """\
def mse(pred, target):
    if target.dim() == 1:
        pred = pred.unsqueeze(1)
    difference = pred - target  # <- silent-broadcast
    return (difference * difference).mean()
""",
    ),
    KnownMistake(
        "never averaged",
        "wrong-shape",
        """\
def mse(pred, target):
    return (pred - target.reshape(-1)) ** 2  # <- wrong-shape
""",
    ),
    KnownMistake(
        "summed, not averaged",
        "inaccurate-result",
        """\
def mse(pred, target):
    return ((pred - target.reshape(-1)) ** 2).sum()  # <- inaccurate-result
""",
    ),
    KnownMistake(
        "a Python float",
        "wrong-return",
        """\
def mse(pred, target):
    return ((pred - target.reshape(-1)) ** 2).mean().item()  # <- wrong-return
""",
    ),
)
"""Each is the functions that are wrong, with the line where it bites marked."""

EXERCISE = FunctionExercise(
    id="broadcasting",
    place=3,
    title="Broadcast where you mean to, and only there",
    section="Tensor operations and broadcasting",
    task=(
        "Add every element of one tensor to every element of another without a loop, and compute a mean"
        " squared error that is right whether the targets are (N,) or (N, 1)."
    ),
    functions=(
        EntryPoint("grid_sum", ("col", "row"), ("grid",)),
        EntryPoint("mse", ("pred", "target"), ("error",)),
    ),
    known_mistakes=KNOWN_MISTAKES,
    make_cases=lambda seed: tuple(cases(seed)),
    rubric=(
        RubricItem("grid-sum", "Every pair's sum, by broadcasting", 40),
        RubricItem("mse", "N differences, not N × N", 50),
        RubricItem("devices", "Works wherever the data are", 10),
    ),
    hints=(
        "Write the two shapes under each other, right-aligned. Where must a 1 stand so that the result is"
        " (M, N)?",
        "col[:, None] and col.reshape(-1, 1) both make a column of M rows.",
        "Print (pred - target).shape for a target of shape (N, 1) before you average: how many differences"
        " are there?",
        "Bring both to the same shape first; then neither of the two cases is special.",
    ),
)
