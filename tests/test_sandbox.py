"""The sandbox at level 0: real processes, each of which misbehaves in its own way."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.errors import SandboxError
from grader.records import ChildReport, Limits, RunRequest
from grader.sandbox import Level, Sandbox
from grader.sandbox import child as child_module
from grader.sandbox import run as run_module
from grader.sandbox.environment import SOURCE_ROOT
from grader.sandbox.run import Watch

RUNNER = "tests.stand_in_runner"
LIMITS = Limits(seconds=5.0, memory_bytes=512 * 1024**2, evidence_bytes=64 * 1024)
SHORT = LIMITS.model_copy(update={"seconds": 0.6})
BOUND = 12.0
"""Seconds: far above what any of these runs needs, on a busy machine too."""

linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux holds more than the others")
ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
"""As root the runs are another user's, who cannot signal the warm process even at level 0."""


def request(source: str, name: str = "line.py", device: str = "cpu") -> RunRequest:
    source = textwrap.dedent(source)
    return RunRequest(
        name=name, source=source, form="script", device=device, seed=0, entry=None, arguments=()
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(LIMITS, runner=RUNNER, most=Level.PROCESS) as sandbox:
        yield sandbox
        home = sandbox._warm.home
    assert not home.exists()


def run(sandbox: Sandbox, source: str, limits: Limits | None = None) -> ChildReport:
    """Run, and see to it that nothing is left and that the next run is untouched."""
    started = time.monotonic()
    report = sandbox.run(request(source), limits)
    assert time.monotonic() - started < BOUND
    assert nothing_left(sandbox)
    after = sandbox.run(request("print('well')"))
    assert (after.ending, after.stdout) == ("complete", "well\n")
    assert nothing_left(sandbox)
    return report


def nothing_left(sandbox: Sandbox) -> bool:
    warm = sandbox._warm
    if warm.pid is None:
        return True
    return not list(warm.home.iterdir()) and not descendants(warm.pid)


def descendants(pid: int) -> list[str]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return children.read_text().split() if children.exists() else []


def returned(report: ChildReport) -> bool:
    return report.ending == "complete" and report.trace is not None


def test_a_run_is_reported(sandbox: Sandbox) -> None:
    report = run(sandbox, "import sys\nprint('out')\nprint('err', file=sys.stderr)")
    assert returned(report)
    assert (report.stdout, report.stderr, report.detail) == ("out\n", "err\n", "")
    assert report.seconds < 3.0


def test_what_is_in_force_is_said(sandbox: Sandbox) -> None:
    assert sandbox.isolation.startswith("level 0: process limits")
    assert "not protection against hostile code" in sandbox.isolation
    assert sandbox.versions.python.count(".") == 2
    assert sandbox.versions.torch[0].isdigit()
    assert sandbox.devices() == ("cpu",)


@pytest.mark.parametrize(
    "wait",
    [
        "while True: pass",
        "time.sleep(1000)",
        "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); time.sleep(1000)",
        "[signal.signal(n, signal.SIG_IGN) for n in (2, 10, 12, 15, 18)]; time.sleep(1000)",
        "os.kill(os.getpid(), signal.SIGSTOP)",
        "os.closerange(0, 1000); time.sleep(1000)",
    ],
)
def test_a_hang_ends_at_the_deadline(sandbox: Sandbox, wait: str) -> None:
    report = run(sandbox, f"import os, signal, time\nprint('before')\n{wait}", SHORT)
    assert report.ending == "time"
    assert report.stdout == "before\n"
    assert 0.6 <= report.seconds < 3.0
    assert report.detail == "still running after 0.6 s"


@linux
@pytest.mark.parametrize("name", ["line.py", "week 1/Übung \U0001f600.py"])
def test_a_hang_says_where(sandbox: Sandbox, name: str) -> None:
    source = "import time\ndef wait():\n    time.sleep(1000)\n\nwait()\n"
    assert sandbox.run(request(source, name), SHORT).stack == (3, 5)


@linux
def test_a_stopped_run_says_where(sandbox: Sandbox) -> None:
    assert run(sandbox, "import os\nos.kill(os.getpid(), 19)", SHORT).stack == (2,)


def test_an_exception_swallower_ends_at_the_deadline(sandbox: Sandbox) -> None:
    source = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    assert run(sandbox, source, SHORT).ending == "time"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_flood_is_cut(sandbox: Sandbox, stream: str) -> None:
    report = run(sandbox, f"import sys\nwhile True: sys.{stream}.write('spam' * 9999)")
    assert report.ending == "output"
    assert report.detail == "more than 1048576 bytes printed"
    text = getattr(report, stream)
    assert text.startswith("spamspam") and "bytes left out]" in text
    assert len(text) < 42 * 1024


@pytest.mark.parametrize(
    ("source", "ending", "detail"),
    [
        ("import os; os._exit(0)", "exit", "exit status 0"),
        ("import os; os._exit(7)", "exit", "exit status 7"),
        ("import ctypes; ctypes.string_at(0)", "signal", "SIGSEGV"),
        ("import os; os.abort()", "signal", "SIGABRT"),
        ("import os; os.killpg(0, 9)", "signal", "SIGKILL"),
        ("import os; os.kill(os.getpid(), 40)", "signal", "signal 40"),
        ("import os; os.kill(os.getpid(), 24)", "time", "more than 0 s of CPU time"),
    ],
)
def test_an_end_without_a_frame(sandbox: Sandbox, source: str, ending: str, detail: str) -> None:
    report = run(sandbox, source)
    assert (report.ending, report.trace) == (ending, None)
    assert report.detail in (detail, detail.replace("signal 40", "SIGRTMIN+6"))


def test_a_crash_says_where(sandbox: Sandbox) -> None:
    assert run(sandbox, "import ctypes\n\nctypes.string_at(0)").stack == (3,)


def test_sys_exit_is_a_trace(sandbox: Sandbox) -> None:
    report = run(sandbox, "import sys; sys.exit(4)")
    assert report.trace is not None and report.trace.exit_status == "4"


@linux
@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("x = bytearray(2 * 10**9)", "MemoryError"),
        ("x = []\nwhile True: x.append(bytearray(10**7))", "MemoryError"),
        ("import torch; torch.ones(2 * 10**9)", "RuntimeError"),
    ],
)
def test_memory_is_limited(sandbox: Sandbox, source: str, error: str) -> None:
    limits = LIMITS.model_copy(update={"memory_bytes": 128 * 1024**2})
    trace = run(sandbox, source, limits).trace
    assert trace is not None and trace.raised is not None
    assert trace.raised.type == error


@linux
def test_a_kill_at_great_size_is_a_lack_of_memory(sandbox: Sandbox) -> None:
    report = run(sandbox, "import os\nx = b'x' * 250_000_000\nos.kill(os.getpid(), 9)")
    assert report.ending == "memory"


def test_file_sizes_are_limited(sandbox: Sandbox) -> None:
    trace = run(sandbox, "open('x', 'wb').write(bytes(17 * 1024**2))").trace
    assert trace is not None and trace.raised is not None
    assert trace.raised.type == "OSError"


def test_closed_streams_are_no_end(sandbox: Sandbox) -> None:
    report = run(sandbox, "import os\nprint('x')\nos.close(1)\nos.close(2)")
    assert returned(report)


def test_text_that_is_no_utf8_is_replaced(sandbox: Sandbox) -> None:
    report = run(sandbox, "import os\nos.write(1, b'caf\\xe9\\x1b')\nprint('\\ud800')")
    assert report.stdout == "caf\ufffd\x1b\\ud800\n"


FRAMES = "import os, stat\nfds = [fd for fd in range(3, 64) if os.path.exists(f'/dev/fd/{fd}')]\n"


@linux
@pytest.mark.parametrize(
    ("source", "detail"),
    [
        ("for fd in fds: os.write(fd, b'\\0\\0\\0\\2{}')", "after the frame"),
        ("for fd in fds: os.write(fd, b'\\xff' * 4)", "4294967295 bytes"),
        ("for fd in fds: os.write(fd, b'\\0\\0\\0\\2{}')\nos._exit(0)", "not a trace"),
        ("for fd in fds: os.write(fd, b'\\0\\0\\0\\2{')\nos._exit(0)", "breaks off"),
    ],
)
def test_a_forged_frame_is_refused(sandbox: Sandbox, source: str, detail: str) -> None:
    report = run(sandbox, FRAMES + source)
    assert report.ending == "protocol"
    assert detail in report.detail


def test_evidence_that_is_too_large_is_told(sandbox: Sandbox) -> None:
    report = run(sandbox, "print('x')", LIMITS.model_copy(update={"evidence_bytes": 100}))
    assert report.ending == "protocol"
    # How many bytes it has depends on the digits of the time that the run took.
    assert re.fullmatch(r"the child failed: evidence of 1\d\d bytes, 100 are allowed", report.detail)


def test_a_patched_json_is_not_used(sandbox: Sandbox) -> None:
    source = "import json, os\njson.dumps = json.loads = os.write = os._exit = None"
    assert returned(run(sandbox, source))


def test_a_flush_that_never_returns_costs_a_grace(sandbox: Sandbox) -> None:
    source = """
        import sys
        class Stream:
            def write(self, text): pass
            def flush(self):
                while True: pass
        sys.stdout = Stream()
    """
    assert returned(run(sandbox, source))


def test_threads_and_atexit_do_not_hold_it(sandbox: Sandbox) -> None:
    source = """
        import atexit, threading, time
        atexit.register(time.sleep, 1000)
        threading.Thread(target=time.sleep, args=(1000,)).start()
    """
    report = run(sandbox, source)
    assert returned(report) and report.seconds < 3.0


@linux
@pytest.mark.parametrize("leave", ["", "os.setsid()", "os.setpgid(0, 0)"])
def test_a_daemon_is_not_left(sandbox: Sandbox, leave: str) -> None:
    source = f"""
        import os, time
        if os.fork() == 0:
            if os.fork() == 0:
                {leave or "pass"}
                time.sleep(1000)
            os._exit(0)
        os.wait()
        time.sleep(0.2)
    """
    assert returned(run(sandbox, source))


@linux
def test_killing_the_warm_process_is_bounded(sandbox: Sandbox) -> None:
    before = sandbox._warm.pid
    report = run(sandbox, "import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(1000)")
    if ROOT:
        assert report.trace is not None and report.trace.raised is not None
        assert report.trace.raised.type == "PermissionError"
        return
    assert report.ending == "lost"
    assert "warm process" in report.detail
    assert sandbox._warm.pid != before


def test_a_killed_warm_process_is_replaced(sandbox: Sandbox, tmp_path: Path) -> None:
    """The run under which it died once is repeated, and nobody sees."""
    mark = tmp_path / "mark"
    tmp_path.chmod(0o777)
    source = f"""
        import os, time
        if not os.path.exists({str(mark)!r}):
            open({str(mark)!r}, "w").close()
            os.kill(os.getppid(), 9)
            time.sleep(1000)
    """
    assert returned(run(sandbox, source))


@pytest.mark.parametrize("then", ["", "time.sleep(1000)", "os._exit(3)"])
def test_stopping_the_warm_process_is_bounded(sandbox: Sandbox, then: str) -> None:
    source = f"""
        import contextlib, os, time
        with contextlib.suppress(PermissionError):
            os.kill(os.getppid(), 19)
        {then}
    """
    report = run(sandbox, source, SHORT)
    assert report.ending == {"": "complete", "time.sleep(1000)": "time"}.get(then, "exit")


@linux
def test_a_folder_of_any_depth_and_mode_is_removed(sandbox: Sandbox) -> None:
    source = """
        import os
        os.symlink("/etc", "link")
        os.mkdir("closed"); os.mkdir("closed/inner"); os.chmod("closed", 0)
        for _ in range(1500):
            os.mkdir("d" * 200); os.chdir("d" * 200)
    """
    assert returned(run(sandbox, source))
    assert Path("/etc").is_dir()


def test_the_child_sees_an_environment_of_its_own(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADER_SECRET", "canary")
    source = """
        import os, sys
        print("GRADER_SECRET" in os.environ, os.getcwd() == os.environ["HOME"], os.listdir("."))
        print(sys.stdin.read(), os.getpgrp() == os.getpid(), len(os.listdir("/dev/fd")))
        try: import reference.line
        except ImportError: print("no reference")
    """
    with Sandbox(LIMITS, runner=RUNNER, most=Level.FILTER) as other:
        lines = other.run(request(source)).stdout.splitlines()
    assert lines[0] == "False True []"
    assert lines[1].startswith(" True ") and int(lines[1].split()[1]) <= 6
    assert lines[2] == "no reference"


def test_sandboxes_work_side_by_side() -> None:
    reports: list[ChildReport] = []

    def work() -> None:
        with Sandbox(LIMITS, runner=RUNNER) as mine:
            reports.extend(mine.run(request("print('x')")) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [report.stdout for report in reports] == ["x\n"] * 10


def test_ctrl_c_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(Watch):
        def follow(self) -> None:
            raise KeyboardInterrupt

    with Sandbox(LIMITS, runner=RUNNER) as mine:
        assert returned(mine.run(request("")))
        home, pid = mine._warm.home, mine._warm.pid
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(child_module, "Watch", Interrupted)
            mine.run(request("while True: pass"))
        assert pid is not None and not alive(pid)
        assert not home.exists()
        assert returned(mine.run(request("")))


@linux
def test_a_killed_grader_leaves_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its folder does stay: there is nobody left to remove it."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    source = f"""
        from grader.sandbox import Sandbox
        from tests.test_sandbox import RUNNER, request
        with Sandbox(runner={RUNNER!r}) as sandbox:
            sandbox._warm.ready()
            print(sandbox._warm.pid, flush=True)
            sandbox.run(request("import time; time.sleep(1000)"))
    """
    command = [sys.executable, "-c", textwrap.dedent(source)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=SOURCE_ROOT) as grader:
        assert grader.stdout is not None
        warm = int(grader.stdout.readline())
        assert eventually(lambda: bool(descendants(warm)))
        child = int(descendants(warm)[0])
        grader.kill()
    assert eventually(lambda: not alive(warm) and not alive(child))


def eventually(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + BOUND
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize(
    ("source", "ending"),
    [("print('x')", "complete"), ("import os; os._exit(2)", "exit"), ("while 1: pass", "time")],
)
def test_a_system_without_pidfd_is_enough(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, source: str, ending: str
) -> None:
    monkeypatch.setattr(run_module, "_open_pidfd", lambda pid: None)
    assert run(sandbox, source, SHORT).ending == ending


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise OSError('no such library')", "the warm process did not start: OSError: no such"),
        ("import os; os._exit(1)", "the warm process did not start: it has ended"),
        ("def prepare():\n    while True: pass", "the warm process was not ready within 1 s"),
    ],
)
def test_a_failed_start_is_explained(tmp_path: Path, source: str, reason: str) -> None:
    (tmp_path / "torch.py").write_text("__version__ = '0'")  # quicker than the real one
    message = failed_start(tmp_path, "broken_runner", source)
    assert reason in message[0].lower() + message[1:]


def test_a_missing_torch_is_explained(tmp_path: Path) -> None:
    message = failed_start(tmp_path, "torch", "raise ModuleNotFoundError(\"No module 'torch'\")")
    assert message.startswith("PyTorch cannot be imported (ModuleNotFoundError: No module 'torch')")
    assert message.endswith("-m pip install torch")


def failed_start(folder: Path, module: str, source: str) -> str:
    (folder / f"{module}.py").write_text(source)
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PYTHONPATH", str(folder))
        with (
            Sandbox(runner="broken_runner", start_seconds=1.0) as broken,
            pytest.raises(SandboxError) as caught,
        ):
            broken.run(request(""))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_no_folder_is_left_behind() -> None:
    with Sandbox(LIMITS, runner=RUNNER) as mine:
        home = mine._warm.home
        assert home.parent == Path(tempfile.gettempdir()).resolve()
    assert not home.exists()


ACCELERATED = """
from tests.stand_in_runner import prepare, run
def devices(): return ["cpu", "xpu"]
"""


@linux
@pytest.mark.parametrize("least", [Level.PROCESS, Level.FILTER])
def test_an_accelerator_that_cannot_be_used_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, least: Level
) -> None:
    """There is none here: it works at no level."""
    (tmp_path / "accelerated.py").write_text(ACCELERATED)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Sandbox(LIMITS, runner="accelerated", least=least) as mine:
        if mine._most < least or not mine.isolation.startswith(("level 1", "level 2")):
            return
        assert mine.devices() == (("cpu",) if least else ("cpu", "xpu"))
        assert ("xpu is left out" if least else "on xpu only level 0") in mine.isolation
