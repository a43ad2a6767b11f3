"""Gradescope: the zip that is uploaded as an assignment's autograder, the grader in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from grader import policy
from grader.errors import GraderError, UsageError
from grader.exercise import find_course
from grader.export.format import Format, Order
from grader.export.gradescope import run

DISTRIBUTION = "autograd-grader"
_PACKAGE = Path(__file__).resolve().parents[2]
_SCRIPTS = ("setup.sh", "run_autograder")
_FILE, _PROGRAM = 0o100644, 0o100755
_SKIPPED = frozenset({"__pycache__", "course"})


def write(order: Order, file: BinaryIO) -> None:
    """The two scripts that Gradescope runs, the grader's own sources, and the exercises.

    The model solutions and templates of the course stay out of it.
    """
    if order.exercise is None:
        raise UsageError("An autograder is for one exercise: say which with --exercise.")
    course = order.course or find_course()
    exercise = course.exercise(order.exercise).id
    settings = {"exercise": exercise, "accept_weak_isolation": order.accept_weak_isolation}
    torch, others = _requirements()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name in _SCRIPTS:
            _add(archive, name, (Path(run.__file__).parent / name).read_bytes(), _PROGRAM)
        _add(archive, run.SETTINGS, json.dumps(settings, indent=2).encode())
        _add(archive, "torch.txt", torch.encode())
        _add(archive, "requirements.txt", others.encode())
        for path in _files(_PACKAGE):
            _add(archive, f"package/grader/{path.relative_to(_PACKAGE).as_posix()}", path.read_bytes())
        for path in [*sorted((course.root / "exercises").glob("*.py")), course.root / policy.FILE]:
            if path.is_file():
                name = path.relative_to(course.root).as_posix()
                _add(archive, f"package/grader/course/{name}", path.read_bytes())
    order.tell(f"Grades '{exercise}'. Upload the zip under Configure Autograder, as it is.")


def _files(package: Path) -> Iterator[Path]:
    for path in sorted(package.rglob("*")):
        if path.is_file() and not _SKIPPED & set(path.relative_to(package).parts):
            yield path


def _requirements() -> tuple[str, str]:
    """torch, and everything else that the grader needs, in the versions that it runs with here."""
    try:
        asked = metadata.requires(DISTRIBUTION) or []
        names = [re.split(r"[^\w.-]", line)[0] for line in asked if "extra ==" not in line]
        pins = {name.lower(): f"{name}=={metadata.version(name).partition('+')[0]}\n" for name in names}
    except metadata.PackageNotFoundError as error:
        raise GraderError(
            f"{error} The grader has to be installed (make venv, or pip install) for this."
        ) from None
    return pins.pop("torch"), "".join(pins.values())


def _add(archive: ZipFile, name: str, data: bytes, mode: int = _FILE) -> None:
    entry = ZipInfo(name)  # of one time: what is equal makes an equal zip
    entry.external_attr = mode << 16
    entry.compress_type = ZIP_DEFLATED
    archive.writestr(entry, data)


FORMAT = Format(
    "the zip to upload to Gradescope as the autograder of --exercise",
    write,
    takes=frozenset({"accept_weak_isolation"}),
    reads_results=False,
    is_binary=True,
)
