"""A teaching assistant's afternoon: grade, decide, grade again. And how much the commands say."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.command import complaint, grader

RIGHT = "from torch import zeros\n\n\ndef fit(x, y, lr, steps)\n"
WEAK = "--accept-weak-isolation"


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of three, graded once; none of its files can be imported, so that it costs little."""
    root = tmp_path_factory.mktemp("afternoon")
    (root / "class").mkdir()
    for name in ("ann", "bob", "eve"):
        (root / "class" / f"{name}.py").write_text(f"# {name}\n{RIGHT}")
    ran = grader("batch", root / "class", "--exercise", "line", "--out", root / "out", WEAK, "-v")
    assert ran.returncode == 0, ran.stderr.decode()
    lines = ran.stdout.decode().splitlines()
    assert sum("✗ not passed   0/100  " in line and "import-failure" in line for line in lines) == 3
    return root


def batch(root: Path, *words: str) -> tuple[int, str, str]:
    ran = grader("batch", root / "class", "--exercise", "line", "--out", root / "out", WEAK, *words)
    return ran.returncode, ran.stdout.decode(), ran.stderr.decode()


def table(root: Path) -> dict[str, dict[str, str]]:
    with (root / "out" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return {line["name"]: line for line in csv.DictReader(file)}


def test_what_was_decided_survives_and_what_changed_is_told(graded: Path) -> None:
    decided = graded / "out" / "adjustments.toml"
    assert decided.read_text("utf-8").startswith("# Points, scores, excuses")
    entry = '[[adjustment]]\nstudent = "{}"\nscore = 80\ncomment = "Seen in the lab."\n'
    decided.write_text(entry.format("ann") + entry.format("Zoe"))
    results = (graded / "out" / "results.jsonl").read_bytes()
    status, said, errors = batch(graded)
    assert status == 0
    assert "UTC: 1 score up." in said and "Decided by hand: 1 result." in said
    assert "3 of 3 are unchanged and were not graded again." in errors
    assert "Adjusted, but not in this class: Zoe." in errors
    assert (graded / "out" / "results.jsonl").read_bytes() == results, "the results are the grader's own"
    assert (table(graded)["ann"]["score"], table(graded)["ann"]["machine_score"]) == ("80", "0")
    (graded / "class" / "ann.py").write_text("# ann, again\n" + RIGHT)
    (graded / "class" / "eve.py").unlink()
    status, said, errors = batch(graded, "-q")
    assert (status, said) == (0, "")
    assert errors.count("\n") == 1 and "Adjusted, but not in this class: Zoe." in errors
    assert table(graded)["ann"]["score"] == "80", "it was graded again, and what was decided stays"
    assert "1 gone" in (graded / "out" / "index.html").read_text("utf-8")
    report = (graded / "out" / table(graded)["ann"]["report"]).read_text("utf-8")
    assert "Seen in the lab." in report


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[adjustment]]\nstudent = "ann"\nscore = 101\n', "entry 1 (ann): score = 101 is above the"),
        ("[[adjustment]\n", "is no TOML"),
    ],
)  # fmt: skip
def test_a_file_of_decisions_that_is_wrong_ends_before_anything_is_graded(
    graded: Path, tmp_path: Path, text: str, said: str
) -> None:
    before = {path: path.read_bytes() for path in (graded / "out").iterdir() if path.is_file()}
    (tmp_path / "mine.toml").write_text(text)
    ran = grader(
        "batch", graded / "class", "--exercise", "line", "--out", graded / "out",
        "--adjustments", tmp_path / "mine.toml",
    )  # fmt: skip
    assert ran.returncode == 2 and said in complaint(ran)
    assert before == {path: path.read_bytes() for path in (graded / "out").iterdir() if path.is_file()}


def test_a_check_says_as_much_as_is_asked_for(tmp_path: Path) -> None:
    file = tmp_path / "line.py"
    file.write_text(RIGHT)
    quiet, short, full = (grader("check", file, *words) for words in (["-q"], [], ["--verbose"]))
    assert {ran.returncode for ran in (quiet, short, full)} == {1}
    assert quiet.stdout.decode() == f"failed 0/100 import-failure {file}\n" and quiet.stderr == b""
    assert "Mend this first" in short.stdout.decode() and "add -v." in short.stdout.decode()
    assert "Why it bites" not in short.stdout.decode() and "Why it bites" in full.stdout.decode()
    for ran in (short, full):
        assert b"\x1b" not in ran.stdout and max(map(len, ran.stdout.decode().splitlines())) <= 80


@pytest.mark.parametrize("command", [("check", "x.py"), ("batch", "x", "--out", "y")])
def test_much_and_little_exclude_each_other(command: tuple[str, ...]) -> None:
    ran = grader(*command, "-v", "-q")
    assert ran.returncode == 2 and "-v and -q exclude each other" in complaint(ran)
