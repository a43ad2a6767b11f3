"""What a run needs to read: Python, torch, the system's libraries; and what it must not find among them."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from functools import cache
from pathlib import Path

from grader.child.confine import landlock

SYSTEM = (
    "/usr/lib", "/usr/lib64", "/lib", "/lib32", "/lib64", "/usr/local/lib", "/etc/ld.so.cache",
    "/etc/localtime", "/etc/fonts", "/usr/share/zoneinfo", "/usr/share/locale", "/usr/share/fonts",
)  # fmt: skip
"""Libraries, clocks, letters: what lazily loaded modules open."""

MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")
"""What NumPy and torch ask about the machine."""

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")

ACCELERATORS = ("/dev", "/proc/driver", "/proc/devices", "/proc/modules", "/sys")
"""Read and used where a run is given an accelerator."""

_COURSE = ("exercises", "reference", "student_template", "examples", "tests", "benchmarks")


def allowed(folder: str, accelerator: bool) -> list[tuple[str, int]]:
    """Every path of a run, and what Landlock is to allow there. Of the processes, only the run's own."""
    rules = [*_readable(), (folder, landlock.WRITING), ("/dev/null", landlock.USING)]
    rules += [(path, landlock.READING) for path in (*MACHINE, *DEVICES, "/proc/self")]
    if accelerator:
        rules += [(path, landlock.USING) for path in ACCELERATORS]
    return rules


@cache
def _readable() -> tuple[tuple[str, int], ...]:
    roots = {os.path.realpath(path) for path in libraries()}
    return tuple(rule for root in sorted(roots) for rule in landlock.without(root, hidden()))


@cache
def shown() -> tuple[str, ...]:
    """What there is on a root of a run's own."""
    return (*libraries(), *MACHINE, *DEVICES)


@cache
def libraries() -> tuple[str, ...]:
    """Folders and files; none lies below another. Found once, in the warm process."""
    found = [*SYSTEM, f"{sys.base_prefix}/lib", f"{sys.base_exec_prefix}/lib", *site.getsitepackages()]
    found += [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    if site.ENABLE_USER_SITE:
        found.append(site.getusersitepackages())
    found += [entry for entry in sys.path if _has_packages(entry)]
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        found += [entry for entry in os.environ.get(name, "").split(os.pathsep) if entry]
    paths = dict.fromkeys(os.path.abspath(path) for path in found)  # noqa: PTH100 - links stay links
    return tuple(path for path in paths if not any(_is_below(path, other) for other in paths))


def _is_below(path: str, other: str) -> bool:
    return path != other and Path(path).is_relative_to(other)


def _has_packages(entry: str) -> bool:
    """Any other entry of the path may be a course's own folder, with its solutions in it."""
    return any((Path(entry) / name).is_dir() for name in ("torch", "numpy"))


@cache
def hidden() -> tuple[str, ...]:
    """The grader itself, and the course that lies in it or beside it."""
    package = Path(__file__).resolve().parents[2]
    beside = [package.parent / name for name in _COURSE] if package.parent.name != "site-packages" else []
    return tuple(str(path) for path in (package, *beside))
