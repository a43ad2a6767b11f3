"""Notebooks from end to end: what is found in them is said by cell and line."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from rich.console import Console

from grader.exercise import Course
from grader.pipeline import grade
from grader.pitfalls import crash, import_failure, not_implemented, time_limit
from grader.records import CellLine, CellSpan, Raised, Result, Trace
from grader.report.html import html_report
from grader.report.text import check_report
from grader.sandbox import Sandbox
from grader.source import Source
from grader.submission import submission_of
from tests.command import grader
from tests.notebooks import Cell, notebook
from tests.test_report_html import text_of
from tests.traces import evidence

FIT = """def fit(x, y, lr, steps):
    w = torch.zeros(1, requires_grad=True)
    b = torch.zeros(1, requires_grad=True)
    for step in range(steps):
        loss = ((w * x + b - y) ** 2).mean()
        loss.backward()
        with torch.no_grad():
            w -= lr * w.grad
            b -= lr * b.grad
"""
RIGHT = FIT + "        w.grad = b.grad = None\n    return w, b\n"
STALE = FIT + "    return w, b\n"
SCRIPT = """x = torch.linspace(-1, 1, 50)
y = 2 * x + 1 + 0.1 * torch.randn(50)
"""
TRAIN = RIGHT.replace("    return w, b\n", "").partition("\n")[2].replace("\n    ", "\n")[4:]


def graded(course: Course, sandbox: Sandbox, *cells: Cell) -> Result:
    exercise = course.exercise("line")
    submission = submission_of(notebook(*cells), exercise, name="ada", path="ada.ipynb")
    return grade(submission, exercise, sandbox, devices=("cpu",), seeds=(101,))


def shown(result: Result) -> str:
    text = StringIO()
    Console(file=text, width=100).print(check_report(result))
    return text.getvalue()


def test_a_right_notebook_passes_and_says_what_was_left_out(course: Course, sandbox: Sandbox) -> None:
    cells: list[Cell] = [
        ("markdown", "# Task"),
        "%matplotlib inline\nimport torch",
        "%%time\n" + RIGHT,
        "fit?",
    ]
    result = graded(course, sandbox, *cells)
    assert result.status == "passed", result.findings
    assert result.submission.form == "function"
    note = "3 lines of notebook commands were left out: cell 2, line 1 (%matplotlib inline)"
    assert note.replace("(", "(`").replace(")", "`)") in " ".join(shown(result).split())
    assert note in text_of(html_report(result))


def test_a_mistake_is_at_its_cell_and_line_in_every_report(course: Course, sandbox: Sandbox) -> None:
    result = graded(course, sandbox, "import torch\n", ("markdown", "x"), STALE, "print(fit)")
    finding = result.findings[0]
    assert (finding.pitfall, finding.line) == ("stale-gradient", CellLine(cell=3, line=4))
    assert finding.source == "    for step in range(steps):"
    text, html = shown(result), html_report(result)
    assert "Begin with cell 3, line 4." in text and "stale-gradient, cell 3, line 4, step 2" in text
    assert "▶ 4 │" in text.replace("▶  ", "▶ ")
    assert 'href="#C3L4"' in html and 'id="C3L4"' in html
    assert '<p class="cell">cell 3</p>' in html


def test_the_excerpt_stays_in_its_cell(course: Course, sandbox: Sandbox) -> None:
    result = graded(course, sandbox, "import torch\nbefore = 1\n", "raise ValueError('x')", "after = 1")
    head = shown(result).partition("What came back")[0]
    assert "at cell 2, line 1: ValueError: x" in head
    assert "before" not in head and "after" not in head


def test_a_script_may_be_a_notebook(course: Course, sandbox: Sandbox) -> None:
    result = graded(
        course, sandbox, "import torch\ntorch.manual_seed(0)", SCRIPT, "lr, steps = 0.1, 300\n" + TRAIN
    )
    assert (result.submission.form, result.status) == ("script", "passed"), result.findings


def test_what_a_kernel_has_is_there_and_does_no_harm(course: Course, sandbox: Sandbox) -> None:
    cells = [
        "import torch, asyncio\nfrom IPython.display import HTML, clear_output, Markdown as md\n"
        "from IPython import display as shower, get_ipython as shell",
        "display('shown', 3)\ndisplay(HTML('<b>x</b>'))\nshower.clear_output(wait=True)\nclear_output()",
        "get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().system('ls')\n"
        "assert 'IPKernelApp' not in shell().config\nshower.display(md('text'))",
        "await asyncio.sleep(0)\nready = [i async for i in _ticks()] if False else 1",
        RIGHT,
    ]
    result = graded(course, sandbox, *cells)
    assert result.status == "passed", result.findings
    assert result.runs[0].stdout == "shown\n3\n<b>x</b>\ntext\n"


@pytest.mark.parametrize("line", ["display(1)", "get_ipython()", "await x"])
def test_a_python_file_has_none_of_it(course: Course, sandbox: Sandbox, line: str) -> None:
    exercise = course.exercise("line")
    submission = submission_of(f"import torch\n{line}\n{RIGHT}".encode(), exercise, name="a", path="a.py")
    result = grade(submission, exercise, sandbox, devices=("cpu",), seeds=(101,))
    assert [(f.pitfall, f.line) for f in result.findings] == [("import-failure", 2)]


def test_the_command_grades_a_notebook_and_its_json_is_as_published(tmp_path: Path) -> None:
    (tmp_path / "line.ipynb").write_bytes(notebook(("markdown", "#"), "import torch", "def fit(x:\n    pass"))
    ran = grader("check", tmp_path / "line.ipynb", "--format", "json", "--html", tmp_path / "line.html")
    assert ran.returncode == 1, ran.stderr
    result = json.loads(ran.stdout)
    (finding,) = result["findings"]
    assert finding["line"] == {"cell": 3, "line": 1} and finding["pitfall"] == "import-failure"
    assert finding["message"] == "Cell 3, line 1 is no Python: SyntaxError: '(' was never closed."
    assert "cell 3, line 1" in text_of((tmp_path / "line.html").read_text("utf-8"))
    schema = json.loads(grader("schema").stdout)
    jsonschema.validate(result, schema)
    line = schema["$defs"]["Finding"]["properties"]["line"]["anyOf"]
    assert [kind.get("type", kind.get("$ref")) for kind in line] == ["integer", "#/$defs/CellLine", "null"]
    assert set(schema["$defs"]["CellLine"]["required"]) == {"cell", "line"}


CELLS = (CellSpan(cell=2, first=1, lines=2), CellSpan(cell=5, first=3, lines=2))
SOURCE = Source("import torch\n\ndef fit():\n    pass\n", CELLS)


@pytest.mark.parametrize(
    ("pitfall", "kind", "said"),
    [
        (not_implemented, "NotImplementedError", "Cell 5, line 2 is where your program goes"),
        (import_failure, "ValueError", "An exception ended the import at cell 5, line 2: ValueError"),
        (import_failure, "SyntaxError", "Python cannot read the file: SyntaxError at cell 5, line 2"),
    ],
)
def test_words_that_name_a_line_name_the_cell(pitfall: Any, kind: str, said: str) -> None:
    raised = Raised(type=kind, message="no", line=4)
    stage: Literal["import", "call"] = "import" if pitfall is import_failure else "call"
    seen = Trace(outcome="raised", stage=stage, raised=raised, seconds=0, torch="", python="")
    found = _first(pitfall, seen)
    assert found.startswith(said)


@pytest.mark.parametrize(
    ("pitfall", "ending", "said"),
    [
        (crash, "signal", ", at cell 5, line 2: `pass`."),
        (time_limit, "time", "It was at cell 5, line 2: `pass`."),
    ],
)
def test_so_do_the_words_of_a_run_that_was_ended(pitfall: Any, ending: str, said: str) -> None:
    assert said in _first(pitfall, None, ending=ending, stack=(4, 3))


def _first(pitfall: Any, seen: Trace | None, **report: Any) -> str:
    run = replace(evidence(seen, **report), source=SOURCE)
    return str(next(pitfall.find(run)).message)
