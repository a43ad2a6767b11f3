"""Reading notebooks: their code as one source, the place of every line, and one clear problem."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from grader.exercise import Course
from grader.records import CellLine
from grader.source import Source
from grader.submission import MOST_BYTES, read_submission
from grader.submission.notebook import MOST_NOTEBOOK_BYTES, read_notebook
from tests.notebooks import cell, notebook


def test_code_cells_are_one_source_and_every_line_knows_its_cell() -> None:
    text = read_notebook(notebook(("markdown", "# Task"), "import torch", ("raw", "x"), "w = 1\nb = 2\n"))
    assert text.source == "import torch\nw = 1\nb = 2\n" and text.problem is None
    source = Source(text.source, text.cells)
    assert [source.place(number) for number in (1, 2, 3)] == [
        CellLine(cell=2, line=1),
        CellLine(cell=4, line=1),
        CellLine(cell=4, line=2),
    ]
    assert source.where(3) == "cell 4, line 2"
    assert (source.place(None), source.where(None)) == (None, "")
    assert (Source("x = 1\n").place(7), Source("x = 1\n").where(7)) == (7, "line 7")


def test_a_line_past_the_end_is_the_last_of_its_cell() -> None:
    text = read_notebook(notebook("w = 1", "b = 2"))
    assert Source(text.source, text.cells).place(99) == CellLine(cell=2, line=1)


def test_empty_cells_are_counted_and_hold_nothing() -> None:
    text = read_notebook(notebook("", "  \n", "w = 1"))
    assert text.source == "w = 1\n" and text.cells[0].cell == 3


@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_newlines_of_every_system_end_a_line(newline: str) -> None:
    text = read_notebook(notebook(newline.join(["w = 1", "b = 2"]), "c = 3"))
    assert text.source == "w = 1\nb = 2\nc = 3\n"


def test_a_form_feed_ends_no_line() -> None:
    text = read_notebook(notebook("a = '\u2028'\n\x0cb = 2", "c = 3"))
    assert [span.first for span in text.cells] == [1, 3]


def test_an_indented_cell_is_taken_as_at_the_margin() -> None:
    assert read_notebook(notebook("  w = 1\n  if w:\n    b = 2")).source == "w = 1\nif w:\n  b = 2\n"


def test_outputs_are_no_matter_whatever_is_in_them() -> None:
    broken = cell("code", "w = 1", outputs=[{"data": 3}, None, "x"], execution_count="many")
    text = read_notebook(notebook(cells=[broken, cell("markdown", "", attachments=7)]))
    assert text.source == "w = 1\n" and text.problem is None


def test_a_notebook_without_ids_or_with_equal_ones_is_read() -> None:
    text = read_notebook(notebook(cells=[cell("code", "w = 1", id="a"), cell("code", "b = 1", id="a")]))
    assert text.source == "w = 1\nb = 1\n"


def test_not_a_number_in_an_output_is_what_real_notebooks_have() -> None:
    data = notebook("w = 1").replace(b'"outputs": []', b'"outputs": [{"data": {"x": NaN}}]')
    assert read_notebook(data).source == "w = 1\n"


def test_imports_from_the_future_may_be_in_any_cell() -> None:
    text = read_notebook(notebook("import math", "from __future__ import annotations\nw = 1"))
    compile(text.source, "joined", "exec")
    assert text.source.splitlines()[0] == "from __future__ import annotations"
    source = Source(text.source, text.cells)
    assert [source.where(n) for n in (2, 3, 4)] == ["cell 1, line 1", "cell 2, line 1", "cell 2, line 2"]
    assert source.line(4) == "w = 1"


def test_the_problem_of_a_cell_is_at_its_line_below_an_import_from_the_future() -> None:
    text = read_notebook(notebook("from __future__ import annotations", "x = 1\ny = ("))
    assert Source(text.source, text.cells).where(text.problem_line) == "cell 2, line 2"


PROBLEMS: dict[str, tuple[bytes, str]] = {
    "no bytes": (b"", "file is empty"),
    "no JSON": (b"import torch\n", "not JSON"),
    "half of it": (notebook("w = 1")[:-20], "not JSON"),
    "no UTF-8": (b'{"\xff": 1}', "not JSON"),
    "no notebook": (b'{"a": 1}', "JSON, but no notebook"),
    "a list": (b"[]", "JSON, but no notebook"),
    "no cell": (notebook(), "notebook is empty"),
    "no code": (notebook(("markdown", "# Task"), " "), "notebook is empty"),
    "version 3": (notebook("w = 1", nbformat=3), "in version 3 of the notebook format"),
    "version 2": (notebook("w = 1", nbformat=2), "in version 2"),
    "version 5": (notebook("w = 1", nbformat=5), "in version 5"),
    "no version": (notebook("w = 1", nbformat=None), "no known version"),
    "true": (notebook("w = 1", nbformat=True), "no known version"),
    "R": (notebook("w <- 1", metadata={"language_info": {"name": "R"}}), "kernel runs R, not Python"),
    "Julia": (notebook("w = 1", metadata={"kernelspec": {"language": "julia"}}), "runs julia"),
    "ir": (notebook("w", metadata={"kernelspec": {"name": "ir", "display_name": "R 4"}}), "runs R 4"),
    "cells": (notebook(cells=7), "The notebook is not written"),
    "no cells": (json.dumps({"nbformat": 4, "metadata": {}}).encode(), "The notebook is not written"),
    "a cell": (notebook(cells=[cell("code", "w"), 7]), "Cell 2 of the notebook is not written"),
    "a source": (notebook(cells=[{**cell("code", ""), "source": ["w", 7]}]), "Cell 1 of the notebook"),
    "a kind": (notebook(cells=[cell("heading", "w")]), "Cell 1 of the notebook"),
    "deep": (b'{"cells":' + b"[" * 100_000, "nested too deeply"),
    "digits": (b'{"nbformat":' + b"9" * 5000 + b"}", "not JSON"),
    "much code": (notebook("#" * (MOST_BYTES + 1)), "more than 1024 KiB of code"),
    "huge": (b" " * (MOST_NOTEBOOK_BYTES + 1), "larger than 16 MiB"),
}


@pytest.mark.parametrize(("data", "words"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_cannot_be_read_has_one_clear_problem(data: bytes, words: str) -> None:
    text = read_notebook(data)
    assert text.problem is not None and words in text.problem
    assert text.source == "" and "\n" not in text.problem


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"language_info": {"name": "ipython"}},
        {"kernelspec": {"name": "conda-env-dl-py", "language": "python", "display_name": "dl"}},
        {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "colab": {"provenance": []}},
        {"kernelspec": 7, "language_info": []},
        {"language_info": {"name": ["python"]}},
    ],
)
def test_a_notebook_that_names_no_other_language_is_read(metadata: dict[str, Any]) -> None:
    assert read_notebook(notebook("w = 1", metadata=metadata)).problem is None


@pytest.mark.parametrize(
    ("cells", "problem", "place"),
    [
        (
            ["w = 1", "b = 1\nif b\n    c = 1"],
            "Cell 2, line 2 is no Python: SyntaxError: expected",
            (2, 2),
        ),
        (
            [("markdown", "x"), "w = (1,\n\n"],
            "Cell 2, line 1 is no Python: SyntaxError: '(' was",
            (2, 1),
        ),
        (["for i in x:\n", "  w = 1"], "Cell 1, line 1 is no Python: IndentationError: expected an", (1, 1)),
        (["w = 1 \\"], "Cell 1, line 1 is no Python: SyntaxError", (1, 1)),
        (["x = 1", "s = '\ud800'"], "Cell 2, line 1 has half a character (a lone surrogate)", (2, 1)),
        (["x = 1\ns = '\0'"], "Cell 1, line 2 has a NUL character", (1, 2)),
        (["%%time\nx = 1\ny = ="], "Cell 1, line 3 is no Python", (1, 3)),
        (["x = " + "(" * 5000], "Cell 1, line 1", (1, 1)),
    ],
)
def test_a_cell_that_is_no_python_is_named_with_its_line(
    cells: list[Any], problem: str, place: tuple[int, int]
) -> None:
    text = read_notebook(notebook(*cells))
    assert text.problem is not None and text.problem.startswith(problem), text.problem
    found = Source(text.source, text.cells).place(text.problem_line)
    assert found == CellLine(cell=place[0], line=place[1])
    text.source.encode()


def test_the_first_problem_is_the_one_that_is_said() -> None:
    assert "Cell 1, line 1" in (read_notebook(notebook("x = =", "y = =")).problem or "")


def test_a_file_is_a_notebook_by_its_name_or_by_what_is_in_it(course: Course, tmp_path: Path) -> None:
    for name, data in [("A.IPYNB", notebook("w = 1")), ("b.py", b" \n" + notebook("w = 1"))]:
        (tmp_path / name).write_bytes(data)
        found = read_submission(tmp_path / name, course.exercise("line"))
        assert found.is_notebook and found.source == "w = 1\n", name
    (tmp_path / "c.py").write_text('{"nbformat": 4}')
    assert not read_submission(tmp_path / "c.py", course.exercise("line")).is_notebook


def test_a_notebook_may_be_larger_than_a_python_file(course: Course, tmp_path: Path) -> None:
    picture = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 2 * MOST_BYTES}}
    path = tmp_path / "line.ipynb"
    path.write_bytes(notebook(cells=[cell("code", "w = b = 1", outputs=[picture])]))
    found = read_submission(path, course.exercise("line"))
    assert (found.problem, found.form, found.source) == (None, "script", "w = b = 1\n")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CELLS = st.fixed_dictionaries(
    {"cell_type": st.sampled_from(["code", "markdown", "raw", 3]) | JSON},
    optional={"source": st.text(alphabet="x=%!?(\\'\"\n \t:#", max_size=40) | JSON, "outputs": JSON},
)


@settings(max_examples=150)
@given(
    st.fixed_dictionaries(
        {"nbformat": st.just(4)}, optional={"metadata": JSON, "cells": st.lists(CELLS | JSON)}
    )
)
@example({"nbformat": 4, "cells": [{"cell_type": "code", "source": "%%\n"}]})
@example({"nbformat": 4, "cells": [{"cell_type": "code", "source": "%%time"}]})
def test_any_json_is_read_or_has_a_problem(content: dict[str, Any]) -> None:
    text = read_notebook(json.dumps(content).encode())
    assert (text.problem is None) == (text.problem_line is None and bool(text.cells))
    if text.problem is None:
        ast.parse(text.source)
        last = text.cells[-1]
        assert last.first + last.lines - 1 == len(re.split("\n", text.source)) - 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_notebook_or_have_a_problem(course: Course, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "any.ipynb").write_bytes(data)
    assert read_submission(tmp_path / "any.ipynb", course.exercise("line")).problem
