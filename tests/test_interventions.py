"""What an intervention does to a run: short programs, run for real, with one thing done otherwise."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any, get_args

import pytest

from grader.child.interventions import calls
from grader.child.interventions.mode import change_of
from grader.pitfall import catalogue
from grader.records import Intervention, InterventionKind, Position, RunRequest, Trace
from grader.sandbox import Sandbox

Intervened = Callable[..., Trace]
AROUND = {"clear-stale", "skip-repeated", "release-graph", "apply-update", "more-steps", "return-parameters"}
"""The kinds that are not about one call."""


def position(source: str, expression: str) -> Position:
    """Where an expression stands in a text, the first time."""
    before = source[: source.index(expression)]
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1)
    return Position(line=line, end_line=line, column=column, end_column=column + len(expression))


@pytest.fixture
def intervened(sandbox: Sandbox) -> Intervened:
    """``intervened(program, kind, expression, …)``: the trace, with what is left in ``result``."""

    def run(
        source: str, kind: InterventionKind, *expressions: str, device: str = "cpu", **more: Any
    ) -> Trace:
        text = "import torch\n" + textwrap.dedent(source)
        positions = tuple(position(text, expression) for expression in expressions)
        request = RunRequest(
            name="submission.py", source=text, form="script", device=device, seed=3, entry=None,
            names=("result", "w"), interventions=(Intervention(kind=kind, positions=positions, **more),),
        )  # fmt: skip
        report = sandbox.run(request)
        assert report.trace is not None and report.trace.outcome == "returned", report
        return report.trace

    return run


def result(trace: Trace) -> Any:
    value = trace.globals["result"]
    return value.tensor if value.tensor is not None else value.number


def values(trace: Trace) -> tuple[float, ...] | None:
    return trace.globals["result"].values or (
        result(trace).values if trace.globals["result"].tensor else None
    )


def test_every_kind_is_about_a_call_or_around_the_run() -> None:
    kinds = set(get_args(InterventionKind))
    assert {kind for kind in kinds if change_of(kind) is None} == AROUND


def test_every_kind_is_some_pitfalls() -> None:
    neutralised = [entry for entry in catalogue().values() if entry.neutralise is not None]
    assert len(neutralised) >= 25


# --- on calls ---------------------------------------------------------------------------------------


def test_new_leaf(intervened: Intervened) -> None:
    trace = intervened("result = torch.ones(1, requires_grad=True) * 2", "new-leaf",
                       "torch.ones(1, requires_grad=True) * 2")  # fmt: skip
    assert (result(trace).leaf, result(trace).requires_grad, values(trace)) == (True, True, (2.0,))
    assert trace.intervened == ("new-leaf",)


def test_new_leaves_where_a_tensor_is_unpacked(intervened: Intervened) -> None:
    trace = intervened("a, result = torch.ones(2, requires_grad=True)", "new-leaf",
                       "a, result")  # fmt: skip
    assert result(trace).leaf and result(trace).requires_grad


def test_only_the_expression_that_was_named_is_changed(intervened: Intervened) -> None:
    trace = intervened("a = torch.ones(1, requires_grad=True) * 2\nresult = a * 3", "new-leaf",
                       "torch.ones(1, requires_grad=True) * 2")  # fmt: skip
    assert not result(trace).leaf


def test_record(intervened: Intervened) -> None:
    source = """
    w = torch.ones(1, requires_grad=True)
    with torch.no_grad():
        result = w * 2
    """
    assert result(intervened(source, "record", "w * 2")).grad_fn is not None


def test_do_not_record(intervened: Intervened) -> None:
    source = "w = torch.ones(1, requires_grad=True)\nresult = w * 2"
    assert not result(intervened(source, "do-not-record", "w * 2")).requires_grad


@pytest.mark.parametrize("cut", ["detach()", "data"])
def test_hand_through(intervened: Intervened, cut: str) -> None:
    source = f"w = torch.ones(1, requires_grad=True)\nresult = (w * 2).{cut}"
    assert result(intervened(source, "hand-through", f"(w * 2).{cut}")).requires_grad


def test_hand_through_of_a_setter_sets_nothing(intervened: Intervened) -> None:
    source = "w = torch.ones(1, requires_grad=True)\n(w * 2).backward()\nw.grad = None\nresult = w.grad"
    assert values(intervened(source, "hand-through", "w.grad")) == (2.0,)


@pytest.mark.parametrize(("left", "right"), [("(3,)", "(3, 1)"), ("(3, 1)", "(3,)")])
def test_align(intervened: Intervened, left: str, right: str) -> None:
    source = f"a, b = torch.ones{left}, torch.ones{right}\nresult = a - b"
    assert result(intervened(source, "align", "a - b")).shape == (3,)


def test_align_leaves_alone_what_broadcasting_is_for(intervened: Intervened) -> None:
    source = "a, b = torch.ones(1), torch.ones(3, 1)\nresult = a - b"
    assert result(intervened(source, "align", "a - b")).shape == (3, 1)


@pytest.mark.parametrize(("vector", "shape"), [("(2,)", (4,)), ("(2, 1)", (4, 1))])
def test_matrix_product(intervened: Intervened, vector: str, shape: tuple[int, ...]) -> None:
    source = f"a, b = torch.ones(4, 2), torch.ones{vector}\nresult = a.mul(b)"
    assert result(intervened(source, "matrix-product", "a.mul(b)")).shape == shape


@pytest.mark.parametrize(
    "made",
    ["torch.tensor([1], requires_grad=True)", "torch.zeros(1, dtype=torch.float64, requires_grad=True)"],
)
def test_as_float32(intervened: Intervened, made: str) -> None:
    view = result(intervened(f"result = {made}", "as-float32", made))
    assert (view.dtype, view.leaf, view.requires_grad) == ("float32", True, True)


def test_as_float32_keeps_the_fraction_that_a_conversion_lost(intervened: Intervened) -> None:
    trace = intervened("a = torch.full((1,), 1.5)\nresult = a.long()", "as-float32", "a.long()")
    assert values(trace) == (1.5,)


def test_float32_parameters(intervened: Intervened) -> None:
    trace = intervened("result = torch.arange(1, 2)\nresult.requires_grad_()", "float32-parameters")
    assert (result(trace).dtype, result(trace).requires_grad) == ("float32", True)


def test_one_element(intervened: Intervened) -> None:
    made = "torch.zeros(5, requires_grad=True)"
    view = result(intervened(f"result = {made}", "one-element", made))
    assert (view.shape, view.leaf, view.requires_grad) == ((1,), True, True)


def test_take_mean(intervened: Intervened) -> None:
    source = "a = torch.arange(3.0)\nresult = a * 2"
    assert values(intervened(source, "take-mean", "a * 2")) == (2.0,)


@pytest.mark.parametrize(
    ("update", "expression"),
    [("w += 0.5", "w += 0.5"), ("w = w + 0.5", "w + 0.5"), ("w.add_(0.5)", "w.add_(0.5)")],
)
def test_scale_move(intervened: Intervened, update: str, expression: str) -> None:
    source = (
        f"w = torch.ones(1, requires_grad=True)\nwith torch.no_grad():\n    {update}\nresult = w.detach()"
    )
    assert values(intervened(source, "scale-move", expression, number=-1.0)) == (0.5,)


def test_own_gradient(intervened: Intervened) -> None:
    source = """
    w = torch.ones(1, requires_grad=True)
    (3 * w).backward()
    with torch.no_grad():
        w -= 100
    result = w.detach()
    """
    assert values(intervened(source, "own-gradient", "w -= 100", number=0.5)) == (-0.5,)


def test_own_gradient_of_an_element(intervened: Intervened) -> None:
    source = """
    w = torch.ones(2, requires_grad=True)
    (w * torch.tensor([1.0, 4.0])).sum().backward()
    with torch.no_grad():
        w[1] -= 100
    result = w.detach()
    """
    assert values(intervened(source, "own-gradient", "w[1] -= 100", number=0.5)) == (1.0, -1.0)


def test_write_back(intervened: Intervened) -> None:
    source = """
    w = torch.ones(1, requires_grad=True)
    with torch.no_grad():
        for p in (w,):
            p = p - 0.25
    result = w.detach()
    """
    assert values(intervened(source, "write-back", "p - 0.25")) == (0.75,)


def test_keep_first(intervened: Intervened) -> None:
    source = """
    for step in range(3):
        a, w = (torch.full((1,), float(step), requires_grad=True) for _ in range(2))
        (a * w).backward()
    result = w.detach() + a.detach()
    """
    trace = intervened(source, "keep-first", "torch.full((1,), float(step), requires_grad=True)")
    assert values(trace) == (0.0,)


def test_link_number(intervened: Intervened) -> None:
    source = """
    w = torch.ones(1, requires_grad=True)
    loss = (w * 3).sum()
    result = torch.tensor(loss.item(), requires_grad=True)
    """
    assert result(intervened(source, "link-number")).grad_fn == "SumBackward0"


def test_a_leaf_may_be_changed_unrecorded(intervened: Intervened) -> None:
    source = "w = torch.ones(2, requires_grad=True)\nw -= 0.5\nw[0] -= 0.5\nresult = w.detach()"
    assert values(intervened(source, "update-unrecorded")) == (0.0, 0.5)


def test_at_home(intervened: Intervened) -> None:
    source = 'result = torch.ones(1, device="cuda", requires_grad=True)'
    view = result(intervened(source, "at-home"))
    assert (view.device, view.leaf, view.requires_grad) == ("cpu", True, True)


def test_at_home_is_where_the_data_are(intervened: Intervened) -> None:
    source = "result = torch.ones(1, requires_grad=True)\nn = result.detach().numpy().sum()"
    view = result(intervened(source, "at-home", device="sim"))
    assert (view.device, view.leaf, view.requires_grad) == ("sim:0", True, True)


# --- around passes, and on the whole ------------------------------------------------------------------

LOOP = """
    w = torch.ones(1, requires_grad=True)
    for step in range(4):
        (w * 2).backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
    result = w.grad
"""


def test_clear_stale(intervened: Intervened) -> None:
    trace = intervened(LOOP, "clear-stale")
    assert values(trace) == (2.0,)
    assert not any(slot.carried_passes for slot in trace.slots)


def test_clear_stale_leaves_what_is_accumulated_on_purpose(intervened: Intervened) -> None:
    source = """
    w = torch.ones(1, requires_grad=True)
    for batch in range(4):
        (w * 2).backward()
    result = w.grad
    """
    trace = intervened(source, "clear-stale")
    assert values(trace) == (8.0,)
    assert trace.intervened == ()


def test_skip_repeated(intervened: Intervened) -> None:
    source = """
    w = torch.ones(1, requires_grad=True)
    loss = (w ** 2).sum()
    loss.backward()
    loss.backward()
    result = w.grad
    """
    trace = intervened(source, "skip-repeated")
    assert (values(trace), trace.backward_count) == ((2.0,), 1)


def test_release_graph(intervened: Intervened) -> None:
    source = """
    w = torch.ones(1, requires_grad=True)
    kept = []
    for step in range(20):
        loss = (w * 2).sum()
        loss.backward()
        kept.append(loss)
    result = kept[0]
    """
    assert not result(intervened(source, "release-graph")).requires_grad


def test_apply_update(intervened: Intervened) -> None:
    source = "w = torch.ones(1, requires_grad=True)\n(w * 2).backward()\nresult = w.detach()"
    assert values(intervened(source, "apply-update", slots=(0,), number=0.5)) == (0.0,)


def test_more_steps_at_one_line_only(intervened: Intervened) -> None:
    source = "result = 0\nfor a in range(2):\n    result += 1\nfor b in range(2):\n    result += 100\n"
    trace = intervened(source, "more-steps", "for b in range(2):", number=5.0)
    assert result(trace) == 502
    assert trace.intervened == ("more-steps",)


def test_a_range_that_is_long_enough_is_left_alone(intervened: Intervened) -> None:
    trace = intervened("result = sum(range(9))", "more-steps", "sum(range(9))", number=5.0)
    assert (result(trace), trace.intervened) == (36, ())


# --- beside the recorder --------------------------------------------------------------------------------


def test_the_recorder_sees_what_came_of_it(intervened: Intervened) -> None:
    source = "w = torch.ones(1, requires_grad=True)\nresult = (w * 2).detach()"
    trace = intervened(source, "hand-through", "(w * 2).detach()")
    detached = next(event for event in trace.events if event.op == "Tensor.detach")
    assert detached.outputs[0].requires_grad


def test_a_submission_that_looks_for_modes_can_change_nothing(intervened: Intervened) -> None:
    source = """
    from torch.overrides import _get_current_function_mode_stack
    depth = len(_get_current_function_mode_stack())
    w = torch.ones(1, requires_grad=True)
    result = (w * 2).detach()
    """
    assert result(intervened(source, "hand-through", "(w * 2).detach()")).requires_grad


def test_a_call_that_a_kind_has_nothing_to_do_with_is_made_as_it_was_meant() -> None:
    import torch

    from grader.child.interventions.call import Memory, call_of

    def add() -> torch.Tensor:
        return torch.ones(2)

    call = call_of(add, (), {}, expression=None, home="cpu", memory=Memory())
    for change in (calls.scale_move, calls.own_gradient, calls.write_back, calls.link_number, calls.align):
        assert torch.equal(change(call), torch.ones(2))
