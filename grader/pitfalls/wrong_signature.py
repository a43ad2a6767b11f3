"""The entry function does not take the arguments that it is given."""

from __future__ import annotations

from collections.abc import Iterator

from grader.evidence import Evidence
from grader.pitfall import Example, Found, Pitfall
from grader.words import plural

_LOOP = """\
    p = torch.zeros(2, requires_grad=True)
    for step in range(steps):
        ((p[0] * x + p[1] - y) ** 2).mean().backward()
        with torch.no_grad():
            p -= lr * p.grad
        p.grad = None
    return p
"""

PITFALL = Pitfall(
    title="The function does not take the arguments that it is given",
    section="running",
    rubric="coefficients",
    what="The grader calls the function by position, with the arguments that the exercise names.",
    why="Python raises a TypeError before the first line of the function is run.",
    mend="Give the function the parameters of the exercise, in its order; extra ones need defaults.",
    explains=("runtime-error", "wrong-return"),
    bad=(
        Example(f"import torch\n\ndef fit(x, y):  # <- wrong-signature\n    lr, steps = 0.5, 100\n{_LOOP}"),
        Example(
            f"import torch\n\ndef fit(x, y, lr, steps, verbose):  # <- wrong-signature\n{_LOOP}",
            note="one more, without a default",
        ),
    ),
    good=(
        Example(f"import torch\n\ndef fit(x, y, lr, steps, verbose=False):\n{_LOOP}", note="a default"),
        Example(
            "import torch\n\ndef fit(*args):\n    x, y, lr, steps = args\n" + _LOOP,
            note="any number of arguments",
        ),
        Example(
            "import torch\n\ndef fit(inputs, targets, rate, count):\n"
            "    x, y, lr, steps = inputs, targets, rate, count\n" + _LOOP,
            note="other names",
        ),
    ),
)


def find(run: Evidence) -> Iterator[Found]:
    problem = run.trace.entry_problem if run.trace else None
    if problem is None:
        return
    entry = run.request.entry or ""
    signature, _, complaint = problem.partition(": ")
    count = len(run.request.arguments)
    yield Found(
        message=(
            f"`{entry}{signature}` was called with {plural(count, 'argument')}, by position. Python says:"
            f" {complaint}."
        ),
        line=run.source.definition(entry),
        evidence={"signature": signature, "arguments": count},
    )


find_in_call = find
