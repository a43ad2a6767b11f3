"""Traces made by hand, for the tests of what is asked of them."""

from __future__ import annotations

from typing import Any, Literal

from grader.curve import Polynomial
from grader.evidence import FitEvidence
from grader.fit import Fit
from grader.records import (
    Backward,
    ChildReport,
    Event,
    Raised,
    ReturnedValue,
    RunRequest,
    Site,
    Slot,
    SlotState,
    TensorView,
    Trace,
)
from grader.source import Source

Values = tuple[float, ...]
SOURCE = "\n".join(f"line{number} = call({number})" for number in range(1, 21)) + "\n"


def view(number: int, *values: float, storage: int | None = None, **changes: Any) -> TensorView:
    """A tensor; without values, one of twenty elements."""
    fields: dict[str, Any] = {
        "shape": (len(values),) if values else (20,), "dtype": "float32", "device": "cpu", "leaf": True,
        "requires_grad": False, "values": values or None,
    }  # fmt: skip
    return TensorView(id=number, storage=storage or 100 + number, **{**fields, **changes})


def leaf(number: int, *values: float, **changes: Any) -> TensorView:
    """A tensor that requires grad."""
    return view(number, *values, requires_grad=True, **changes)


class Story:
    """Events in their order; ``site`` n is line n + 1."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.backwards: list[Backward] = []

    def call(
        self,
        op: str,
        inputs: tuple[TensorView, ...] = (),
        outputs: tuple[TensorView, ...] = (),
        **changes: Any,
    ) -> Event:
        """A torch call; its line is its place in the story unless one is given."""
        line = changes.pop("line", len(self.events) + 1)
        fields: dict[str, Any] = {
            "index": len(self.events), "after": len(self.backwards), "stage": "call", "site": line - 1,
            "visit": 0, "op": op, "grad_enabled": True, "inputs": inputs, "outputs": outputs,
        }  # fmt: skip
        event = Event(**{**fields, **changes})
        self.events.append(event)
        return event

    def backward(self, *states: SlotState, loss: TensorView | None = None, **changes: Any) -> Backward:
        """A backward pass."""
        fields: dict[str, Any] = {
            "step": len(self.backwards) + 1, "event": len(self.events), "site": 0, "stack": (1,),
            "kind": "backward", "retain_graph": False, "loss": loss, "slots": states,
        }  # fmt: skip
        found = Backward(**{**fields, **changes})
        self.backwards.append(found)
        return found

    def trace(self, **changes: Any) -> Trace:
        """The trace of the story so far."""
        sites = tuple(
            Site(line=n, end_line=n, column=8, end_column=8 + len(f"call({n})"), function="fit", visits=1)
            for n in range(1, 21)
        )
        fields: dict[str, Any] = {
            "outcome": "returned", "stage": "call", "sites": sites, "events": tuple(self.events),
            "backwards": tuple(self.backwards), "backward_count": len(self.backwards), "seconds": 0.1,
            "torch": "2.13.0", "python": "3.11.7",
        }  # fmt: skip
        return Trace(**{**fields, **changes})

    def run(self, source: str = SOURCE, fit: Fit | None = None, **changes: Any) -> FitEvidence:
        """The evidence of the story so far."""
        return evidence(self.trace(**changes), source=source, fit=fit)


def state(place: int = 0, tensor: int = 1, **values: Values | float | None) -> SlotState:
    """A parameter around a pass; bare numbers are one element."""
    fields: dict[str, Any] = {"value": (0.0,), "grad_before": None, "fresh": (1.0,), "grad_after": (1.0,)}
    given = {name: (v,) if isinstance(v, (int, float)) else v for name, v in values.items()}
    return SlotState(slot=place, tensor=tensor, **{**fields, **given})


def slot(place: int = 0, name: str | None = "w", **changes: Any) -> Slot:
    """A parameter of one element."""
    fields: dict[str, Any] = {
        "slot": place, "name": name, "tensors": (place + 1,), "replaced": 0, "shape": (1,), "leaf": True,
        "dtype": "float32", "device": "cpu", "final": (0.0,), "passes": 1, "carried_passes": 0,
        "unmoved_passes": 0,
    }  # fmt: skip
    return Slot(**{**fields, **changes})


def tensor_back(found: TensorView) -> ReturnedValue:
    """A tensor that came back."""
    return ReturnedValue(kind="tensor", type="Tensor", tensor=found)


def number_back(value: float) -> ReturnedValue:
    """A number that came back."""
    return ReturnedValue(kind="number", type="float", number=value)


def back(*items: ReturnedValue) -> ReturnedValue:
    """A tuple that came back."""
    return ReturnedValue(kind="sequence", type="tuple", items=items)


def raised(**changes: Any) -> Raised:
    """An exception at line 3."""
    return Raised(**{"type": "RuntimeError", "message": "no", "line": 3, **changes})


def a_fit(expected: Values = (2.0, 1.0), names: tuple[str, ...] = ("w", "b"), **changes: Any) -> Fit:
    """A line to be found within 0.02."""
    fields: dict[str, Any] = {
        "model": Polynomial(powers=tuple(range(len(names) - 1, -1, -1))), "names": names,
        "expected": expected, "tolerance": 0.02, "truth": expected, "noise": 0.1,
    }  # fmt: skip
    return Fit(**{**fields, **changes})


def a_request(form: Literal["function", "script"] = "function", **changes: Any) -> RunRequest:
    """A request to run something on the CPU."""
    fields: dict[str, Any] = {
        "name": "submission.py", "source": SOURCE, "form": form, "device": "cpu", "seed": 101,
        "entry": "fit" if form == "function" else None,
    }  # fmt: skip
    return RunRequest(**{**fields, **changes})


def evidence(
    trace: Trace | None,
    *,
    source: str = SOURCE,
    fit: Fit | None = None,
    request: RunRequest | None = None,
    repeat: bool = False,
    **report: Any,
) -> FitEvidence:
    """The evidence of one run."""
    fields: dict[str, Any] = {"ending": "complete", "trace": trace, "seconds": 0.2}
    return FitEvidence(
        request=request or a_request(),
        report=ChildReport(**{**fields, **report}),
        fit=fit or a_fit(),
        source=Source(source),
        repeat=repeat,
    )
