"""Right programs, written at random in every style that the contract allows: none earns an error.

Forty of them in an ordinary run; ``GRADER_NIGHTLY=1`` makes it five hundred.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from grader.curve import CurveFit, Schedule
from grader.exercise import Course
from grader.pipeline import grade
from grader.sandbox import Sandbox
from grader.submission import form_of
from tests.grading import curve_fit, errors, submission_of

EXAMPLES = 500 if os.environ.get("GRADER_NIGHTLY") else 40
# Long enough to arrive at these rates, and past the 64th step, where a loop is looked at again.
SCHEDULES = {
    "line": (Schedule(seed=0, lr=0.5, steps=70), Schedule(seed=1, lr=0.3, steps=60)),
    "quadratic": (Schedule(seed=0, lr=0.2, steps=90), Schedule(seed=1, lr=0.2, steps=75)),
}
POWERS = {"line": (1, 0), "quadratic": (2, 1, 0)}
NAMES: dict[str, list[tuple[str, ...]]] = {
    "line": [("w", "b"), ("slope", "intercept"), ("m", "q"), ("_0", "_1"), ("b", "w"), ("grad", "loss_")],
    "quadratic": [("a", "b", "c"), ("u", "v", "s"), ("c", "b", "a"), ("curve", "slope", "height")],
}
PACKINGS = ["plain", "zero-dim", "list", "dict", "attributes", "packed"]
STARTS = ["zeros", "ones", "randn", "tensor", "full then requires_grad_", "rand under no_grad"]
LOSSES = {
    "mean of squares": "((pred - {y}) ** 2).mean()",
    "torch.mean": "torch.mean((pred - {y}).pow(2))",
    "other way round": "torch.square({y} - pred).mean()",
    "functional": "F.mse_loss(pred, {y})",
    "sum by count": "((pred - {y}) ** 2).sum() / len({y})",
    "product": "((pred - {y}) * (pred - {y})).mean()",
    "dot": "torch.dot(pred - {y}, pred - {y}) / {y}.numel()",
}
BACKWARDS = ["loss.backward()", "torch.autograd.backward(loss)", "torch.autograd.grad"]
UPDATES = {
    "minus": "{p} -= lr * {g}",
    "sub_": "{p}.sub_(lr * {g})",
    "sub_ alpha": "{p}.sub_({g}, alpha=lr)",
    "add_": "{p}.add_({g}, alpha=-lr)",
    "plus": "{p} += -lr * {g}",
    "copy_": "{p}.copy_({p} - lr * {g})",
    "slice": "{p}[...] = {p} - lr * {g}",
    "taken apart": "move = lr * {g}\n{p} -= move",
    "addcmul_": "{p}.addcmul_({g}, torch.full_like({p}, lr), value=-1)",
    "data": "{p}.data -= lr * {g}",
    "detached": "{p}.detach().sub_(lr * {g})",
    "cloned gradient": "{p} -= lr * {g}.clone()",
}
NO_GRADS = ["no_grad", "set_grad_enabled", "decorator"]
CLEARINGS = {
    "none": "{p}.grad = None",
    "zero_": "if {p}.grad is not None:\n    {p}.grad.zero_()",
    "zeros": "{p}.grad = torch.zeros_like({p})",
    "times zero": "if {p}.grad is not None:\n    {p}.grad *= 0",
    "fill": "if {p}.grad is not None:\n    {p}.grad.fill_(0.0)",
    "delete": "del {p}.grad",
}
PLACES = ["after the update", "start of the step", "between forward and backward", "inside no_grad"]
LOOPS = ["for", "while", "helper", "generator", "countdown"]
EXTRAS = ["", "losses", "print", "evaluate", "history", "stop"]


@dataclass(frozen=True)
class Style:
    """Everything that is free in a right training loop."""

    exercise: str
    names: tuple[str, ...]
    packing: str
    start: str
    horner: bool
    loss: str
    backward: str
    batches: int
    update: str
    no_grad: str
    clearing: str
    place: str
    loop: str
    extra: str
    each: bool
    """The parameters are updated and cleared by loops over them, not line by line."""

    @property
    def size(self) -> int:
        return len(self.names)


@st.composite
def styles(draw: st.DrawFn) -> Style:
    """Any of them."""
    exercise = draw(st.sampled_from(sorted(SCHEDULES)))
    return Style(
        exercise=exercise,
        names=draw(st.sampled_from(NAMES[exercise])),
        packing=draw(st.sampled_from(PACKINGS)),
        start=draw(st.sampled_from(STARTS)),
        horner=draw(st.booleans()),
        loss=draw(st.sampled_from(sorted(LOSSES))),
        backward=draw(st.sampled_from(BACKWARDS)),
        batches=draw(st.sampled_from([1, 1, 1, 2, 4])),
        update=draw(st.sampled_from(sorted(UPDATES))),
        no_grad=draw(st.sampled_from(NO_GRADS)),
        clearing=draw(st.sampled_from(sorted(CLEARINGS))),
        place=draw(st.sampled_from(PLACES)),
        loop=draw(st.sampled_from(LOOPS)),
        extra=draw(st.sampled_from(EXTRAS)),
        each=draw(st.booleans()),
    )


class Writer:
    """Writes a style down as source text."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.leaves = self._leaves()
        self.by_grad = style.backward == "torch.autograd.grad"

    def source(self) -> str:
        style = self.style
        head = ["import torch", "import torch.nn.functional as F", "", ""]
        if style.packing == "attributes":
            head += ["class State:", "    pass", "", ""]
        if style.no_grad == "decorator":
            head += ["@torch.no_grad()", "def move(params, grads, lr):"]
            head += ["    for p, g in zip(params, grads):", *_in(_in(self._moves("p", "g")))]
            head += ["", ""]
        body = [*self._make(), *self._before_loop(), *self._loop(), f"return {self._answer()}"]
        return "\n".join([*head, "def fit(x, y, lr, steps):", *_in(body)]) + "\n"

    def _leaves(self) -> list[str]:
        style = self.style
        spelt: dict[str, Callable[[str], str]] = {
            "list": lambda name: f"params[{style.names.index(name)}]",
            "dict": lambda name: f"params[{name!r}]",
            "attributes": lambda name: f"state.{name}",
        }
        if style.packing == "packed":
            return ["theta"]
        return [spelt.get(style.packing, str)(name) for name in style.names]

    def _make(self) -> list[str]:
        made = {"list": ["params = []"], "dict": ["params = {}"], "attributes": ["state = State()"]}
        lines = list(made.get(self.style.packing, []))
        for leaf in self.leaves:
            if self.style.packing == "list":
                lines += [*self._leaf("made"), "params.append(made)"]
            else:
                lines += self._leaf(leaf)
        return lines

    def _leaf(self, name: str) -> list[str]:
        shape = {"packed": f"({self.style.size},)", "zero-dim": "()"}.get(self.style.packing, "(1,)")
        start = self.style.start
        if start in ("zeros", "ones", "randn"):
            return [f"{name} = torch.{start}({shape}, device=x.device, requires_grad=True)"]
        if start == "tensor":
            values = {"()": "0.25", "(1,)": "[0.25]"}.get(shape, f"[0.25] * {self.style.size}")
            return [f"{name} = torch.tensor({values}, device=x.device, requires_grad=True)"]
        if start == "full then requires_grad_":
            return [f"{name} = torch.full({shape}, 0.5, device=x.device).requires_grad_()"]
        return [
            "with torch.no_grad():",
            f"    {name} = torch.rand({shape}, device=x.device) - 0.5",
            f"{name}.requires_grad = True",
        ]

    def _before_loop(self) -> list[str]:
        kept = {"losses": ["losses = []"], "history": ["history = []"]}
        return kept.get(self.style.extra, [])

    def _loop(self) -> list[str]:
        step = self._step()
        loop = self.style.loop
        if loop == "while":
            return ["step = 0", "while step < steps:", *_in([*step, "step += 1"])]
        if loop == "countdown":
            return ["for step in range(steps - 1, -1, -1):", *_in(step)]
        if loop == "generator":
            return ["for step in (k for k in range(steps)):", *_in(step)]
        if loop == "helper" and self.style.extra != "stop":
            held = self.style.packing in ("list", "dict", "attributes")
            names = [] if held else [f"nonlocal {', '.join(self.leaves)}"]
            return ["def train(step):", *_in([*names, *step]), "", "for k in range(steps):", "    train(k)"]
        return ["for step in range(steps):", *_in(step)]

    def _step(self) -> list[str]:
        lines = self._cleared_at("start of the step") + self._passes()
        return lines + self._update() + self._cleared_at("after the update") + self._extra()

    def _passes(self) -> list[str]:
        style = self.style
        if style.batches == 1:
            return self._pass("x", "y", "")
        size = f"len(x) // {style.batches}"
        if self.by_grad:
            first = [f"grads = [torch.zeros_like(p) for p in [{', '.join(self.leaves)}]]"]
        else:
            first = self._cleared_at("between forward and backward")
        part = [f"part = slice(k * ({size}), (k + 1) * ({size}))"]
        inner = [*part, *self._pass("x[part]", "y[part]", f" / {style.batches}")]
        return [*first, f"for k in range({style.batches}):", *_in(inner)]

    def _pass(self, x: str, y: str, share: str) -> list[str]:
        style = self.style
        lines = [f"pred = {self._prediction(x)}", f"loss = {LOSSES[style.loss].format(y=y)}{share}"]
        many = style.batches > 1
        if not many and not self.by_grad:
            lines += self._cleared_at("between forward and backward")
        if not self.by_grad:
            return [*lines, style.backward]
        call = f"torch.autograd.grad(loss, [{', '.join(self.leaves)}])"
        if many:
            return [*lines, f"grads = [old + new for old, new in zip(grads, {call})]"]
        return [*lines, f"grads = {call}"]

    def _prediction(self, x: str) -> str:
        style = self.style
        packed = style.packing == "packed"
        terms = [f"theta[{i}]" for i in range(style.size)] if packed else self.leaves
        if style.horner and len(terms) == 3:
            return f"({terms[0]} * {x} + {terms[1]}) * {x} + {terms[2]}"
        powers = {2: f" * {x}**2", 1: f" * {x}", 0: ""}
        return " + ".join(f"{t}{powers[p]}" for t, p in zip(terms, POWERS[style.exercise], strict=True))

    def _update(self) -> list[str]:
        style = self.style
        gradients = [f"grads[{i}]" if self.by_grad else f"{leaf}.grad" for i, leaf in enumerate(self.leaves)]
        group = f"[{', '.join(self.leaves)}]"
        if style.no_grad == "decorator":
            given = "grads" if self.by_grad else f"[p.grad for p in {group}]"
            return [f"move({group}, {given}, lr)", *self._cleared_at("inside no_grad")]
        guard = "torch.no_grad()" if style.no_grad == "no_grad" else "torch.set_grad_enabled(False)"
        if style.each:
            given = "grads" if self.by_grad else f"[p.grad for p in {group}]"
            moves = [f"for p, g in zip({group}, {given}):", *_in(self._moves("p", "g"))]
        else:
            pairs = zip(self.leaves, gradients, strict=True)
            moves = [line for leaf, gradient in pairs for line in self._moves(leaf, gradient)]
        return [f"with {guard}:", *_in([*moves, *self._cleared_at("inside no_grad")])]

    def _moves(self, leaf: str, gradient: str) -> list[str]:
        return UPDATES[self.style.update].format(p=leaf, g=gradient).split("\n")

    def _cleared_at(self, place: str) -> list[str]:
        style = self.style
        if self.by_grad or style.place != place:
            return []
        text = CLEARINGS[style.clearing]
        if style.each:
            group = f"[{', '.join(self.leaves)}]"
            return [f"for p in {group}:", *_in(text.format(p="p").split("\n"))]
        return [line for leaf in self.leaves for line in text.format(p=leaf).split("\n")]

    def _extra(self) -> list[str]:
        first = self.leaves[0]
        return {
            "losses": ["losses.append(loss.item())"],
            "print": ["if step % 25 == 0:", '    print(f"step {step}: {loss.item():.4f}")'],
            "evaluate": ["with torch.no_grad():", f"    error = ({self._prediction('x')} - y).abs().max()"],
            "history": [f"history.append({first}.detach().clone())"],
            "stop": ["if not torch.isfinite(loss):", "    break"],
        }.get(self.style.extra, [])

    def _answer(self) -> str:
        if self.style.packing == "packed":
            return "theta"
        answers = ", ".join(self.leaves)
        return f"[{answers}]" if self.style.packing == "list" else answers


def _in(lines: list[str]) -> list[str]:
    return [textwrap.indent(line, "    ") for line in lines]


def shortened(exercise: CurveFit) -> CurveFit:
    """The same exercise, with two short runs."""
    return replace(exercise, schedules=SCHEDULES[exercise.id])


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=not os.environ.get("GRADER_NIGHTLY"),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would grade for minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(style=styles())
@pytest.mark.timeout(1200)
def test_a_right_program_in_any_style_earns_no_error(course: Course, sandbox: Sandbox, style: Style) -> None:
    source = Writer(style).source()
    exercise = shortened(curve_fit(course, style.exercise))
    submission = submission_of(source, exercise)
    assert form_of(source, exercise) == "function"
    result = grade(submission, exercise, sandbox, devices=("cpu",))
    found = [(finding.pitfall, finding.line, finding.message) for finding in errors(result)]
    assert found == [], f"{found}\n{style}\n\n{source}"
    assert result.status == "passed", f"{result.rubric}\n{style}\n\n{source}"


SUMMED = """\
import torch

def fit(x, y, lr, steps):
    theta = torch.zeros(3, requires_grad=True)
    half = len(x) // 2
    for step in range(steps):
        grad = torch.zeros_like(theta)
        for part in (slice(half), slice(half, None)):
            pred = (theta[0] * x[part] + theta[1]) * x[part] + theta[2]
            loss = ((pred - y[part]) ** 2).mean() / 2
            grad = grad + torch.autograd.grad(loss, theta)[0]
        with torch.no_grad():
            theta.copy_(theta - lr * grad)
    return theta
"""


def test_gradients_summed_over_micro_batches_are_no_parameter(course: Course, sandbox: Sandbox) -> None:
    exercise = shortened(curve_fit(course, "quadratic"))
    result = grade(submission_of(SUMMED, exercise), exercise, sandbox, devices=("cpu",))
    assert [(finding.pitfall, finding.line) for finding in errors(result)] == []
