"""JUnit XML, SARIF, GitHub's commands, summary and Classroom, CSV and Markdown: by strict readers."""

from __future__ import annotations

import base64
import csv
import io
import itertools
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
import xmlschema
from hypothesis import given, settings
from markdown_it import MarkdownIt

from grader.adjustments import Adjustment, Adjustments
from grader.errors import UsageError
from grader.export.formats import github_summary
from grader.export.formats.github import command
from grader.export.markup import block, code, prose, text
from grader.pitfall import catalogue
from grader.records import Result
from grader.version import __version__
from tests import handmade
from tests.exported import EVIL, export, graded, hostile, hostile_result, in_a_notebook, student

SCHEMAS = Path(__file__).parent / "schemas"
JUNIT = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")
SARIF = jsonschema.Draft4Validator(
    json.loads((SCHEMAS / "sarif-schema-2.1.0.json").read_text("utf-8")),
    format_checker=jsonschema.FormatChecker(),
)
ALL = (handmade.result(), handmade.failed(), handmade.ungraded(), in_a_notebook())


# --- JUnit --------------------------------------------------------------------------------------


def junit(*results: Result) -> ET.Element:
    """The document, valid, and its counts right."""
    data = export("junit", *results)[0]
    JUNIT.validate(io.BytesIO(data))
    root = ET.fromstring(data)  # noqa: S314 - our own
    for suite in root:
        for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute, "")) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.get("tests", "")) == len(suite.findall("testcase")) > 0
    return root


def test_junit_has_a_suite_a_result_and_a_case_an_item() -> None:
    passed, failed, ungraded, _ = junit(*ALL)
    assert passed.get("name") == "alice: quadratic"
    assert [case.get("classname") for case in passed.iter("testcase")] == [
        f"quadratic.{name}" for name in handmade.TITLES
    ]
    failure = failed.find("testcase[@classname='quadratic.gradient-zeroing']/failure")
    assert failure is not None
    assert failure.get("message") == "stale-gradient at line 12"
    assert "At step 2 a.grad was -10.31" in (failure.text or "")
    assert "After the update, clear all three gradients" in (failure.text or "")
    assert "Worth a look, at no cost:" in (failed.findtext("system-out") or "")
    properties = {each.get("name"): each.get("value") for each in failed.iter("property")}
    assert (properties["score"], properties["max_score"]) == ("40", "100")
    assert ungraded.find("testcase/error") is not None
    assert "died three times" in (ungraded.findtext("testcase/error") or "")


def test_what_nobody_looked_at_has_failed_unless_it_was_not_asked() -> None:
    blocked = handmade.rubric(no_grad=("blocked", "Not judged"))
    (suite,) = junit(handmade.failed(rubric=blocked))
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.get("type") == "blocked"
    unasked = blocked[-1].model_copy(update={"points": 0.0})
    (suite,) = junit(handmade.failed(rubric=(*blocked[:-1], unasked)))
    assert suite.find("testcase/skipped") is not None
    assert suite.find("testcase/failure") is None


@settings(deadline=None, max_examples=40)
@given(hostile)
def test_junit_is_valid_whatever_a_student_wrote(words: str) -> None:
    junit(hostile_result(words), student(words, words))


# --- SARIF --------------------------------------------------------------------------------------


def sarif(*results: Result) -> dict[str, Any]:
    """The one run, valid."""
    log = json.loads(export("sarif", *results)[0])
    assert list(SARIF.iter_errors(log)) == []
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    for result in run["results"]:
        if "ruleIndex" in result:
            assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
    return dict(run)


def test_sarif_has_every_pitfall_as_a_rule_and_every_finding_as_a_result() -> None:
    run = sarif(*ALL)
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["semanticVersion"]) == ("autograd-grader", __version__)
    assert [rule["id"] for rule in driver["rules"]] == list(catalogue())
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in driver["rules"])
    stale, item, cell = run["results"]
    assert (stale["ruleId"], stale["level"]) == ("stale-gradient", "error")
    (location,) = stale["locations"]
    assert location == {
        "physicalLocation": {"artifactLocation": {"uri": "class/alice.py"}, "region": {"startLine": 12}}
    }
    assert item["level"] == "warning"
    (location,) = cell["locations"]
    assert "region" not in location["physicalLocation"]  # a cell's line is none of its file
    assert location["logicalLocations"] == [{"fullyQualifiedName": "cell 3, line 2"}]
    assert cell["message"]["text"].startswith("Cell 3, line 2: At step 2")
    (invocation,) = run["invocations"]
    assert not invocation["executionSuccessful"]
    assert "died three times" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_a_fingerprint_is_of_the_mistake_and_not_of_its_line() -> None:
    def fingerprint(result: Result) -> dict[str, str]:
        return dict(sarif(result)["results"][0]["partialFingerprints"])

    moved = handmade.STALE.model_copy(update={"line": 40})
    other = handmade.STALE.model_copy(update={"source": "b -= lr * b.grad"})
    assert fingerprint(handmade.failed()) == fingerprint(handmade.failed(findings=(moved,)))
    assert fingerprint(handmade.failed()) != fingerprint(handmade.failed(findings=(other,)))


def test_a_path_is_a_reference_below_the_current_folder() -> None:
    def uri(path: str) -> object:
        base = handmade.failed()
        info = base.submission.model_copy(update={"path": path})
        found = sarif(base.model_copy(update={"submission": info}))["results"][0]
        return found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]

    assert uri(str(Path.cwd() / "a b" / "ü.py")) == "a%20b/%C3%BC.py"
    assert uri("/elsewhere/a.py") == "file:///elsewhere/a.py"
    assert uri("a:b.py") == "a%3Ab.py"


@settings(deadline=None, max_examples=20)
@given(hostile)
def test_sarif_is_valid_whatever_a_student_wrote(words: str) -> None:
    run = sarif(hostile_result(words))
    shown = json.dumps(run["results"], ensure_ascii=False)
    assert not re.search("[\x1b\x9b\u202e\ud800-\udfff]", shown)


# --- GitHub -------------------------------------------------------------------------------------

_COMMAND = re.compile(r"::(?P<name>[a-z-]+)(?: (?P<properties>[^:]*))?::(?P<data>.*)")


def runner(log: str) -> list[tuple[str, dict[str, str], str]]:
    """What a runner of GitHub's would obey in this log, line by line."""
    obeyed = []
    stopped = None
    for line in re.split(r"\r\n|\r|\n", log):
        if stopped is not None:
            stopped = None if line.strip() == f"::{stopped}::" else stopped
            continue
        assert "##[" not in line
        if not line.lstrip().startswith("::"):
            continue
        found = _COMMAND.fullmatch(line)
        assert found, line
        if found["name"] == "stop-commands":
            stopped = found["data"]
            continue
        pairs = (pair.split("=", 1) for pair in (found["properties"] or "").split(",") if pair)
        obeyed.append((found["name"], {key: _meant(value) for key, value in pairs}, _meant(found["data"])))
    assert stopped is None
    return obeyed


def _meant(escaped: str) -> str:
    for code_, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        escaped = escaped.replace(code_, character)
    return escaped


def test_github_gets_an_annotation_at_every_finding() -> None:
    data, _ = export("github", *ALL)
    obeyed = runner(data.decode())
    kinds = [name for name, _, _ in obeyed if name not in ("group", "endgroup")]
    assert kinds == ["notice", "notice", "error", "warning", "error", "notice", "error"]
    _, properties, message = next(each for each in obeyed if each[0] == "error")
    assert properties == {
        "file": "class/alice.py",
        "line": "12",
        "title": "stale-gradient: An update used gradient left over from earlier steps",
    }
    assert message.startswith("At step 2 a.grad was -10.31")
    assert "\n\nTo mend it: After the update" in message
    cell = obeyed[-3]
    assert "line" not in cell[1]
    assert cell[2].startswith("Cell 3, line 2:")


@pytest.mark.parametrize("name", ["github", "markdown", "junit", "sarif", "gradescope"])
def test_what_put_a_finding_to_the_test_is_told(name: str) -> None:
    proof = "With `a.grad` cleared the answer is right."
    items = tuple(
        item.model_copy(update={"because_of": ("stale-gradient",)}) if item.id == "coefficients" else item
        for item in handmade.failed().rubric
    )
    proved = handmade.STALE.model_copy(update={"confirmed": True, "proof": proof})
    told = export(name, handmade.failed(findings=(proved,), rubric=items))[0].decode()
    assert "cleared the answer is right." in told
    assert ("Passes once" in told) == (name in ("markdown", "junit", "gradescope"))


def test_what_the_code_printed_commands_nothing() -> None:
    forged = "::error::forged\n::add-mask::x\n##[error]x\n"
    result = handmade.result(runs=(handmade.run(stdout=forged),))
    log = export("github", result)[0].decode()
    assert "::error::forged" in log
    assert [name for name, _, _ in runner(log)] == ["notice", "group", "endgroup"]
    tokens = {re.findall("stop-commands::(.*)", export("github", result)[0].decode())[0] for _ in range(5)}
    assert len(tokens) == 5


def test_a_command_is_escaped() -> None:
    assert command("error", "50%\r\na,b:c", file="a,b:c%", line=None, title="x\ny") == (
        "::error file=a%2Cb%3Ac%25,title=x y::50%25%0Aa,b:c\n"
    )


@settings(deadline=None)
@given(hostile)
def test_github_obeys_nothing_that_a_student_wrote(words: str) -> None:
    obeyed = runner(export("github", hostile_result(words))[0].decode())
    named = [name for name, _, _ in obeyed]
    assert named[:3] == ["notice", "error", "warning"]
    assert named[3:] in ([], ["group", "endgroup"])
    assert all(set(properties) <= {"file", "line", "title"} for _, properties, _ in obeyed)


def classroom(*results: Result) -> dict[str, Any]:
    """As the autograding reporter reads it, and only with the fields that it has."""
    line = export("classroom", *results)[0].decode()
    assert line.endswith("\n")
    assert "\n" not in line[:-1]
    report = json.loads(base64.b64decode(line[:-1], validate=True))
    assert set(report) == {"version", "status", "max_score", "tests"}
    assert report["version"] == 1
    assert report["status"] in ("pass", "fail", "error")
    for test in report["tests"]:
        assert set(test) == {"name", "status", "score", "message", "line_no", "execution_time"}
        assert test["status"] in ("pass", "fail", "error")
        runner(f"Error: {test['message']}")  # the reporter prints it
        runner(test["name"])
    return dict(report)


def test_classroom_adds_up_to_the_score() -> None:
    report = classroom(handmade.failed())
    assert (report["status"], report["max_score"]) == ("fail", 100)
    assert sum(test["score"] for test in report["tests"]) == 40
    assert [test["line_no"] for test in report["tests"]] == [0, 0, 0, 12, 0]
    assert classroom(handmade.result())["status"] == "pass"
    assert classroom(handmade.ungraded())["status"] == "error"
    decided = Adjustments(entries=(Adjustment(student="alice", score=55),))
    adjusted = json.loads(base64.b64decode(export("classroom", graded(handmade.failed(), decided))[0]))
    assert sum(test["score"] for test in adjusted["tests"]) == 55


def test_classroom_holds_one_result() -> None:
    with pytest.raises(UsageError, match="holds one result, and there are several"):
        export("classroom", handmade.result(), handmade.failed())


@settings(deadline=None)
@given(hostile)
def test_classroom_prints_no_command(words: str) -> None:
    classroom(hostile_result(words))


# --- Markdown and CSV ---------------------------------------------------------------------------

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
_OURS = {
    "heading_open", "heading_close", "paragraph_open", "paragraph_close", "inline", "text", "strong_open",
    "strong_close", "table_open", "table_close", "thead_open", "thead_close", "tbody_open", "tbody_close",
    "tr_open", "tr_close", "th_open", "th_close", "td_open", "td_close", "fence", "code_inline",
    "text_special",
}  # fmt: skip


def rendered(source: str) -> list[Any]:
    """The tokens of a document: nothing but what we write ourselves is among them."""
    tokens = _MARKDOWN.parse(source)
    flat = [*tokens, *(child for token in tokens for child in token.children or ())]
    assert {token.type for token in flat} <= _OURS, {token.type for token in flat} - _OURS
    assert not re.search("[\x00\x1b\x9b\u202e\ud800-\udfff]", source)
    return flat


def test_markdown_shows_the_verdict_the_rubric_and_the_finding() -> None:
    source = export("markdown", handmade.failed())[0].decode()
    shown = [token.content for token in rendered(source) if token.type == "inline"]
    assert shown[0] == "alice: quadratic"
    assert "**40 of 100 points. Not passed yet. Begin with line 12.**" in shown
    assert "20 / 20" in shown
    (fence, _) = (token.content for token in rendered(source) if token.type == "fence")
    assert ">   12              a -= lr * a.grad" in fence
    assert any("`a.grad` was -10.31" in text_ for text_ in shown)


@settings(deadline=None)
@given(hostile)
def test_nothing_a_student_wrote_is_markdown(words: str) -> None:
    tokens = rendered(export("markdown", hostile_result(words))[0].decode())
    assert sum(token.type == "heading_open" for token in tokens) == 3
    assert sum(token.type == "tr_open" for token in tokens) == 6
    cells = [after.content for token, after in itertools.pairwise(tokens) if token.type == "td_open"]
    assert len(cells) == 20
    assert all(re.fullmatch(r"[✓✗–] (passed|not passed|blocked)", cell) for cell in cells[::4])
    assert all(re.fullmatch(r"\d+ / \d+", cell) for cell in cells[2::4])  # no bar of a student's parts a cell


@given(hostile)
def test_words_are_shown_as_they_are(words: str) -> None:
    rendered(f"x {text(words)}\n\n{text(words)}\n\n{code(words)}\n\n{prose(words)}\n\n{block(words)}")


def test_the_summary_stays_below_the_cap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "summary.md"
    monkeypatch.setenv(github_summary.VARIABLE, str(file))
    whole, notes = export("github-summary", handmade.failed())
    assert whole == export("markdown", handmade.failed())[0]
    assert notes == []
    file.write_bytes(b"x" * 1000)
    monkeypatch.setattr(github_summary, "MOST_BYTES", 1000 + 200 + len(whole) + 5)
    data, notes = export("github-summary", *[handmade.failed()] * 3)
    assert data.startswith(whole)
    assert 1000 + len(data) <= github_summary.MOST_BYTES
    assert notes == ["2 more results did not fit into the summary of a step (1 MiB)."]


def test_csv_has_a_line_a_result() -> None:
    rows = list(csv.DictReader(io.StringIO(export("csv", *ALL)[0].decode(), newline=""), strict=True))
    assert [row["status"] for row in rows] == ["passed", "failed", "ungraded", "failed"]
    assert [row["score"] for row in rows] == ["100", "40", "", "40"]
    assert rows[1]["errors"] == "stale-gradient"
    assert rows[1]["warnings"] == "item-every-step"
    assert rows[1]["place"] == "line 12, step 2, on cpu, seed 101"
    assert rows[2]["first_error"] == "The warm process died three times."


@given(hostile)
def test_no_cell_is_a_formula(words: str) -> None:
    data = export("csv", hostile_result(words))[0].decode()
    header, row = csv.reader(io.StringIO(data, newline=""), strict=True)
    assert len(row) == len(header)
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("name", ["csv", "github", "markdown", "junit", "sarif", "gradescope", "classroom"])
def test_every_hostile_text_leaves_every_format_readable(name: str) -> None:
    for words in EVIL:
        export(name, hostile_result(words))[0].decode("utf-8")
