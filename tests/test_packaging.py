"""The wheel holds all that a course needs, and works where there is no checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
COURSE = "grader/course"
EXERCISES = sorted(path.stem for path in (ROOT / "exercises").glob("*.py"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    built = subprocess.run([*command, str(ROOT)], capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked: what installing it adds to an environment that has the dependencies."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def installed(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the unpacked wheel in ``cwd``."""
    environment = {**os.environ, "PYTHONPATH": str(site), "COLUMNS": "200", "NO_COLOR": "1"}
    code = "from grader.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("folder", ["exercises", "reference", "student_template"])
def test_the_wheel_holds_the_course(names: set[str], folder: str, exercise: str) -> None:
    assert f"{COURSE}/{folder}/{exercise}.py" in names


def test_the_wheel_holds_every_file_of_the_package(names: set[str]) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "grader").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert any(name.startswith("grader/report/templates/") for name in files)
    assert files - names == set()


def test_the_wheel_holds_no_stray_file(names: set[str]) -> None:
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"grader"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_the_wheel_brings_the_command_and_the_licence(wheel: Path, names: set[str]) -> None:
    (entry_points,) = (name for name in names if name.endswith("/entry_points.txt"))
    with zipfile.ZipFile(wheel) as archive:
        assert b"grader = grader.cli:main" in archive.read(entry_points)
        assert b"[pytest11]\ngrader = grader.pytest_plugin" in archive.read(entry_points)
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_unpacked_wheel_is_what_runs(site: Path, tmp_path: Path) -> None:
    code = "from grader.exercise import find_course; print(find_course().root)"
    found = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(found.stdout.strip()) == (site / COURSE).resolve()


@pytest.mark.parametrize("exercise", EXERCISES)
def test_start_hands_out_the_template(site: Path, tmp_path: Path, exercise: str) -> None:
    started = installed(site, tmp_path, "start", exercise)
    assert started.returncode == 0, started.stderr
    template = ROOT / "student_template" / f"{exercise}.py"
    assert (tmp_path / f"{exercise}.py").read_bytes() == template.read_bytes()


def test_explain_speaks_from_the_wheel(site: Path, tmp_path: Path) -> None:
    explained = installed(site, tmp_path, "explain", "stale-gradient")
    assert explained.returncode == 0, explained.stderr
    assert "stale-gradient" in explained.stdout


def test_the_reference_earns_full_marks_from_the_wheel(site: Path, tmp_path: Path) -> None:
    submission = tmp_path / "line.py"
    submission.write_bytes((ROOT / "reference" / "line.py").read_bytes())
    report = tmp_path / "report.html"
    checked = installed(site, tmp_path, "check", str(submission), "--html", str(report))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert report.read_text(encoding="utf-8").lstrip().lower().startswith("<!doctype html>")
