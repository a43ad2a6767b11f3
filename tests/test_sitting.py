"""The runs of one submission in one process, and in another one as soon as a run left anything behind."""

from __future__ import annotations

import textwrap
import threading
import time
from collections.abc import Iterator

import pytest

from grader.exercise import Course
from grader.pipeline import grade
from grader.records import ChildReport, Limits, RunRequest
from grader.sandbox import Sandbox, Sitting
from tests.grading import submission_of
from tests.test_sandbox import descendants

LIMITS = Limits(seconds=5.0)
SHORT = LIMITS.model_copy(update={"seconds": 0.6})

CLEAN = """
import os
import torch

def fit(x, y, lr, steps):
    print("process", os.getpid())
    {doing}
    w = torch.zeros(1, requires_grad=True)
    (w * x).sum().backward()
    return w, w
"""


def asked(doing: str = "pass", seed: int = 0, **changes: object) -> RunRequest:
    """A run that prints its process, does something, and makes one backward pass."""
    source = changes.pop("source", CLEAN.replace("{doing}", textwrap.indent(doing, "    ").strip()))
    arguments = [
        {"kind": "tensor", "values": [1.0], "shape": [1]},
        {"kind": "tensor", "values": [2.0], "shape": [1]},
        {"kind": "plain", "value": 0.1},
        {"kind": "plain", "value": 1},
    ]
    asked = {"name": "submission.py", "source": source, "form": "function", "device": "cpu", "seed": seed,
             "entry": "fit", "arguments": arguments, **changes}  # fmt: skip
    return RunRequest.model_validate(asked)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS, accept_weak=True) as sandbox:
        sandbox.devices()
        yield sandbox
        home = sandbox._warm.home
    assert not home.exists()


@pytest.fixture
def sitting(sandbox: Sandbox) -> Iterator[Sitting]:
    with sandbox.sitting() as sitting:
        yield sitting
    pid = sandbox._warm.pid
    assert pid is None or (not list(sandbox._warm.home.iterdir()) and not descendants(pid))


def process(report: ChildReport) -> str:
    """The number of the process that a run was made in."""
    assert report.ending == "complete" and report.trace is not None, report
    assert report.trace.outcome == "returned", report.trace.raised
    return report.stdout.split()[1]


def test_the_next_run_is_made_in_the_same_process(sitting: Sitting) -> None:
    reports = [sitting.run(asked(seed=seed)) for seed in range(4)]
    assert len({process(report) for report in reports}) == 1
    assert all(report.stdout.count("process") == 1 for report in reports), "each has what it printed itself"
    assert all(report.trace is not None and report.trace.backward_count == 1 for report in reports)


def test_alone_each_run_has_a_process_of_its_own(sandbox: Sandbox) -> None:
    assert process(sandbox.run(asked())) != process(sandbox.run(asked()))


LEFT_BEHIND = {
    "function of torch": "torch.mean = torch.sum",
    "method of a tensor": "torch.Tensor.backward = lambda self: None",
    "new name in torch": "torch.mine = [x]",
    "function of NumPy": "import numpy; numpy.mean = numpy.sum",
    "name in a module of the grader": "import sys; sys.modules['grader.child.recorder'].MOST_EVENTS = 1",
    "builtin": "import builtins; builtins.sum = max",
    "default dtype": "torch.set_default_dtype(torch.float64)",
    "default device": "torch.set_default_device('cpu')",
    "no_grad": (
        "w = torch.zeros(1, requires_grad=True); w.sum().backward(); torch.set_grad_enabled(False); return w"
    ),
    "anomaly mode": "torch.autograd.set_detect_anomaly(True)",
    "hooks on saved tensors": (
        "torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t).__enter__()"
    ),
    "hook on every module": "torch.nn.modules.module.register_module_forward_hook(lambda *a: None)",
    "denormal numbers": "torch.set_flush_denormal(True)",
    "print options": "torch.set_printoptions(precision=2)",
    "errors of NumPy": "import numpy; numpy.seterr(all='ignore')",
    "recursion limit": "import sys; sys.setrecursionlimit(3000)",
    "collection of garbage": "import gc; gc.disable()",
    "thread": "import threading, time; threading.Thread(target=time.sleep, args=(1,), daemon=True).start()",
    "timer": "import signal; signal.setitimer(signal.ITIMER_REAL, 100)",
    "handler of a signal": "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
    "something at the end": "import atexit; atexit.register(print)",
    "environment": "os.environ['MINE'] = '1'",
    "file": "open('mine.txt', 'w').close()",
    "working directory": "os.mkdir('mine'); os.chdir('mine')",
    "module": "import sys, types; sys.modules['mine'] = types.ModuleType('mine')",
    "import": "import this",
    "warning": "import warnings; warnings.warn('once')",
}


@pytest.mark.parametrize("doing", LEFT_BEHIND.values(), ids=LEFT_BEHIND.keys())
def test_after_a_run_that_left_something_the_next_has_another_process(sitting: Sitting, doing: str) -> None:
    first, second = sitting.run(asked(doing)), sitting.run(asked())
    assert process(first) != process(second)


def test_what_a_module_holds_begins_anew_with_each_run(sitting: Sitting) -> None:
    source = "count = 0\n" + CLEAN.replace("{doing}", "global count; count += 1; print('count', count)")
    reports = [sitting.run(asked(source=source)) for _ in range(3)]
    assert len({process(report) for report in reports}) == 1
    assert [report.stdout.split()[-1] for report in reports] == ["1", "1", "1"]


def test_a_run_finds_the_seeds_as_in_a_process_of_its_own(sandbox: Sandbox, sitting: Sitting) -> None:
    drawing = (
        "import random, numpy; print(torch.randn(3).tolist(), random.gauss(0, 1), numpy.random.randn(3))"
    )
    alone = sandbox.run(asked(drawing, seed=5))
    reports = [sitting.run(asked(drawing, seed=5)) for _ in range(3)]
    assert len({process(report) for report in reports}) == 1
    expected = alone.stdout.partition("\n")[2]
    assert [report.stdout.partition("\n")[2] for report in reports] == [expected] * 3


@pytest.mark.parametrize(
    ("doing", "ending"),
    [("1 / 0", "complete"), ("os._exit(3)", "exit"), ("os.abort()", "signal"), ("while True: pass", "time")],
)
def test_a_run_that_ends_badly_costs_the_next_one_nothing(sitting: Sitting, doing: str, ending: str) -> None:
    first = sitting.run(asked(), SHORT)
    assert sitting.run(asked(doing), SHORT).ending == ending
    last = sitting.run(asked(), SHORT)
    assert process(first) != process(last)


def test_each_run_has_its_own_time(sitting: Sitting) -> None:
    waiting = "import time; time.sleep(0.4)"
    reports = [sitting.run(asked(waiting), SHORT) for _ in range(4)]
    assert len({process(report) for report in reports}) == 1
    assert all(0.4 <= report.seconds < 0.6 for report in reports)


def test_each_run_has_the_whole_memory(sandbox: Sandbox) -> None:
    limits = LIMITS.model_copy(update={"memory_bytes": 300 * 1024**2})
    with sandbox.sitting() as sitting:
        much = [sitting.run(asked("bytearray(200 * 1024**2)"), limits) for _ in range(3)]
        assert len({process(report) for report in much}) == 1
        too_much = sitting.run(asked("bytearray(400 * 1024**2)"), limits)
    assert too_much.trace is None or too_much.trace.outcome == "raised"


def test_other_limits_are_another_process(sitting: Sitting) -> None:
    assert process(sitting.run(asked())) != process(sitting.run(asked(), SHORT))


FORGED = r"""
import os, stat
def fit(x, y, lr, steps):
    body = b'{"outcome": "returned", "stage": "call", "seconds": 0.0, "torch": "", "python": ""}'
    for number in range(3, 64):
        try:
            if stat.S_ISFIFO(os.fstat(number).st_mode):
                os.write(number, len(body).to_bytes(4, "big") + body + b"+")
        except OSError:
            pass
    while True: pass
"""


def test_one_that_says_it_is_ready_and_is_not_is_stopped_in_time(sitting: Sitting) -> None:
    started = time.monotonic()
    sitting.run(asked(source=FORGED), SHORT)
    long = "# " + "x" * 300_000  # more than a pipe holds: nobody reads it
    report = sitting.run(asked(source=FORGED + long), SHORT)
    assert report.ending == "time"
    assert time.monotonic() - started < 6.0
    assert process(sitting.run(asked(), SHORT))


def test_an_order_that_is_larger_than_a_pipe_is_told_whole(sitting: Sitting) -> None:
    first = sitting.run(asked())
    second = sitting.run(asked(source=CLEAN.replace("{doing}", "pass") + "\n# " + "é" * 300_000))
    assert process(first) == process(second)


def test_what_is_unwanted_is_stopped_there_too(sitting: Sitting) -> None:
    unwanted = threading.Event()
    first = sitting.run(asked())
    threading.Timer(0.2, unwanted.set).start()
    assert sitting.run(asked("while True: pass"), unwanted=unwanted).ending == "time"
    assert process(sitting.run(asked())) != process(first)


def test_a_sitting_outlives_its_warm_process(sandbox: Sandbox) -> None:
    with sandbox.sitting() as sitting:
        process(sitting.run(asked()))
        sandbox._warm.kill()
        process(sitting.run(asked()))
    process(sandbox.run(asked()))


@pytest.mark.parametrize("name", ["line", "quadratic", "update", "accumulation", "tensors"])
def test_the_model_solutions_come_out_the_same_in_one_process_and_in_many(
    course: Course, sandbox: Sandbox, name: str
) -> None:
    exercise = course.exercise(name)
    submission = submission_of(course.reference(name).read_text(), exercise)
    together, apart = (grade(submission, exercise, sandbox, at_once=at_once) for at_once in (1, 2))
    assert together.status == apart.status == "passed"
    assert together.rubric == apart.rubric
    assert together.findings == apart.findings
