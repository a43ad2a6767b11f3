"""What the students of a soak hand in: right programs, mistakes made out of the reference, one in twenty
hostile or broken. The same for the same seed, and no two alike, so that no result stands for another."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from grader.exercise import Course, Exercise
from grader.mutations import mutations

HOSTILE_ONE_IN = 20
_FIT = """\
import contextlib, ctypes, os, socket, sys, threading, time
import torch

def fit(x, y, lr, steps):
{body}
    return None
"""
_BODIES = (
    "while True: pass",
    "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
    "time.sleep(1000)",
    "held = [bytearray(10 ** 8) for _ in range(1000)]",
    "held = torch.zeros(10 ** 10)",
    "while True: os.write(1, b'x' * 10 ** 6)",
    "for i in range(10 ** 6):\n    with open(f'{i}', 'wb') as file: file.write(bytes(10 ** 6))",
    "while True:\n    with contextlib.suppress(OSError): os.fork()",
    "for _ in range(3000): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()",
    "def deep(): deep()\ndeep()",
    "ctypes.string_at(0)",
    "os._exit(0)",
    "sys.exit(0)",
    "socket.create_connection(('127.0.0.1', 1), 1)",
    "raise ValueError('x' * 10 ** 6)",
    "for fd in range(3, 64):\n    with contextlib.suppress(OSError): os.write(fd, b'\\0\\0\\0\\2{}')",
)


def write_class(folder: Path, course: Course, exercise: Exercise, students: int, seed: int) -> None:
    """One file a student; those that are there already stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for index, data in enumerate(handed_in(course, exercise, students, seed)):
        path = folder / f"student{index:06}.py"
        if not path.exists():
            path.write_bytes(data)


def handed_in(course: Course, exercise: Exercise, students: int, seed: int) -> Iterator[bytes]:
    """The bytes of each student's file."""
    chance = random.Random(seed)
    usual, hostile = _usual(course, exercise), _hostile(chance)
    for index in range(students):
        pool = hostile if index % HOSTILE_ONE_IN == HOSTILE_ONE_IN - 1 else usual
        yield chance.choice(pool) + f"\n# handed in by student {index}\n".encode()


def _usual(course: Course, exercise: Exercise) -> list[bytes]:
    """The reference, as often as all its mistakes together and the sample class's programs."""
    reference = course.reference(exercise.id).read_text("utf-8")
    wrong = [mutation.source for mutation in mutations(reference, exercise)]
    wrong.append(course.template(exercise.id).read_text("utf-8"))
    styles = [path.read_text("utf-8") for path in sorted(_sample_class(course, exercise).glob("*.py"))]
    return [text.encode() for text in [*[reference] * len(wrong), *wrong, *styles]]


def _sample_class(course: Course, exercise: Exercise) -> Path:
    """The sample class does the quadratic."""
    return course.root / "examples" / ("class" if exercise.id == "quadratic" else "none")


def _hostile(chance: random.Random) -> list[bytes]:
    """Programs that mean harm, and files that are no programs."""
    programs = [_FIT.format(body=_indented(body)).encode() for body in _BODIES]
    broken = [
        b"",
        b"def fit(x, y, lr, steps)\n    pass\n",
        b"\x00\xff\xfe" + chance.randbytes(5000),
        b"\x7fELF" + chance.randbytes(50_000),
        b"(" * 20_000 + b")" * 20_000,
        b"#" * (2 * 1024 * 1024),
        "import torch\n".encode("utf-16"),
    ]
    return programs + broken


def _indented(body: str) -> str:
    return "\n".join(f"    {line}" for line in body.split("\n"))
