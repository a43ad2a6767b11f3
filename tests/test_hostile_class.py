"""A class of thirty with ten hostile files among them, through the real command, twice."""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.records import Result
from grader.sandbox import Level, Sandbox
from tests.command import ROOT, grader
from tests.hostile import fit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux holds more than the others")

RIGHT = (ROOT / "reference" / "line.py").read_text()
TEMPLATE = (ROOT / "student_template" / "line.py").read_text()
UGLY = (
    '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e\x1b]8;;http://evil\x1b\\\x1b]52;c;AA==\x07'
)
TERMINAL = ("\x1b", "\x07", "\u202e", "\x9b")

HOSTILE: dict[str, tuple[str, set[str]]] = {
    "endless": (fit("while True:\n    try:\n        while True: pass\n    except BaseException: pass"), {"time-limit"}),
    "memory": (fit("held = bytearray(2 ** 40)"), {"memory-limit"}),
    "threads": (
        fit(
            "threading.stack_size(64 * 1024)\n"
            "for _ in range(3000): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()"
        ),
        {"runtime-error"},
    ),
    "output": (fit("while True: os.write(1, b'x' * 10 ** 6)"), {"output-limit"}),
    "crash": (fit("ctypes.string_at(0)"), {"crash"}),
    "forged": (
        fit("for fd in range(3, 64):\n    with contextlib.suppress(OSError): os.write(fd, b'\\0\\0\\0\\2{}')"),
        {"tampering"},
    ),
    "fork": (fit("os.fork()"), {"runtime-error"}),
    "key": (fit("print(open('CANARY').read())"), {"runtime-error"}),
    "network": (fit("socket.create_connection(('127.0.0.1', 1), 1)"), {"runtime-error"}),
    f"=HYPERLINK(1)::error::{UGLY.replace('/', '|')}": (
        fit(f"print({UGLY!r}, '::error::x')\nraise ValueError({UGLY!r} + '::error::x')"),
        {"runtime-error"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def canary() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        (Path(folder) / "key").write_text("SECRET-KEY")
        yield Path(folder) / "key"


@pytest.fixture(scope="module")
def class_folder(tmp_path_factory: pytest.TempPathFactory, canary: Path) -> Path:
    folder = tmp_path_factory.mktemp("class")
    for index in range(4):
        (folder / f"right{index}.py").write_text(RIGHT)
    for index in range(16):
        (folder / f"begun{index:02}.py").write_text(TEMPLATE)
    for name, (source, _) in HOSTILE.items():
        (folder / f"{name}.py").write_text(source.replace("CANARY", str(canary)))
    (folder / "torch.py").write_text("raise SystemExit('the wrong torch')")
    (folder / "torch.py").rename(folder / "sitecustomize.pyc")  # not a submission, and not imported
    return folder


def graded(folder: Path, out: Path) -> dict[str, Result]:
    arguments = ("batch", folder, "--exercise", "line", "--out", out, "--seconds", "2", "--jobs", "2")
    ran = grader(*arguments, "--fresh", "--accept-weak-isolation")
    assert ran.returncode == 0, ran.stderr.decode()
    assert not any(mark in (ran.stdout + ran.stderr).decode() for mark in TERMINAL)
    lines = (out / "results.jsonl").read_text("utf-8").splitlines()
    return {result.submission.name: result for result in map(Result.model_validate_json, lines)}


def found(results: dict[str, Result]) -> dict[str, tuple[str, list[str]]]:
    return {n: (r.status, [f.pitfall for f in r.findings]) for n, r in results.items()}


@pytest.fixture(scope="module")
def results(class_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Result]]:
    out = tmp_path_factory.mktemp("out")
    return out, graded(class_folder, out)


@pytest.fixture(scope="module")
def level() -> Level:
    with Sandbox(runner="tests.stand_in_runner") as sandbox:
        return sandbox.level


def test_thirty_files_have_thirty_results(results: tuple[Path, dict[str, Result]], level: Level) -> None:
    _, by_name = results
    assert len(by_name) == 30
    assert [by_name[f"right{i}"].status for i in range(4)] == ["passed"] * 4
    for name, result in by_name.items():
        if name.startswith("begun"):
            assert [f.pitfall for f in result.findings] == ["not-implemented"]
    odd = next(name for name in by_name if name.startswith("=HYPERLINK"))
    for name, (_, expected) in HOSTILE.items():
        result = by_name[odd if name.startswith("=") else name]
        if level >= Level.FILTER or name not in ("fork", "key"):
            assert {f.pitfall for f in result.findings} == expected, name
        assert result.environment.isolation.startswith(f"level {int(level)}")


def test_a_second_time_says_the_same(
    results: tuple[Path, dict[str, Result]], class_folder: Path, tmp_path: Path
) -> None:
    assert found(graded(class_folder, tmp_path / "again")) == found(results[1])


def test_no_key_and_no_escape_is_in_what_goes_out(
    results: tuple[Path, dict[str, Result]], canary: Path, level: Level
) -> None:
    out, _ = results
    pages = [path.read_text("utf-8") for path in out.rglob("*.html")]
    assert len(pages) > 30
    for page in pages:
        assert "Content-Security-Policy" in page
        assert "<script>alert" not in page and "<img src=x" not in page
        assert not any(mark in page for mark in TERMINAL)
        assert level < Level.FILTER or canary.read_text() not in page
    assert canary.read_text() == "SECRET-KEY"


def test_the_gradebook_holds_no_formula(results: tuple[Path, dict[str, Result]]) -> None:
    with (results[0] / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in cells if not cell.isdigit())


def test_no_process_is_left(results: tuple[Path, dict[str, Result]]) -> None:
    assert results[1]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
                group = os.getpgid(int(entry.name))
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            assert not (b"grader.child" in words and parent == 1), (words, group)


def test_check_prints_nothing_that_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "line.py").write_text(next(source for name, (source, _) in HOSTILE.items() if name[0] == "="))
    ran = grader("check", tmp_path / "line.py", "--html", tmp_path / "out.html", cwd=tmp_path)
    assert ran.returncode == 1, ran.stderr.decode()
    printed = ran.stdout.decode()
    assert not any(mark in printed for mark in TERMINAL)
    assert "::error::" not in printed and "alert(1)" in printed
    assert "<script>alert" not in (tmp_path / "out.html").read_text("utf-8")


@pytest.mark.parametrize("shadow", ["torch", "json", "sitecustomize", "typing_extensions", "line"])
def test_what_lies_beside_a_submission_is_not_imported(tmp_path: Path, shadow: str) -> None:
    (tmp_path / f"{shadow}.py").write_text("raise SystemExit('the wrong one')\n")
    (tmp_path / "mine.py").write_text(RIGHT)
    ran = grader("check", "mine.py", "--exercise", "line", "--device", "cpu", cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr.decode()
