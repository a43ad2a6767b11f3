"""The documentation: the site holds together and fetches nothing, and the commands on its pages work."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from docs.screenshots import LARGEST, terminal
from grader.exercise import Course
from grader.pitfall import catalogue
from grader.policy import Policy
from tests.command import ROOT, grader
from tests.test_export_cli import parse

DOCS = ROOT / "docs"
WRITTEN = (
    ROOT / "README.md",
    *(
        DOCS / f"{name}.md"
        for name in (
            "index",
            "students",
            "teaching-assistants",
            "instructors",
            "how-it-judges",
            "results",
            "contributing",
        )
    ),
)
"""The pages that are written by hand and have no test of their own."""
_BLOCK = re.compile(r"^ *```(?P<kind>\w*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL)
_PICTURE = re.compile(r"!\[(?P<text>[^\]]*)\]\((?P<path>[^)]+)\)")


def blocks(page: Path, kind: str) -> Iterator[str]:
    """What stands in the page between fences of this kind."""
    return (found["text"] for found in _BLOCK.finditer(page.read_text("utf-8")) if found["kind"] == kind)


def commands(page: Path) -> list[list[str]]:
    """The words of every ``grader`` command that a page shows, in order."""
    lines = [line for kind in ("console", "") for text in blocks(page, kind) for line in text.splitlines()]
    split = [shlex.split(line.strip().removeprefix("$ "), comments=True) for line in lines]
    return [words for words in split if words[:1] == ["grader"]]


# --- the site -----------------------------------------------------------------------------------


def build(config: Path, site: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", str(config), "-d", str(site)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=config.parent, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = build(ROOT / "mkdocs.yml", folder)
    assert built.returncode == 0, built.stdout + built.stderr
    assert "WARNING" not in built.stderr
    return folder


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def links_of_menu(page: Path) -> set[str]:
    tags = Tags(page.read_text("utf-8")).found
    return {each["href"] for tag, each in tags if tag == "a" and each.get("class") == "md-nav__link"}


def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > len(catalogue()) + len(WRITTEN)
    for page in pages:
        tags = Tags(page.read_text("utf-8")).found
        asked = [each.get("src", "") for tag, each in tags if tag != "a"]
        asked += [each.get("href", "") for tag, each in tags if tag == "link"]
        assert not [where for where in asked if where.startswith(("http:", "https:", "//"))], page
        assert any(where.endswith("assets/iframe-worker.js") for where in asked)


def test_every_pitfall_has_its_place_in_the_menu(site: Path) -> None:
    menu = links_of_menu(site / "pitfalls" / "stale-gradient.html")
    here = {entry.id for entry in catalogue().values() if entry.pitfall.section == "zeroing"}
    assert {f"{name}.html" for name in here - {"stale-gradient"}} <= menu
    assert not [link for link in links_of_menu(site / "results.html") if link.startswith("pitfalls/s")]
    for name in catalogue():
        assert (site / "pitfalls" / f"{name}.html").is_file()


def test_links_that_lead_out_of_the_docs_lead_to_copies(site: Path) -> None:
    copy = site / "repository" / "grader" / "pitfalls" / "stale_gradient.py"
    assert copy.read_bytes() == (ROOT / "grader" / "pitfalls" / "stale_gradient.py").read_bytes()
    judges = (site / "how-it-judges.html").read_text("utf-8")
    assert 'href="repository/index.html#limits"' in judges
    readme = (site / "repository" / "index.html").read_text("utf-8")
    assert 'href="../students.html"' in readme and 'src="../images/report.png"' in readme


TINY = """
site_name: tiny
docs_dir: docs
hooks: [{hooks}]
plugins: []
nav: [{{Home: index.md}}, {{Reference: []}}]
validation: {{omitted_files: warn, anchors: warn}}
"""


@pytest.mark.parametrize(
    ("link", "broken"),
    [("../there.md#part", ""), ("../nowhere.md", "'../nowhere.md'"), ("../there.md#no", "'#no'")],
)
def test_a_broken_link_ends_the_build(tmp_path: Path, link: str, broken: str) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# Home\n\n[a link]({link})\n", "utf-8")
    (tmp_path / "docs" / "listed-by-no-hand.md").write_text("# Listed\n", "utf-8")
    (tmp_path / "there.md").write_text("# There\n\n## Part\n\n[back](docs/index.md)\n", "utf-8")
    (tmp_path / "mkdocs.yml").write_text(TINY.format(hooks=DOCS / "hooks.py"), "utf-8")
    built = build(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert bool(built.returncode) == bool(broken), built.stderr
    assert broken in built.stderr
    if not broken:
        home = (tmp_path / "site" / "index.html").read_text("utf-8")
        assert 'href="repository/there/#part"' in home and 'href="listed-by-no-hand/"' in home


# --- the pages ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)
def test_the_command_line_takes_what_a_page_shows(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in commands(page):
        parse(words[1:])


@pytest.mark.parametrize("page", WRITTEN, ids=lambda page: page.stem)
def test_a_picture_is_there_is_small_and_is_told_in_words(page: Path) -> None:
    for picture in _PICTURE.finditer(page.read_text("utf-8")):
        file = page.parent / picture["path"]
        assert file.stat().st_size <= LARGEST
        assert len(picture["text"].split()) > 8


def test_the_readme_counts_the_pitfalls_and_names_the_exercises(course: Course) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    assert f"[The {len(catalogue())} pitfalls]" in readme
    assert re.findall(r"^\| `(\w+)` \|", readme, re.MULTILINE) == [each.id for each in course.exercises()]


def test_the_policy_that_is_shown_is_one() -> None:
    (shown,) = blocks(DOCS / "instructors.md", "toml")
    said = tomllib.loads(shown)
    curve = said.pop("exercises")["curve"]
    assert set(said) == set(Policy.model_fields)
    assert Policy.model_validate(said | curve).confirmed_share == 0.5


def test_the_cure_that_is_shown_is_the_one_in_the_file() -> None:
    (shown,) = (text for text in blocks(DOCS / "contributing.md", "python") if "neutralise" in text)
    lines = [line.removeprefix("    ") for line in shown.splitlines()]
    assert "\n".join(lines).strip() in (ROOT / "grader" / "pitfalls" / "stale_gradient.py").read_text("utf-8")


def test_a_drawn_terminal_shows_what_was_printed_and_fetches_nothing() -> None:
    drawn = terminal("\x1b[1;31m40 of 100 points.\x1b[0m Begin with line 8.", "grader check x.py")
    assert "40&#160;of&#160;100&#160;points." in drawn and "grader&#160;check&#160;x.py" in drawn
    assert "@font-face" not in drawn and "url(http" not in drawn


# --- a class in five commands -------------------------------------------------------------------

CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,Quadratic (7)\r\n    Points Possible,,,,,100.00\r\n"
MOODLE = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (grade),Feedback comments\r\n"
)


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """What a teaching assistant has: the download, and what the systems exported."""
    with zipfile.ZipFile(tmp_path / "submissions.zip", "w") as archive:
        archive.write(ROOT / "examples" / "class" / "fatima-zahra-alaoui.py", "ada/quadratic.py")
        archive.write(ROOT / "student_template" / "quadratic.py", "bo/quadratic.py")
        archive.writestr("cy/notes.txt", "sorry")
    (tmp_path / "grades.csv").write_text(CANVAS + "ada,1,s1,ada,A,\r\nbo,2,s2,bo,A,\r\ncy,3,s3,cy,A,7\r\n")
    (tmp_path / "worksheet.csv").write_text(MOODLE + "Participant 4,ada,ada@uni.example,-,,100.00,Yes,-,\r\n")
    return tmp_path


def test_a_class_in_five_commands(desk: Path) -> None:
    page = DOCS / "teaching-assistants.md"
    (decision,) = blocks(page, "toml")
    shown = commands(page)
    said: list[str] = []
    for words in [*shown[:5], *(words for words in shown[5:] if words not in shown[:5])]:
        ran = grader(*words[1:], cwd=desk)
        assert ran.returncode == 0, ran.stderr.decode()
        said.append(ran.stdout.decode() + ran.stderr.decode())
        decisions = desk / "results" / "adjustments.toml"
        if words[1] == "batch" and "[[adjustment]]\nstudent" not in decisions.read_text("utf-8"):
            decisions.write_text(decision, "utf-8")
    devices, first, second, canvas, markdown, *_ = said
    assert "isolation  level" in devices
    assert "3 students" in first
    assert "2 not passed, 1 not graded" in first and "2 not passed, 1 not graded" in second
    assert "Filled in 2 of 3 students" in canvas
    assert "stale-gradient" in markdown and "Explained it well in the lab." in markdown
    filled = (desk / "grades-graded.csv").read_text("utf-8")
    assert "ada,1,s1,ada,A,85" in filled and "cy,3,s3,cy,A,7\n" in filled
    assert {"index.html", "reports", "gradebook.csv", "results.jsonl", "adjustments.toml"} <= {
        path.name for path in (desk / "results").iterdir()
    }
    with zipfile.ZipFile(desk / "feedback.zip") as feedback:
        assert len(feedback.namelist()) == 1
