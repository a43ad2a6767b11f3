"""The template's NotImplementedError is still there."""

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
    title="This is still to be written",
    section="running",
    rubric="coefficients",
    what="The function raises NotImplementedError, as the template does.",
    why="There is nothing to judge yet.",
    mend="Replace the `raise NotImplementedError` line by your program, and run the check again.",
    explains=("runtime-error",),
    bad=(
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n"
            '    raise NotImplementedError("write me")  # <- not-implemented\n'
        ),
        Example(
            "import torch\n\ndef fit(x, y, lr, steps):\n    w = torch.zeros(1, requires_grad=True)\n"
            "    return train(w, x, y)\n\ndef train(w, x, y):\n"
            "    raise NotImplementedError  # <- not-implemented\n",
            note="begun",
        ),
    ),
    good=(
        Example("import torch\n\ndef fit(x, y, lr, steps):\n" + _RIGHT),
        Example(
            "import torch\n\ndef other():\n    raise NotImplementedError\n\n"
            "def fit(x, y, lr, steps):\n" + _RIGHT,
            note="in a function that nothing calls",
        ),
        Example(
            "import torch\n\ndef start():\n    raise NotImplementedError\n\n"
            "def fit(x, y, lr, steps):\n    try:\n        start()\n"
            "    except NotImplementedError:\n        pass\n" + _RIGHT,
            note="caught",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    raised = run.raised
    if raised is None or raised.type != "NotImplementedError" or not raised.own:
        return
    said = f' It says: "{raised.message.strip()}"' if raised.message.strip() else ""
    where = run.source.where(raised.line).capitalize() or "This"
    yield Found(
        message=f"{where} is where your program goes: it still raises NotImplementedError.{said}",
        line=raised.line,
        evidence={"message": raised.message},
    )


find_in_call = find
