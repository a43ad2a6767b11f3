"""The real command on real classes: as they are downloaded, packed, with all that is wrong with them."""

from __future__ import annotations

import csv
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from grader.records import Result
from tests.classes import laid_out, tarred, zipped
from tests.command import ROOT, complaint, grader
from tests.notebooks import notebook
from tests.test_gradescope import EXPORT
from tests.test_report_html import Page, text_of

RIGHT = (ROOT / "reference" / "line.py").read_text("utf-8")
TODO = (ROOT / "student_template" / "line.py").read_text("utf-8")
TODO_2 = (ROOT / "student_template" / "quadratic.py").read_text("utf-8")


def batch(path: Path, out: Path, *arguments: str) -> tuple[dict[tuple[str, str], Result], str]:
    """Every result by name and exercise, and what was printed."""
    ran = grader("batch", path, "--out", out, "--jobs", "1", *arguments)
    assert ran.returncode == 0, ran.stderr.decode()
    lines = (out / "results.jsonl").read_text("utf-8").splitlines()
    results = list(map(Result.model_validate_json, lines))
    assert all((out / row["report"]).is_file() for row in table(out) if "report" in row)
    found = {(r.submission.name, r.exercise): r for r in results}
    assert len(found) == len(lines)
    return found, ran.stdout.decode()


def table(out: Path) -> list[dict[str, str]]:
    with (out / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_canvas_download_with_all_that_is_wrong(tmp_path: Path) -> None:
    packed = tmp_path / "submissions.zip"
    packed.write_bytes(
        zipped(
            {
                "doejane_11_501_line.py": TODO,
                "doejane_11_509_line-1.py": RIGHT,
                "note_LATE_12_502_line.ipynb": notebook("import torch\n!ls", TODO.replace("\\", "/")),
                "nested_13_503_hand in.zip": zipped({"hw/line.py": TODO}),
                "bomb_14_504_line.py": b"0" * (8 * 1024**2),
                "none_15_text.html": "<p>sorry</p>",
                "=cmd|'calc'_16_506_line.py": "def fit(",
                "../../evil_17_507_line.py": "import os",
            }
        )
    )
    before = set(tmp_path.iterdir())
    found, printed = batch(packed, tmp_path / "out")
    assert set(tmp_path.iterdir()) - before == {tmp_path / "out"}
    assert "Recognised a Canvas download: 6 students, line." in printed
    assert "was left out: its name leads out of the archive" in " ".join(printed.split())
    status = {name: r.status for (name, _), r in found.items()}
    assert status == {
        "doejane": "passed", "note": "failed", "nested": "failed", "bomb": "ungraded", "none": "ungraded",
        "=cmd|'calc'": "failed",
    }  # fmt: skip
    assert found["nested", "line"].submission.path == f"{packed}/nested_13_503_hand in.zip/hw/line.py"
    jane, note = found["doejane", "line"], found["note", "line"]
    assert jane.submission.student_id == "11" and "the latest of 2" in jane.submission.notes[0]
    assert [f.pitfall for f in note.findings] == ["not-implemented"]
    assert note.findings[0].message.startswith("Cell 2, line ")
    assert note.submission.notes == (
        "Handed in late.",
        "1 line of notebook commands was left out: cell 1, line 2 (`!ls`).",
    )
    assert "would unpack to far more" in (found["bomb", "line"].reason or "")
    assert found["none", "line"].reason == (
        "No file for `line` found: looked for line.py or line.ipynb among: text.html."
    )
    rows = {row["id"]: row for row in table(tmp_path / "out")}
    assert rows["16"]["name"].startswith("'=cmd") and rows["15"]["score"] == ""
    page = text_of((tmp_path / "out" / "index.html").read_text("utf-8"))
    assert "a Canvas download" in page and "leads out of the archive" in page and "doejane 11" in page
    report = (tmp_path / "out" / rows["15"]["report"]).read_text("utf-8")
    assert "looked for line.py or line.ipynb among: text.html" in text_of(report)


def test_several_exercises_have_a_column_each(tmp_path: Path) -> None:
    laid_out(
        tmp_path / "class",
        {
            "Zoë B/line.py": TODO, "Zoë B/quadratic (1).py": TODO_2,
            "ada/Line.ipynb": notebook("def fit("), "ada/notes.txt": "",
        },
    )  # fmt: skip
    found, printed = batch(
        tmp_path / "class", tmp_path / "class" / "out", "--exercise", "quadratic", "--exercise", "line"
    )
    assert "Recognised a folder for each student: 2 students, quadratic, line." in printed
    assert {key: r.status for key, r in found.items()} == {
        ("Zoë B", "line"): "failed", ("Zoë B", "quadratic"): "failed",
        ("ada", "line"): "failed", ("ada", "quadratic"): "ungraded",
    }  # fmt: skip
    out = tmp_path / "class" / "out"
    rows = {row["name"]: row for row in table(out)}
    assert list(rows["ada"])[:6] == ["name", "id", "quadratic", "line", "score", "max_score"]
    assert (rows["ada"]["quadratic"], rows["ada"]["line"], rows["ada"]["max_score"]) == ("", "0", "200")
    assert rows["ada"]["line first_pitfall"] == "import-failure"
    assert (out / rows["Zoë B"]["quadratic report"]).is_file()
    index = Page((out / "index.html").read_text("utf-8"))
    assert "Exercise" in index.text and "(quadratic)" in index.text
    assert len({r for row in rows.values() for r in (row["line report"], row["quadratic report"])}) == 4


def test_a_group_in_a_packed_gradescope_export(tmp_path: Path) -> None:
    files = {
        "assignment_9_export/submission_metadata.yml": EXPORT,
        "assignment_9_export/submission_102/line.py": "def fit(",
        "assignment_9_export/__MACOSX/x": "",
    }
    (tmp_path / "class.tar.gz").write_bytes(tarred(files))
    found, printed = batch(tmp_path / "class.tar.gz", tmp_path / "out", "--exercise", "line")
    assert "Recognised a Gradescope export: 4 students, line." in printed
    assert found["Ada", "line"].findings == found["Bo", "line"].findings != ()
    assert found["Bo", "line"].submission.student_id == "bo@example.edu"
    assert "nothing at all was handed in" in (found["No Number", "line"].reason or "")


def test_encrypted_and_doubled_members_stop_nobody(tmp_path: Path) -> None:
    data = bytearray(
        zipped(
            {
                "Ada_1_assignsubmission_file_/line.py": "secret",
                "Bo_2_assignsubmission_file_/line.py": "def fit(",
                "Cy_3_assignsubmission_file_/./line.py": "1",
                "Cy_3_assignsubmission_file_/line.py": "2",
            },
            zipfile.ZIP_STORED,
        )
    )
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1
    (tmp_path / "m.zip").write_bytes(data)
    found, printed = batch(tmp_path / "m.zip", tmp_path / "out")
    assert "Recognised a Moodle download: 3 students, line." in printed
    reasons = {name: r.reason or r.findings[0].pitfall for (name, _), r in found.items()}
    assert reasons == {
        "Ada": "'line.py' is encrypted: hand it in without a password.",
        "Bo": "import-failure",
        "Cy": "'line.py' is in the archive 2 times: hand in one.",
    }


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: zipped({"a/line.py": "x"})[:50], "is damaged, or only a part of it was downloaded"),
        (lambda: b"Rar!\x1a\x07\x00", "it has to be a .zip, .tar, .tar.gz or .tgz"),
        (lambda: zipped({"a/report.pdf": "x"}), "No submission in"),
        (lambda: zipped({"a/x.py": "x", "a/y.py": "y"}), "say which they are for with --exercise"),
    ],
)
def test_an_archive_that_is_no_class_is_one_line_and_status_2(tmp_path: Path, make: Any, said: str) -> None:
    (tmp_path / "class.zip").write_bytes(make())
    ran = grader("batch", tmp_path / "class.zip", "--out", tmp_path / "out")
    assert ran.returncode == 2 and said in complaint(ran) and "class.zip" in complaint(ran)
    assert not (tmp_path / "out").exists()


def test_reading_python_alone_imports_no_notebook_reader(tmp_path: Path) -> None:
    laid_out(tmp_path, {"line.py": "def fit("})
    code = (
        "import sys; from grader.cli import run; run(['check', sys.argv[1]]);"
        "print([m for m in ('nbformat', 'yaml', 'tarfile', 'torch') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "line.py"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "[]"
