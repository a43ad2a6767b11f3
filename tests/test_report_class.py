"""The class's page, its gradebook and its folder."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from grader.adjustments import TEMPLATE, Adjustment, Adjustments, apply
from grader.errors import UsageError
from grader.records import Result
from grader.report.class_counts import exercise_counts, histogram, middle, pitfall_counts
from grader.report.class_folder import ClassFolder, report_name
from grader.report.class_page import Arrival, class_page, class_view, summary
from grader.report.gradebook import HEADER, gradebook
from grader.report.last_run import changes, read_last_run, write_last_run
from grader.report.progress import class_arrival, class_summary, for_nobody_told, row_line
from grader.report.roster import Row, commonest, row
from tests import handmade
from tests.test_report_html import Page, text_of

EVIL_NAME = '=HYPERLINK("http://x")<script>alert(1)</script>\x1b[2J\u202e'


def named(result: Result, name: str) -> Result:
    return result.model_copy(update={"submission": result.submission.model_copy(update={"name": name})})


def rows() -> list[Row]:
    results = [
        named(handmade.failed(), "Émile"),
        named(handmade.result(), "zoe"),
        named(handmade.ungraded(), "nina"),
        named(handmade.result(), "Bo"),
        named(handmade.failed(), EVIL_NAME),
    ]
    return [row(result, f"reports/{i}.html") for i, result in enumerate(results)]


def test_the_ungraded_come_first_then_all_by_name() -> None:
    names = [student.row.name for student in class_view("quadratic", rows()).students]
    assert names == ["nina", EVIL_NAME, "Bo", "Émile", "zoe"]


def test_the_page_counts_and_links() -> None:
    html = class_page("quadratic", rows())
    text = text_of(html)
    assert "5 submissions: 2 passed, 2 not passed, 1 not graded" in text
    assert "stale-gradient 2" in text
    assert "An update used gradient left over from earlier steps" in text
    assert 'href="reports/0.html"' in html
    assert 'href="pitfalls/stale-gradient.html"' in html


def test_the_page_has_one_script_and_obeys_no_name() -> None:
    page = Page(class_page("quadratic", rows()))
    assert [name for name, _ in page.tags].count("script") == 1
    assert "<script>alert(1)</script>\\x1b[2J\\u202e" in page.text


def test_an_empty_class_has_a_page() -> None:
    assert "0 submissions" in text_of(class_page("quadratic", []))


def test_the_histogram_has_a_bar_of_its_own_for_the_full_score() -> None:
    counts = {bin_.label: bin_.count for bin_ in histogram(rows()) if bin_.count}
    assert counts == {"40–49 %": 2, "100 %": 2}


def test_warnings_are_no_pitfall_that_cost_somebody() -> None:
    assert commonest(rows()) == [("stale-gradient", 2)]
    assert rows()[0].pitfalls == ("stale-gradient", "item-every-step")
    assert summary(rows()[:1]) == "1 submission: 1 not passed"


def test_the_gradebook_is_plain_cells() -> None:
    table = list(csv.reader(io.StringIO(gradebook(rows()))))
    assert table[0] == list(HEADER)
    assert [line[0][:6] for line in table[1:]] == ["'=HYPE", "Bo", "Émile", "nina", "zoe"]
    assert table[3] == [
        "Émile", "", "quadratic", "failed", "40", "100", "stale-gradient",
        "stale-gradient item-every-step", "Landlock and seccomp", "reports/0.html", "40", "", "",
    ]  # fmt: skip
    assert table[4][3:6] == ["ungraded", "", "100"]


def test_results_can_be_read_as_they_come(tmp_path: Path) -> None:
    with ClassFolder(tmp_path / "a" / "out", "quadratic") as folder:
        folder.add(handmade.failed())
        lines = (folder.out / "results.jsonl").read_text("utf-8").splitlines()
        assert json.loads(lines[0])["status"] == "failed"
        assert (folder.out / folder.rows[0].report).is_file()
        assert not folder.index.exists()
    assert folder.index.is_file()
    assert (folder.out / "gradebook.csv").is_file()


def test_the_folder_has_the_pages_of_what_was_found_and_no_link_leads_nowhere(tmp_path: Path) -> None:
    with ClassFolder(tmp_path, "quadratic") as folder:
        folder.add(handmade.failed())
        folder.add(named(handmade.result(), "zoe"))
    pages = sorted((tmp_path / "pitfalls").iterdir())
    assert [page.name for page in pages] == ["item-every-step.html", "stale-gradient.html"]
    for html in (folder.index, *pages):
        for _, attributes in Page(html.read_text("utf-8")).tags:
            href = attributes.get("href") or "#"
            assert href.startswith("#") or (html.parent / href).is_file(), href


def test_what_was_graded_can_be_read_after_an_interrupt(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), ClassFolder(tmp_path, "quadratic") as folder:
        folder.add(handmade.result())
        raise KeyboardInterrupt
    assert "1 submission: 1 passed" in folder.index.read_text("utf-8")


@pytest.mark.parametrize("name", ["../../etc/x", "a/b", "", "CON", "é" * 300, EVIL_NAME])
def test_no_name_leaves_the_reports_folder(tmp_path: Path, name: str) -> None:
    with ClassFolder(tmp_path, "quadratic") as folder:
        folder.add(named(handmade.result(), name))
        folder.add(named(handmade.failed(), name))
    assert len({row.report for row in folder.rows}) == 2
    for each in folder.rows:
        assert (tmp_path / each.report).resolve().parent == (tmp_path / "reports").resolve()
        assert (tmp_path / each.report).is_file()


def test_a_file_in_the_way_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UsageError, match="a file is in the way"):
        ClassFolder(tmp_path / "out", "quadratic").__enter__()
    assert (tmp_path / "out").read_text() == "mine"


def of(exercise: str, result: Result, name: str, number: str = "") -> Row:
    made = named(result, name).model_copy(update={"exercise": exercise})
    info = made.submission.model_copy(update={"student_id": number})
    return row(made.model_copy(update={"submission": info}), f"reports/{name}-{number}-{exercise}.html")


SEVERAL = [
    of("quadratic", handmade.failed(), "Ada", "1"),
    of("line", handmade.result(), "Ada", "1"),
    of("line", handmade.result(), "Ada", "2"),
    of("quadratic", handmade.ungraded(), "=x", ""),
]


def test_several_exercises_are_columns_and_namesakes_are_two() -> None:
    table = list(csv.DictReader(io.StringIO(gradebook(SEVERAL, ("quadratic", "line", "update")))))
    assert [(line["name"], line["id"]) for line in table] == [("'=x", ""), ("Ada", "1"), ("Ada", "2")]
    assert [line["quadratic"] for line in table] == ["", "40", ""]
    assert [line["line"] for line in table] == ["", "100", "100"]
    assert [line["update"] for line in table] == ["", "", ""]
    assert [(line["score"], line["max_score"]) for line in table] == [
        ("0", "100"),
        ("140", "200"),
        ("100", "100"),
    ]
    assert table[1]["quadratic first_pitfall"] == "stale-gradient"
    assert table[1]["quadratic report"] == "reports/Ada-1-quadratic.html"
    assert [line["quadratic status"] for line in table] == ["ungraded", "failed", ""]


def test_one_exercise_asked_for_keeps_a_line_a_submission() -> None:
    assert gradebook(rows()) == gradebook(rows(), ("quadratic",))


def test_the_page_of_several_exercises_says_which_and_whose() -> None:
    arrival = Arrival("a Canvas download", ("'<b>.py' was left out.",))
    page = Page(class_page("line, quadratic", SEVERAL, arrival))
    assert "a Canvas download" in page.text and "'<b>.py' was left out." in page.text
    assert "Exercise" in page.text and "=x (quadratic)" in " ".join(page.text.split())
    assert "Exercise" not in text_of(class_page("quadratic", rows()))
    assert "stale-gradient quadratic 1 1" in " ".join(page.text.split())


def test_each_exercise_has_a_page_of_its_own(tmp_path: Path) -> None:
    with ClassFolder(tmp_path, "quadratic", "line") as folder:
        folder.add(named(handmade.failed(), "Ada"))
        folder.add(named(handmade.result(), "Ada").model_copy(update={"exercise": "line"}))
    names = sorted(path.name for path in (tmp_path / "reports").iterdir())
    assert len(names) == 2 and names[0].endswith("-line.html") and names[1].endswith("-quadratic.html")


def test_the_first_words_of_a_class_are_few() -> None:
    text = class_arrival("a folder of files", 1, ["line"], [f"notice {i}" for i in range(8)]).plain
    assert text.startswith("Recognised a folder of files: 1 student, line.\nnotice 0\n")
    assert text.endswith("notice 4\n… and 3 more such notices, on the class's page.")


# --- counts, changes, decisions -------------------------------------------------------------------


def test_each_item_says_how_many_passed_and_what_cost_it() -> None:
    (quadratic,) = exercise_counts(rows())
    zeroing = next(item for item in quadratic.items if item.title.startswith("Gradients are zeroed"))
    assert (zeroing.passed, zeroing.of, zeroing.blocked) == (2, 4, 0)
    assert [(p.id, p.count) for p in zeroing.pitfalls] == [("stale-gradient", 2)]
    assert all(not item.pitfalls for item in quadratic.items if item is not zeroing)
    assert [p.each for p in pitfall_counts(SEVERAL)] == [(("quadratic", 1),)]
    assert middle(rows()) == "4 with a score: median 70 %, mean 70 %."
    assert middle([]) == "" and exercise_counts([]) == ()


def test_what_could_not_be_graded_is_first_and_says_why() -> None:
    text = text_of(class_page("quadratic", rows()))
    assert text.index("Could not be graded") < text.index("nina: The warm process") < text.index("Scores")
    many = [replace(rows()[2], name=f"s{i}") for i in range(30)]
    view = class_view("quadratic", many)
    assert (len(view.ungraded), len(view.ungraded_more)) == (10, 20)


def with_score(name: str, status: str, score: float | None, number: str = "") -> Row:
    made = rows()[2] if score is None else rows()[0]
    return replace(made, name=name, status=status, score=score or 0.0, student_id=number)


BEFORE = [
    with_score("passes", "failed", 60), with_score("rises", "failed", 40), with_score("falls", "failed", 40),
    with_score("same", "failed", 40), with_score("lost", "failed", 40), with_score("found", "ungraded", None),
    with_score("gone", "passed", 100),
    with_score("Ada", "failed", 1, "1"), with_score("Ada", "failed", 2, "2"),
]  # fmt: skip
AFTER = [
    with_score("passes", "passed", 100), with_score("rises", "failed", 60), with_score("falls", "failed", 0),
    with_score("same", "failed", 40), with_score("lost", "ungraded", None), with_score("found", "failed", 0),
    with_score("comes", "passed", 100),
    with_score("Ada", "failed", 1, "1"), with_score("Ada", "failed", 2, "2"),
]  # fmt: skip
WHEN = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)


def test_what_changed_since_the_last_run(tmp_path: Path) -> None:
    write_last_run(tmp_path, BEFORE, WHEN)
    last = read_last_run(tmp_path)
    assert last is not None
    found = changes(last, AFTER)
    assert {change.name: change.kind for change in found.changes} == {
        "passes": "passed", "rises": "up", "falls": "down", "lost": "unscored", "found": "scored",
        "comes": "new", "gone": "gone",
    }  # fmt: skip
    assert found.counts()[0] == ("newly passed", 1)
    text = text_of(class_page("quadratic", AFTER, None, found))
    assert "Since the run of 24 November 2026, 14:05 UTC" in text
    assert "1 score up" in text and "score up, was 40" in text
    assert "Nothing has changed." in text_of(class_page("quadratic", BEFORE, None, changes(last, BEFORE)))


@pytest.mark.parametrize("text", [None, "", "{", '{"finished": 3}', "[" * 100_000])
def test_a_last_run_that_cannot_be_read_is_none(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "last-run.json").write_text(text)
    assert read_last_run(tmp_path) is None


def test_only_a_run_that_ended_is_compared_with(tmp_path: Path) -> None:
    def run(*results: Result, stopped: bool = False) -> ClassFolder:
        with contextlib.suppress(KeyboardInterrupt), ClassFolder(tmp_path, "quadratic") as folder:
            for result in results:
                folder.add(result)
            if stopped:
                raise KeyboardInterrupt
        return folder

    assert run(named(handmade.failed(), "a"), named(handmade.result(), "b")).changes is None
    assert run(named(handmade.result(), "a"), stopped=True).changes is None
    found = run(named(handmade.result(), "a"), named(handmade.result(), "b")).changes
    assert found is not None and found.counts() == [("newly passed", 1)]


DECIDED = Adjustments(
    entries=(
        Adjustment(student="Émile", points=5, comment="<b>Well</b> explained.", by="N. T."),
        Adjustment(student="nina", score=70),
        Adjustment(student="Bo", excused=True, comment="=cmd()"),
    )
)


def test_decisions_are_shown_beside_the_graders_scores(tmp_path: Path) -> None:
    with ClassFolder(tmp_path, "quadratic", adjustments=DECIDED) as folder:
        for result, name in (
            (handmade.failed(), "Émile"),
            (handmade.ungraded(), "nina"),
            (handmade.result(), "Bo"),
        ):
            folder.add(named(result, name))
    text = " ".join(text_of(folder.index.read_text("utf-8")).split())
    assert "45 / 100 5 points added, grader: 40" in text
    assert "70 / 100 set to 70, grader: none" in text
    assert "passed, excused" in text and "N. T.: <b>Well</b> explained." in text
    with (tmp_path / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        table = {line["name"]: line for line in csv.DictReader(file)}
    assert [table[name]["score"] for name in ("Émile", "nina", "Bo")] == ["45", "70", ""]
    assert [table[name]["machine_score"] for name in ("Émile", "nina", "Bo")] == ["40", "", "100"]
    assert (table["Émile"]["adjustment"], table["Bo"]["comment"]) == ("5 points added (by N. T.)", "'=cmd()")
    report = (tmp_path / folder.rows[0].report).read_text("utf-8")
    assert "&lt;b&gt;Well&lt;/b&gt; explained." in report
    scores = [json.loads(line)["score"] for line in folder.results.open(encoding="utf-8")]
    assert scores == [40, 0, 100], "the results are the grader's own"


def test_what_is_excused_counts_for_nothing_in_a_sum() -> None:
    excused = apply(100, 100, Adjustment(student="Ada", excused=True))
    own = [replace(SEVERAL[0]), replace(SEVERAL[1], adjusted=excused)]
    (line,) = csv.DictReader(io.StringIO(gradebook(own, ("quadratic", "line"))))
    assert (line["score"], line["max_score"], line["line"]) == ("40", "100", "")


def test_a_file_to_decide_in_is_offered_and_never_written_over(tmp_path: Path) -> None:
    with ClassFolder(tmp_path / "a", "quadratic"):
        pass
    assert (tmp_path / "a" / "adjustments.toml").read_bytes() == TEMPLATE.read_bytes()
    (tmp_path / "a" / "adjustments.toml").write_text("# mine\n")
    with ClassFolder(tmp_path / "a", "quadratic"):
        pass
    assert (tmp_path / "a" / "adjustments.toml").read_text() == "# mine\n"
    with ClassFolder(tmp_path / "b", "quadratic", adjustments=Adjustments()):
        pass
    assert not (tmp_path / "b" / "adjustments.toml").exists()


def test_a_report_keeps_its_name_whoever_comes_before() -> None:
    assert report_name("Ada", "1") != report_name("Ada", "2") != report_name("Ada", "")
    assert report_name("Ada", "", "line").endswith("-line")
    assert report_name("../x", "../y").isascii() and "/" not in report_name("../x", "../y")


def test_the_last_words_of_a_class_are_few(tmp_path: Path) -> None:
    write_last_run(tmp_path, BEFORE, WHEN)
    with ClassFolder(tmp_path, "quadratic", adjustments=DECIDED) as folder:
        for i in range(7):
            folder.add(named(handmade.ungraded(), f"s{i}\x1b[2J"))
        folder.add(named(handmade.failed(), "Émile"))
    text = class_summary(folder).plain
    assert text.startswith("8 submissions: 1 not passed, 7 not graded.\n  not graded: s0\\x1b[2J: The warm")
    assert "… and 2 more, on the class's page." in text
    assert "Since the run of 24 November 2026, 14:05 UTC: 8 new, 9 gone." in text
    assert "Commonest: stale-gradient (1)\nDecided by hand: 1 result.\n" in text
    assert for_nobody_told(DECIDED.entries[:1]) == [
        "Adjusted, but not in this class: Émile. Check the name, or give the id."
    ]
    assert row_line(folder.rows[-1]).plain == "✗ not passed  40/100  Émile, quadratic: stale-gradient"
    assert row_line(folder.rows[0]).plain.startswith("– not graded       -  s0\\x1b[2J, quadratic: The warm")
