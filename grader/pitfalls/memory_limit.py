"""The run wanted more memory than it may have."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall
from grader.words import first_line

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
    title="The program wanted more memory than it may have",
    section="running",
    rubric="coefficients",
    what="An allocation failed, or the process was ended because its memory grew too large.",
    why=(
        "Usually something grows with every step (a list of whole tensors, a graph that is kept alive), or"
        " two long tensors were broadcast against each other."
    ),
    mend="Keep numbers (`loss.item()`) instead of tensors, and print the shapes of the largest ones.",
    explains=("runtime-error",),
    bad=(
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n"
            "    grid = torch.zeros(10 ** 6, 10 ** 6)  # <- memory-limit\n" + _RIGHT
        ),
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n"
            "    held = bytearray(2 ** 40)  # <- memory-limit\n" + _RIGHT,
            note="Python's own memory",
        ),
    ),
    good=(
        Example("import torch\n\ndef fit(x, y, lr, steps):\n" + _RIGHT),
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n    grid = torch.zeros(3000, 3000)\n" + _RIGHT,
            note="36 MB",
        ),
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n    held = bytearray(2 ** 27)\n" + _RIGHT,
            note="128 MB",
        ),
    ),
)

_WORDS = ("can't allocate memory", "not enough memory", "out of memory")


def find(run: Evidence) -> Iterator[Found]:
    raised = run.raised
    if raised is not None and (raised.type == "MemoryError" or _is_about_memory(raised.message)):
        said = first_line(raised.message) or raised.type
        line = (run.source.line(raised.line) or "").strip()
        yield Found(
            message=f"`{line[:80]}` asked for more memory than a run may use: {said}.",
            line=raised.line,
            evidence={"exception": raised.type, "message": raised.message},
        )
    elif run.report.ending == "memory":
        yield Found(
            message=f"The run was ended because its memory grew too large ({run.report.detail}).",
            line=run.report.stack[0] if run.report.stack else None,
            evidence={"detail": run.report.detail},
        )


def _is_about_memory(message: str) -> bool:
    return any(words in message for words in _WORDS)


find_in_call = find
