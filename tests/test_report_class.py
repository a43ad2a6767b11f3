"""The class's page, its gradebook and its folder."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.records import Result
from grader.report.class_folder import ClassFolder
from grader.report.class_page import Arrival, class_page, class_view, histogram, summary
from grader.report.gradebook import HEADER, gradebook
from grader.report.progress import class_arrival
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


def test_the_page_needs_no_script_and_obeys_no_name() -> None:
    page = Page(class_page("quadratic", rows()))
    assert "script" not in page.names()
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
        "stale-gradient item-every-step", "Landlock and seccomp", "reports/0.html",
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
    assert "Exercise" in page.text and "Ada (quadratic)" in " ".join(page.text.split())
    assert "Exercise" not in text_of(class_page("quadratic", rows()))


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
