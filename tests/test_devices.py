"""Device mistakes, graded on a machine without an accelerator as ``grader check`` grades them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.accelerators import in_words, named_accelerator
from grader.exercise import Course
from grader.pipeline import grade
from grader.records import Event, Result
from grader.report.html import html_report
from grader.sandbox import Sandbox
from tests.command import grader
from tests.grading import errors, submission_of

LOOP = """\
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
        w.grad = b.grad = None
    return w, b
"""
CUDA = (
    """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, device="cuda", requires_grad=True)
    b = torch.zeros(1, device="cuda", requires_grad=True)
"""
    + LOOP
)
MOVED = (
    """\
import torch

def fit(x, y, lr, steps):
    w = torch.randn(1, requires_grad=True).to(x.device)
    b = torch.zeros(1, requires_grad=True, device=x.device)
"""
    + LOOP
)


@pytest.fixture(scope="module")
def everywhere(course: Course, sandbox: Sandbox) -> Callable[[str], Result]:
    """Grades a text of ``line`` on every device of the machine."""
    exercise = course.exercise("line")
    return lambda source: grade(submission_of(source, exercise), exercise, sandbox)


def statuses(result: Result) -> dict[str, str]:
    return {item.id: item.status for item in result.rubric}


@pytest.mark.parametrize("name", ["line", "quadratic"])
def test_a_reference_earns_everything_on_every_device(course: Course, sandbox: Sandbox, name: str) -> None:
    exercise = course.exercise(name)
    source = course.reference(name).read_text("utf-8")
    result = grade(submission_of(source, exercise), exercise, sandbox)
    assert (result.status, result.score) == ("passed", 100)
    assert result.environment.devices[0] == "cpu" and "sim" in result.environment.devices
    assert {run.device for run in result.runs} == set(result.environment.devices)


def test_a_moved_leaf_shows_on_the_simulated_device_alone(everywhere: Callable[[str], Result]) -> None:
    result = everywhere(MOVED)
    (found,) = errors(result)
    assert (found.pitfall, found.line, found.device) == ("moved-leaf", 4, "sim")
    assert "grad_fn=ToCopyBackward0" in found.message and "None" in found.message
    assert {name for name, status in statuses(result).items() if status == "failed"} == {"devices"}
    assert result.score == 90
    assert "This does not show on cpu" in html_report(result)


def test_code_that_names_cuda_is_told_what_it_does_here_and_where_there_is_a_gpu(
    everywhere: Callable[[str], Result],
) -> None:
    (found,) = errors(everywhere(CUDA))
    assert (found.pitfall, found.line) == ("hardcoded-device", 4)
    assert "names the device `cuda`. This machine has none, and torch stopped" in found.message
    assert "with the data on the CPU it stops at line 7, " in found.message
    assert "with the data on `cuda` it runs through" in found.message


def test_a_second_mistake_shows_behind_a_device_that_is_not_there(
    everywhere: Callable[[str], Result],
) -> None:
    found = errors(everywhere(CUDA.replace("        w.grad = b.grad = None\n", "")))
    assert [(f.pitfall, f.line) for f in found] == [("hardcoded-device", 4), ("stale-gradient", 6)]


@pytest.mark.parametrize(
    "line",
    [
        'x, y = x.cuda(), y.cuda()\n    w = torch.zeros(1, device=x.device)\n    b = w.clone()',
        'd = torch.device("cuda:0")\n    w = torch.zeros(1, device=d)\n    b = w.clone()',
        'w = torch.zeros(1).to("cuda")\n    b = w.clone()',
    ],
)  # fmt: skip
def test_every_way_to_name_a_device_is_met(everywhere: Callable[[str], Result], line: str) -> None:
    start = f"import torch\n\ndef fit(x, y, lr, steps):\n    {line}\n"
    marks = "    w.requires_grad_(); b.requires_grad_()\n"
    (found,) = errors(everywhere(start + marks + LOOP))
    assert found.pitfall == "hardcoded-device"
    assert "with the data on `cuda` it runs through" in found.message


def test_the_command_says_that_the_device_is_simulated(course: Course, tmp_path: Path) -> None:
    text = grader("check", "-v", course.reference("line")).stdout.decode()
    assert "Ran on cpu, sim (simulated) with torch" in text
    assert "sim (simulated), seed 102" in text
    (tmp_path / "line.py").write_text(MOVED, "utf-8")
    text = grader("check", "line.py", cwd=tmp_path).stdout.decode()
    assert "on sim (simulated)" in text and "This does not show on cpu" in " ".join(text.split())
    assert "sim (simulated)" in grader("devices").stdout.decode()


def test_one_device_can_be_picked(course: Course) -> None:
    for device in ("cpu", "sim"):
        ran = grader("check", course.reference("line"), "--device", device, "--format", "json")
        result = json.loads(ran.stdout)
        assert (ran.returncode, result["status"], result["score"]) == (0, "passed", 90)
        assert {run["device"] for run in result["runs"]} == {device}


@pytest.mark.parametrize(
    ("op", "arguments", "named"),
    [
        ("Tensor.cuda", {}, "cuda"),
        ("torch.zeros", {"device": "'cuda:0'"}, "cuda"),
        ("Tensor.to", {"1": "mps"}, "mps"),
        ("Tensor.to", {"1": "cpu"}, None),
        ("torch.zeros", {"0": "3"}, None),
    ],
)
def test_a_named_accelerator_is_read_off_a_call(op: str, arguments: dict[str, str], named: str) -> None:
    event = Event(
        index=0, after=0, stage="call", site=0, visit=0, op=op, grad_enabled=True, arguments=arguments
    )
    assert named_accelerator(event) == named


def test_the_simulated_device_is_named_as_simulated() -> None:
    assert in_words("sim") == "sim (simulated)" == in_words("sim:0").replace(":0", "")
    assert (in_words("cpu"), in_words("cuda:1")) == ("cpu", "cuda:1")
