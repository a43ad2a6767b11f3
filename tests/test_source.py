"""What the text of a submission says about places and names."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.records import Site
from grader.source import Source, parse

LOOPS = """\
import torch
RATE = 0.1

def helper(w):
    return w * 2

def fit(x, y, lr, steps):
    for outer in range(steps):
        while True:
            helper(x)
            break
        y = y
    return x

class Net:
    def go(self):
        return 1
"""


def site(line: int, column: int, end_column: int, end_line: int | None = None) -> Site:
    return Site(
        line=line, end_line=end_line or line, column=column, end_column=end_column, function="f", visits=1
    )


def test_a_line_is_counted_from_one_and_has_no_newline() -> None:
    source = Source("first  \r\n  second\n")
    assert (source.line(1), source.line(2)) == ("first", "  second")
    assert [source.line(number) for number in (0, 3, -1, None)] == [None] * 4


def test_an_expression_is_sliced_by_bytes() -> None:
    source = Source("ß = é.sum()  # ü\n")
    assert source.expression(site(1, 5, 13)) == "é.sum()"
    assert source.expression(None) is None
    assert source.expression(site(9, 0, 1)) is None


def test_an_expression_over_two_lines_is_its_first_line() -> None:
    assert Source("x = f(1,\n      2)\n").expression(site(1, 4, 8, end_line=2)) == "f(1,"


def test_a_long_expression_is_none() -> None:
    assert Source("x" * 61).expression(site(1, 0, 61)) is None
    assert Source("x" * 60).expression(site(1, 0, 60)) == "x" * 60


def test_the_innermost_loop_counts_and_a_loop_encloses_the_helpers_it_calls() -> None:
    source = Source(LOOPS)
    assert source.loop_around([12]) == 8
    assert source.loop_around([10]) == 9
    assert source.loop_around([5, 10]) == 9
    assert source.loop_around([5, 13]) is None
    assert source.loop_around([]) is None


def test_a_line_is_in_its_innermost_definition() -> None:
    source = Source(LOOPS)
    assert [source.function_at(line) for line in (2, 5, 11, 15, 17)] == [None, 4, 7, 15, 16]


@pytest.mark.parametrize(
    "text",
    [
        "w = 1",
        "w: int = 1",
        "w, b = 1, 2",
        "[w, *b] = [1, 2]",
        "w += 1",
        "def w(): pass",
        "async def w(): pass",
        "class w: pass",
        "import w",
        "import w.sub",
        "import numpy as w",
        "from numpy import ones as w",
        "if True:\n    w = 1",
        "if False:\n    pass\nelse:\n    w = 1",
        "for w in []: pass",
        "for _ in []:\n    w = 1",
        "while True:\n    w = 1",
        "with open('x') as w: pass",
        "with open('x'):\n    w = 1",
        "try:\n    w = 1\nexcept OSError: pass",
        "try:\n    pass\nexcept OSError:\n    w = 1",
        "try:\n    pass\nfinally:\n    w = 1",
        "if (w := 1): pass",
        "print(w := 1)",
        "match 1:\n    case 1:\n        w = 1",
    ],
)
def test_the_top_level_binds_a_name(text: str) -> None:
    assert Source(text).binds("w")


@pytest.mark.parametrize(
    "text",
    ["w", "w.x = 1", "w[0] = 1", "def f():\n    w = 1", "class C:\n    w = 1", "lambda w: w", "w = = 1", "",
     "print('w = 1')", "# w = 1", "f(w=1)"],
)  # fmt: skip
def test_the_top_level_does_not_bind_a_name(text: str) -> None:
    assert not Source(text).binds("w")


@pytest.mark.parametrize(
    ("signature", "takes"),
    [
        ("x, y, lr, steps", True),
        ("x, y, lr, steps, seed=0", True),
        ("*args", True),
        ("x, *rest", True),
        ("x, /, y, lr, steps", True),
        ("x, y, lr, steps, *, key=1", True),
        ("x, y, lr=1, steps=2", True),
        ("x, y, lr", False),
        ("x, y, lr, steps, more", False),
        ("x, y, lr, steps, *, key", False),
        ("", False),
        ("**options", False),
    ],
)
def test_a_function_takes_four_arguments_by_position(signature: str, takes: bool) -> None:
    assert Source(f"def fit({signature}): pass").takes("fit", 4) is takes


def test_what_is_no_def_may_take_anything() -> None:
    for text in ("fit = lambda x: x", "", "from other import fit", "def fit(:"):
        assert Source(text).takes("fit", 4) is None


def test_the_last_of_two_definitions_is_the_one_that_is_called() -> None:
    source = Source("def fit(x): pass\n\ndef fit(x, y, lr, steps): pass\n")
    assert (source.takes("fit", 4), source.definition("fit")) == (True, 3)


def test_definitions_and_returns() -> None:
    text = textwrap.dedent("""\
        def fit(x):
            if x:
                return 1
            return 2

        def none(x):
            pass

        class Net: ...
    """)
    source = Source(text)
    assert (source.definition("fit"), source.definition("Net"), source.definition("x")) == (1, 9, None)
    assert source.functions() == ("fit", "none")
    assert (source.last_return("fit"), source.last_return("none")) == (4, 6)
    assert source.last_return("missing") is None


@pytest.mark.parametrize("text", ["def f(:", "\0", "x = '\ud800'", "(" * 5000, "x" + ".y" * 50_000, "\x0c"])
def test_text_that_python_cannot_read_has_lines_and_no_names(text: str) -> None:
    source = Source(text)
    assert source.functions() == () or parse(text) is not None
    assert not source.binds("nothing")


def test_python_that_warns_is_read_in_silence(recwarn: pytest.WarningsRecorder) -> None:
    assert parse('x = "\\d" is 1\n') is not None
    assert not recwarn.list


@given(st.text(), st.integers(-3, 9), st.integers(0, 30), st.integers(0, 30))
@example("def f(:\n", 1, 0, 3)
@example("é\x0b\u2028x = 1\n", 2, 1, 2)
def test_no_text_makes_a_question_fail(text: str, line: int, column: int, end: int) -> None:
    source = Source(text)
    source.line(line)
    source.expression(site(line, column, end))
    source.loop_around([line])
    source.function_at(line)
    source.binds("w")
    source.takes("fit", 4)
    source.definition("fit")
    source.last_return("fit")
    source.functions()


@given(st.lists(st.sampled_from(["for i in x:", "    w = 1", "def f():", "  pass", "", "w, b = 1, 2"])))
def test_lines_are_python_lines(lines: list[str]) -> None:
    source = Source("\n".join(lines))
    assert [source.line(number) for number in range(1, len(source.lines) + 1)] == source.lines


@pytest.mark.parametrize("character", ["\x0c", "\x1c", "\x85", "\u2028"])
def test_only_newlines_end_lines(character: str) -> None:
    assert Source(f"a = '{character}'\nb = 2\n").line(2) == "b = 2"
