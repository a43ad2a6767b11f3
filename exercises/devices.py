"""Devices: move tensors, make parameters where they belong, choose the best device that is there."""

from collections.abc import Iterator

import numpy as np

from grader.calls import Call, CallCase, FunctionExercise, case, tensor
from grader.exercise import EntryPoint, KnownMistake, RubricItem
from grader.expected import ADevice, AList, ATensor
from grader.records import DeviceArgument, ListArgument, PlainArgument

SHAPES = (((1,), (1,)), ((3, 2), (2,)), ((4,), (2, 2), (1,)))
CHOICES = (("cuda",), ("mps",), (), ("cuda", "mps"))
"""The accelerators that torch says are there, and the first of them is the best."""


def cases(seed: int) -> Iterator[CallCase]:
    """The calls that are made with one seed's data."""
    yield _moves(seed, np.random.default_rng(seed))
    yield case("make_parameters", seed, *map(_parameters, SHAPES))
    for there in CHOICES:
        best = there[0] if there else "cpu"
        yield case("best_device", seed, Call((), ADevice(best)), available=there, at_home_only=True)


def _moves(seed: int, generator: np.random.Generator) -> CallCase:
    kinds = (((3,), "float32"), ((2, 2), "int64"), ((), "float32"), ((5, 1), "float64"))
    tensors, wanted = [], []
    for sizes, dtype in kinds:
        values = generator.integers(-9, 10, int(np.prod(sizes))).tolist()
        tensors.append(tensor(values, sizes, dtype, on_cpu=True))
        wanted.append(ATensor(shapes=(sizes,), dtype=dtype, values=tuple(map(float, values))))
    arguments = (ListArgument(items=tuple(tensors)), DeviceArgument())
    return case("to_device", seed, Call(arguments, AList(tuple(wanted))))


def _parameters(shapes: tuple[tuple[int, ...], ...]) -> Call:
    listed = ListArgument(
        items=tuple(
            ListArgument(items=tuple(PlainArgument(value=size) for size in sizes), is_tuple=True)
            for sizes in shapes
        )
    )
    wanted = AList(tuple(ATensor(shapes=(sizes,), requires_grad=True) for sizes in shapes))
    return Call((listed, DeviceArgument()), wanted)


KNOWN_MISTAKES = (
    KnownMistake(
        "the result of the move is dropped",
        "unbound-move",
        """\
def to_device(tensors, device):
    for tensor in tensors:
        tensor.to(device)  # <- unbound-move
    return tensors
""",
    ),
    KnownMistake(
        "nothing is moved",
        "device-mismatch",
        """\
def to_device(tensors, device):
    return tensors  # <- device-mismatch
""",
    ),
    KnownMistake(
        "moved to CUDA, whatever was asked",
        "hardcoded-device",
        """\
def to_device(tensors, device):
    return [tensor.cuda() for tensor in tensors]  # <- hardcoded-device
""",
    ),
    KnownMistake(
        "one tensor comes back",
        "wrong-return",
        """\
def to_device(tensors, device):
    return tensors[0].to(device)  # <- wrong-return
""",
    ),
    KnownMistake(
        "moved after requires_grad",
        "moved-leaf",
        """\
def make_parameters(shapes, device):
    return [torch.randn(shape, requires_grad=True).to(device) for shape in shapes]  # <- moved-leaf
""",
    ),
    KnownMistake(
        "no requires_grad",
        "missing-requires-grad",
        """\
def make_parameters(shapes, device):
    return [torch.randn(shape, device=device) for shape in shapes]  # <- missing-requires-grad
""",
    ),
    KnownMistake(
        "made on the CPU",
        "hardcoded-device",
        """\
def make_parameters(shapes, device):
    return [torch.randn(shape, requires_grad=True) for shape in shapes]  # <- hardcoded-device
""",
    ),
    KnownMistake(
        "scaled after requires_grad",
        "non-leaf-parameter",
        """\
def make_parameters(shapes, device):
    made = [torch.randn(shape, device=device, requires_grad=True) for shape in shapes]
    return [0.1 * parameter for parameter in made]  # <- non-leaf-parameter
""",
    ),
    KnownMistake(
        "float64 parameters",
        "double-precision",
        """\
def make_parameters(shapes, device):
    kind = {"dtype": torch.float64, "device": device}
    return [torch.zeros(shape, requires_grad=True, **kind) for shape in shapes]  # <- double-precision
""",
    ),
    KnownMistake(
        "always the CPU",
        "hardcoded-device",
        """\
def best_device():
    return torch.device("cpu")  # <- hardcoded-device
""",
    ),
    KnownMistake(
        "MPS is forgotten",
        "hardcoded-device",
        """\
def best_device():
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")  # <- hardcoded-device
""",
    ),
    KnownMistake(
        "a text",
        "wrong-return",
        """\
def best_device():
    return "cuda" if torch.cuda.is_available() else "cpu"  # <- wrong-return
""",
    ),
)
"""Each is the functions that are wrong, with the line where it bites marked."""

EXERCISE = FunctionExercise(
    id="devices",
    place=2,
    title="Put tensors where they belong",
    section="Devices: CPU, CUDA, MPS",
    task=(
        "Move tensors to a device, make trainable parameters on it, and choose the best device of the"
        " machine, in a way that works whether it has an accelerator or not."
    ),
    functions=(
        EntryPoint("to_device", ("tensors", "device"), ("tensors",)),
        EntryPoint("make_parameters", ("shapes", "device"), ("parameters",)),
        EntryPoint("best_device", (), ("device",)),
    ),
    about_devices=True,
    known_mistakes=KNOWN_MISTAKES,
    make_cases=lambda seed: tuple(cases(seed)),
    rubric=(
        RubricItem("to-device", "Tensors are on the device that was asked for", 30),
        RubricItem("make-parameters", "Parameters are leaves, born or marked on their device", 40),
        RubricItem("best-device", "The best device that is there", 30),
    ),
    hints=(
        "x.to(device) leaves x where it is. What does it give you back, and who keeps that?",
        "Build a new list of what .to(device) returns; the tensors in the old list will never move.",
        "Both orders seem to work on a laptop: mark with requires_grad=True and then move, or move and then"
        " mark. Print .is_leaf after each of them.",
        "torch.randn has a device= of its own: what is born in its place need not be moved.",
        "Ask before you take: torch.cuda.is_available() first, torch.backends.mps.is_available() next, the"
        " CPU last; and return a torch.device, not a text.",
    ),
)
