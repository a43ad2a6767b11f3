"""The run printed without end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall
from grader.records import Limits
from grader.words import first_line

MIB = 1024**2

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
    title="The program printed or wrote too much",
    section="running",
    rubric="coefficients",
    what="The run printed, or wrote to files, more than it may.",
    why=(
        "Usually a print stands in a loop that never ends, or prints whole tensors at every step; or a file"
        " is written at every step."
    ),
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
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n"
            '    with open("log.bin", "wb") as file:\n'
            "        file.write(bytes(10 ** 8))  # <- output-limit\n" + _RIGHT,
            note="one huge file",
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
        Example(
            'import torch\n\ndef fit(x, y, lr, steps):\n    torch.save(x, "x.pt")\n'
            '    x = torch.load("x.pt")\n' + _RIGHT,
            note="a small file of one's own",
        ),
    ),
)


_FULL = re.compile(r"\[Errno (27|28|122)\]")
"""Too large a file, no space left, a quota that is used up."""


def find(run: Evidence) -> Iterator[Found]:
    report, raised = run.report, run.raised
    if report.ending == "output":
        tail = report.stdout.strip() or report.stderr.strip()
        last = tail.splitlines()[-1][:80] if tail else ""
        message = f"The run was stopped: {report.detail}. The last line it printed: “{last}”."
        yield _found(message, report.stack[0] if report.stack else None, report.detail, report.stack)
    elif report.ending == "disk":
        message = f"The run was stopped: {report.detail}. Is a file written at every step?"
        yield _found(message, report.stack[0] if report.stack else None, report.detail, report.stack)
    elif raised is not None and _FULL.match(raised.message):
        line = (run.source.line(raised.line) or "This line").strip()[:80]
        message = (
            f"`{line}` wrote more than a run may: {Limits().file_bytes // MIB} MiB to one file,"
            f" {Limits().disk_bytes // MIB} MiB in all ({first_line(raised.message)})."
        )
        yield _found(message, raised.line, raised.message, raised.stack)


def _found(message: str, line: int | None, detail: str, stack: Sequence[int]) -> Found:
    return Found(message=message, line=line, evidence={"detail": detail, "stack": list(stack)})


find_in_call = find
