"""What hostile submissions come to, at every isolation level that this machine has.

After each of them the grader is alive, the next submission gives the very same trace as before, the canaries
are as they were, no process is left, and all that took a bounded time.
"""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.evidence import FitEvidence
from grader.exercise import find_course
from grader.findings import judge
from grader.pipeline import grade
from grader.planning import plan
from grader.records import Limits, PlainArgument
from grader.running import run_once
from grader.sandbox import Level, Sandbox, Sitting
from grader.submission import read_submission
from tests.command import ROOT
from tests.grading import submission_of
from tests.hostile import (
    ATTEMPT,
    CALLS,
    ESCAPES,
    FOREIGN,
    FORKS,
    FRAMES,
    NOT_TEXT,
    QUICK,
    RAW_ATTEMPT,
    RIGHT,
    WAITS,
    Hostile,
    fit,
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux holds more than the others")
x86 = pytest.mark.skipif(platform.machine() != "x86_64", reason="numbers of x86-64")
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0

LINE = find_course().exercise("line")
NIGHTLY = os.environ.get("GRADER_NIGHTLY") == "1"
LIMITS = Limits(seconds=30.0 if NIGHTLY else 15.0, memory_bytes=512 * 1024**2)
SHORT = LIMITS.model_copy(update={"seconds": 5.0 if NIGHTLY else 0.7})
BOUND = 40.0
"""Seconds: far above what any of these needs, on a busy machine too."""


@dataclass
class World:
    """A sandbox at one level, and what lies around it that must stay as it is."""

    sandbox: Sandbox
    folder: Path
    ports: dict[str, socket.socket]
    baseline: tuple[object, ...]

    def run(self, source: str, limits: Limits = LIMITS) -> FitEvidence:
        """Run a submission once, and see to it that nothing is changed by it: not for the run after it, which
        would be made in the same process, and for nobody else's."""
        started = time.monotonic()
        with self.sandbox.sitting() as sitting:
            run = first_run(self.sandbox, self.filled(source), limits, sitting)
            assert time.monotonic() - started < BOUND
            following = first_run(self.sandbox, fit("pass"), LIMITS, sitting)
            assert seen(following) == self.baseline
        self.check()
        return run

    def filled(self, source: str) -> str:
        names = {
            "canary": str(self.folder), "root": str(ROOT), "grader": str(os.getpid()),
            "home": str(Path.home()),
            "tcp": str(self.ports["tcp"].getsockname()[1]), "udp": str(self.ports["udp"].getsockname()[1]),
            "unix": self.ports["unix"].getsockname()[1:].decode(),
        }  # fmt: skip
        for name, value in names.items():
            source = source.replace(f"{{{name}}}", value)
        return source

    def check(self) -> None:
        assert nothing_left(self.sandbox)
        assert seen(first_run(self.sandbox, fit("pass"), LIMITS)) == self.baseline
        if self.sandbox.level >= Level.FILTER:
            self.check_canaries()

    def check_canaries(self) -> None:
        key = self.folder / "key"
        assert sorted(path.name for path in self.folder.iterdir()) == ["key"]
        assert (key.read_text(), key.stat().st_mode & 0o777, key.stat().st_nlink) == ("secret", 0o666, 1)
        assert key.stat().st_mtime > 1e9
        for name, port in self.ports.items():
            with pytest.raises(BlockingIOError):
                port.recv(1) if name == "udp" else port.accept()


def first_run(sandbox: Sandbox, source: str, limits: Limits, sitting: Sitting | None = None) -> FitEvidence:
    """The first run of a text, of a few steps, in a process of its own or in that of the run before it."""
    request, case = next(iter(plan(submission_of(source, LINE), LINE, ("cpu",))))
    arguments = (*request.arguments[:-1], PlainArgument(value=20))
    request = request.model_copy(update={"arguments": arguments, "watch_from": 19})
    before, sandbox.limits = sandbox.limits, limits
    try:
        run = run_once(sitting or sandbox, LINE, request, case)
    finally:
        sandbox.limits = before
    assert isinstance(run, FitEvidence)
    return run


def seen(run: FitEvidence) -> tuple[object, ...]:
    """What an innocent run comes to, to the last bit."""
    assert run.trace is not None, run.report
    return run.report.ending, run.recovered, run.losses, run.trace.replaced, run.trace.events_seen


def ids(run: FitEvidence) -> list[str]:
    """What is reported of one run; its few steps are no mistake of the submission's."""
    found = [f.pitfall for f in judge([run]) if f.severity == "error"]
    return [name for name in found if name not in ("undertrained", "inaccurate-result")]


def nothing_left(sandbox: Sandbox) -> bool:
    warm = sandbox._warm
    children = Path(f"/proc/{warm.pid}/task/{warm.pid}/children")
    return not list(warm.home.iterdir()) and not (children.exists() and children.read_text().split())


@contextlib.contextmanager
def world(most: Level) -> Iterator[World]:
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o777)
        (folder / "key").write_text("secret")
        (folder / "key").chmod(0o666)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        unix = stack.enter_context(socket.socket(socket.AF_UNIX))
        unix.bind(f"\0grader-test-{os.getpid()}-{int(most)}")
        unix.listen()
        ports = {"tcp": tcp, "udp": udp, "unix": unix}
        for port in ports.values():
            port.setblocking(False)
        sandbox = stack.enter_context(Sandbox(LIMITS, most=most))
        baseline = seen(first_run(sandbox, fit("pass"), LIMITS))
        yield World(sandbox, folder, ports, baseline)


@pytest.fixture(scope="module", params=[Level.NAMESPACES, Level.FILTER], ids=["highest", "filter"])
def held(request: pytest.FixtureRequest) -> Iterator[World]:
    """The highest level of this machine, and level 1; where it has neither, that is what is said.

    A host may have no Landlock, no filters or no namespaces; what it has must hold.
    """
    with world(request.param) as made:
        assert "it does not hold here" not in made.sandbox.isolation
        assert "a run could not work" not in made.sandbox.isolation
        if made.sandbox.level < min(request.param, Level.FILTER):
            assert "not protection against hostile code" in made.sandbox.isolation
            assert "not level 1" in made.sandbox.isolation
        yield made


@pytest.fixture(scope="module")
def unheld() -> Iterator[World]:
    with world(Level.PROCESS) as made:
        yield made


def by_name(cases: tuple[Hostile, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case.name for case in cases])


@linux
@by_name(WAITS)
def test_what_never_ends_is_ended(held: World, case: Hostile) -> None:
    assert ids(held.run(case.source, SHORT)) == list(case.ids)


NOT_AT_0 = ("a million files",)
"""Slow there, for it is counted and not held."""


@linux
@by_name((*QUICK, *FRAMES))
def test_what_does_harm_is_named(held: World, case: Hostile) -> None:
    assert ids(held.run(case.source)) == list(case.ids)


@linux
@by_name(FORKS)
def test_what_forks_is_held(held: World, case: Hostile) -> None:
    found = ids(held.run(case.source, SHORT))
    if held.sandbox.level >= Level.FILTER:
        assert found == {"a fork bomb": ["time-limit"], "a daemon": ["runtime-error"]}[case.name]


@linux
@pytest.mark.parametrize("name", NOT_TEXT)
def test_what_is_no_text_is_told(held: World, name: str, tmp_path: Path) -> None:
    data, expected = NOT_TEXT[name]
    (tmp_path / "line.py").write_bytes(data)
    result = grade(read_submission(tmp_path / "line.py", LINE), LINE, held.sandbox, devices=("cpu",))
    found = [finding.pitfall for finding in result.findings]
    assert (result.status, found) == (("failed", [expected]) if expected else ("passed", []))


@linux
@pytest.mark.parametrize("name", ESCAPES)
def test_no_way_out(held: World, name: str) -> None:
    run = held.run(ATTEMPT.replace("WHAT", ESCAPES[name]))
    if held.sandbox.level >= Level.FILTER:
        assert (ids(run), outcomes(run)) == ([], ["held"])


@linux
@x86
@pytest.mark.parametrize("name", CALLS)
def test_no_call_of_the_kernel_leads_out(held: World, name: str) -> None:
    run = held.run(RAW_ATTEMPT.replace("WHAT", ", ".join(map(str, CALLS[name]))))
    if held.sandbox.level >= Level.FILTER:
        assert (ids(run), outcomes(run)) == ([], ["held"])


def outcomes(run: FitEvidence) -> list[str]:
    """What came of each attempt. Whatever ran in another process has printed here, too."""
    lines = run.report.stdout.splitlines()
    return [line.partition(":")[0] for line in lines]


@linux
@x86
def test_a_call_of_another_machine_ends_the_run(held: World) -> None:
    run = held.run(FOREIGN)
    if held.sandbox.level >= Level.FILTER:
        assert (ids(run), run.report.detail) == (["crash"], "SIGSYS")


@linux
def test_a_refusal_is_told_in_plain_words(held: World) -> None:
    run = held.run(fit("socket.create_connection(('127.0.0.1', {tcp}), 1)"))
    if held.sandbox.level >= Level.FILTER:
        (finding,) = (f for f in judge([run]) if f.pitfall == "runtime-error")
        assert "may not start programs or processes, use the network" in finding.message


@linux
def test_the_disk_of_a_run_is_small(held: World) -> None:
    run = held.run(fit("for i in range(64): open(f'{i}', 'wb').write(bytes(2 ** 22))"))
    assert ids(run) == ["output-limit"]
    (finding,) = (f for f in judge([run]) if f.pitfall == "output-limit")
    assert "64 MiB in all" in finding.message or "67108864 bytes, or 2500 files, written" in finding.message


@linux
def test_the_next_run_is_another_world(held: World) -> None:
    """What one submission patches and leaves lying about, the next does not find."""
    run = held.run(fit("torch.mean = torch.zeros = torch.Tensor.mean = None\nopen('left', 'w').write('x')"))
    assert "runtime-error" in ids(run) or "tampering" in ids(run)
    after = held.run(fit("print(os.listdir('.'), torch.zeros(1))"))
    assert after.report.stdout == "['submission.py'] tensor([0.])\n"


@linux
@pytest.mark.parametrize("number", ["SIGKILL", "SIGSTOP"])
def test_a_lost_warm_process_costs_nothing(held: World, number: str) -> None:
    """It dies, or is stopped, under a run: that submission is run once more, and nobody sees."""
    pid = held.sandbox._warm.pid
    assert pid is not None
    command = f"import os, signal, time; time.sleep(0.3); os.kill({pid}, signal.{number})"
    with subprocess.Popen([sys.executable, "-S", "-c", command]):
        run = held.run(fit("time.sleep(0.8)"))
    assert ids(run) == []
    assert (held.sandbox._warm.pid != pid) is (number == "SIGKILL")


@linux
def test_a_right_submission_passes_at_every_level(held: World) -> None:
    source = (ROOT / "reference" / "line.py").read_text()
    result = grade(submission_of(source, LINE), LINE, held.sandbox, devices=("cpu",))
    assert (result.status, result.environment.isolation) == ("passed", held.sandbox.isolation)


@linux
@pytest.mark.parametrize("name", ["a long import", "NumPy", "a thread", "its own files"])
def test_what_a_run_needs_it_has(held: World, name: str) -> None:
    needs = {
        "a long import": "import xml.dom.minidom, sqlite3, decimal, torch.fft, torch.sparse, torch.optim",
        "NumPy": "import numpy.polynomial.chebyshev, numpy.fft\nnumpy.linalg.svd(numpy.ones((3, 3)))",
        "a thread": "t = threading.Thread(target=int)\nt.start()\nt.join()\nos.cpu_count()",
        "its own files": "os.makedirs('a/b')\nopen('a/b/c', 'w').write('x')\nos.rename('a/b/c', 'd')\n"
        "torch.save(x, 'x.pt')\nassert torch.equal(torch.load('x.pt'), x)",
    }
    run = held.run(fit(needs[name]))
    assert (ids(run), run.raised) == ([], None)


# --- level 0: what it holds, and what it is declared not to -----------------------------------------


@linux
@pytest.mark.parametrize(
    "case",
    [c for c in (*QUICK, *FRAMES, *WAITS[:3]) if "a million" not in c.name],
    ids=lambda case: case.name,
)
def test_level_0_holds_accidents(unheld: World, case: Hostile) -> None:
    limits = SHORT if "time-limit" in case.ids else LIMITS
    assert ids(unheld.run(case.source, limits)) == list(case.ids)


DECLARED = (
    "reads the key",
    "writes outside",
    "TCP",
    "UDP",
    "an abstract socket",
    "forks",
    "starts a program",
)


@linux
@pytest.mark.parametrize("name", DECLARED)
def test_level_0_does_not_hold_malice_and_says_so(unheld: World, name: str) -> None:
    run = first_run(unheld.sandbox, unheld.filled(ATTEMPT.replace("WHAT", ESCAPES[name])), LIMITS)
    assert "ESCAPED" in run.report.stdout
    assert "level 0" in unheld.sandbox.isolation
    assert "not protection against hostile code; tried and possible: " in unheld.sandbox.isolation
    (unheld.folder / "new").unlink(missing_ok=True)


@linux
@by_name(FORKS)
def test_level_0_ends_what_forks(unheld: World, case: Hostile) -> None:
    assert set(ids(unheld.run(case.source, SHORT))) <= {"time-limit", "tampering", "crash"}


# --- through all the runs of a whole grading ---------------------------------------------------------

COUNTING = """\
import os
if os.path.exists("/tmp/grader-count") or os.path.exists("count"):
    raise SystemExit("seen before")
with open("count", "w") as file:
    file.write("1")
"""
HONEST = f"import torch\n\ndef fit(x, y, lr, steps):\n{RIGHT}"

WHOLE = {
    "behaviour that depends on the count of calls": (COUNTING + HONEST, "passed", set[str]()),
    "a counter of its own": (
        HONEST.replace("def fit", "CALLS = []\n\ndef fit").replace(
            "    p = torch", "    CALLS.append(1)\n    if len(CALLS) > 1: return None\n    p = torch"
        ),
        "passed",
        set[str](),
    ),
    "hard-coded coefficients": (
        "import torch\n\ndef fit(x, y, lr, steps):\n"
        "    return torch.tensor([2.5], requires_grad=True), torch.tensor([-0.9], requires_grad=True)\n",
        "failed",
        {"hardcoded-answer", "missing-backward", "closed-form-solution", "inaccurate-result"},
    ),
    "a closed form in plain Python": (
        "import torch\n\ndef fit(x, y, lr, steps):\n"
        "    n, sx, sy = len(x), sum(x.tolist()), sum(y.tolist())\n"
        "    sxx, sxy = sum(v * v for v in x.tolist()), sum(a * b for a, b in zip(x.tolist(), y.tolist()))\n"
        "    w = (n * sxy - sx * sy) / (n * sxx - sx * sx)\n"
        "    return [torch.tensor([v], requires_grad=True) for v in (w, (sy - w * sx) / n)]\n",
        "failed",
        {"closed-form-solution", "missing-backward", "hardcoded-answer"},
    ),
}


@linux
@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_grading(held: World, name: str) -> None:
    source, status, expected = WHOLE[name]
    result = grade(submission_of(source, LINE), LINE, held.sandbox, devices=("cpu",))
    found = {finding.pitfall for finding in result.findings if finding.severity == "error"}
    assert result.status == status, result.findings
    assert bool(found & expected) == bool(expected)
    held.check()


@linux
def test_data_that_are_changed_are_judged_as_they_were_given(held: World) -> None:
    """Zeros are easy to fit: what came back is held against the data that were given."""
    source = HONEST.replace("    p = torch", "    with torch.no_grad(): y.zero_()\n    p = torch", 1)
    result = grade(submission_of(source, LINE), LINE, held.sandbox, devices=("cpu",))
    assert result.status == "failed"
    held.check()


@linux
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("3,000 threads", ("64", "started in a loop")),
        ("too many threads for torch", ("64", "`torch.set_num_threads`")),
        ("many open files", ("A run may have 64 files open at once", "`with open(…) as file:`")),
        ("one huge file", ("wrote more than a run may: 16 MiB to one file, 64 MiB in all",)),
        ("gigabytes on stdout", ("more than 1048576 bytes printed",)),
        ("memory by tensor", ("asked for more memory than a run may use",)),
    ],
)
def test_a_limit_says_which_it_is(held: World, name: str, words: tuple[str, ...]) -> None:
    case = next(case for case in QUICK if case.name == name)
    (finding,) = (f for f in judge([held.run(case.source)]) if f.severity == "error")
    assert all(word in finding.message for word in words), finding.message


@linux
def test_time_of_the_processor_is_limited_by_itself(held: World) -> None:
    """By the signal that the kernel sends then: threads side by side bring it before the clock."""
    source = fit("os.kill(os.getpid(), signal.SIGXCPU)")
    (finding,) = (f for f in judge([held.run(source)]) if f.severity == "error")
    assert finding.pitfall == "time-limit"
    assert "of CPU time" in finding.message
