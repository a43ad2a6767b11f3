"""Torch's and Python's messages in plain words. Only to explain what was raised, never to judge it."""

from __future__ import annotations

import re

from grader.records import Limits, Raised

_LIMITS = Limits()

_WORDS: tuple[tuple[str, str], ...] = (
    (
        r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\)",
        "Two shapes met that cannot be broadcast: the sizes \\1 and \\2 differ, and neither is 1. Print"
        " both `.shape`s just before this line.",
    ),
    (
        r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)",
        "A matrix product needs equal inner sizes: \\2 and \\3 differ. Perhaps one factor is to be"
        " transposed.",
    ),
    (
        r"size mismatch, got input \((\d+)\), mat \((\d+)x(\d+)\), vec \((\d+)\)",
        "A matrix with \\3 columns was multiplied with a vector of \\4 elements: the two numbers have to"
        " be equal.",
    ),
    (
        r"expected (?:scalar type|m1 and m2 to have the same dtype).*(?:Float|Double|Long)",
        "Two dtypes met that do not mix. Make all of them float32: `.float()`, or `dtype=torch.float32`.",
    ),
    (
        r"Can't call numpy\(\) on Tensor that requires grad",
        "A tensor that autograd follows cannot become a NumPy array: `.detach()` it first.",
    ),
    (
        r"'NoneType' object has no attribute '(?:zero_|fill_)'",
        "A `.grad` is None until the first `backward()` has filled it: there is nothing to clear yet. Clear"
        " it by `w.grad = None`, which always works.",
    ),
    (
        r"unsupported operand type\(s\) for .*'NoneType'|'NoneType' object has no attribute",
        "Something was None here. A `.grad` is None until `backward()` has filled it, and a function that"
        " ends without `return` returns None.",
    ),
    (
        r"Trying to backward through the graph a second time",
        "The graph is freed by `backward()`. Compute the loss anew in every step.",
    ),
    (
        r"only one element tensors can be converted to Python scalars|cannot be converted to Scalar",
        "`.item()` and `float()` read one number: this tensor has more. Reduce it first, or use `.tolist()`.",
    ),
    (
        r"name '(\w+)' is not defined",
        "Python knows no `\\1` at this point: look for a misspelt name, or one that is made further down.",
    ),
    (
        r"cannot access local variable '(\w+)'|local variable '(\w+)' referenced before",
        "The name is assigned in this function, but only after this line or not on this way through it.",
    ),
    (
        r"\[Errno 24\]",
        f"A run may have {_LIMITS.open_files} files open at once. `with open(…) as file:` closes each when it"
        " is done with.",
    ),
    (
        r"can't start new thread|\[Errno 11\]",
        f"A run may have {_LIMITS.processes} threads at once. Are they started in a loop?",
    ),
    (
        r"\[Errno (?:1|13|30)\]",
        "Where this was graded, a run may not start programs or processes, use the network, or touch files"
        " but those in the folder that it starts in. The exercise needs none of these.",
    ),
    (
        r"name resolution|\[Errno (?:97|101|111)\]",
        "Where this was graded, a run may not use the network. The exercise does not need it.",
    ),
    (
        r"maximum recursion depth exceeded",
        "A function kept calling itself. Python allows about 1000 calls inside one another.",
    ),
)


def in_plain_words(raised: Raised) -> str:
    """What a message means and what to try, as a sentence with a leading blank; '' where unknown."""
    if raised.type == "SystemExit":
        return " A function should return; only a script may end the process, with status 0."
    if raised.missing_module is not None:
        return (
            f" The package `{raised.missing_module}` is not installed where this was graded: that is a"
            " matter of the grading environment, not a mistake of yours."
        )
    for pattern, words in _WORDS:
        found = re.search(pattern, raised.message, re.IGNORECASE)
        if found is not None:
            return " " + found.expand(words)
    return ""
