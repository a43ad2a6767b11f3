"""Tensors: what dtype a list becomes, scratch space like another tensor, seeded noise, the matrix product."""

from collections.abc import Iterator, Sequence

import numpy as np

from grader.calls import Call, CallCase, FunctionExercise, case, tensor
from grader.exercise import EntryPoint, KnownMistake, RubricItem
from grader.expected import AList, ATensor
from grader.records import PlainArgument

MANY = 2000
"""So many draws that a mean or a spread that is off shows."""
FAR = 2.5
"""Of so many draws 25 are farther out; none is once in 10**11 times."""
APART = 1000
"""The noise's seed is so far from the one that the process begins with: equal ones would hide that it was
never used."""


def cases(seed: int) -> Iterator[CallCase]:
    """The calls that are made with one seed's data."""
    generator = np.random.default_rng(seed)
    yield case("features_and_labels", seed, *_rows(generator), at_home_only=True)
    yield case("scratch_like", seed, *_scratch(generator))
    yield _noise(seed)
    yield case("predict", seed, *_products(generator))


def _rows(generator: np.random.Generator) -> Iterator[Call]:
    for count, width, whole in ((6, 3, False), (4, 2, True), (1, 2, False)):
        features = generator.uniform(-9, 9, (count, width)).round(0 if whole else 2)
        listed = features.astype(int).tolist() if whole else features.tolist()
        labels = generator.integers(0, 3, count)
        rows = tuple((*row, label) for row, label in zip(listed, labels.tolist(), strict=True))
        wanted = (
            ATensor(shapes=((count, width),), values=tuple(features.reshape(-1).tolist()), on_cpu=True),
            ATensor(shapes=((count,),), dtype="int64", values=tuple(labels.tolist()), on_cpu=True),
        )
        yield Call((PlainArgument(value=rows),), AList(wanted))


def _scratch(generator: np.random.Generator) -> Iterator[Call]:
    templates = (((4, 5), "float32"), ((3,), "int64"), ((2, 2), "float64"), ((2, 3), "bool"), ((), "float32"))
    for sizes, dtype in templates:
        count = int(np.prod(sizes))
        values = generator.integers(1, 9, count).tolist() if dtype != "bool" else [1] * count
        wanted = ATensor(shapes=(sizes,), dtype=dtype, values=(0.0,) * count)
        yield Call((tensor(values, sizes, dtype),), wanted)


def _noise(seed: int) -> CallCase:
    def call(count: int, noise_seed: int) -> Call:
        return Call(
            (PlainArgument(value=count), PlainArgument(value=noise_seed)),
            ATensor(shapes=((count,),), looks_right=_is_standard_normal, on_cpu=True),
        )

    return case(
        "sample_noise",
        seed,
        call(MANY, seed + APART),
        call(MANY, seed + APART),
        call(MANY, seed + APART + 1),
        call(1, seed + APART),
        same=((0, 1),),
        different=((0, 2),),
        at_home_only=True,
    )


def _is_standard_normal(values: Sequence[float]) -> str | None:
    """What is wrong with these draws; the bounds are five standard errors and more."""
    if len(values) < MANY:
        return None
    mean, spread = float(np.mean(values)), float(np.std(values))
    near = float(np.mean(np.abs(values) < 1))
    farthest = float(np.max(np.abs(values)))
    if farthest < FAR:
        return f"draws of which some are farther than {FAR} from 0 (these reach {farthest:.2f})"
    if abs(mean) < 0.12 and abs(spread - 1) < 0.1 and abs(near - 0.683) < 0.06:
        return None
    return (
        f"a mean near 0 and a standard deviation near 1 (these have {mean:.2f} and {spread:.2f}, and"
        f" {near:.0%} of them lie between -1 and 1, where 68% should)"
    )


def _products(generator: np.random.Generator) -> Iterator[Call]:
    for count, width in ((5, 3), (1, 4), (3, 3), (40, 2)):
        x = generator.uniform(-2, 2, (count, width)).astype(np.float32)
        w = generator.uniform(-2, 2, width).astype(np.float32)
        product = x.astype(np.float64) @ w.astype(np.float64)
        yield Call(
            (tensor(x.reshape(-1).tolist(), (count, width)), tensor(w.tolist())),
            ATensor(shapes=((count,),), values=tuple(product.tolist())),
        )


KNOWN_MISTAKES = (
    KnownMistake(
        "dtype left to torch",
        "integer-tensor",
        """\
def features_and_labels(rows):
    features = torch.tensor([row[:-1] for row in rows])  # <- integer-tensor
    return features, torch.tensor([row[-1] for row in rows])
""",
    ),
    KnownMistake(
        "features by way of NumPy",
        "double-precision",
        """\
import numpy

def features_and_labels(rows):
    table = numpy.array(rows, dtype=float)
    features = torch.from_numpy(table[:, :-1])  # <- double-precision
    return features, torch.from_numpy(table[:, -1]).long()
""",
    ),
    KnownMistake(
        "labels as floats",
        "wrong-dtype",
        """\
def features_and_labels(rows):
    table = torch.tensor(rows, dtype=torch.float32)  # <- wrong-dtype
    return table[:, :-1], table[:, -1]
""",
    ),
    KnownMistake(
        "the label kept among the features",
        "wrong-shape",
        """\
def features_and_labels(rows):
    table = torch.tensor(rows, dtype=torch.float32)  # <- wrong-shape
    return table, table[:, -1].long()
""",
    ),
    KnownMistake(
        "labels as a column",
        "wrong-shape",
        """\
def features_and_labels(rows):
    table = torch.tensor(rows, dtype=torch.float32)
    return table[:, :-1], table[:, -1:].long()  # <- wrong-shape
""",
    ),
    KnownMistake(
        "only the shape is copied",
        "wrong-dtype",
        """\
def scratch_like(template):
    return torch.zeros(template.shape, device=template.device)  # <- wrong-dtype
""",
    ),
    KnownMistake(
        "born on the CPU",
        "hardcoded-device",
        """\
def scratch_like(template):
    return torch.zeros(template.shape, dtype=template.dtype)  # <- hardcoded-device
""",
    ),
    KnownMistake(
        "whatever was in memory",
        "inaccurate-result",
        """\
def scratch_like(template):
    return torch.full_like(template, 1)  # <- inaccurate-result
""",
    ),
    KnownMistake(
        "the seed is not used",
        "unseeded-randomness",
        """\
def sample_noise(n, seed):
    return torch.randn(n)  # <- unseeded-randomness
""",
    ),
    KnownMistake(
        "always the same seed",
        "hardcoded-answer",
        """\
def sample_noise(n, seed):
    torch.manual_seed(42)
    return torch.randn(n)  # <- hardcoded-answer
""",
    ),
    KnownMistake(
        "uniform noise",
        "inaccurate-result",
        """\
def sample_noise(n, seed):
    torch.manual_seed(seed)
    return torch.rand(n)  # <- inaccurate-result
""",
    ),
    KnownMistake(
        "a row of noise",
        "wrong-shape",
        """\
def sample_noise(n, seed):
    torch.manual_seed(seed)
    return torch.randn(1, n)  # <- wrong-shape
""",
    ),
    KnownMistake(
        "element by element",
        "elementwise-product",
        """\
def predict(X, w):
    return X * w  # <- elementwise-product
""",
    ),
    KnownMistake(
        "a column comes back",
        "wrong-shape",
        """\
def predict(X, w):
    return X @ w.reshape(-1, 1)  # <- wrong-shape
""",
    ),
    KnownMistake(
        "one row at a time",
        "python-loop",
        """\
def predict(X, w):
    return torch.stack([(row * w).sum() for row in X])  # <- python-loop
""",
    ),
)
"""Each is the functions that are wrong, with the line where it bites marked."""

EXERCISE = FunctionExercise(
    id="tensors",
    place=1,
    title="Make tensors of the right dtype, and multiply them",
    section="Tensors: creation, dtypes, and where they live",
    task=(
        "Turn rows of numbers into features and labels, make scratch space like another tensor, draw seeded"
        " noise, and predict with a matrix-vector product."
    ),
    functions=(
        EntryPoint("features_and_labels", ("rows",), ("features", "labels")),
        EntryPoint("scratch_like", ("template",), ("scratch",)),
        EntryPoint("sample_noise", ("n", "seed"), ("noise",)),
        EntryPoint("predict", ("X", "w"), ("prediction",)),
    ),
    known_mistakes=KNOWN_MISTAKES,
    make_cases=lambda seed: tuple(cases(seed)),
    rubric=(
        RubricItem("features-and-labels", "Features are float32, labels int64", 25),
        RubricItem("scratch-like", "Scratch space of the template's shape, dtype and device", 20),
        RubricItem("sample-noise", "Noise that its seed governs", 20),
        RubricItem("predict", "The matrix-vector product", 25),
        RubricItem("devices", "Works wherever the data are", 10),
    ),
    hints=(
        "torch.tensor looks at the numbers that it is given: what dtype does it choose when every one of"
        " them is an int? Say what you want with dtype=….",
        "Take each row apart before you make a tensor: all but the last number, and the last one.",
        "torch.zeros_like(template) copies three things from its template. Which one would you forget if you"
        " wrote torch.zeros(template.shape)?",
        "For the noise, seed a generator just before you draw: torch.manual_seed(seed), or a"
        " torch.Generator of your own handed to torch.randn.",
        "X has shape (N, D) and w has shape (D,). Which operator multiplies and sums, and which one only"
        " multiplies?",
    ),
)
