"""The parts of the confinement that can be looked at without being confined."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from grader.child import large_pages
from grader.child.confine import landlock, paths, privileges, seccomp
from grader.child.confine.layout import layout
from grader.child.confine.seccomp import Instruction
from grader.child.confine.syscalls import NUMBERS
from grader.child.kernel import Missing
from grader.errors import SandboxError
from grader.sandbox import Level, Sandbox
from grader.sandbox.isolation import ProbeFailed, Tried, prove
from tests.command import ROOT

X86, ARM = "x86_64", "aarch64"
ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x50001, 0x50026, 0x80000000
ME, OTHER = 4321, 1234


def verdict(machine: str, name: str | int, *arguments: int, architecture: int | None = None) -> int:
    """What the filter answers to a call: its program, stepped through as the kernel does it."""
    column, own = seccomp.MACHINES[machine]
    number = NUMBERS[name][column] if isinstance(name, str) else name
    assert number is not None
    words = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("=IIQ6Q", number, architecture or own, 0, *(word % 2**64 for word in words))
    steps, value, at = seccomp.program(machine, ME), 0, 0
    while True:
        step: Instruction = steps[at]
        at += 1
        if step.code == 0x20:
            (value,) = struct.unpack_from("=I", data, step.value)
        elif step.code == 0x54:
            value &= step.value
        elif step.code == 0x06:
            return step.value
        else:
            wanted = step.value & 0xFFFFFFFF
            met = {0x15: value == wanted, 0x35: value >= wanted, 0x45: bool(value & wanted)}[step.code]
            at += step.then if met else step.otherwise


@pytest.mark.parametrize("machine", [X86, ARM])
def test_what_is_refused_is_refused_on_both_machines(machine: str) -> None:
    column = seccomp.MACHINES[machine][0]
    for name in seccomp.REFUSED:
        if NUMBERS[name][column] is not None:
            assert verdict(machine, name) == EPERM, name
    for name in seccomp.UNKNOWN:
        assert verdict(machine, name) == ENOSYS


@pytest.mark.parametrize("machine", [X86, ARM])
def test_what_depends_on_arguments(machine: str) -> None:
    def ask(name: str, *arguments: int) -> int:
        return verdict(machine, name, *arguments)

    assert ask("clone", 0x3D0F00) == ALLOW  # as a C library starts a thread
    assert ask("clone", 0x1200011) == ask("clone", 0x4111) == EPERM  # fork, vfork
    for name in seccomp.OWN_ONLY:
        assert ask(name, ME) == ask(name, 0) == ask(name, -ME) == ALLOW
        assert ask(name, OTHER) == ask(name, -OTHER) == ask(name, -1) == EPERM
    assert ask("kill", ME + 2**32) == ALLOW  # the kernel, too, looks at the low half only
    assert ask("ioctl", 0, 0x5401) == ALLOW
    assert ask("ioctl", 0, 0x5412) == ask("ioctl", 0, 0x5412 + 2**32) == EPERM
    assert ask("fcntl", 0, 3) == ALLOW
    assert [ask("fcntl", 0, command, OTHER) for command in (8, 10, 15)] == [EPERM] * 3
    assert ask("prctl", 15) == ALLOW  # a thread's name
    assert ask("prctl", 1) == ask("prctl", 4) == EPERM
    assert ask("openat", 0, 0, 0o1000) == EPERM  # empties what may only be read
    assert ask("openat", 0, 0, 0o1001) == ask("openat", 0, 0, 0o1102) == ask("openat", 0, 0, 0) == ALLOW


def test_only_this_machines_own_calls() -> None:
    assert verdict(X86, 0, architecture=0x40000003) == KILL  # 32 bits
    assert verdict(X86, 0x40000000 | 59) == KILL  # x32
    assert verdict(ARM, 0, architecture=0xC000003E) == KILL
    assert verdict(X86, 0) == verdict(ARM, 63) == ALLOW  # read


def test_an_unknown_machine_is_said() -> None:
    with pytest.raises(Missing, match="riscv64"):
        seccomp.program("riscv64", ME)


def test_every_call_that_is_named_has_a_number() -> None:
    named = {*seccomp.REFUSED, *seccomp.UNKNOWN, *seccomp.OWN_ONLY, *seccomp.NOT_WITH, *seccomp.TRUNCATING}
    assert named <= NUMBERS.keys()
    for column in (0, 1):
        numbers = [pair[column] for pair in NUMBERS.values() if pair[column] is not None]
        assert len(numbers) == len(set(numbers))


def test_jumps_are_short_enough() -> None:
    for machine in seccomp.MACHINES:
        assert all(
            0 <= step.then < 256 and 0 <= step.otherwise < 256 for step in seccomp.program(machine, ME)
        )


@pytest.mark.parametrize("machine", seccomp.MACHINES)
@pytest.mark.parametrize("pid", [1, ME, 2**22])
def test_a_filter_made_beforehand_is_the_one_made_for_the_process(
    machine: str, pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seccomp._for_anybody.cache_clear()
    monkeypatch.setattr(seccomp, "MACHINE", machine)
    assert seccomp.code(pid) == b"".join(step.packed() for step in seccomp.program(machine, pid))
    seccomp._for_anybody.cache_clear()


def test_a_root_holds_what_is_shown_and_where_its_links_lead(tmp_path: Path) -> None:
    host, root = tmp_path / "host", tmp_path / "root"
    (host / "usr/lib/deep").mkdir(parents=True)
    (host / "etc").mkdir()
    (host / "etc/zone").write_text("")
    (host / "lib").symlink_to(host / "usr/lib")
    root.mkdir()
    names = ("lib", "usr/lib/deep", "etc/zone", "not here")
    found = layout(tuple(str(host / name) for name in names))
    found.make(str(root))
    assert found.shown == [str(host / name) for name in ("usr/lib", "etc/zone")]
    made = Path(f"{root}{host}")
    assert (made / "lib").readlink() == host / "usr/lib"
    assert (made / "usr/lib").is_dir()
    assert (made / "etc/zone").is_file()
    assert sorted(each.name for each in made.iterdir()) == ["etc", "lib", "usr"]


def test_only_whole_large_pages_that_belong_to_no_file_are_gathered() -> None:
    maps = (
        "00100000-00500000 rw-p 00000000 00:00 0 \n"
        "00600000-00a00000 rw-p 00000000 00:00 0                          [heap]\n"
        "00c00000-01000000 r--p 00000000 00:00 0 \n"
        "01000000-01400000 rw-p 00000000 08:01 77 /usr/lib/a name.so\n"
        "01500000-01600000 rw-p 00000000 00:00 0 \n"
    )
    assert list(large_pages._memory(maps)) == [(0x200000, 0x200000)]


def test_what_is_hidden_is_not_read(tmp_path: Path) -> None:
    for name in ("a/b/secret/x", "a/c/y", "d/z"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("")
    rules = landlock.without(str(tmp_path), [str(tmp_path / "a/b/secret")])
    read = {Path(path).relative_to(tmp_path).as_posix() for path, access in rules if access & 4}
    assert read == {"a/c", "d"}
    assert landlock.without(str(tmp_path), []) == [(str(tmp_path), landlock.READING)]


def test_a_run_may_read_no_solution_and_no_home() -> None:
    readable = [path for path, access in paths.allowed("/folder", accelerator=False) if access & 4]
    for secret in (*paths.hidden(), str(Path.home() / ".ssh"), "/etc/passwd", "/tmp/x", "/proc/1/environ"):
        assert not any(Path(secret).is_relative_to(path) for path in readable), secret


def test_a_folder_that_only_root_may_enter_is_seen(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    tmp_path.chmod(0o700)
    assert privileges.closed_to_others([str(tmp_path / "inner")])
    assert not privileges.closed_to_others(["/usr/lib", "/no/such/thing"])


# --- what is reported --------------------------------------------------------------------------------

NAMES = ("read", "home", "write", "tcp", "udp", "unix", "fork", "exec", "signal", "ptrace", "proc")


def tried(work: str = "", **outcomes: str) -> Tried:
    return Tried({**dict.fromkeys(NAMES, "PermissionError"), "work": work, **outcomes}, user=1000, landlock=7)


def test_the_level_is_what_the_tries_showed() -> None:
    assert prove(lambda level, _: tried(), Level.NAMESPACES).level is Level.NAMESPACES
    found = prove(lambda level, _: tried(), Level.FILTER)
    assert found.level is Level.FILTER
    assert found.text.startswith(
        "level 1: filter (Landlock ABI 7, seccomp); tried and held: reading other files"
    )


@pytest.mark.parametrize("escaped", NAMES)
def test_one_escape_is_a_level_less(escaped: str) -> None:
    def attempt(level: Level, places: object) -> Tried:
        return tried(**{escaped: ""}) if level is Level.NAMESPACES else tried()

    found = prove(attempt, Level.NAMESPACES)
    assert found.level is Level.FILTER
    assert "not level 2: it does not hold here: " in found.text


def test_what_cannot_be_set_up_or_cannot_work_is_said() -> None:
    def attempt(level: Level, places: object) -> Tried:
        if level is Level.NAMESPACES:
            raise ProbeFailed("no namespaces")
        return tried(work="OSError: no thread") if level is Level.FILTER else tried(read="", write="")

    found = prove(attempt, Level.NAMESPACES)
    assert found.level is Level.PROCESS
    assert "not level 2: no namespaces; not level 1: a run could not work (OSError: no thread)" in found.text
    assert "tried and possible: reading other files, writing other files" in found.text
    assert "not protection against hostile code" in found.text


@pytest.mark.skipif(sys.platform != "linux", reason="there is more to see on Linux")
def test_the_parent_believes_its_own_eyes() -> None:
    """A child that says that it could not write, and did."""

    def attempt(level: Level, places: dict[str, str]) -> Tried:
        Path(places["target"]).write_text("x")
        return tried()

    found = prove(attempt, Level.NAMESPACES)
    assert found.level is Level.PROCESS
    assert "it does not hold here: writing other files" in found.text


def test_windows_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SandboxError, match="Use WSL"), Sandbox(runner="tests.stand_in_runner"):
        pass


def test_the_parents_side_is_imported_where_there_are_no_limits() -> None:
    """On Windows there is no ``resource``, ``fcntl`` or ``pwd``: the command must still be able to say so."""
    source = (
        "import sys\nfor name in ('resource', 'fcntl', 'pwd', 'grp', 'termios'): sys.modules[name] = None\n"
    )
    source += "import grader.cli, grader.batch, grader.sandbox, grader.pipeline, grader.resume"
    subprocess.run([sys.executable, "-c", source], check=True, cwd=ROOT, timeout=60)
