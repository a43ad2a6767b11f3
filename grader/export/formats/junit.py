"""JUnit XML: a suite a result, a case an item of the rubric."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from grader.clean import visible
from grader.export.format import Order, text_format
from grader.export.graded import Graded, item_lines, printed, remarks, verdict
from grader.records import RubricResult
from grader.report.wording import number

_PROBLEM = {"failed": "failure", "blocked": "failure", "unasked": "skipped", "ungraded": "error"}


def suites(order: Order) -> Iterator[str]:
    """The document, suite by suite."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="grader">\n'
    for graded in order.results:
        element = _suite(graded)
        ET.indent(element)
        yield ET.tostring(element, encoding="unicode") + "\n"
    yield "</testsuites>\n"


def _suite(graded: Graded) -> ET.Element:
    result = graded.result
    seconds = sum(run.seconds for run in result.runs)
    suite = ET.Element("testsuite", name=visible(f"{graded.who}: {result.exercise}"))
    properties = {
        "student": graded.name,
        "student_id": graded.student_id,
        "status": result.status,
        "score": number(graded.score),
        "max_score": number(result.max_score),
        "verdict": verdict(graded),
        "path": result.submission.path,
        "sha256": result.submission.sha256,
    }
    listing = ET.SubElement(suite, "properties")
    for name, value in properties.items():
        ET.SubElement(listing, "property", name=name, value=visible(value))
    kinds = [_kind(graded, item) for item in result.rubric]
    for item, kind in zip(result.rubric, kinds, strict=True):
        _case(suite, graded, item, kind)
    if not kinds:  # a course's exercise may have no rubric, and a result is never nothing
        kinds = ["passed" if result.status == "passed" else result.status]
        item = RubricResult(id="result", title="Graded", points=0, earned=0, status="blocked")
        _case(suite, graded, item, kinds[0])
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    problems = [_PROBLEM.get(kind) for kind in kinds]
    suite.set("tests", str(len(kinds)))
    for name, problem in counts.items():
        suite.set(name, str(problems.count(problem)))
    suite.set("time", f"{seconds:.3f}")
    if said := "\n".join([*remarks(result), printed(result)]).strip():
        ET.SubElement(suite, "system-out").text = visible(said)
    return suite


def _kind(graded: Graded, item: RubricResult) -> str:
    """What nobody looked at has failed, unless it was left out of the question."""
    if graded.result.status == "ungraded":
        return "ungraded"
    return "unasked" if item.status == "blocked" and not item.points else item.status


def _case(suite: ET.Element, graded: Graded, item: RubricResult, kind: str) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=visible(f"{graded.result.exercise}.{item.id}"),
        name=visible(item.title),
    )  # no time: the items are judged on the same runs
    if (problem := _PROBLEM.get(kind)) is None:
        return
    lines = item_lines(graded.result, item) or [verdict(graded)]
    if kind == "ungraded":
        lines = [verdict(graded)]
    text = visible("\n".join(lines))
    element = ET.SubElement(case, problem, message=text.partition("\n")[0][:500])
    if problem != "skipped":
        element.set("type", kind)
        element.text = text


FORMAT = text_format("JUnit XML: a suite a result, a case an item of the rubric", suites)
