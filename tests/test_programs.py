"""Whole submissions that the detectors are examined on, and the sample class. See programs/README.md."""

from __future__ import annotations

import hashlib
import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.records import Finding
from tests.command import ROOT
from tests.grading import Grading, errors

PROGRAMS = ROOT / "tests" / "programs"
CLASS = ROOT / "examples" / "class"
MARK = re.compile(r"#\s*<-\s*([a-z-]+)( \(warning\))?\s*$")
DEVICE = re.compile(r"^# device: (\w+)$", re.MULTILINE)
NO_LINE = re.compile(r"# line: none, ([a-z-]+)$")
WHERE = re.compile(r"(?P<one>\d+)$|in the loop, (?P<first>\d+) to (?P<last>\d+)$|(?P<none>-)$")
NIGHTLY = bool(os.environ.get("GRADER_NIGHTLY"))

NOT_YET: dict[str, str] = {}
"""What the detectors still get wrong, and why. Strict: a program that comes out right leaves this list."""


def programs(*folders: str) -> list[object]:
    """The programs of some folders, by their paths below ``programs``: all by night, else every other one."""
    found: list[object] = []
    for path in (path for folder in folders for path in sorted((PROGRAMS / folder).glob("*.py"))):
        name = path.relative_to(PROGRAMS).with_suffix("").as_posix()
        if (
            NIGHTLY
            or name.startswith(("lesson/", "wrong_two/"))
            or hashlib.sha256(name.encode()).digest()[0] % 2
        ):
            why = NOT_YET.get(name)
            marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
            found.append(pytest.param(path, id=name, marks=marks))
    return found


@dataclass(frozen=True)
class Wanted:
    """What a program must be found to be: the pitfalls, and the lines where each may be."""

    exercise: str
    errors: dict[str, set[int | None]]
    warnings: dict[str, set[int | None]]

    def met_by(self, findings: Iterable[Finding], severity: str) -> bool:
        """Whether each pitfall of a severity was found once, on one of its lines."""
        wanted = self.errors if severity == "error" else self.warnings
        found = [(f.pitfall, f.line) for f in findings if f.severity == severity and f.pitfall in wanted]
        return sorted(name for name, _ in found) == sorted(wanted) and all(
            line in wanted[name] for name, line in found
        )


def wanted(source: str) -> Wanted:
    """Read the marks of a program."""
    lines = source.split("\n")
    errors_wanted: dict[str, set[int | None]] = defaultdict(set)
    warnings_wanted: dict[str, set[int | None]] = defaultdict(set)
    for number, line in enumerate(lines, 1):
        if match := MARK.search(line):
            (warnings_wanted if match[2] else errors_wanted)[match[1]].add(number)
    if match := NO_LINE.match(lines[1]):
        errors_wanted[match[1]] |= {None, *range(1, len(lines) + 1)}
    exercise = lines[0].removeprefix("# exercise: ").strip()
    return Wanted(exercise, errors_wanted, warnings_wanted)


@pytest.mark.parametrize("path", programs("right", "lesson", "wrong", "wrong_two", "tutorial"))
def test_a_program_is_found_to_be_what_it_is(grading: Grading, path: Path) -> None:
    source = path.read_text("utf-8")
    want = wanted(source)
    device = DEVICE.search(source)
    result = grading.result(
        source,
        want.exercise,
        endless="time-limit" in want.errors,
        device=device[1] if device else "cpu",
    )
    said = [(f.severity, f.pitfall, f.line, f.message) for f in result.findings]
    assert {f.pitfall for f in errors(result)} == set(want.errors), said
    assert want.met_by(result.findings, "error"), said
    assert want.met_by(result.findings, "warning"), said
    assert (result.status == "passed") == (not want.errors), said
    assert (result.score == result.max_score) or want.errors, said


TWO = sorted((PROGRAMS / "wrong_two").glob("*.py"))


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in TWO])
def test_of_two_mistakes_each_alone_is_not_enough_and_both_are(grading: Grading, path: Path) -> None:
    source = path.read_text("utf-8")
    result = grading.result(source, wanted(source).exercise)
    together = [e for e in result.experiments if len(e.neutralised) == 2]
    alone = [e for e in result.experiments if len(e.neutralised) == 1]
    assert not any(experiment.works for experiment in alone)
    confirmed = {finding.confirmed for finding in errors(result)}
    if together:
        assert any(experiment.works for experiment in together) and confirmed == {True}
        assert len(alone) == 2
    else:
        assert confirmed == {None}, "of one that cannot be neutralised nothing is said, nor of the other"


def test_most_pairs_of_mistakes_are_put_to_the_test(grading: Grading) -> None:
    sources = [path.read_text("utf-8") for path in TWO]
    results = [grading.result(source, wanted(source).exercise) for source in sources]
    assert sum(any(len(e.neutralised) == 2 for e in r.experiments) for r in results) >= 14


@pytest.mark.parametrize("path", programs("lesson"))
def test_the_lessons_programs_are_scripts(grading: Grading, path: Path) -> None:
    source = path.read_text("utf-8")
    assert grading.result(source, wanted(source).exercise).submission.form == "script"


def test_every_program_says_what_it_is() -> None:
    for path in PROGRAMS.glob("*/*.py"):
        want = wanted(path.read_text("utf-8"))
        folder = path.parent.name
        assert want.exercise in ("line", "quadratic"), path
        assert not (folder in ("right", "lesson") and (want.errors or want.warnings)), path
        assert not (folder == "wrong" and len(want.errors) + len(want.warnings) != 1), path
        assert not (folder == "wrong_two" and len(want.errors) != 2), path


def rows(columns: int) -> Iterator[list[str]]:
    """The rows of the sample class's table with so many columns."""
    for line in (ROOT / "examples" / "README.md").read_text("utf-8").splitlines():
        cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == columns:
            yield cells


PASSING = [cells[0] for cells in rows(2)]
FAILING = [(cells[0], cells[2], cells[3]) for cells in rows(4)]


def lines_of(place: str) -> set[int | None]:
    """The lines that the last column of the table allows."""
    match = WHERE.match(place)
    assert match is not None, f"the table says {place!r}"
    if match["none"]:
        return {None}
    if match["one"]:
        return {int(match["one"])}
    return set(range(int(match["first"]), int(match["last"]) + 1))


def test_the_table_names_every_student_once() -> None:
    named = [*PASSING, *(name for name, *_ in FAILING)]
    assert sorted(named) == sorted(path.name for path in CLASS.glob("*.py"))
    assert (len(PASSING), len(FAILING)) == (9, 21)


@pytest.mark.parametrize("name", PASSING)
def test_a_student_who_passes(grading: Grading, name: str) -> None:
    result = grading.result((CLASS / name).read_text("utf-8"), "quadratic")
    assert errors(result) == []
    assert (result.status, result.score) == ("passed", result.max_score)


@pytest.mark.parametrize(("name", "pitfall", "place"), FAILING, ids=[name for name, *_ in FAILING])
def test_a_student_with_one_mistake(grading: Grading, name: str, pitfall: str, place: str) -> None:
    source = (CLASS / name).read_text("utf-8")
    result = grading.result(source, "quadratic", endless=pitfall == "time-limit")
    found = [(finding.pitfall, finding.line) for finding in errors(result)]
    assert [name for name, _ in found] == [pitfall], found
    assert found[0][1] in lines_of(place), found
