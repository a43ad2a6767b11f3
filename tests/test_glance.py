"""What is counted of a loop that was only glanced at is what is counted of one that was looked at closely."""

from __future__ import annotations

from typing import Literal

import pytest

from grader.records import RunRequest, Trace
from grader.sandbox import Sandbox

LOOP = """\
import torch
w = torch.full((1,), 2.0, requires_grad=True)
b = torch.tensor(1.0, requires_grad=True)
x = torch.linspace(-1, 1, 20)
kept = []
for step in range(1, 101):
    loss = ((w * x + b - 3 * x) ** 2).mean()
    {before}
    loss.backward()
    with torch.no_grad():
        w -= 0.01 * w.grad
        b -= 0.01 * b.grad
    {clear}
    {after}
"""
ZERO = "w.grad.zero_(); b.grad.zero_()"
NONE = "w.grad = b.grad = None"
PROGRAMS = {
    "zeroed": (ZERO, "", ""),
    "set to none": (NONE, "", ""),
    "never cleared": ("", "", ""),
    "not cleared from some step on": (f"if step < 43:\n        {ZERO}", "", ""),
    "cleared in another way now and then": (f"{ZERO}\n    if step % 37 == 0: {NONE}", "", ""),
    "a parameter that stands still for a while": (ZERO, "", "if 41 < step < 52: b.data.fill_(0.5)"),
    "a parameter that becomes zero": (ZERO, "", "if step == 43: b.data.zero_()"),
    "a parameter that is replaced": (NONE, "", "if step == 43: w = w.detach().clone().requires_grad_()"),
    "a parameter that is left out": (ZERO, "if step == 43: loss = ((w * x) ** 2).mean()", ""),
    "a pass that raises": (NONE, "", "if step == 43: loss.backward()"),
    "a loss that is no number": (NONE, "if step == 43: loss = loss * float('inf')", ""),
    "a gradient of another kind": (NONE, "if step == 43: w.grad = torch.zeros(1).to_sparse()", ""),
    "a second pass in one step": (ZERO, "if step == 43: loss.backward(retain_graph=True)", ""),
    "losses that are kept": (NONE, "", "kept.append(loss)"),
    "a loss of each fourth step that is kept": (NONE, "", "kept += [loss] if step % 4 == 0 else []"),
}  # fmt: skip


def traced(sandbox: Sandbox, source: str, watch: Literal["full", "adaptive"]) -> Trace:
    request = RunRequest(
        name="submission.py", source=source, form="script", device="cpu", seed=0, entry=None, watch=watch
    )
    trace = sandbox.run(request).trace
    assert trace is not None
    return trace


def counted(trace: Trace) -> list[dict[str, object]]:
    """All that is told of the parameters, their ids left aside: what is not watched gets none."""
    return [slot.model_dump(exclude={"tensors", "name"}) for slot in trace.slots]


def states(trace: Trace) -> dict[int, list[dict[str, object]]]:
    """Of each pass that was recorded, what was read of each parameter."""
    return {
        passed.step: [state.model_dump(exclude={"tensor", "delta"}) for state in passed.slots]
        for passed in trace.backwards
    }


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_glance_counts_what_a_closer_look_counts(sandbox: Sandbox, program: str) -> None:
    clear, before, after = PROGRAMS[program]
    source = LOOP.format(clear=clear or "pass", before=before or "pass", after=after or "pass")
    close, afar = traced(sandbox, source, "full"), traced(sandbox, source, "adaptive")
    assert afar.backward_count == close.backward_count and afar.outcome == close.outcome
    assert afar.events_seen < close.events_seen / 2 or program in ("never cleared",), (
        "it was watched from afar"
    )
    assert counted(afar) == counted(close)
    both = states(afar).keys() & states(close).keys()
    assert len(both) > 20
    assert {step: states(afar)[step] for step in both} == {step: states(close)[step] for step in both}


@pytest.mark.parametrize(("kept", "all_of_them"), [("losses that are kept", True), ("zeroed", False)])
def test_the_graphs_that_are_alive_are_counted_though_not_all_are_noted(
    sandbox: Sandbox, kept: str, all_of_them: bool
) -> None:
    clear, before, after = PROGRAMS[kept]
    source = LOOP.format(clear=clear, before=before or "pass", after=after or "pass")
    trace = traced(sandbox, source.replace("101", "1101"), "adaptive")
    counts = dict(trace.graphs_alive)
    assert {64, 256, 1024} <= counts.keys()
    assert all((alive == step) is all_of_them for step, alive in counts.items() if step > 4)


def test_every_fourth_graph_is_no_more_than_that(sandbox: Sandbox) -> None:
    clear, _, after = PROGRAMS["a loss of each fourth step that is kept"]
    source = LOOP.format(clear=clear, before="pass", after=after).replace("101", "1101")
    counts = dict(traced(sandbox, source, "adaptive").graphs_alive)
    assert 0.2 * 1024 < counts[1024] < 0.3 * 1024


def told(trace: Trace) -> dict[int, object]:
    """What is told of each pass itself: where it was made, of which loss, and what had moved before it."""
    return {
        passed.step: (
            passed.site is not None and trace.sites[passed.site].line,
            passed.stack,
            passed.loss and passed.loss.model_dump(exclude={"id", "storage"}),
            [state.delta for state in passed.slots],
        )
        for passed in trace.backwards
    }


@pytest.mark.parametrize("clear", [ZERO, NONE])
def test_a_pass_recorded_at_a_glance_tells_what_a_closer_look_tells(sandbox: Sandbox, clear: str) -> None:
    source = LOOP.format(clear=clear, before="pass", after="pass")
    close, afar = told(traced(sandbox, source, "full")), told(traced(sandbox, source, "adaptive"))
    sampled = {16, 30, 36, 60, 72, 96}
    assert sampled <= afar.keys() & close.keys()
    assert {step: afar[step] for step in sampled} == {step: close[step] for step in sampled}


@pytest.mark.parametrize(("watch_from", "looked_at"), [(None, True), (199, True), (99, False)])
def test_the_middle_of_a_loop_is_watched_closely_unless_its_end_is_near(
    sandbox: Sandbox, watch_from: int | None, looked_at: bool
) -> None:
    source = LOOP.format(clear=ZERO, before="pass", after="pass")
    request = RunRequest(
        name="submission.py", source=source, form="script", device="cpu", seed=0, entry=None,
        watch_from=watch_from,
    )  # fmt: skip
    trace = sandbox.run(request).trace
    assert trace is not None
    watched = {event.after for event in trace.events}
    assert ({64, 65} <= watched, 100 in watched) == (looked_at, watch_from == 99)
