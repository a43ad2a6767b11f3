"""What the warm process is told of the world: an allow-list, so that no key is inherited."""

from __future__ import annotations

import os
import site
import sys
from pathlib import Path

_INHERITED = ("PATH", "LANG", "CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""The library paths are where some installations keep what torch links to."""

_FIXED = {
    # One thread, before torch is imported: a fork of a process that has run a parallel operation
    # hangs at its first backward.
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    # A fork copies the table of pages, and large pages need a small one: half the time. Where there are no
    # large pages, or the library is another, it changes nothing.
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    # Asking NVML leaves CUDA uninitialised, so that forked children can still initialise it.
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONIOENCODING": "utf-8:backslashreplace",
    "PYTHONDONTWRITEBYTECODE": "1",
    # The current folder may hold a student's torch.py.
    "PYTHONSAFEPATH": "1",
}

SOURCE_ROOT = Path(__file__).resolve().parents[2]
"""The folder that holds the package ``grader``, installed or not."""


def warm_environment(home: Path) -> dict[str, str]:
    """The whole environment of a warm process; ``home`` stands in for the user's own folders."""
    inherited = {
        name: value for name, value in os.environ.items() if name in _INHERITED or name.startswith("LC_")
    }
    folders = {"HOME": str(home), "TMPDIR": str(home), "PYTHONPATH": _python_path()}
    return {**inherited, **_FIXED, **folders, **_user_site()}


def forgotten_root() -> str | None:
    """The source checkout that the warm process imports from and then takes off its path.

    None where the package is installed. The checkout also holds the reference solutions.
    """
    installed = [*site.getsitepackages(), site.getusersitepackages()]
    return None if str(SOURCE_ROOT) in installed else str(SOURCE_ROOT)


def _python_path() -> str:
    """Relative entries are left out: they would be looked up in the current folder."""
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    absolute = [entry for entry in entries if Path(entry).is_absolute()]
    root = forgotten_root()
    return os.pathsep.join([root, *absolute] if root else absolute)


def _user_site() -> dict[str, str]:
    """``pip install --user`` lies below the home folder, which the child does not see."""
    if not site.ENABLE_USER_SITE or sys.flags.no_user_site:
        return {}
    return {"PYTHONUSERBASE": site.getuserbase()}
