"""The page of a pitfall: one anatomy for all, in the terminal, the browser and the repository."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.pitfall import Entry, Example, Pitfall, catalogue, pitfall
from grader.report import reference as anatomy
from grader.report.reference import by_section, reference
from grader.report.reference_docs import COMMAND, INDEX, markdown, pages, write
from grader.report.reference_page import reference_page
from grader.report.reference_text import explanation, pitfall_list
from grader.report.wording import plain
from tests.command import ROOT
from tests.test_report_html import EVIL, Page
from tests.test_report_text import flat, shown

DOCS = ROOT / "docs" / "pitfalls"
every_pitfall = pytest.mark.parametrize("entry", [pytest.param(e, id=e.id) for e in catalogue().values()])

FALLEN = Pitfall(
    title="The sky fell", section="zeroing", rubric="no-grad", what="It is `blue`.",
    why="It hurts.", mend="Hold it up.", see_also="Rule 7", explains=("diverged", "device-of-the-future"),
    blocks=("coefficients",),
    bad=(Example("x = 1\ny = 2  # <- sky-fall\n"), Example("y = 3\n", note="`y` is *three*")),
    good=(Example("z = 3  # <- not a mark\n", note="another letter"),),
)  # fmt: skip
SKY = Entry("sky-fall", FALLEN, None, None)


def owed(entry: Entry) -> list[str]:
    """The words that every format owes its reader, in their order."""
    page = reference(entry)
    words = [page.title, page.id, page.verdict, page.what, anatomy.WHY, page.why, anatomy.MEND, page.mend]
    words += [anatomy.WRONG, *(p.note for p in page.wrong), anatomy.RIGHT, *(p.note for p in page.right)]
    words += [anatomy.LOOKS_AT, *page.looks_at, *(limit.words for limit in page.limits)]
    words += [anatomy.LESSON, page.lesson] * bool(page.lesson)
    words += [anatomy.EXPLAINS, *(other.id for other in page.explains)] * bool(page.explains)
    words += [anatomy.FOLLOWS, *(other.id for other in page.follows)] * bool(page.follows)
    return [word for word in words if word]


def assert_in_order(text: str, words: list[str]) -> None:
    at = 0
    for word in words:
        assert word in text[at:], f"{word!r} is not there, or not in its place"
        at = text.index(word, at)


@every_pitfall
def test_a_page_says_everything_in_one_order(entry: Entry) -> None:
    page = Page(reference_page(entry))
    text = flat(page.text)
    assert_in_order(text, [plain(word) for word in owed(entry)])
    assert "`" not in text
    for example in (*entry.pitfall.bad, *entry.pitfall.good):
        assert example.source.strip().splitlines()[-1].split("  # <-")[0].strip() in page.text


@every_pitfall
def test_the_terminal_says_the_same(entry: Entry) -> None:
    assert_in_order(flat(shown(explanation(entry), 10_000)), owed(entry))


@every_pitfall
def test_explain_fits_80_columns(entry: Entry) -> None:
    lines = shown(explanation(entry), 80).splitlines()
    assert max(map(len, lines)) <= 80
    assert not any(line.endswith("…") for line in lines), "nothing of a program is cut off"


@every_pitfall
def test_the_docs_say_the_same(entry: Entry) -> None:
    text = flat(markdown(reference(entry)).replace("\\", ""))
    assert_in_order(text, [flat(word.replace("\\", "")) for word in owed(entry)])


@every_pitfall
def test_a_page_says_what_the_grader_looks_at(entry: Entry) -> None:
    page = reference(entry)
    assert len(page.looks_at) >= 2, "the docstring of the pitfall's file, and which runs it is asked of"
    assert not any("``" in words for words in page.looks_at)


@every_pitfall
def test_the_marks_are_shown_and_not_printed(entry: Entry) -> None:
    page = reference(entry)
    marked = [sum(line.marked for line in program.lines) for program in page.wrong]
    assert marked == [example.source.count("# <- ") for example in entry.pitfall.bad]
    assert not any(line.marked for program in page.right for line in program.lines)
    assert "# <-" not in reference_page(entry)
    assert reference_page(entry).count("(this line)") == sum(marked)


def test_a_page_of_a_pitfall_made_by_hand() -> None:
    text = shown(explanation(SKY))
    assert "▶ │ y = 2 " in text and "# <- sky-fall" not in text
    assert "An error: it costs `no-grad`. Where it is found, these cannot be judged: `coefficients`." in flat(
        text
    )
    assert "z = 3  # <- not a mark" in text
    assert "device-of-the-future" not in text, "only what there is can be spoken of"
    assert "sky-fall" in shown(pitfall_list([SKY]))
    assert "a warning" in shown(pitfall_list([pitfall("item-every-step")]))


def test_numbers_that_decide_are_told_with_their_words() -> None:
    (sometimes,) = reference(pitfall("stale-gradient")).limits
    assert sometimes.value == "0.75"
    assert sometimes.words.startswith("A gradient that is carried over")


def test_the_words_of_a_pitfall_are_escaped() -> None:
    evil = Pitfall(
        title=EVIL, section="zeroing", rubric=EVIL, what=EVIL, why=EVIL, mend=EVIL, see_also=EVIL,
        bad=(Example(f"{EVIL}  # <- sky-fall", note=EVIL),), good=(Example(EVIL, note=EVIL),),
    )  # fmt: skip
    html = reference_page(Entry("sky-fall", evil, None, None))
    assert "script" not in Page(html).names()
    assert not set("\x1b\u202e") & set(html)
    assert "\x1b" not in shown(explanation(Entry("sky-fall", evil, None, None)))


def test_links_lead_only_where_there_is_a_page() -> None:
    page = reference_page(pitfall("stale-gradient"), {"diverged": "diverged.html"}, home="../index.html")
    links = [attributes["href"] for tag, attributes in Page(page).tags if tag == "a"]
    assert links == ["../index.html", "diverged.html"]


def test_the_list_follows_the_lesson() -> None:
    sections = [section for section, _ in by_section(catalogue().values())]
    assert sections.index("tensors") < sections.index("autograd") < sections.index("running")
    assert sum(len(entries) for _, entries in by_section(catalogue().values())) == len(catalogue())
    text = shown(pitfall_list(catalogue().values()))
    assert_in_order(text, [entry.id for _, entries in by_section(catalogue().values()) for entry in entries])
    assert max(map(len, text.splitlines())) <= 80


def test_markdown_shows_what_is_written() -> None:
    text = markdown(reference(SKY))
    assert "`y` is \\*three\\*:" in text
    assert "```python\nx = 1\ny = 2  # <- here\n```" in text


def test_the_docs_are_up_to_date() -> None:
    committed = {path.name: path.read_text("utf-8") for path in DOCS.glob("*")}
    made = pages()
    stale = sorted(name for name in made.keys() | committed if made.get(name) != committed.get(name))
    assert not stale, f"These pages are not what the pitfalls say. Update them with: {COMMAND}"


def test_the_docs_link_to_files_that_are_there() -> None:
    made = pages()
    for name, text in made.items():
        for target in re.findall(r"\]\(([^)]*)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
            assert target in made or (DOCS / target).resolve().is_file(), f"{name}: {target}"


def test_the_page_of_a_pitfall_that_is_gone_goes(tmp_path: Path) -> None:
    (tmp_path / "sky-fall.md").write_text("gone")
    (tmp_path / "notes.txt").write_text("mine")
    write(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*pages(), "notes.txt"}


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    module = COMMAND.split()[2]
    run = [sys.executable, "-m", module]
    ran = subprocess.run([*run, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == f"{len(catalogue()) + 1} pages written to {tmp_path}\n"
    assert (tmp_path / INDEX).is_file()
    refused = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (refused.returncode, COMMAND in refused.stderr) == (1, True)
