"""Exercises whose functions are called and must answer: their mistakes, and right programs beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from grader.calls import FunctionExercise, call_in_words
from grader.exercise import Exercise, find_course
from grader.mutations import mutations
from grader.mutations.splice import with_functions
from grader.pipeline import grade
from grader.records import Result
from grader.sandbox import Sandbox
from grader.verify import caught, in_short, marked_line
from tests import call_programs
from tests.grading import errors, submission_of, unmarked

COURSE = find_course()
NAMES = [name for name in COURSE.exercise_ids() if isinstance(COURSE.exercise(name), FunctionExercise)]


def reference(name: str) -> str:
    return COURSE.reference(name).read_text("utf-8")


def function_exercise(name: str) -> FunctionExercise:
    exercise = COURSE.exercise(name)
    assert isinstance(exercise, FunctionExercise)
    return exercise


def graded(sandbox: Sandbox, source: str, exercise: Exercise) -> Result:
    return grade(submission_of(source, exercise), exercise, sandbox)


def known() -> Iterator[object]:
    for name in NAMES:
        for mistake in COURSE.exercise(name).known_mistakes:
            yield pytest.param(name, mistake, id=f"{name}-{mistake.name.replace(' ', '-')}")


def derived() -> Iterator[object]:
    for name in NAMES:
        for mutation in mutations(reference(name), COURSE.exercise(name)):
            yield pytest.param(name, mutation, id=f"{name}-{mutation.name.replace(' ', '-')}")


def test_the_lesson_is_whole() -> None:
    lesson = ["tensors", "devices", "broadcasting", "derivative", "gradients", "accumulation", "update"]
    assert sorted(NAMES) == sorted(lesson)
    places = [COURSE.exercise(name).place for name in (*lesson, "line", "quadratic")]
    assert places == list(range(1, 10))


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_earns_everything_on_every_device(sandbox: Sandbox, name: str) -> None:
    result = graded(sandbox, reference(name), COURSE.exercise(name))
    assert (result.status, result.score, result.findings) == ("passed", 100, ()), in_short(result)
    assert all(run.right for run in result.runs)
    assert {item.status for item in result.rubric} == {"passed"}


@pytest.mark.parametrize("name", NAMES)
def test_the_template_earns_nothing_and_says_so_kindly(sandbox: Sandbox, name: str) -> None:
    source = COURSE.template(name).read_text("utf-8")
    result = graded(sandbox, source, COURSE.exercise(name))
    assert {finding.pitfall for finding in result.findings} == {"not-implemented"} and result.score == 0
    assert all(finding.line for finding in result.findings)
    for entry in function_exercise(name).functions:
        assert f"def {entry.name}({', '.join(entry.parameters)}):" in source
    assert f"grader check {name}.py" in source and f"grader hint {name}" in source


@pytest.mark.parametrize(("name", "mistake"), list(known()))
def test_a_known_mistake_is_caught_as_itself_at_its_line(
    sandbox: Sandbox, name: str, mistake: object
) -> None:
    source = with_functions(reference(name), mistake.source)  # type: ignore[attr-defined]
    pitfall = mistake.pitfall  # type: ignore[attr-defined]
    result = graded(sandbox, source, COURSE.exercise(name))
    expected = caught(pitfall, marked_line(source, pitfall))
    assert expected.holds(result), f"{expected.words}, and found: {in_short(result)}"
    for finding in result.findings:
        assert finding.message.endswith((".", "?", "!", '"')) and finding.message.count("`") % 2 == 0


@pytest.mark.parametrize(("name", "mutation"), list(derived()))
def test_a_derived_mistake_is_caught_as_itself(sandbox: Sandbox, name: str, mutation: object) -> None:
    result = graded(sandbox, mutation.source, COURSE.exercise(name))  # type: ignore[attr-defined]
    expected = caught(mutation.expected, mutation.line)  # type: ignore[attr-defined]
    assert expected.holds(result), f"{expected.words}, and found: {in_short(result)}"


RIGHT = {
    "tensors": (
        """
import numpy as np

def features_and_labels(rows):
    table = np.asarray(rows, dtype=np.float32)
    return [torch.from_numpy(table[:, :-1].copy()), torch.from_numpy(table[:, -1]).to(torch.int64)]
""",
        """
def scratch_like(template):
    return template.new_zeros(template.shape)

def sample_noise(n, seed):
    torch.manual_seed(seed)
    return torch.normal(0.0, 1.0, size=(n,))
""",
        """
def scratch_like(template):
    return template.detach().clone().zero_()

def predict(X, w):
    return torch.einsum("nd,d->n", X, w)
""",
        """
def scratch_like(template, *, fill=0):
    return torch.empty_like(template).fill_(fill)

def predict(X, w):
    return (X * w).sum(dim=1)
""",
        """
def predict(X, w):
    return torch.mv(X, w)

def features_and_labels(rows):
    *features, labels = zip(*rows)
    return torch.tensor(features).T.float(), torch.tensor(labels, dtype=torch.long)
""",
    ),
    "devices": (
        """
def to_device(tensors, device):
    moved = []
    for t in tensors:
        t = t.to(device)
        moved.append(t)
    return tuple(moved)
""",
        """
def make_parameters(shapes, device):
    return [torch.zeros(shape).to(device).requires_grad_() for shape in shapes]
""",
        """
def make_parameters(shapes, device):
    return [torch.nn.Parameter(torch.randn(*shape, device=device)) for shape in shapes]
""",
        """
def best_device():
    for name, there in (("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available())):
        if there:
            return torch.device(name)
    return torch.device("cpu")
""",
        """
def best_device():
    if torch.accelerator.is_available():
        return torch.accelerator.current_accelerator()
    return torch.device("cpu")
""",
        """
def best_device():
    if torch.cuda.device_count() > 0:
        return torch.device("cuda:0")
    return torch.device("mps") if torch.mps.is_available() else torch.device("cpu")
""",
    ),
    "broadcasting": (
        """
import torch

def grid_sum(col, row):
    return torch.add(col.view(-1, 1), row.view(1, -1))

def mse(pred, target):
    return torch.nn.functional.mse_loss(pred, target.squeeze(-1) if target.dim() > 1 else target)
""",
        """
def grid_sum(col, row):
    return col.unsqueeze(-1).expand(-1, len(row)) + row

def mse(pred, target):
    diff = pred.flatten() - target.flatten()
    return (diff @ diff) / diff.numel()
""",
        """
import torch

def grid_sum(col, row):
    a, b = torch.meshgrid(col, row, indexing="ij")
    return a + b

def mse(pred, target):
    n = pred.shape[0]
    return sum(((pred - target.view(n)) ** 2,)).sum() / n
""",
    ),
    "derivative": (
        """
def derivative(f, x0):
    x = torch.full((1,), float(x0), requires_grad=True)
    f(x).backward()
    return float(x.grad)
""",
        """
from torch.autograd.functional import jacobian

def derivative(f, x0):
    return jacobian(f, torch.tensor(x0)).item()
""",
        """
x = torch.zeros((), requires_grad=True)

def derivative(f, x0):
    x.grad = None
    x.data.fill_(x0)
    f(x).backward()
    return x.grad.item()
""",
        """
def derivative(f, x0):
    _, slope = torch.func.jvp(f, (torch.tensor(x0),), (torch.tensor(1.0),))
    return slope.item()
""",
    ),
    "gradients": (
        """
def line_gradients(x, y, w, b):
    w = torch.tensor(w, device=x.device, requires_grad=True)
    b = torch.tensor(b, device=x.device, requires_grad=True)
    loss = torch.nn.functional.mse_loss(w * x + b, y)
    return (loss, *torch.autograd.grad(loss, (w, b)))
""",
        """
def line_gradients(x, y, w, b):
    def loss(p):
        return ((p[0] * x + p[1] - y) ** 2).mean()
    p = x.new_tensor([w, b]).requires_grad_()
    value = loss(p)
    value.backward()
    return value.detach(), p.grad[:1], p.grad[1:]
""",
        """
def line_gradients(x, y, w, b):
    def loss(w, b):
        return ((w * x + b - y) ** 2).mean()
    here = (x.new_tensor(w), x.new_tensor(b))
    (dw, db), value = torch.func.grad_and_value(loss, argnums=(0, 1))(*here)
    return [value, dw, db]
""",
    ),
    "accumulation": (
        """
import torch

def accumulated_gradients(batches, w, b):
    dw, db = torch.zeros_like(w), torch.zeros_like(b)
    for x, y in batches:
        gw, gb = torch.autograd.grad(((w * x + b - y) ** 2).mean(), [w, b])
        dw += gw / len(batches)
        db += gb / len(batches)
    return dw, db
""",
        """
def accumulated_gradients(batches, w, b):
    for x, y in batches:
        ((w * x + b - y) ** 2).mean().backward()
    dw, db = w.grad.clone() / len(batches), b.grad.clone() / len(batches)
    w.grad.zero_()
    b.grad.zero_()
    return dw, db
""",
        """
import torch

def accumulated_gradients(batches, w, b):
    total = 0
    for x, y in batches:
        torch.autograd.backward(((w * x + b - y) ** 2).sum())
        total += len(x)
    with torch.no_grad():
        result = [p.grad.div(total) for p in (w, b)]
        for p in (w, b):
            del p.grad
    return result
""",
        """
def accumulated_gradients(batches, w, b):
    dw = db = 0
    for x, y in batches:
        ((w * x + b - y) ** 2).mean().backward()
        dw, db = dw + w.grad, db + b.grad
        w.grad = b.grad = None
    return dw / len(batches), db / len(batches)
""",
    ),
    "update": (
        """
def sgd_step(params, lr):
    for p in params:
        with torch.no_grad():
            p.add_(p.grad, alpha=-lr)
        p.grad.zero_()
""",
        """
@torch.no_grad()
def sgd_step(params, lr):
    torch._foreach_add_(params, [p.grad for p in params], alpha=-lr)
    for p in params:
        p.grad = torch.zeros_like(p)
""",
        """
def sgd_step(params, lr):
    with torch.inference_mode():
        for p in params:
            p.sub_(lr * p.grad)
    for p in params:
        p.grad = None

def evaluate(x, y, w, b):
    return torch.nn.functional.mse_loss(w.detach() * x + b.detach(), y).item()
""",
        """
def sgd_step(params, lr):
    taken = [p.grad for p in params]
    for p in params:
        p.grad = None
    with torch.no_grad():
        for p, g in zip(params, taken):
            p.copy_(p - lr * g)

def evaluate(x, y, w, b):
    with torch.no_grad():
        return float(((w * x + b - y) ** 2).mean())
""",
    ),
}


@pytest.mark.parametrize(
    ("name", "functions"),
    [
        pytest.param(name, text, id=f"{name}-{i}")
        for name, texts in RIGHT.items()
        for i, text in enumerate(texts, 1)
    ],
)
def test_a_right_program_in_another_style_earns_everything(
    sandbox: Sandbox, name: str, functions: str
) -> None:
    source = with_functions(reference(name), functions)
    result = graded(sandbox, source, COURSE.exercise(name))
    assert errors(result) == [] and result.score == 100, in_short(result)


def programs(table: dict[str, dict[str, str]]) -> Iterator[object]:
    for name, texts in table.items():
        for what, text in texts.items():
            yield pytest.param(name, text, id=f"{name}-{what.replace('_', '-')}")


@pytest.mark.parametrize(("name", "functions"), list(programs(call_programs.RIGHT)))
def test_a_right_program_that_was_once_in_doubt(sandbox: Sandbox, name: str, functions: str) -> None:
    result = graded(sandbox, with_functions(reference(name), functions), COURSE.exercise(name))
    assert errors(result) == [] and result.score == 100, in_short(result)


@pytest.mark.parametrize(("name", "functions"), list(programs(call_programs.WRONG)))
def test_every_mistake_is_told_once_and_at_its_line(sandbox: Sandbox, name: str, functions: str) -> None:
    marked = with_functions(reference(name), functions)
    pitfalls = [found[1] for found in re.finditer(r"# <- ([a-z-]+)", marked)]
    result = graded(sandbox, unmarked(marked), COURSE.exercise(name))
    found = sorted((finding.pitfall, finding.line) for finding in errors(result))
    assert found == sorted((each, marked_line(marked, each)) for each in pitfalls), in_short(result)
    assert not any("this line" in finding.message for finding in result.findings)


def test_a_function_that_is_missing_costs_itself_alone(sandbox: Sandbox) -> None:
    source = reference("tensors").replace("def predict(", "def foretell(")
    result = graded(sandbox, source, COURSE.exercise("tensors"))
    (found,) = errors(result)
    assert (found.pitfall, found.entry) == ("missing-entry-point", "predict")
    assert "There is no function `predict` in the file." in found.message
    assert {i.id: i.status for i in result.rubric}["scratch-like"] == "passed"
    assert {i.id: i.earned for i in result.rubric}["predict"] == 0


def test_two_mistakes_in_two_functions_are_two_errors_and_hide_nothing_of_each_other(
    sandbox: Sandbox,
) -> None:
    functions = """
def predict(X, w):
    return X * w

def scratch_like(template):
    return torch.ones_like(template)
"""
    result = graded(sandbox, with_functions(reference("tensors"), functions), COURSE.exercise("tensors"))
    found = {(f.pitfall, f.entry) for f in errors(result)}
    assert found == {("elementwise-product", "predict"), ("inaccurate-result", "scratch_like")}


def test_a_file_that_cannot_be_read_costs_everything_once(sandbox: Sandbox) -> None:
    result = graded(sandbox, "def predict(:\n", COURSE.exercise("tensors"))
    assert [f.pitfall for f in result.findings] == ["import-failure"] and result.score == 0


def test_a_call_in_words() -> None:
    exercise = function_exercise("tensors")
    case = next(case for case in exercise.cases() if case.entry == "predict")
    assert call_in_words(exercise.entry("predict"), case.arguments) == (
        "predict(X: tensor of shape (5, 3), w: tensor of shape (3,))"
    )
    derivative = function_exercise("derivative")
    case = derivative.cases()[0]
    words = call_in_words(derivative.entry("derivative"), case.arguments)
    assert words.startswith("derivative(f = lambda x: x**2 + 3*x, x0 = ")


def test_cases_come_from_the_seed_and_the_seed_alone() -> None:
    for name in NAMES:
        exercise = function_exercise(name)
        assert exercise.cases() == exercise.cases(()) == exercise.cases((101, 102))
        assert exercise.cases((7,)) == exercise.cases((7,)) != exercise.cases((8,))
        assert {case.entry for case in exercise.cases()} == {entry.name for entry in exercise.functions}
        items = {item.id for item in exercise.rubric} - {"devices"}
        assert {case.item for case in exercise.cases()} == items


def test_a_function_that_never_ends_costs_itself_alone(impatient: Sandbox) -> None:
    endless = "def scratch_like(template):\n    while True:\n        pass\n"
    result = graded(impatient, with_functions(reference("tensors"), endless), COURSE.exercise("tensors"))
    (found,) = errors(result)
    assert (found.pitfall, found.entry) == ("time-limit", "scratch_like")
    statuses = {item.id: item.status for item in result.rubric}
    assert (statuses["scratch-like"], statuses["devices"]) == ("failed", "blocked")
    assert statuses["features-and-labels"] == statuses["sample-noise"] == statuses["predict"] == "passed"


def test_a_module_that_never_ends_is_run_once(impatient: Sandbox) -> None:
    result = graded(impatient, "while True:\n    pass\n", COURSE.exercise("tensors"))
    assert [f.pitfall for f in errors(result)] == ["time-limit"] and len(result.runs) == 1


def test_of_many_seeds_a_function_is_run_with_those_that_it_needs() -> None:
    for name in NAMES:
        exercise = function_exercise(name)
        assert exercise.cases(range(16)) == exercise.cases((0, 1))
        assert len(exercise.cases(range(16))) == len(exercise.cases())
