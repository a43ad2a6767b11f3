"""The number that tells of a change of a dictionary, and what is done where this Python has none."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import pytest

from grader.child import dict_version, footprint
from grader.child.dict_version import dictionary_of, version_of
from grader.child.footprint import Footprint

numbered = pytest.mark.skipif(
    sys.implementation.name != "cpython" or sys.version_info >= (3, 13), reason="has no such number"
)


class Owner:
    name = 1


@numbered
@pytest.mark.parametrize(
    "change",
    [
        lambda names: names.update(new=1),
        lambda names: names.update(old=2),
        lambda names: names.pop("old"),
        lambda names: names.clear(),
        lambda names: names.setdefault("new", 1),
    ],
)
def test_every_change_is_another_number(change: Callable[[dict[str, Any]], object]) -> None:
    names = {"old": 1, "other": 1}
    before = version_of(names)
    assert before is not None and version_of(names) == before
    change(names)
    assert version_of(names) != before


@numbered
def test_a_name_of_a_class_is_seen_to_change(monkeypatch: pytest.MonkeyPatch) -> None:
    before = version_of(dictionary_of(vars(Owner)))
    monkeypatch.setattr(Owner, "name", 2)
    assert before is not None and version_of(dictionary_of(vars(Owner))) != before


@pytest.mark.parametrize("has_numbers", [pytest.param(True, marks=numbered), False])
def test_what_is_put_back_is_no_change_and_what_is_not_is_one(
    monkeypatch: pytest.MonkeyPatch, has_numbers: bool
) -> None:
    monkeypatch.setattr(dict_version, "_IS_NUMBERED", has_numbers)
    monkeypatch.setattr(footprint, "_settings", lambda: ())
    found = Footprint()
    assert found.is_unchanged()
    for _ in range(2):
        with monkeypatch.context() as patched:
            patched.setattr(math, "pi", 3.0)
            assert not found.is_unchanged()
        assert found.is_unchanged()


def test_no_number_where_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dict_version, "_IS_NUMBERED", False)
    assert version_of({}) is None
    assert dictionary_of({}.__class__.__dict__) is not None
