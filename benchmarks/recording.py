"""Recording, over a bare loop.

``python -m benchmarks.recording EXERCISE STEPS ROUNDS`` prints pairs of seconds.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from benchmarks.calls import Subject, ended
from benchmarks.figures import RECORDING, Figure
from grader.exercise import find_course
from grader.planning import function_request
from grader.records import PlainArgument
from grader.submission import read_submission

STEPS = 2000


def recording(subject: Subject, rounds: int) -> Figure:
    """In a process of its own, for it imports torch."""
    _, printed = ended([sys.executable, "-m", "benchmarks.recording", subject.id, str(STEPS), str(rounds)])
    pairs = json.loads(printed)
    ratio = statistics.median(recorded / bare for bare, recorded in pairs)
    bare, recorded = (1000 * statistics.median(seconds) for seconds in zip(*pairs, strict=True))
    return Figure(RECORDING, subject.id, ratio, f"{recorded:.0f} ms over {bare:.0f} ms")


def main() -> None:
    name, steps, rounds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.environ["OMP_NUM_THREADS"] = "1"
    gc.disable()  # as the warm process does
    from grader.child import runner
    from grader.child.values import decode

    runner.prepare()
    gc.freeze()
    gc.enable()
    request = _request(name, steps)
    arguments = [decode(argument, "cpu") for argument in request["arguments"]]
    fit = runpy.run_path(str(find_course().reference(name)))["fit"]
    os.chdir(tempfile.mkdtemp())
    print(json.dumps([(_forked(lambda: fit(*arguments)), _forked(lambda: runner.run(request)))
                      for _ in range(rounds)]))  # fmt: skip


def _request(name: str, steps: int) -> dict[str, Any]:
    course = find_course()
    exercise = course.exercise(name)
    case = exercise.cases()[0]
    request = function_request(read_submission(course.reference(name), exercise), case, "cpu")
    arguments = (*request.arguments[:-1], PlainArgument(value=steps))
    changed = request.model_copy(update={"arguments": arguments, "watch_from": steps - 1})
    return changed.model_dump(mode="json")


def _forked(call: Callable[[], object]) -> float:
    """The seconds of a call in a fork of this process."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        started = time.perf_counter()
        call()
        os.write(writer, f"{time.perf_counter() - started}".encode())
        os._exit(0)
    os.close(writer)
    with open(reader, encoding="ascii") as pipe:  # noqa: PTH123 - a descriptor
        seconds = float(pipe.read())
    os.waitpid(child, 0)
    return seconds


if __name__ == "__main__":
    main()
