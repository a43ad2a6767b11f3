"""Edits of a text: exact, minimal, and none where they would touch something else."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.suggestion.text import CannotEdit, Text

PROGRAM = """import torch

def fit(x, y, lr, steps):
    w = torch.zeros(1)  # größe
    for _ in range(steps):
        if lr > 0:
            w -= lr * 2

            w += 1  # up

        # done
    é = "ü" + str(w); return w
"""


def statement(text: Text, line: int) -> ast.stmt:
    return next(n for n in ast.walk(text.tree) if isinstance(n, ast.stmt) and n.lineno == line)


def test_expressions_are_replaced_where_they_stand_beyond_ascii_too() -> None:
    text = Text(PROGRAM)
    (call,) = (n for n in ast.walk(text.tree) if isinstance(n, ast.Call) and ast.unparse(n) == "str(w)")
    assert text.of(call) == "str(w)"
    assert text.with_changes([text.replace(call, '"ß"')]) == PROGRAM.replace("str(w)", '"ß"')
    assert text.with_changes([text.before(call, "("), text.after(call, ")")]) == PROGRAM.replace(
        "str(w)", "(str(w))"
    )


def test_lines_are_added_as_deep_as_what_they_stand_beside() -> None:
    text = Text(PROGRAM)
    update = statement(text, 7)
    assert text.with_changes([text.above(update, "a", "b")]) == PROGRAM.replace(
        "            w -= lr * 2", "            a\n            b\n            w -= lr * 2"
    )
    assert text.with_changes([text.below(update, "a")]) == PROGRAM.replace(
        "lr * 2\n", "lr * 2\n            a\n"
    )


def test_a_block_is_put_under_a_header_and_taken_out_again() -> None:
    text = Text(PROGRAM)
    first, last = statement(text, 7), statement(text, 9)
    wrapped = text.with_changes(text.wrapped(first, last, "with g:"))
    assert "    with g:\n                w -= lr * 2\n\n                w += 1  # up\n" in wrapped
    again = Text(wrapped)
    inner = [statement(again, 8), statement(again, 10)]
    out = [again.remove_line(7), *again.dedent(inner[0], inner[1], "            ")]
    assert again.with_changes(out) == PROGRAM


def test_of_insertions_at_one_place_the_first_stays_first() -> None:
    text = Text("a = 1\n")
    (only,) = text.tree.body
    assert text.with_changes([text.above(only, "b"), text.above(only, "c")]) == "b\nc\na = 1\n"


@pytest.mark.parametrize(
    ("source", "added"),
    [
        ("a = 1", "a = 1\nb"),
        ("a = 1\n", "a = 1\nb\n"),
        ("a = 1\r\n", "a = 1\r\nb\r\n"),
    ],
)  # fmt: skip
def test_newlines_are_those_of_the_file(source: str, added: str) -> None:
    text = Text(source)
    (only,) = text.tree.body
    assert text.with_changes([text.below(only, "b")]) == added
    assert text.with_changes([text.remove(only)]) == ""


def test_the_file_says_how_deep_a_level_is() -> None:
    text = Text("def f():\n\tif 1:\n\t\ta = 1\n")
    inner = statement(text, 3)
    assert "\t\twith g:\n\t\t\ta = 1\n" in text.with_changes(text.wrapped(inner, inner, "with g:"))


@pytest.mark.parametrize("source", ["def f(:\n", "a = 1\rb = 2\n", "a = 1\x0c\n", "a = '\ud800'\n", "\0"])
def test_what_cannot_be_patched_is_refused(source: str) -> None:
    with pytest.raises(CannotEdit):
        Text(source)


def test_a_line_that_is_shared_is_left_alone() -> None:
    text = Text("if 1: a = 1\nb = 1; c = 2\n")
    for node in (n for n in ast.walk(text.tree) if isinstance(n, ast.Assign)):
        for edit in (text.above, text.below):
            with pytest.raises(CannotEdit):
                edit(node, "d")
        with pytest.raises(CannotEdit):
            text.remove(node)


def test_a_string_over_several_lines_is_never_indented() -> None:
    text = Text('def f():\n    a = """\n  b\n"""\n')
    inner = statement(text, 2)
    with pytest.raises(CannotEdit, match="string"):
        text.wrapped(inner, inner, "with g:")
    with pytest.raises(CannotEdit, match="string"):
        text.block_text(inner, inner)


def test_edits_that_overlap_are_refused() -> None:
    text = Text("a = b + c\n")
    (only,) = text.tree.body
    assert isinstance(only, ast.Assign) and isinstance(only.value, ast.BinOp)
    with pytest.raises(CannotEdit):
        text.with_changes([text.replace(only.value, "1"), text.replace(only.value.left, "2")])


# --- whatever the text is: no line changes that an edit is not about -----------------------------------

names = st.sampled_from(["w", "größe", "x1"])
simple = st.one_of(
    st.builds("{} = {} + 1  # é".format, names, names),
    st.builds("{} -= 'ü'".format, names),
    st.just("pass"),
    st.builds("print({})".format, names),
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """Some nested blocks, with empty lines and comments between."""
    unit, newline = draw(st.sampled_from(["  ", "    ", "\t"])), draw(st.sampled_from(["\n", "\r\n"]))
    lines: list[str] = []

    def block(depth: int) -> None:
        for _ in range(draw(st.integers(1, 3))):
            lines.append(unit * depth + draw(simple))
            lines.extend(draw(st.lists(st.sampled_from(["", "# note"]), max_size=1)))
            if depth < 3 and draw(st.booleans()):
                lines.append(unit * depth + "for w in x1:")
                block(depth + 1)

    block(0)
    return newline.join(lines) + draw(st.sampled_from(["", newline]))


@settings(max_examples=60, deadline=None)
@given(programs(), st.data())
def test_no_line_changes_that_an_edit_is_not_about(source: str, data: st.DataObject) -> None:
    text = Text(source)
    nodes = [n for n in ast.walk(text.tree) if isinstance(n, ast.stmt)]
    node = data.draw(st.sampled_from(nodes))
    first, last = node.lineno, node.end_lineno or node.lineno
    made = data.draw(
        st.sampled_from(
            [
                text.wrapped(node, node, "with g:"),
                [text.above(node, "pass")],
                [text.below(node, "pass")],
                [text.replace(node, "pass")],
            ]
        )
    )
    edited = text.with_changes(made)
    before, after = source.split("\n"), edited.split("\n")
    if not source.endswith("\n") and made == [text.below(node, "pass")]:
        before[-1] += "\r" if text.newline == "\r\n" and last == len(before) else ""
    assert after[: first - 1] == before[: first - 1]
    assert after[len(after) - (len(before) - last) :] == before[last:]
    ast.parse(edited)
