"""Which system calls a run may not make, as a filter that the kernel applies to each of them.

What is refused fails as though it were not permitted (EPERM); the run goes on and can be told. A call of
another kind of machine (32 bits) is no accident, and ends the process.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from grader.child.confine.syscalls import NUMBERS
from grader.child.kernel import MACHINE, PR_SET_SECCOMP, Missing, prctl

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""The column in the table of numbers, and what the kernel calls such a machine (AUDIT_ARCH)."""

REFUSED = (
    # another program, another process
    "execve", "execveat", "fork", "vfork",
    # the network, and every other socket
    "socket", "socketpair",
    # other processes: looking into them, stopping them, taking what they hold
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "kcmp",
    "pidfd_open", "pidfd_getfd", "pidfd_send_signal", "tkill", "setpriority", "ioprio_set",
    "migrate_pages", "move_pages",
    # what Landlock has no say in: owners, modes, times and attributes of any file that can be named
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "fchownat", "lchown", "utime", "utimes",
    "utimensat", "futimesat", "setxattr", "lsetxattr", "fsetxattr", "setxattrat", "removexattr",
    "lremovexattr", "fremovexattr", "truncate", "name_to_handle_at", "open_by_handle_at",
    "inotify_init", "inotify_init1", "inotify_add_watch", "fanotify_init", "fanotify_mark",
    # memory and messages that outlive the process, or are counted nowhere
    "shmget", "shmctl", "semget", "semctl", "msgget", "msgctl", "mq_open", "mq_unlink", "memfd_create",
    "memfd_secret",
    # other roots, mounts and namespaces
    "mount", "umount2", "pivot_root", "chroot", "unshare", "setns", "open_tree", "move_mount", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr",
    # parts of the kernel that a fit has no use for and that have let others in
    "bpf", "io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "userfaultfd",
    "perf_event_open", "add_key", "request_key", "keyctl", "personality", "modify_ldt", "iopl", "ioperm",
    # the machine's own affairs
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot", "swapon",
    "swapoff", "acct", "quotactl", "quotactl_fd", "syslog", "vhangup", "sethostname", "setdomainname",
    "settimeofday", "clock_settime", "clock_adjtime", "adjtimex",
)  # fmt: skip

UNKNOWN = ("clone3", "openat2")
"""Said not to exist: what they are asked lies where a filter cannot read, and C libraries do without."""

OWN_ONLY = {
    "kill": 0, "tgkill": 0, "rt_sigqueueinfo": 0, "rt_tgsigqueueinfo": 0, "prlimit64": 0,
    "sched_setaffinity": 0, "sched_setscheduler": 0, "sched_setparam": 0, "sched_setattr": 0,
}  # fmt: skip
"""The argument that must name this process itself (0 is another way to say so)."""

NOT_WITH = {
    "ioctl": (1, (0x5412, 0x541C)),  # TIOCSTI, TIOCLINUX: typing on the user's terminal
    "fcntl": (1, (8, 10, 15)),  # F_SETOWN, F_SETSIG, F_SETOWN_EX: any signal to any process
    "prctl": (0, (1, 4)),  # PR_SET_PDEATHSIG: to outlive the grader; PR_SET_DUMPABLE: to be looked into
}
"""The argument, and the values that it may not have."""

TRUNCATING = {"open": 1, "openat": 2}
"""The argument with the flags: O_TRUNC without writing empties a file that is open to be read."""

_CLONE_THREAD = 0x10000
_ACCESS_MODE, _TRUNCATE = 0o3, 0o1000
_X32 = 0x40000000

_KILL, _ALLOW = 0x80000000, 0x7FFF0000
_EPERM, _ENOSYS = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_MODE_FILTER = 2
_ANYBODY = 0x2A5A5A5A
"""In the place of an id, in a filter that is made beforehand: no process has it, and no call or flag."""


@dataclass(frozen=True)
class Instruction:
    """One step: a comparison skips ``then`` or ``otherwise`` steps."""

    code: int
    value: int
    then: int = 0
    otherwise: int = 0

    def packed(self) -> bytes:
        return struct.pack("=HBBI", self.code, self.then, self.otherwise, self.value & 0xFFFFFFFF)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_void_p))


def apply(pid: int) -> None:
    """Filter this process's calls from now on; ``pid`` is its own. Raises OSError, Missing among them."""
    own = code(pid)
    steps = ctypes.create_string_buffer(own, len(own))
    described = _Program(len(own) // 8, ctypes.cast(steps, ctypes.c_void_p))
    prctl(PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(described))


def prepare() -> None:
    """Make the filter once; for each process only its id is then put in. Raises Missing."""
    _for_anybody()


def code(pid: int) -> bytes:
    """``program`` for a process of this machine, as the kernel takes it. Raises Missing."""
    made, places = _for_anybody()
    own = bytearray(made)
    for at, sign in places:
        struct.pack_into("=i", own, at, sign * pid)
    return bytes(own)


@cache
def _for_anybody() -> tuple[bytes, list[tuple[int, int]]]:
    """The filter, and where the process's id goes, with its sign."""
    steps = program(MACHINE, _ANYBODY)
    signs = {_ANYBODY: 1, -_ANYBODY: -1}
    places = [(8 * i + 4, signs[step.value]) for i, step in enumerate(steps) if step.value in signs]
    return b"".join(step.packed() for step in steps), places


def program(machine: str, pid: int) -> list[Instruction]:
    """The filter for one process. Raises Missing where the machine's numbers are not known."""
    if machine not in MACHINES:
        raise Missing(f"the system calls of {machine} are not known here")
    column, architecture = MACHINES[machine]
    steps = [
        Instruction(_LOAD, _ARCHITECTURE),
        Instruction(_EQUAL, architecture, then=1),
        Instruction(_RETURN, _KILL),
        Instruction(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        steps += [Instruction(_AT_LEAST, _X32, otherwise=1), Instruction(_RETURN, _KILL)]
    for number, body in _rules(column, pid):
        steps += [Instruction(_EQUAL, number, otherwise=len(body)), *body]
    return [*steps, Instruction(_RETURN, _ALLOW)]


def _rules(column: int, pid: int) -> Iterator[tuple[int, list[Instruction]]]:
    bodies: dict[str, list[Instruction]] = {name: [Instruction(_RETURN, _EPERM)] for name in REFUSED}
    bodies |= {name: [Instruction(_RETURN, _ENOSYS)] for name in UNKNOWN}
    bodies |= {name: _only(index, (0, pid, -pid)) for name, index in OWN_ONLY.items()}
    bodies |= {name: _never(index, values) for name, (index, values) in NOT_WITH.items()}
    bodies |= {name: _no_truncating(index) for name, index in TRUNCATING.items()}
    bodies["clone"] = _threads_only()
    for name, body in bodies.items():
        number = NUMBERS[name][column]
        if number is not None:
            yield number, body


def _argument(index: int) -> Instruction:
    """The low half: the kernel itself looks at no more of a process id, a command or a flag."""
    return Instruction(_LOAD, _ARGUMENTS + 8 * index)


def _only(index: int, values: Sequence[int]) -> list[Instruction]:
    tests = [Instruction(_EQUAL, value, then=len(values) - i) for i, value in enumerate(values)]
    return [_argument(index), *tests, Instruction(_RETURN, _EPERM), Instruction(_RETURN, _ALLOW)]


def _never(index: int, values: Sequence[int]) -> list[Instruction]:
    tests = [Instruction(_EQUAL, value, then=len(values) - i) for i, value in enumerate(values)]
    return [_argument(index), *tests, Instruction(_RETURN, _ALLOW), Instruction(_RETURN, _EPERM)]


def _threads_only() -> list[Instruction]:
    return [
        _argument(0),
        Instruction(_ANY_BIT, _CLONE_THREAD, then=1),
        Instruction(_RETURN, _EPERM),
        Instruction(_RETURN, _ALLOW),
    ]


def _no_truncating(index: int) -> list[Instruction]:
    return [
        _argument(index),
        Instruction(_AND, _TRUNCATE | _ACCESS_MODE),
        Instruction(_EQUAL, _TRUNCATE, otherwise=1),
        Instruction(_RETURN, _EPERM),
        Instruction(_RETURN, _ALLOW),
    ]
