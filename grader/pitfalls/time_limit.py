"""The run took longer than it may."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall
from grader.pitfalls._symptoms import POOR_FIT

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
    title="The program took too long and was stopped",
    section="running",
    rubric="coefficients",
    what="The run was stopped when its time was used up.",
    why="Usually a loop never ends: its condition never becomes false, or it waits for something.",
    mend="Look at the loop that was running: what would end it, and does that ever happen?",
    explains=("runtime-error", *POOR_FIT),
    bad=(
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n"
            "    while True: steps += 1  # <- time-limit\n" + _RIGHT
        ),
        Example(
            "import time\nimport torch\n\ndef fit(x, y, lr, steps):\n"
            "    time.sleep(1000)  # <- time-limit\n" + _RIGHT,
            note="asleep",
        ),
    ),
    good=(
        Example("import torch\n\ndef fit(x, y, lr, steps):\n" + _RIGHT),
        Example(
            "import time\nimport torch\n\ndef fit(x, y, lr, steps):\n    time.sleep(0.05)\n" + _RIGHT,
            note="a short rest",
        ),
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n    i = 0\n    while True:\n        i += 1\n"
            "        if i > 1000:\n            break\n" + _RIGHT,
            note="an endless loop with an end",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    report = run.report
    if report.ending != "time":
        return
    line = report.stack[0] if report.stack else None
    where = (
        f" It was at {run.source.where(line)}: `{(run.source.line(line) or '').strip()[:80]}`."
        if line
        else ""
    )
    yield Found(
        message=f"The run was stopped after {report.seconds:.0f} seconds, {_limit(report.detail)}.{where}",
        line=line,
        evidence={"seconds": round(report.seconds, 2), "stack": list(report.stack)},
    )


def _limit(detail: str) -> str:
    """Threads that compute side by side use up the time of the processor before that of the clock."""
    return f"for it had used {detail}" if "CPU" in detail else "its limit"


find_in_call = find
