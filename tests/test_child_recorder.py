"""What the child says it saw: short programs, run for real, and their traces."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

from grader.records import (
    Backward,
    ChildReport,
    Event,
    PlainArgument,
    RunRequest,
    Slot,
    TensorArgument,
    Trace,
)
from grader.sandbox import Sandbox

Traced = Callable[..., Trace]
HEAD = "import torch\n"


def request(source: str, **changes: Any) -> RunRequest:
    """A script, unless an entry function is named."""
    fields: dict[str, Any] = {
        "name": "submission.py", "form": "script", "device": "cpu", "seed": 3, "entry": None,
    }  # fmt: skip
    if changes.get("entry"):
        fields["form"] = "function"
    return RunRequest(source=HEAD + textwrap.dedent(source), **{**fields, **changes})


@pytest.fixture
def report(sandbox: Sandbox) -> Callable[..., ChildReport]:
    return lambda source, **changes: sandbox.run(request(source, **changes))


@pytest.fixture
def trace(sandbox: Sandbox) -> Traced:
    """Runs a program, with ``import torch`` as its first line, and gives its trace."""

    def run(source: str, **changes: Any) -> Trace:
        report = sandbox.run(request(source, **changes))
        assert report.ending == "complete", f"{report.ending}: {report.detail}\n{report.stderr}"
        assert report.trace is not None
        return report.trace

    return run


def ops(trace: Trace) -> list[str]:
    return [event.op for event in trace.events]


def one(trace: Trace, op: str) -> Event:
    """The only event of an operation."""
    (event,) = [event for event in trace.events if event.op == op]
    return event


def slot(trace: Trace, name: str) -> Slot:
    (found,) = [slot for slot in trace.slots if slot.name == name]
    return found


def state(backward: Backward, place: int = 0) -> dict[str, object]:
    """A parameter around a pass, its numbers rounded."""
    found = next(state for state in backward.slots if state.slot == place)
    fields = ("grad_before", "fresh", "grad_after", "carried", "delta")
    return {f: _rounded(getattr(found, f)) for f in fields}


def _rounded(values: tuple[float, ...] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(round(value, 4) for value in values)


# --- events ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "op"),
    [
        ("t += 1", "Tensor.add_"),
        ("t -= 1", "Tensor.sub_"),
        ("t *= 2", "Tensor.mul_"),
        ("t.sub_(1)", "Tensor.sub_"),
        ("t.add_(t, alpha=2)", "Tensor.add_"),
        ("t.zero_()", "Tensor.zero_"),
        ("t.copy_(t + 1)", "Tensor.copy_"),
        ("t[0] = 5.0", "Tensor.__setitem__"),
        ("torch.add(t, 1, out=t)", "torch.add"),
        ("t.requires_grad_()", "Tensor.requires_grad_"),
        ("t.requires_grad = True", "Tensor.requires_grad.__set__"),
        ("t.requires_grad", "Tensor.requires_grad.__get__"),
        ("t.grad", "Tensor.grad.__get__"),
        ("t.grad = None", "Tensor.grad.__set__"),
        ("del t.grad", "Tensor.grad.__delete__"),
        ("t.data", "Tensor.data.__get__"),
        ("t.data = t + 1", "Tensor.data.__set__"),
        ("t.detach()", "Tensor.detach"),
        ("t.sum().item()", "Tensor.item"),
        ("float(t.sum())", "Tensor.__float__"),
        ("t.tolist()", "Tensor.tolist"),
        ("t.numpy()", "Tensor.numpy"),
        ("torch.zeros(2)", "torch.zeros"),
        ("torch.rand(2)", "torch.rand"),
        ("torch.tensor([1.0, 2.0])", "torch.tensor"),
        ("torch.nn.functional.mse_loss(t, t)", "torch.nn.functional.mse_loss"),
        ("torch.nn.Parameter(t)", "torch.nn.Parameter"),
        ("torch.from_numpy(__import__('numpy').ones(2))", "torch.from_numpy"),
    ],
)
def test_a_call_is_an_event_with_its_name(trace: Traced, line: str, op: str) -> None:
    found = trace(f"t = torch.ones(2)\n{line}\n")
    event = next(event for event in found.events if event.op == op)
    assert event.stage == "call" and event.after == 0 and event.raised is None
    assert event.site is not None and found.sites[event.site].line == 3


def test_an_event_has_a_place_that_slices_its_expression_out_of_the_source(trace: Traced) -> None:
    source = "é = torch.ones(2); ß = (é.sum() + torch.\\\n    zeros(1)).item()\n"
    found = trace(source)
    lines = (HEAD + source).splitlines()
    site = found.sites[one(found, "Tensor.sum").site or 0]
    assert (site.line, site.end_line, site.function) == (2, 2, "<module>")
    assert lines[1].encode()[site.column : site.end_column].decode() == "é.sum()"
    zeros = found.sites[one(found, "torch.zeros").site or 0]
    assert (zeros.line, zeros.end_line) == (2, 3)


def test_a_site_counts_its_visits_and_an_event_says_which_it_was(trace: Traced) -> None:
    found = trace("for _ in range(40):\n    t = torch.zeros(1)\n")
    (site,) = found.sites
    assert site.visits == 40
    assert [event.visit for event in found.events] == list(range(len(found.events)))
    assert 6 <= len(found.events) < 40
    assert found.events_seen == 40


def test_two_calls_on_a_line_are_two_sites(trace: Traced) -> None:
    found = trace("t = torch.ones(1) + torch.ones(2)\n")
    assert [site.line for site in found.sites] == [2, 2, 2]
    assert len({site.column for site in found.sites[:2]}) == 2


def test_an_in_place_call_gives_back_what_it_took(trace: Traced) -> None:
    event = one(trace("t = torch.ones(2)\nt -= 0.5\n"), "Tensor.sub_")
    assert event.inputs[0].id == event.outputs[0].id
    assert (event.inputs[0].values, event.outputs[0].values) == ((1.0, 1.0), (0.5, 0.5))
    assert event.arguments == {"1": "0.5"}


def test_memory_is_shared_where_it_is_shared_and_only_there(trace: Traced) -> None:
    found = trace("t = torch.ones(4)\nv = t.view(2, 2)\nd = t.detach()\nc = t.clone()\ne = t[0]\n")
    memory = {event.op: event.outputs[0] for event in found.events}
    whole = memory["torch.ones"]
    for op in ("Tensor.view", "Tensor.detach", "Tensor.__getitem__"):
        assert memory[op].storage == whole.storage and memory[op].id != whole.id, op
    assert memory["Tensor.clone"].storage != whole.storage


def test_a_tensor_that_is_gone_does_not_lend_its_name_to_the_next(trace: Traced) -> None:
    found = trace("for _ in range(5):\n    torch.ones(2)\n")
    assert len({event.outputs[0].id for event in found.events}) == 5


def test_grad_mode_is_that_of_the_call(trace: Traced) -> None:
    source = """
        t = torch.ones(1, requires_grad=True)
        a = t + 1
        with torch.no_grad():
            b = t - 1
            with torch.enable_grad():
                c = t * 1
        @torch.no_grad()
        def f():
            return t / 1
        f()
    """
    modes = {event.op: event.grad_enabled for event in trace(source).events}
    assert modes["Tensor.add"] and modes["Tensor.mul"]
    assert not modes["Tensor.sub"] and not modes["Tensor.div"]


def test_a_tensor_is_described_with_its_values_while_it_is_small(trace: Traced) -> None:
    source = (
        "torch.ones(2, 4, requires_grad=True)\ntorch.arange(5000)\ntorch.ones(1, dtype=torch.complex64)\n"
    )
    small, large, strange = (event.outputs[0] for event in trace(source).events)
    assert (small.shape, small.dtype, small.values) == ((2, 4), "float32", (1.0,) * 8)
    assert small.leaf and small.requires_grad and small.grad_fn is None and small.numel == 8
    assert (large.dtype, large.values, strange.values) == ("int64", None, None)


def test_questions_are_no_events(trace: Traced) -> None:
    source = "t = torch.ones(2)\nt.shape, t.dtype, t.device, t.ndim, t.is_leaf, t.size(), t.numel(), len(t)\n"
    assert ops(trace(source)) == ["torch.ones"]


def test_what_python_calls_back_is_told_by_its_result(trace: Traced) -> None:
    found = trace("t = torch.ones(1)\nt.item()\nt.grad\n")
    assert one(found, "Tensor.item").result == "1.0"
    assert one(found, "Tensor.grad.__get__").result == "None"


def test_arguments_are_abbreviated_and_no_repr_of_the_submissions_is_called(trace: Traced) -> None:
    source = """
        class Loud(list):
            def __repr__(self):
                raise RuntimeError("called")
        torch.tensor(Loud([1.0, 2.0]), dtype=torch.float64, requires_grad=False)
        torch.tensor(list(range(1000)))
    """
    first, second = trace(source).events
    assert first.arguments["0"] == "Loud"
    assert first.arguments["dtype"] == "torch.float64"
    assert second.arguments["0"].startswith("[0, 1, 2") and len(second.arguments["0"]) < 80


def test_a_library_between_the_line_and_torch_is_the_lines_own_call(trace: Traced) -> None:
    found = trace("import functools\nfunctools.reduce(torch.add, [torch.ones(1)] * 3)\n")
    adds = [event for event in found.events if event.op == "torch.add"]
    assert len(adds) == 2
    assert {found.sites[event.site or 0].line for event in adds} == {3}


# --- what torch does not show -----------------------------------------------------------------------


def test_a_parameter_object_is_linked_to_what_it_was_made_of(trace: Traced) -> None:
    found = trace("t = torch.ones(2)\np = torch.nn.Parameter(t)\n(p * 2).sum().backward()\n")
    event = one(found, "torch.nn.Parameter")
    assert event.inputs[0].storage == event.outputs[0].storage
    assert event.outputs[0].leaf and event.outputs[0].requires_grad
    assert slot(found, "p").passes == 1


@pytest.mark.parametrize(
    ("line", "op", "name"),
    [
        ("torch.nn.MSELoss()", "python.torch.nn.Module", "MSELoss"),
        ("torch.nn.Linear(1, 1)", "python.torch.nn.Module", "Linear"),
        ("torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.1)", "python.torch.optim.Optimizer", "SGD"),
        ("numpy.linalg.lstsq(numpy.eye(2), numpy.ones(2))", "python.numpy.linalg.lstsq", None),
        ("numpy.linalg.solve(numpy.eye(2), numpy.ones(2))", "python.numpy.linalg.solve", None),
        ("numpy.polyfit(numpy.arange(9.0), numpy.arange(9.0), 1)", "python.numpy.polyfit", None),
    ],
)
def test_what_is_no_torch_call_is_noted(trace: Traced, line: str, op: str, name: str | None) -> None:
    found = trace(f"import numpy\n{line}\n")
    noted = [event for event in found.events if event.op == op]
    assert noted, ops(found)
    assert noted[0].arguments.get("class") == name
    assert found.sites[noted[0].site or 0].line == 3


def test_a_module_of_ones_own_is_noted_under_its_name(trace: Traced) -> None:
    source = """
        class Line(torch.nn.Module):
            def __init__(self):
                super().__init__()
        Line()
    """
    event = one(trace(source), "python.torch.nn.Module")
    assert event.arguments == {"class": "Line"}


# --- backward passes ----------------------------------------------------------------------------


LOOP = """
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    x = torch.tensor([1.0, 2.0])
    for step in range({steps}):
        loss = ((w * x + b - 3) ** 2).mean()
        {backward}
        with torch.no_grad():
            w -= 0.1 * {gw}
            b -= 0.1 * {gb}
        {clear}
"""


def loop(
    steps: int = 3,
    backward: str = "loss.backward()",
    gw: str = "w.grad",
    gb: str = "b.grad",
    clear: str = "w.grad = b.grad = None",
) -> str:
    return (
        textwrap.dedent(LOOP).lstrip("\n").format(steps=steps, backward=backward, gw=gw, gb=gb, clear=clear)
    )


@pytest.mark.parametrize(
    ("backward", "kind"),
    [
        ("loss.backward()", "backward"),
        ("torch.autograd.backward(loss)", "backward"),
        ("torch.autograd.backward([loss])", "backward"),
        ("torch.Tensor.backward(loss)", "backward"),
        ("loss.backward(torch.tensor(1.0), True)", "backward"),
        ("grads = torch.autograd.grad(loss, [w, b])", "grad"),
        ("grads = torch.autograd.grad([loss], (w, b), retain_graph=True)", "grad"),
    ],
)
def test_a_pass_is_seen_through_each_function(trace: Traced, backward: str, kind: str) -> None:
    gw, gb = ("grads[0]", "grads[1]") if kind == "grad" else ("w.grad", "b.grad")
    found = trace(loop(backward=backward, gw=gw, gb=gb))
    assert found.backward_count == 3
    assert [b.step for b in found.backwards] == [1, 2, 3]
    first = found.backwards[0]
    assert (first.kind, first.raised) == (kind, None)
    assert first.retain_graph is ("True" in backward)
    assert first.stack == (7,) and found.sites[first.site or 0].line == 7
    assert first.loss is not None and first.loss.values == (9.0,)
    assert [s.name for s in found.slots] == ["w", "b"]
    assert state(first) == {
        "grad_before": None, "fresh": (-9.0,), "carried": None, "delta": None,
        "grad_after": None if kind == "grad" else (-9.0,),
    }  # fmt: skip
    assert state(first, 1)["fresh"] == (-6.0,)
    assert state(found.backwards[1])["delta"] == (0.9,)


def test_the_gradients_that_were_returned_are_named(trace: Traced) -> None:
    found = trace(loop(1, "g = torch.autograd.grad(loss, [w, b])", "g[0]", "g[1]"))
    (backward,) = found.backwards
    assert len(backward.gradients) == 2
    used = [view.id for event in found.events if event.op == "Tensor.mul" for view in event.inputs]
    used += [view.id for event in found.events if event.op == "Tensor.__rmul__" for view in event.inputs]
    assert set(backward.gradients) <= set(used)


def test_a_gradient_that_is_cleared_is_fresh_each_time(trace: Traced) -> None:
    for clear in ("w.grad = b.grad = None", "w.grad.zero_(); b.grad.zero_()", "del w.grad, b.grad"):
        found = trace(loop(clear=clear))
        for backward in found.backwards:
            shown = state(backward)
            assert shown["fresh"] == shown["grad_after"]
        assert [s.carried_passes for s in found.slots] == [0, 0]


def test_a_gradient_that_is_not_cleared_is_carried(trace: Traced) -> None:
    found = trace(loop(clear="b.grad = None"))
    w, b = slot(found, "w"), slot(found, "b")
    assert (w.passes, w.carried_passes, b.carried_passes) == (3, 2, 0)
    second = state(found.backwards[1])
    before, fresh, after = second["grad_before"], second["fresh"], second["grad_after"]
    assert before == second["carried"] == (-9.0,)
    assert isinstance(fresh, tuple) and isinstance(after, tuple)
    assert math.isclose(fresh[0] - 9.0, after[0], abs_tol=1e-3)


def test_micro_batches_accumulate_and_nothing_is_carried(trace: Traced) -> None:
    backward = "loss.backward(retain_graph=True); (loss * 2).backward()"
    found = trace(loop(2, backward))
    assert found.backward_count == 4
    second = state(found.backwards[1])
    assert second["grad_before"] == (-9.0,) and second["fresh"] == (-18.0,)
    assert second["carried"] is None and second["delta"] == (0.0,)
    assert [s.carried_passes for s in found.slots] == [0, 0]


def test_a_gradient_that_was_edited_was_kept_on_purpose(trace: Traced) -> None:
    found = trace(loop(4, clear="w.grad *= 0.9; b.grad *= 0.9"))
    assert [s.carried_passes for s in found.slots] == [0, 0]


def test_a_parameter_that_never_moves_is_counted(trace: Traced) -> None:
    found = trace(loop(3, gw="0 * w.grad"))
    w, b = slot(found, "w"), slot(found, "b")
    assert (w.unmoved_passes, b.unmoved_passes) == (3, 0)
    assert w.final == (0.0,) and w.final_grad is None


def test_a_leaf_that_is_replaced_stays_in_its_place(trace: Traced) -> None:
    clear = "w = w.detach().clone().requires_grad_(); b.grad = None"
    found = trace(loop(4, clear=clear))
    w, b = slot(found, "w"), slot(found, "b")
    assert (w.replaced, len(w.tensors), w.passes) == (3, 4, 4)
    assert (b.replaced, len(b.tensors)) == (0, 1)
    assert state(found.backwards[1])["delta"] == (0.9,)
    assert w.carried_passes == 0


def test_leaves_that_are_replaced_a_thousand_times_are_named_a_few_times(trace: Traced) -> None:
    clear = "w = w.detach().clone().requires_grad_(); b.grad = None"
    found = trace(loop(1000, clear=clear))
    w = slot(found, "w")
    assert w.replaced > 900 and len(w.tensors) <= 8
    assert len(found.slots) == 2


def test_a_leaf_that_is_replaced_at_every_step_is_followed_at_every_step(trace: Traced) -> None:
    clear = "w = w.detach().clone().requires_grad_(); b.grad = None"
    w = slot(trace(loop(12, clear=clear)), "w")
    assert (w.replaced, w.unmoved_passes) == (11, 0)


def test_the_true_leaves_are_found_behind_views_and_products(trace: Traced) -> None:
    source = """
        p = torch.zeros(3, requires_grad=True)
        q = torch.ones(1, requires_grad=True) * 2
        unused = torch.ones(1, requires_grad=True)
        a, b, c = p
        (a * 2 + b.clone() + c.view(1) + q).sum().backward()
    """
    found = trace(source)
    shapes = [(s.name, s.shape, s.leaf) for s in found.slots]
    assert shapes[0] == ("p", (3,), True)
    assert len(shapes) == 2 and shapes[1][1:] == ((1,), True)
    assert found.slots[0].final_grad == (2.0, 1.0, 1.0)


def test_the_graph_is_drawn_with_its_leaves(trace: Traced) -> None:
    found = trace(loop(3))
    backward = found.backwards[0]
    nodes = {node.id: node for node in backward.graph}
    assert backward.graph[0].name.startswith("MeanBackward")
    leaves = [node for node in backward.graph if node.tensor is not None]
    assert {node.tensor for node in leaves} == {s.tensors[0] for s in found.slots}
    assert all(name in nodes for node in backward.graph for name in node.inputs)
    assert backward.graph_size == len(backward.graph)
    assert found.backwards[2].graph == ()


def test_events_are_before_or_after_a_pass(trace: Traced) -> None:
    found = trace(loop(2))
    first, second = found.backwards
    before = [event for event in found.events if event.index < first.event]
    between = [event for event in found.events if first.event <= event.index < second.event]
    assert {event.after for event in before} == {0}
    assert {event.after for event in between} == {1}
    assert [event.index for event in found.events] == list(range(len(found.events)))


@pytest.mark.parametrize(
    ("make", "use", "name"),
    [
        ("w = {}", "w", "w"),
        ("params = [{}]", "params[0]", "params[0]"),
        ("params = {{'slope': {}}}", "params['slope']", "params['slope']"),
        ("class M: pass\nm = M()\nm.w = {}", "m.w", "m.w"),
    ],
)
def test_a_parameter_is_called_what_the_submission_calls_it(
    trace: Traced, make: str, use: str, name: str
) -> None:
    made = make.format("torch.zeros(1, requires_grad=True)")
    found = trace(f"{made}\n({use} * 2).sum().backward()\n")
    assert [s.name for s in found.slots] == [name]
    assert found.names[found.slots[0].tensors[0]] == name


def test_a_helpers_name_gives_way_to_the_callers(trace: Traced) -> None:
    source = """
        def walk(p):
            (p * 2).sum().backward()
        def train():
            slope = torch.zeros(1, requires_grad=True)
            walk(slope)
        train()
    """
    found = trace(source)
    assert [s.name for s in found.slots] == ["slope"]
    assert found.backwards[0].stack == (4, 7, 8)


def test_a_pass_that_raises_is_kept_with_what_it_said(trace: Traced) -> None:
    found = trace("w = torch.ones(2, requires_grad=True)\n(w * 2).backward()\n")
    (backward,) = found.backwards
    assert backward.raised is not None and "scalar outputs" in backward.raised
    assert found.raised is not None
    assert (found.raised.line, found.raised.own, found.raised.after) == (3, False, 1)
    assert found.raised.event == backward.event


def test_a_pass_that_is_not_a_tensors_is_torchs_own_affair(trace: Traced) -> None:
    found = trace("torch.autograd.backward(3)\n")
    assert found.backwards == ()
    assert found.raised is not None and found.raised.line == 2


def test_a_pass_inside_a_pass_is_not_the_submissions(trace: Traced) -> None:
    source = """
        w = torch.ones(1, requires_grad=True)
        loss = (w * 2).sum()
        w.register_hook(lambda g: torch.autograd.grad((w * 3).sum(), w)[0] * 0 + g)
        with torch.enable_grad():
            loss.backward()
    """
    assert trace(source).backward_count == 1


# --- bounds -----------------------------------------------------------------------------------------


def test_twenty_thousand_steps_leave_a_bounded_record(sandbox: Sandbox) -> None:
    report = sandbox.run(request(loop(20_000)))
    assert report.ending == "complete" and report.trace is not None
    found = report.trace
    assert found.backward_count == 20_000
    assert len(found.backwards) < 200 and len(found.events) <= 1800
    assert found.backwards[-1].step == 20_000
    steps = [backward.step for backward in found.backwards]
    assert steps == sorted(set(steps)) and steps[:8] == list(range(1, 9))
    assert len(found.model_dump_json()) < 2 * 1024**2


def test_a_hundred_thousand_events_leave_a_bounded_record(trace: Traced) -> None:
    found = trace("t = torch.ones(1)\nfor i in range(100_000):\n    t.view(1)\n")
    assert found.events_seen > 100_000
    assert len(found.events) < 100


def test_many_different_lines_leave_a_bounded_record(trace: Traced) -> None:
    found = trace("t = torch.ones(1)\n" + "t = t + 1\n" * 4000)
    assert found.events_seen == 4001
    assert len(found.events) <= 1800


@pytest.mark.parametrize("watch", ["adaptive", "full"])
def test_a_graph_of_any_depth_is_walked_no_further_than_it_must_be(trace: Traced, watch: str) -> None:
    source = """
        w = torch.ones(1, requires_grad=True)
        y = w
        for _ in range(20_000):
            y = y * 1.0
        y.sum().backward()
    """
    (backward,) = trace(source, watch=watch).backwards
    assert backward.graph_size is not None and backward.graph_size <= 5000
    assert len(backward.graph) <= 64


def test_a_change_late_in_a_long_loop_is_recorded(trace: Traced) -> None:
    found = trace(loop(300, clear="w.grad = None\n    if step != 201: b.grad = None"))
    assert slot(found, "b").carried_passes == 1
    kept = [b for b in found.backwards if any(s.carried and any(s.carried) for s in b.slots)]
    assert [backward.step for backward in kept] == [203]


def test_the_end_is_watched_closely_where_it_is_known(trace: Traced) -> None:
    found = trace(loop(300), watch_from=299)
    last = [event for event in found.events if event.after >= 299]
    assert "Tensor.sub_" in {event.op for event in last}
    assert not [event for event in trace(loop(300)).events if event.after == 299]


def test_nothing_is_seen_when_nothing_is_watched(trace: Traced) -> None:
    found = trace(loop(5), watch="off")
    assert found.events == () and found.backward_count == 5


# --- endings -----------------------------------------------------------------------------------------


def test_an_exception_of_torchs_names_the_call_that_raised_it(trace: Traced) -> None:
    found = trace("a = torch.ones(2)\nb = torch.ones(3)\na @ b\n")
    raised = found.raised
    assert found.outcome == "raised" and raised is not None and raised.event is not None
    assert (raised.type, raised.line, raised.own) == ("RuntimeError", 4, False)
    event = found.events[raised.event]
    assert event.op in {"Tensor.__matmul__", "Tensor.matmul"}
    assert event.raised is not None and event.outputs == ()


def test_an_exception_raised_from_torchs_names_it_too(trace: Traced) -> None:
    source = """
        try:
            torch.ones(2) + torch.ones(3)
        except RuntimeError as error:
            raise ValueError("no") from error
    """
    raised = trace(source).raised
    assert raised is not None and (raised.type, raised.line) == ("ValueError", 6)
    assert raised.event is not None


def test_an_exception_that_was_caught_is_not_blamed(trace: Traced) -> None:
    source = """
        try:
            torch.ones(2) + torch.ones(3)
        except RuntimeError:
            pass
        {}["missing"]
    """
    raised = trace(source).raised
    assert raised is not None and (raised.type, raised.line) == ("KeyError", 7)
    assert raised.event is None and raised.own


def test_the_way_of_an_exception_is_told_innermost_first(trace: Traced) -> None:
    raised = trace("def f():\n    return 1 / 0\ndef g():\n    return f()\ng()\n").raised
    assert raised is not None
    assert raised.stack == (3, 5, 6) and raised.line == 3 and raised.own


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("raise RuntimeError('again')", "(its message could not be read: RuntimeError)"),
        ("return 7", "(its message could not be read: TypeError)"),
        ("return 'x' * 10_000_000", "x" * 600),
        ("raise SystemExit", "(its message could not be read: SystemExit)"),
    ],
)
def test_an_exception_that_will_not_describe_itself_is_described(trace: Traced, body: str, said: str) -> None:
    source = f"class E(Exception):\n    def __str__(self):\n        {body}\nraise E\n"
    raised = trace(source).raised
    assert raised is not None and (raised.type, raised.line, raised.message) == ("E", 5, said)


def test_a_message_that_is_no_unicode_survives(trace: Traced) -> None:
    raised = trace("raise ValueError('\\ud800 \\0 end')\n").raised
    assert raised is not None and raised.type == "ValueError" and raised.message.endswith("end")


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("x = 1\nif x\n    y = 2\n", "SyntaxError", 3),
        ("def f():\nreturn 1\n", "IndentationError", 3),
        ("x = (1,\n", "SyntaxError", 2),
        ("exec('a b')\n", "SyntaxError", 2),
        ("return 5\n", "SyntaxError", 2),
    ],
)
def test_what_python_cannot_read_is_a_line(trace: Traced, source: str, kind: str, line: int) -> None:
    found = trace(source)
    assert found.raised is not None
    assert (found.outcome, found.raised.type, found.raised.line) == ("raised", kind, line)


@pytest.mark.parametrize("source", ["x" + " + 1" * 50_000 + "\n", "[" * 1000 + "]" * 1000 + "\n"])
def test_text_that_is_nested_too_deeply_is_told(report: Callable[..., ChildReport], source: str) -> None:
    found = report(source)
    assert found.ending in ("complete", "signal")
    if found.trace is not None:
        assert found.trace.raised is not None


def test_a_missing_module_is_named(trace: Traced) -> None:
    raised = trace("import matplotlib_that_is_not_there.pyplot\n").raised
    assert raised is not None and raised.missing_module == "matplotlib_that_is_not_there"


def test_a_keyboard_interrupt_is_an_exception_like_others(trace: Traced) -> None:
    raised = trace("raise KeyboardInterrupt\n").raised
    assert raised is not None and (raised.type, raised.line) == ("KeyboardInterrupt", 2)


@pytest.mark.parametrize(("code", "outcome"), [("", "returned"), ("0", "returned"), ("None", "returned"),
                                               ("3", "exited"), ("'no'", "exited")])  # fmt: skip
def test_a_script_may_exit_with_success(trace: Traced, code: str, outcome: str) -> None:
    found = trace(f"w = torch.zeros(1)\nimport sys\nsys.exit({code})\n", names=("w",))
    assert found.outcome == outcome
    assert found.globals["w"].kind == "tensor"
    assert found.exit_status == (None if outcome == "returned" else code)


def test_a_function_may_not_exit(trace: Traced) -> None:
    found = trace("import sys\ndef go():\n    sys.exit(0)\n", entry="go")
    assert (found.outcome, found.stage, found.exit_status) == ("exited", "call", "0")
    assert found.raised is not None and found.raised.line == 4


def test_recursion_without_end_is_an_exception(trace: Traced) -> None:
    raised = trace("def f(t):\n    return f(t + 1)\nf(torch.zeros(1))\n").raised
    assert raised is not None and (raised.type, raised.line) == ("RecursionError", 3)
    assert 0 < len(raised.stack) <= 20


def test_deep_recursion_is_recorded_like_a_loop(trace: Traced) -> None:
    source = """
        w = torch.zeros(1, requires_grad=True)
        def train(left):
            if left:
                (w - 1).pow(2).sum().backward()
                with torch.no_grad():
                    w.sub_(0.1 * w.grad)
                w.grad = None
                train(left - 1)
        train(200)
    """
    found = trace(source)
    assert found.outcome == "returned" and found.backward_count == 200
    assert all(len(backward.stack) <= 20 for backward in found.backwards)


# --- functions ------------------------------------------------------------------------------------


def test_a_function_is_called_with_its_arguments_in_a_stage_of_its_own(trace: Traced) -> None:
    source = """
        constant = torch.ones(1)
        def go(x, n):
            return x * n, n, [True, None], "text", 3 + 4j
    """
    given = (TensorArgument(values=(1.0, 2.0), shape=(2, 1)), PlainArgument(value=3))
    found = trace(source, entry="go", arguments=given)
    assert [event.stage for event in found.events] == ["import", "call"]
    back = found.returned
    assert back is not None and (back.kind, back.type) == ("sequence", "tuple")
    kinds = [item.kind for item in back.items]
    assert kinds == ["tensor", "number", "sequence", "other", "other"]
    first = back.items[0].tensor
    assert first is not None and (first.shape, first.values) == ((2, 1), (3.0, 6.0))


def test_passes_of_the_import_are_not_the_functions(trace: Traced) -> None:
    source = """
        t = torch.ones(1, requires_grad=True)
        (t * 2).sum().backward()
        def go():
            u = torch.ones(1, requires_grad=True)
            (u * 3).sum().backward()
            return u
    """
    found = trace(source, entry="go")
    assert found.backward_count == 1
    assert [s.name for s in found.slots] == ["u"]
    assert [backward.step for backward in found.backwards] == [1]


@pytest.mark.parametrize(
    ("source", "missing", "problem"),
    [
        ("other = 1\n", True, None),
        ("go = 5\n", True, None),
        ("def go(a, b): pass\n", False, "missing a required argument"),
        ("def go(*, key): pass\n", False, "too many positional arguments"),
        ("def go(a, b=2, *rest, **more): return a\n", False, None),
        ("go = lambda a: a\n", False, None),
        ("go = abs\n", False, None),
    ],
)
def test_a_function_that_cannot_be_called_is_told_before_it_is(
    trace: Traced, source: str, missing: bool, problem: str | None
) -> None:
    found = trace(source, entry="go", arguments=(PlainArgument(value=1),))
    assert found.entry_missing is missing
    assert (problem is None) == (found.entry_problem is None)
    assert (problem or "") in (found.entry_problem or "")


def test_arguments_that_were_changed_in_place_are_named(trace: Traced) -> None:
    source = "def go(x, y, n):\n    x += 1\n    z = y + 1\n    return z\n"
    tensor = TensorArgument(values=(1.0, 2.0), shape=(2,))
    found = trace(source, entry="go", arguments=(tensor, tensor, PlainArgument(value=1)))
    assert found.inputs_changed == (0,)


def test_an_argument_of_another_shape_afterwards_is_changed(trace: Traced) -> None:
    tensor = TensorArgument(values=(1.0, 2.0), shape=(2,))
    found = trace("def go(x):\n    x.unsqueeze_(1)\n    return x\n", entry="go", arguments=(tensor,))
    assert found.inputs_changed == (0,)


def test_numbers_that_are_not_finite_cross_the_wire(trace: Traced) -> None:
    source = """
        def go():
            w = torch.tensor([float("nan"), float("inf"), -float("inf"), 1.0], requires_grad=True)
            (w * 2).sum().backward()
            return w, float("nan")
    """
    found = trace(source, entry="go")
    assert found.returned is not None
    tensor, number = found.returned.items
    assert tensor.tensor is not None and tensor.tensor.values is not None
    nan, *rest = tensor.tensor.values
    assert math.isnan(nan) and rest == [math.inf, -math.inf, 1.0]
    assert number.number is not None and math.isnan(number.number)
    final = found.slots[0].final
    assert final is not None and math.isnan(final[0])


@pytest.mark.parametrize(
    ("value", "kind"),
    [("10**400", "other"), ("True", "number"), ("{}", "other"), ("None", "none"), ("[]", "sequence"),
     ("[[[[[1]]]]]", "sequence"), ("list(range(10**5))", "sequence"),
     ("torch.empty(0)", "tensor"), ("torch.ones(1, dtype=torch.bfloat16)", "tensor")],
)  # fmt: skip
def test_whatever_comes_back_is_described(trace: Traced, value: str, kind: str) -> None:
    found = trace(f"def go():\n    return {value}\n", entry="go")
    assert found.returned is not None and found.returned.kind == kind
    assert len(found.returned.items) <= 16


STRANGE = [
    "torch.ones(2).to_sparse()",
    "torch.empty(2, device='meta')",
    "torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.quint8)",
    "torch.func.grad(lambda t: (t * 2).sum())(torch.ones(2))",
    "torch.func.vmap(lambda t: t * 2)(torch.ones(2, 2))",
    "torch.nested.nested_tensor([torch.ones(1), torch.ones(2)])",
    "torch.ones(2, dtype=torch.complex64)",
    "torch.ones(2).to(torch.float8_e4m3fn)",
    "torch.zeros(2).expand(2, 2)",
]


@pytest.mark.parametrize("expression", STRANGE)
def test_a_strange_tensor_is_as_good_as_unwatched(trace: Traced, expression: str) -> None:
    source = f"def go():\n    t = {expression}\n    u = t\n    return 5\n"
    found = trace(source, entry="go")
    assert found.outcome == "returned", found.raised


def test_a_tensor_that_lies_about_itself_is_no_trouble(report: Callable[..., ChildReport]) -> None:
    source = """
        class Liar(torch.Tensor):
            @property
            def shape(self):
                raise RuntimeError("guess")
        def go():
            return torch.ones(1).as_subclass(Liar)
    """
    found = report(source, entry="go")
    assert found.ending == "complete" and found.trace is not None


# --- scripts ------------------------------------------------------------------------------------------


def test_a_scripts_globals_are_read_when_it_has_ended(trace: Traced) -> None:
    source = """
        import numpy as np
        x = torch.linspace(-1, 1, 20)
        noise = np.zeros(20)
        w = torch.ones(1, requires_grad=True)
        b = 0.5
        w = w.detach() * 2
        _long = torch.zeros(5000)
        counts = torch.arange(20)
        assert __name__ == "__main__"
    """
    found = trace(source, names=("w", "b", "c"))
    kinds = {name: value.kind for name, value in found.globals.items()}
    assert (kinds["w"], kinds["b"], kinds["c"]) == ("tensor", "number", "missing")
    x, noise = found.globals["x"], found.globals["noise"]
    assert x.values is not None and len(x.values) == 20 and x.values[0] == -1.0
    assert noise.values == (0.0,) * 20
    assert set(kinds) == {"w", "b", "c", "x", "noise"}


def test_globals_are_read_even_where_an_exception_ended_the_script(trace: Traced) -> None:
    found = trace("w = torch.ones(1)\n1 / 0\n", names=("w", "b"))
    assert found.outcome == "raised"
    assert {name: value.kind for name, value in found.globals.items()} == {"w": "tensor", "b": "missing"}


NAMES = ("w", "b")
SEEDINGS = [
    ("torch", "torch.manual_seed(5); d = torch.rand(9)"),
    ("torch.random", "torch.random.manual_seed(5); d = torch.rand(9)"),
    ("generator", "g = torch.Generator(); g.manual_seed(5); d = torch.rand(9, generator=g)"),
    ("generator chained", "d = torch.rand(9, generator=torch.Generator().manual_seed(5))"),
    ("keyword", "torch.manual_seed(seed=5); d = torch.rand(9)"),
    ("numpy", "np.random.seed(5); d = np.random.rand(9)"),
    ("default_rng", "d = np.random.default_rng(5).random(9)"),
    ("default_rng keyword", "d = np.random.default_rng(seed=5).random(9)"),
    ("RandomState", "d = np.random.RandomState(5).rand(9)"),
    ("SeedSequence", "d = np.random.default_rng(np.random.SeedSequence(5)).random(9)"),
    ("PCG64", "d = np.random.Generator(np.random.PCG64(5)).random(9)"),
    ("MT19937", "d = np.random.Generator(np.random.MT19937(5)).random(9)"),
    ("Philox", "d = np.random.Generator(np.random.Philox(5)).random(9)"),
    ("SFC64", "d = np.random.Generator(np.random.SFC64(5)).random(9)"),
    ("random", "random.seed(5); d = np.array([random.random() for _ in range(9)])"),
    ("random keyword", "random.seed(a=5); d = np.array([random.random() for _ in range(9)])"),
    ("Random", "r = random.Random(5); d = np.array([r.random() for _ in range(9)])"),
    ("imported name", "from numpy.random import default_rng as r; d = r(5).random(9)"),
]


@pytest.mark.parametrize("line", [line for _, line in SEEDINGS], ids=[name for name, _ in SEEDINGS])
def test_a_seed_that_a_script_sets_is_shifted(trace: Traced, line: str) -> None:
    source = f"import random\nimport numpy as np\n{line}\nd = torch.as_tensor(d, dtype=torch.float64)\n"
    drawn = {}
    for shift in (0, 1000):
        found = trace(source, seed_shift=shift, names=NAMES)
        drawn[shift] = found.globals["d"].values
        assert bool(found.seeds_shifted) == bool(shift)
        assert trace(source, seed_shift=shift, names=NAMES).globals["d"].values == drawn[shift]
    assert drawn[0] != drawn[1000]
    unshifted = source.replace("5)", "1005)", 1)
    assert trace(unshifted, names=NAMES).globals["d"].values == drawn[1000]


def test_randomness_that_nothing_seeds_is_governed_by_the_request(trace: Traced) -> None:
    source = "import random, numpy\nd = torch.rand(9) + random.random() + numpy.random.rand()\n"
    first = trace(source, seed=4, names=NAMES).globals["d"].values
    assert trace(source, seed=4, names=NAMES).globals["d"].values == first
    assert trace(source, seed=5, names=NAMES).globals["d"].values != first


def test_a_seed_that_is_no_int_is_left_alone(trace: Traced) -> None:
    source = "import random\nrandom.seed('text')\nrandom.seed(None)\nrandom.seed(2.5)\nd = torch.rand(9)\n"
    assert trace(source, seed_shift=1).seeds_shifted == 0


# --- strange company ------------------------------------------------------------------------------------


def test_a_function_mode_of_ones_own_is_let_be(trace: Traced) -> None:
    source = """
        from torch.overrides import TorchFunctionMode
        class Count(TorchFunctionMode):
            calls = 0
            def __torch_function__(self, func, types, args=(), kwargs=None):
                Count.calls += 1
                return func(*args, **(kwargs or {}))
        w = torch.zeros(1, requires_grad=True)
        with Count():
            for _ in range(30):
                (w - 1).pow(2).sum().backward()
                with torch.no_grad():
                    w -= 0.1 * w.grad
                w.grad = None
        b = torch.ones(1) + 1
    """
    found = trace(source, names=("w",))
    assert found.outcome == "returned" and found.backward_count == 30
    assert found.slots[0].final == pytest.approx((1 - 0.8**30,), abs=1e-4)
    assert "Tensor.sub_" in ops(found)


def test_a_device_context_around_the_loop_is_let_be(trace: Traced) -> None:
    body = textwrap.indent(loop(100).strip(), "    ")
    found = trace(f'with torch.device("cpu"):\n{body}\nd = torch.ones(9)\n')
    assert found.outcome == "returned" and found.backward_count == 100
    assert [s.name for s in found.slots] == ["w", "b"]
    assert "Tensor.sub_" in ops(found)


def test_a_default_device_is_no_trouble(trace: Traced) -> None:
    found = trace('torch.set_default_device("cpu")\n' + loop(100))
    assert found.outcome == "returned" and found.backward_count == 100


def test_another_threads_calls_are_not_recorded(trace: Traced) -> None:
    source = """
        import threading
        def work():
            t = torch.ones(1, requires_grad=True)
            (t * 2).sum().backward()
            torch.nn.MSELoss()
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        u = torch.zeros(2)
    """
    found = trace(source)
    assert ops(found) == ["torch.zeros"]
    assert found.backward_count == 0 and found.outcome == "returned"


def test_warnings_are_kept_with_their_line(trace: Traced) -> None:
    found = trace(
        "import warnings\nwarnings.warn('mind the gap')\nw = torch.ones(1, requires_grad=True) * 2\nw.grad\n"
    )
    assert [(w.line, w.message[:12]) for w in found.warnings[:1]] == [(3, "mind the gap")]
    assert any(w.line == 5 and ".grad" in w.message for w in found.warnings)


def test_a_thousand_warnings_are_a_few(trace: Traced) -> None:
    source = "import warnings\nfor i in range(1000):\n    warnings.warn(f'number {i}')\n"
    assert 0 < len(trace(source).warnings) <= 20


@pytest.mark.parametrize(
    ("line", "label"),
    [
        ("torch.Tensor.backward = lambda self: None", "torch.Tensor.backward"),
        ("torch.autograd.backward = None", "torch.autograd.backward"),
        ("torch.autograd.grad = len", "torch.autograd.grad"),
    ],
)
def test_a_function_that_was_replaced_is_named(trace: Traced, line: str, label: str) -> None:
    assert trace(f"{line}\n").replaced == (label,)


def test_an_honest_run_replaces_nothing(trace: Traced) -> None:
    assert trace(loop()).replaced == ()


def test_the_file_is_where_it_says_it_is(trace: Traced) -> None:
    source = 'import pathlib\nassert pathlib.Path(__file__).read_text().startswith("import torch")\n'
    assert trace(source).outcome == "returned"


def test_the_versions_and_the_time_are_told(trace: Traced) -> None:
    found = trace("import time\ntime.sleep(0.05)\n")
    assert found.seconds >= 0.05 and found.torch[0].isdigit() and found.python.count(".") == 2
