"""What a student reads in the terminal."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from rich.console import Console, RenderableType

from grader.records import Finding, Result
from grader.report.full_text import full_report
from grader.report.proof import proof
from grader.report.text import check_report, quiet_line
from grader.verify import Check
from tests import handmade

Report = Callable[[Result], RenderableType]


def shown(what: RenderableType, width: int = 80) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False).print(what)
    return stream.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


def test_a_failed_report_has_the_one_cause() -> None:
    text = shown(check_report(handmade.failed()))
    assert "40 of 100 points. Not passed yet. Begin with line 12." in text
    assert "Mend this first: An update used gradient left over from earlier steps" in text
    assert "▶ 12 │             a -= lr * a.grad" in text
    assert handmade.STALE.message in flat(text)
    assert f"To mend it: {handmade.STALE.fix}" in flat(text)
    assert "grader explain stale-gradient. Every run, all evidence and what was printed: add -v." in flat(
        text
    )
    assert handmade.STALE.why not in flat(text)
    assert "recovered" not in text and "step 500: loss" not in text, "with -v alone"
    assert len(text.splitlines()) < 35


def test_the_full_report_has_everything() -> None:
    text = shown(full_report(handmade.failed()))
    assert "40 of 100 points. Not passed yet. Begin with line 12." in text
    assert "Mend this first: An update used gradient left over from earlier steps" in text
    assert "▶ 12 │             a -= lr * a.grad" in text
    assert "  10 │         loss.backward()" in text
    assert handmade.STALE.message in flat(text)
    assert handmade.STALE.why in flat(text)
    assert handmade.STALE.fix in flat(text)
    assert "left over  -7.09" in text
    assert handmade.ITEM.message in flat(text) and handmade.ITEM.fix in flat(text)
    assert "step 500: loss 0.0026" in text and "RuntimeError" in text
    passed = shown(full_report(handmade.result()))
    assert passed.count("step 500: loss 0.0026") == 1, "what four runs printed alike stands there once"
    assert "grader explain stale-gradient" in text


def test_what_was_printed_is_shown_to_its_end() -> None:
    run = handmade.run(stdout="".join(f"{i}\n" for i in range(300)))
    text = shown(full_report(handmade.result(runs=(run,))))
    assert "(cpu, seed 101, its last 200 lines of 300)" in flat(text)
    assert "│ 100 " in text and "│ 99 " not in text


def test_what_was_proved_stands_with_the_cause() -> None:
    proved = handmade.STALE.model_copy(update={"proof": "With `a.grad` cleared it gets there."})
    for report in (check_report, full_report):
        assert proved.proof in flat(shown(report(handmade.failed(findings=(proved,)))))


def test_the_rest_is_brief() -> None:
    text = flat(shown(check_report(handmade.failed())))
    assert "warning item-every-step, line 18" in text
    assert handmade.ITEM.message not in text


def test_the_rubric_has_a_symbol_and_a_word_for_every_outcome() -> None:
    rubric = handmade.rubric(coefficients=("failed", "off by 0.41"), no_grad=("blocked", "the run raised"))
    text = shown(full_report(handmade.failed(rubric=rubric)))
    short = shown(check_report(handmade.failed(rubric=rubric)))
    assert "off by 0.41" not in short and "– blocked" in short
    for words in ("✗ not passed", "✓ passed", "– blocked", "off by 0.41", "the run raised"):
        assert words in text
    assert "0 / 40" in text


def test_recovered_stands_over_expected() -> None:
    lines = shown(full_report(handmade.failed())).splitlines()
    row = next(i for i, line in enumerate(lines) if "recovered" in line)
    assert lines[row].split()[-3:] == ["1.9112", "-0.7998", "0.1003"]
    assert lines[row + 1].split() == ["expected", "1.5013", "-0.7999", "0.4003"]


def test_a_pass_says_what_went_well() -> None:
    text = flat(shown(check_report(handmade.result())))
    assert "100 of 100 points. Passed" in text
    assert "every parameter came within 0.0001 of the least-squares answer" in text
    assert "Mend this first" not in text


def test_ungraded_says_why_and_blames_nobody() -> None:
    text = flat(shown(check_report(handmade.ungraded())))
    assert "Not graded. This says nothing about the code." in text
    assert "The warm process died three times." in text
    assert "0 / " not in text


@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("make", [handmade.failed, handmade.result, handmade.ungraded])
@pytest.mark.parametrize("report", [check_report, full_report])
def test_no_line_is_wider_than_the_terminal(report: Report, make: Callable[[], Result], width: int) -> None:
    assert max(map(len, shown(report(make()), width).splitlines())) <= width


@pytest.mark.parametrize(
    ("make", "line"),
    [
        (handmade.failed, "failed 40/100 stale-gradient a b.py"),
        (handmade.result, "passed 100/100 - a b.py"),
        (handmade.ungraded, "ungraded - - a b.py"),
    ],
)
def test_a_script_reads_one_line(make: Callable[[], Result], line: str) -> None:
    assert quiet_line(make(), "a b.py") == line
    assert quiet_line(make(), "\x1b[2J\n.py").splitlines() == [line.replace("a b", "\\x1b[2J ")]


def hostile() -> Result:
    evil = "\x1b]8;;http://x\x07\x9b31m\u202e[red]</pre><script>"
    finding = handmade.STALE.model_copy(
        update={"message": evil, "title": evil, "why": evil, "fix": evil, "source": evil}
    )
    warning = handmade.ITEM.model_copy(update={"title": evil, "line": 99999})
    run = handmade.run(stdout=evil * 100 + "\n::error::no\n" * 40, names=("\x1b", "b", "c"))
    return handmade.failed(findings=(finding, warning), runs=(run,), source=evil, name=evil)


@pytest.mark.parametrize("report", [check_report, full_report])
def test_hostile_text_is_shown_and_not_obeyed(report: Report) -> None:
    text = shown(report(hostile()))
    assert not set("\x1b\x9b\x07\u202e") & set(text)
    assert "\\x1b]8;;" in text
    assert "[red]</pre><script>" in text
    assert "::error::" not in text


@pytest.mark.parametrize("line", [None, 0, 10**6])
def test_a_finding_without_a_line_of_the_source_is_still_told(line: int | None) -> None:
    finding = handmade.STALE.model_copy(update={"line": line, "source": None})
    text = flat(shown(check_report(handmade.failed(findings=(finding,)))))
    assert finding.message in text


def test_no_findings_and_no_runs_is_still_a_report() -> None:
    text = shown(check_report(handmade.failed(findings=(), runs=())))
    assert "40 of 100 points. Not passed yet." in text


def test_proof_says_what_was_expected_and_found() -> None:
    good = Check("line", "reference", "line.py", True, "the full score", "passed")
    bad = Check("line", "template", "line.py", False, "no points", "passed, 100 of 100")
    text = shown(proof([good, bad]))
    assert "✓ 1 of 1" in text
    assert "✗ 0 of 1" in text
    assert "expected  no points" in text
    assert "1 of 2 checks failed" in text
    assert "All 1 checks hold." in shown(proof([good]))


def test_a_finding_needs_no_words_but_its_message() -> None:
    bare = Finding(
        pitfall="crash", severity="error", message="It died.", line=None, source=None, step=None,
        device=None, seed=None, fix="Look.",
    )  # fmt: skip
    assert "Mend this first: crash" in shown(check_report(handmade.failed(findings=(bare,))))


def test_a_long_line_of_code_does_not_push_its_number_away() -> None:
    source = handmade.failed().source.split("\n")
    line = next(f.line for f in handmade.failed().findings if isinstance(f.line, int))
    source[line - 1] += "  # " + "long " * 40
    text = shown(check_report(handmade.failed(source="\n".join(source))))
    assert f"▶ {line} │" in text.replace("▶  ", "▶ ")
    assert f"  {line + 1} │" in text
