"""What IPython reads and Python does not: left out, line by line, and nothing else."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.submission.commands import without_commands
from grader.submission.notebook import read_notebook
from tests.notebooks import notebook


def cleaned(source: str) -> str:
    return "\n".join(without_commands(source.split("\n")).lines)


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("%matplotlib inline\nx = 1", "pass  # %matplotlib inline\nx = 1"),
        ("!pip install torch", "pass  # !pip install torch"),
        ("if x:\n    !ls", "if x:\n    pass  # !ls"),
        ("!a \\\n  b \\\n  c\nx", "pass  # !a \\\n#   b \\\n#   c\nx"),
        ("files = !ls", "files = None  # !ls"),
        ("a, b[0] = %magic x", "a, b[0] = None  # %magic x"),
        ("%time w = fit(x)", "w = fit(x)"),
        ("out = %time fit(x)", "out = fit(x)"),
        ("%timeit fit(x)", "pass  # %timeit fit(x)"),
        ("torch.randn?", "pass  # torch.randn?"),
        ("if x:\n  ??torch", "if x:\n  pass  # ??torch"),
        ("fit??", "pass  # fit??"),
        ("%%time\nx = 1\n!ls", "# %%time\nx = 1\npass  # !ls"),
        ("\n%%capture out\nx = 1", "\n# %%capture out\nx = 1"),
        ("%%bash\nls\n\nrm x", "# %%bash\n# ls\n\n# rm x"),
        ("%%writefile a.py\nx = 1", "# %%writefile a.py\n# x = 1"),
        ("%%", "# %%"),
    ],
)
def test_commands_become_lines_that_do_nothing(source: str, python: str) -> None:
    assert cleaned(source) == python
    ast.parse(python)


@pytest.mark.parametrize(
    "source",
    [
        "x = (a\n     % b)",
        "x = a \\\n    % b",
        's = """\n%matplotlib inline\n!ls\n"""',
        "s = '''a\\'''\n!b\n'''",
        "s = 'a\\\n!b'",
        "s = f'''{x}\n%y'''",
        "d = {  # it's (\n  'a': 1,\n  **b}",
        "x = y % 3\nx %= 2\nz = x != 1",
        "print('what?')",
        "# why?\n# %magic",
        "a[\n%b",
        "",
    ],
)
def test_python_is_left_as_it_is(source: str) -> None:
    assert cleaned(source) == source


def test_a_command_after_strings_and_brackets_is_seen() -> None:
    source = "s = \"it's\"  # ([{\nt = r'\\'\nu = (1,\n  2)\n!ls"
    assert cleaned(source).endswith("\npass  # !ls")


def test_what_was_left_out_is_said_with_its_place() -> None:
    text = read_notebook(
        notebook("%matplotlib inline", ("markdown", ""), "x = 1\n!pip install `x`", "%%sh\nls")
    )
    assert text.notes == (
        "2 lines of notebook commands were left out: cell 1, line 1 (`%matplotlib inline`);"
        " cell 3, line 2 (`!pip install 'x'`).",
        "Not run, for what they hold is no Python: cell 4 (`%%sh`).",
    )
    one = read_notebook(notebook("!ls\nx = 1"))
    assert one.notes == ("1 line of notebook commands was left out: cell 1, line 1 (`!ls`).",)
    assert read_notebook(notebook("x = 1")).notes == ()


def test_many_commands_are_counted_and_few_named() -> None:
    (note,) = read_notebook(notebook("\n".join(f"!echo {i}" for i in range(30)))).notes
    assert note.startswith("30 lines") and note.endswith("`!echo 4`) and 25 more.")


def test_what_a_command_says_is_safe_to_show() -> None:
    (note,) = read_notebook(notebook("!echo \x1b[2J\u202e" + "y" * 99)).notes
    assert "\\x1b[2J\\u202eyyy" in note and "…" in note


@given(st.lists(st.text(alphabet="x=%!?()[]\\'\"# \t:", max_size=12), max_size=8))
def test_there_are_always_as_many_lines_and_nothing_is_cleaned_twice(lines: list[str]) -> None:
    once = without_commands(lines)
    assert len(once.lines) == len(lines)
    assert all(1 <= number <= len(lines) for number, _ in once.left_out)


@given(st.lists(st.sampled_from(["x = 1", "s = '''", "'''", "y = (", ")", "# it's", "z = 'a'", "w %= 2"])))
def test_what_is_python_is_never_touched(lines: list[str]) -> None:
    try:
        ast.parse("\n".join(lines))
    except SyntaxError:
        return
    assert list(without_commands(lines).lines) == lines
