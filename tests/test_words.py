"""Numbers, shapes and lists in words, and torch's messages in plain ones."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.plain import in_plain_words
from grader.words import code, first_line, fitted, listing, number, numbers, plainly, plural, shape
from tests.traces import raised


@pytest.mark.parametrize(
    ("value", "text"),
    [(-10.3149, "-10.31"), (0.0025, "0.0025"), (0.0, "0"), (2.0, "2"), (123456.0, "1.235e+05"),
     (1e-30, "1e-30"), (math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf")],
)  # fmt: skip
def test_a_number_has_four_digits(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("`the loss` was computed", "The loss was computed"),
        ("At step 1 `the parameter` moved by `w.grad`.", "At step 1 the parameter moved by `w.grad`."),
        ("`w` and `b` never moved.", "`w` and `b` never moved."),
    ],
)
def test_what_has_no_name_is_not_written_as_code(sentence: str, said: str) -> None:
    assert plainly(sentence) == said


@given(st.floats(allow_nan=True, allow_infinity=True).filter(lambda value: not 1e308 < abs(value) < math.inf))
def test_every_number_has_words_that_read_back_as_nearly_the_same(value: float) -> None:
    back = float(number(value))
    assert math.isnan(back) if math.isnan(value) else math.isclose(back, value, rel_tol=1e-3)
    assert len(number(value)) <= 11


@given(st.lists(st.floats(), min_size=2, max_size=5))
def test_several_numbers_are_in_brackets(values: list[float]) -> None:
    text = numbers(values)
    assert text.startswith("[") and text.endswith("]") and text.count(", ") == len(values) - 1


def test_one_number_is_bare_and_no_numbers_are_none() -> None:
    assert (numbers([1.5]), numbers(None), numbers([])) == ("1.5", "None", "[]")


def test_a_shape_reads_as_a_tuple() -> None:
    assert (shape([]), shape([1]), shape((200, 1))) == ("()", "(1,)", "(200, 1)")


def test_lists_in_words() -> None:
    assert [listing(list("abc")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert listing(["a", "b"], "or") == "a or b"
    assert code(["w", "b"]) == "`w` and `b`"


def test_counts_in_words() -> None:
    assert [plural(n, "step") for n in (0, 1, 2)] == ["0 steps", "1 step", "2 steps"]


def test_fitted_parameters_in_words() -> None:
    assert fitted(("a", "b"), (1.4984, -2.0)) == "a = 1.498, b = -2.000"
    assert fitted(("a", "b"), None) == "nothing that can be read as numbers"
    assert fitted(("a", "b"), (1.0,)) == "a = 1.000"
    assert "nan" in fitted(("a",), (math.nan,))


def test_the_first_line_of_a_message() -> None:
    assert first_line("\n  The size.\nMore") == "The size"
    assert first_line("") == "" and first_line("\n \n") == ""
    cut = first_line("x" * 500)
    assert len(cut) == 140 and cut.endswith("…")


@given(st.text(max_size=400), st.integers(2, 200))
def test_a_first_line_is_one_line_of_bounded_length(message: str, most: int) -> None:
    found = first_line(message, most)
    assert len(found) <= most and len(found.splitlines()) <= 1


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("The size of tensor a (100) must match the size of tensor b (3) at", "sizes 100 and 3 differ"),
        ("mat1 and mat2 shapes cannot be multiplied (1x2 and 3x4)", "equal inner sizes: 2 and 3"),
        ("size mismatch, got input (2), mat (2x3), vec (4)", "3 columns was multiplied with a vector of 4"),
        ("expected m1 and m2 to have the same dtype, but got: float != double", "Two dtypes"),
        ("expected scalar type Float but found Double", "Two dtypes"),
        ("Can't call numpy() on Tensor that requires grad.", "`.detach()` it first"),
        ("unsupported operand type(s) for *: 'float' and 'NoneType'", "`.grad` is None until"),
        ("'NoneType' object has no attribute 'zero_'", "`.grad` is None until"),
        ("Trying to backward through the graph a second time", "anew in every step"),
        ("a Tensor with 2 elements cannot be converted to Scalar", "read one number"),
        ("name 'torhc' is not defined", "Python knows no `torhc`"),
        ("cannot access local variable 'w' where it is not", "not on this way through it"),
        ("maximum recursion depth exceeded in comparison", "kept calling itself"),
    ],
)
def test_a_known_message_is_explained(message: str, words: str) -> None:
    found = in_plain_words(raised(message=message))
    assert found.startswith(" ") and found.endswith(".") and words in found


def test_an_unknown_message_is_left_alone() -> None:
    assert in_plain_words(raised(message="something else")) == ""
    assert in_plain_words(raised(message="")) == ""


def test_an_exit_and_a_missing_package_have_words_of_their_own() -> None:
    assert "may end the process" in in_plain_words(raised(type="SystemExit", message="1"))
    missing = raised(type="ModuleNotFoundError", message="No module", missing_module="matplotlib")
    assert "`matplotlib` is not installed" in in_plain_words(missing)


@given(st.text(max_size=300))
def test_no_message_makes_the_words_fail(message: str) -> None:
    in_plain_words(raised(message=message))
