"""What the pitfalls of functions that must answer have in common: how to say what came back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations
from typing import Any

from grader.call_evidence import CallEvidence, Off
from grader.expected import AList, differences
from grader.lineage import source_of_dtype
from grader.pitfall import Found
from grader.records import Event, ReturnedValue
from grader.words import first_line

_VERBS = {"shape": "has shape", "dtype": "is", "device": "is on", "requires_grad": "has requires_grad ="}


def differs(run: CallEvidence, off: Off) -> str:
    """``In `mse(pred: …)` the error has shape (5, 5), and () is asked for.``"""
    difference = off.difference
    verb = _VERBS.get(difference.what, "is")
    name = difference.name if " " in difference.name else f"`{difference.name}`"
    when = "after" if off.argument else "in"
    name = f"`{difference.name}.grad`" if difference.what == "gradient" else name
    return (
        f"{when.capitalize()} `{run.asked(off.call)}` {name} {verb} {difference.got};"
        f" the exercise asks for {difference.wanted}."
    )


def evidence_of(run: CallEvidence, off: Off) -> dict[str, Any]:
    """What was asked, what came back, and what was wanted."""
    return {
        "call": run.asked(off.call),
        "what": off.difference.name,
        "got": off.difference.got,
        "wanted": off.difference.wanted,
    }


def first_off(
    run: CallEvidence,
    offs: Iterator[Off],
    *,
    because: str = "",
    line: int | None = None,
    at_return: bool = False,
    title: str | None = None,
    fix: str | None = None,
    why: str | None = None,
) -> Iterator[Found]:
    """The first of these, told; nothing where there is none. It is at ``line``, else at the ``return`` if
    asked for, else where the tensor was made."""
    off = next(offs, None)
    if off is not None:
        line = run.return_line(off.call) if at_return else line
        yield Found(
            message=differs(run, off) + because,
            line=line or run.line_of(off),
            evidence=evidence_of(run, off),
            title=title,
            fix=fix,
            why=why,
        )


def wrong_dtype(
    run: CallEvidence, dtypes: tuple[str, ...], *, fix: str | None = None, why: str | None = None
) -> Iterator[Found]:
    """An answer of one of these dtypes where another was asked for, and where the dtype came in."""
    for off in run.about("dtype"):
        view = off.difference.value.tensor
        if view is None or not view.dtype.startswith(dtypes):
            continue
        made = source_of_dtype(run.lineage, view, view.dtype) or run.maker(off.difference.value)
        because = f" That came in at `{run.statement(made)}`." if made is not None else ""
        yield from first_off(run, iter([off]), because=because, line=run.line(made), fix=fix, why=why)
        return


def given_values(run: CallEvidence, off: Off) -> tuple[float, ...] | None:
    """The values that the tensor at hand had when the call began; None for another tensor."""
    view = off.difference.value.tensor
    pending = list(run.calls[off.call].given)
    while pending and view is not None:
        value = pending.pop()
        if value.tensor is not None and value.tensor.id == view.id:
            return value.values
        pending += value.items
    return None


def is_lost_gradient(run: CallEvidence, off: Off) -> bool:
    """Whether what came back is a ``.grad`` that was None: why it was, other pitfalls say."""
    return off.difference.value.kind == "none" and run.gradient_was_none


def said(event: Event | None) -> str:
    """Torch's own words about a call that it refused."""
    return first_line((event.raised or "").partition(": ")[2]) if event is not None else ""


def arguments_in(run: CallEvidence) -> set[int]:
    """The ids of the tensors that were given, in every call."""
    found: set[int] = set()

    def collect(values: Sequence[Any]) -> None:
        for value in values:
            if value.tensor is not None:
                found.add(value.tensor.id)
            collect(value.items)

    for call in run.calls:
        collect(call.given)
    return found


def permuted(run: CallEvidence, call: int) -> Iterator[tuple[ReturnedValue, ...]]:
    """The things that a call returned, in an order in which they would be right."""
    wanted, value = run.case.calls[call].returned, run.calls[call].returned
    if not isinstance(wanted, AList) or value is None or not 1 < len(value.items) <= 4:
        return
    for order in permutations(value.items):
        pairs = zip(wanted.items, order, strict=False)
        fits = (not any(differences(item, got, "", run.request.device)) for item, got in pairs)
        if len(order) == len(wanted.items) and all(fits):
            yield order
            return
