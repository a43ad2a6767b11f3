"""The run printed without end."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall

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
    title="The program printed too much and was stopped",
    section="running",
    rubric="coefficients",
    what="The run was stopped when it had printed more than it may.",
    why="Usually a print stands in a loop that never ends, or prints whole tensors at every step.",
    mend="Print now and then: `if step % 100 == 0:`. And look whether the loop ends.",
    explains=("runtime-error",),
    bad=(
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n    while True:\n"
            '        print("training")  # <- output-limit\n' + _RIGHT
        ),
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n"
            '    print("=" * 10 ** 8)  # <- output-limit\n' + _RIGHT,
            note="one huge line",
        ),
    ),
    good=(
        Example("import torch\n\ndef fit(x, y, lr, steps):\n" + _RIGHT),
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n    for i in range(1000):\n        print(i)\n"
            + _RIGHT,
            note="a thousand lines",
        ),
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n    print(x)\n    print(y)\n" + _RIGHT,
            note="the data",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    report = run.report
    if report.ending != "output":
        return
    line = report.stack[0] if report.stack else None
    tail = report.stdout.strip() or report.stderr.strip()
    last = tail.splitlines()[-1][:80] if tail else ""
    yield Found(
        message=f"The run was stopped: {report.detail}. The last line it printed: “{last}”.",
        line=line,
        evidence={"detail": report.detail, "stack": list(report.stack)},
    )


find_in_call = find
