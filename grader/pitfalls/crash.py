"""The process ended without an answer."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._ended import ran_out_of_threads

_RIGHT = """\
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
"""

PITFALL = Pitfall(
    title="The process ended before it could answer",
    section="running",
    rubric="coefficients",
    what="The process was ended by a signal, or ended itself, in the middle of the run.",
    why="Whatever it had computed by then is gone with it.",
    mend="Return from the function; do not end the process, and do not reach into memory by hand.",
    explains=("runtime-error",),
    bad=(
        Example(
            "import ctypes\nimport torch\n\ndef fit(x, y, lr, steps):\n"
            "    ctypes.string_at(0)  # <- crash\n" + _RIGHT
        ),
        Example(
            "import os\nimport torch\n\ndef fit(x, y, lr, steps):\n    os._exit(0)\n" + _RIGHT,
            note="ends itself: there is no line to be seen",
        ),
    ),
    good=(
        Example("import torch\n\ndef fit(x, y, lr, steps):\n" + _RIGHT),
        Example(
            "import atexit\nimport torch\n\ndef fit(x, y, lr, steps):\n    atexit.register(print)\n" + _RIGHT,
            note="something to do at the end",
        ),
        Example(
            "import ctypes\nimport torch\n\ndef fit(x, y, lr, steps):\n"
            '    assert ctypes.string_at(b"abc") == b"abc"\n' + _RIGHT,
            note="memory of one's own",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    report = run.report
    if report.ending not in ("signal", "exit") or ran_out_of_threads(run):
        return
    line = report.stack[0] if report.stack else None
    how = f"was ended by {report.detail}" if report.ending == "signal" else "ended itself"
    detail = f" ({report.detail})" if report.ending == "exit" and report.detail else ""
    where = f", at {run.source.where(line)}: `{(run.source.line(line) or '').strip()[:80]}`" if line else ""
    yield Found(
        message=f"The process {how}{detail}{where}.",
        line=line,
        evidence={"ending": report.ending, "detail": report.detail, "seconds": round(report.seconds, 2)},
    )


find_in_call = find
