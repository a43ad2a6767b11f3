"""What ``grader verify`` proved, as JUnit XML for a CI."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from grader.clean import visible

if TYPE_CHECKING:
    from grader.verify import Check


def junit(checks: Sequence[Check]) -> bytes:
    """One suite an exercise, one case a check, UTF-8 with a declaration."""
    root = ET.Element("testsuites", name="grader verify")
    _count(root, checks)
    ordered = sorted(checks, key=lambda check: check.exercise)
    for exercise, group in groupby(ordered, key=lambda check: check.exercise):
        _suite(root, exercise, list(group))
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _suite(root: ET.Element, exercise: str, checks: Sequence[Check]) -> None:
    suite = ET.SubElement(root, "testsuite", name=visible(exercise))
    _count(suite, checks)
    for check in checks:
        case = ET.SubElement(
            suite,
            "testcase",
            classname=visible(exercise),
            name=visible(check.name),
            time=f"{check.seconds:.3f}",
        )
        if not check.passed:
            message = f"expected {check.expected}; found {check.found}"
            ET.SubElement(case, "failure", message=visible(message)).text = visible(message)


def _count(element: ET.Element, checks: Iterable[Check]) -> None:
    listed = list(checks)
    element.set("tests", str(len(listed)))
    element.set("failures", str(sum(not check.passed for check in listed)))
    element.set("time", f"{sum(check.seconds for check in listed):.3f}")
