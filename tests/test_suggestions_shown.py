"""Suggestions where students meet them: the terminal, the page, the JSON, the reports of a class; and nowhere
before the policy says so."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from grader.records import Result, Suggestion
from grader.report.html import html_report
from grader.report.suggested import suggestion_view
from grader.report.text import check_report
from tests import handmade
from tests.command import ROOT, grader
from tests.test_report_text import flat
from tests.test_report_text import shown as printed

STALE = """import torch


def fit(x, y, lr, steps):
    p = torch.zeros(2, requires_grad=True, device=x.device)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
    return p
"""
MENDED = STALE.replace("    return p", "        p.grad = None\n    return p")
DIFF = "--- line.py\n+++ line.py\n@@ -1 +1,2 @@\n a\n--- b\n+<script>c</script>\x1b[2J\n"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """The exercise ``line`` of a course without a policy."""
    for folder in ("exercises", "reference", "student_template"):
        (tmp_path / "course" / folder).mkdir(parents=True)
        (tmp_path / "course" / folder / "line.py").write_text((ROOT / folder / "line.py").read_text())
    return tmp_path / "course"


def test_a_student_gets_a_change_that_can_be_applied_and_then_passes(course: Path, tmp_path: Path) -> None:
    (course / "policy.toml").write_text('suggest = "always"\n')
    file, page = tmp_path / "line.py", tmp_path / "line.html"
    file.write_text(STALE)
    ran = grader("check", file, "--exercises", course, "--html", page, "--format", "json", "--device", "cpu")
    assert ran.returncode == 1
    suggestion = json.loads(ran.stdout)["findings"][0]["suggestion"]
    assert suggestion["pitfall"] == "stale-gradient" and suggestion["lines_changed"] == 1
    assert set(suggestion["passes"]) == {"coefficients", "gradient-zeroing"}
    assert "+        p.grad = None" in page.read_text()
    (tmp_path / "the.diff").write_text(suggestion["diff"])
    subprocess.run(["patch", "-p0", "-s", "-i", "the.diff"], cwd=tmp_path, check=True)
    assert file.read_text() == MENDED


def test_a_class_is_shown_nothing_before_the_deadline_and_is_graded_again_after_it(
    course: Path, tmp_path: Path
) -> None:
    (tmp_path / "class").mkdir()
    (tmp_path / "class" / "line.py").write_text(STALE)
    out = tmp_path / "out"

    def everything(deadline: str) -> str:
        policy = f'suggest = "after the deadline"\ndeadline = {deadline}\n'
        (course / "policy.toml").write_text(policy)
        ran = grader("batch", tmp_path / "class", "--out", out, "--exercises", course)
        assert ran.returncode == 0, ran.stderr
        return "".join(path.read_text() for path in out.rglob("*") if path.is_file())

    before = everything("2999-01-01T00:00:00Z")
    assert "p.grad = None\\n" not in before and "A change that mends it" not in before
    after = everything("2020-01-01T00:00:00+01:00")
    assert "+        p.grad = None\\n" in after and "A change that mends it" in after


# --- shown, from results made by hand -------------------------------------------------------------------


def shown(result: Result) -> str:
    return printed(check_report(result))


def with_suggestion(**changes: Any) -> Suggestion:
    given = {"pitfall": "stale-gradient", "diff": DIFF, "lines_changed": 1, "passes": ("coefficients",)}
    return Suggestion.model_validate({**given, **changes})


def suggested(*others: Any, **changes: Any) -> Any:
    finding = handmade.STALE.model_copy(update={"suggestion": with_suggestion(**changes)})
    return handmade.failed(findings=(finding, *others))


def test_what_is_shown_is_inert_in_the_terminal_and_on_the_page() -> None:
    page, text = html_report(suggested()), shown(suggested())
    assert "<script>c" not in page and "&lt;script&gt;c&lt;/script&gt;\\x1b[2J" in page
    assert "\x1b[2J" not in text and "\\x1b[2J" in text


def test_each_line_of_a_diff_is_shown_as_what_it_is() -> None:
    result = suggested()
    view = suggestion_view(result, result.findings[0])
    assert view is not None
    assert [line.kind for line in view.lines] == ["at", "at", "at", "same", "removed", "added"]


def test_it_is_said_whether_everything_passes_or_what_does() -> None:
    alone = "graded again with this change alone: it passes everything"
    assert alone in flat(shown(suggested(handmade.ITEM)))
    other = handmade.STALE.model_copy(update={"pitfall": "gradient-ascent"})
    beside = flat(shown(suggested(other)))
    assert alone not in beside
    assert "the mistake is gone. Then these pass, too: Recovers a, b and c." in beside


def test_without_a_suggestion_nothing_is_said_of_one() -> None:
    assert "A change that mends it" not in shown(handmade.failed()) + html_report(handmade.failed())
    assert suggestion_view(handmade.failed(), handmade.STALE) is None


def test_the_change_of_another_mistake_stands_beside_that_one_on_the_page() -> None:
    other = handmade.STALE.model_copy(update={"pitfall": "gradient-ascent", "suggestion": with_suggestion()})
    page = html_report(handmade.failed(findings=(handmade.STALE, other)))
    assert page.index("Also found") < page.index("A change that mends it")
