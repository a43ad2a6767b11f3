"""The evidence is not what an honest run sends, or the recorder was interfered with."""

from __future__ import annotations

from collections.abc import Iterator

from grader.consistency import contradictions
from grader.evidence import Evidence, FitEvidence
from grader.pitfall import Example, Found, Pitfall
from grader.words import code

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
    title="The run interfered with the grader",
    section="running",
    rubric="coefficients",
    what="A function of torch that the grader watches was replaced, or a forged answer was sent.",
    why="What such a run says of itself cannot be believed, so nothing in it is judged.",
    mend="Leave torch's own functions as they are. If this was an accident, ask your teacher.",
    explains=(
        "runtime-error",
        "missing-backward",
        "closed-form-solution",
        "hardcoded-answer",
        "inaccurate-result",
    ),
    blocks=("gradient-zeroing", "no-grad", "leaf-status", "shapes-and-dtypes", "devices"),
    bad=(
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n"
            "    torch.Tensor.backward = lambda self: None\n" + _RIGHT.replace(".grad\n", ".data\n", 1),
            note="torch's backward is replaced",
        ),
        Example(
            "import os\nimport torch\n\ndef fit(x, y, lr, steps):\n"
            "    for descriptor in range(3, 64):\n        try:\n"
            '            os.write(descriptor, b"\\x00\\x00\\x00\\x02{}")\n'
            "        except OSError:\n            pass\n" + _RIGHT,
            note="a forged frame on every descriptor",
        ),
    ),
    good=(
        Example("import torch\n\ndef fit(x, y, lr, steps):\n" + _RIGHT),
        Example(
            "import torch\n\ndef backward(loss):\n    loss.backward()\n\n"
            "def fit(x, y, lr, steps):\n"
            + _RIGHT.replace(
                "((p[0] * x + p[1] - y) ** 2).mean().backward()",
                "backward(((p[0] * x + p[1] - y) ** 2).mean())",
            ),
            note="a function of one's own of that name",
        ),
        Example(
            'import torch\n\ndef fit(x, y, lr, steps):\n    print("{\\"score\\": 100}")\n' + _RIGHT,
            note="a printed result is only text",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    if run.report.ending == "protocol":
        yield Found(
            message=f"What the run sent back is no answer of the grader's: {run.report.detail}.",
            line=None,
            evidence={"detail": run.report.detail},
        )
    elif run.trace is not None and run.trace.replaced:
        names = run.trace.replaced
        yield Found(
            message=f"The submission put something of its own in the place of {code(names)}.",
            line=None,
            evidence={"replaced": list(names)},
        )
    elif isinstance(run, FitEvidence):
        told = next(contradictions(run), None)
        if told is not None:
            yield Found(
                message=f"What the run says of itself cannot be true: {told}.",
                line=None,
                evidence={"contradiction": told},
            )


find_in_call = find
