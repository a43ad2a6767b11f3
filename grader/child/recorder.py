"""Records what a submission does with torch: a bounded list of events, whatever the code looks like.

A ``TorchFunctionMode`` sees the calls of the submission's own lines. Loops are watched closely while
they are new; see ``watch.py``. Backward passes are recorded by ``passes.py``.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from types import FrameType
from typing import Any, Literal

import numpy as np
import torch
from torch.overrides import TorchFunctionMode, resolve_name

from grader.child.sites import Sites, names_in
from grader.child.views import Identities, Plain, abbreviate, tensors_in

FIRST_VISITS = 6
"""An expression's first calls are kept, whatever they do."""
FIRST_PASSES = 4
"""Every call up to this many backward passes is kept."""
MOST_EVENTS = 1500
MOST_CALLS_A_PASS = 250
MOST_ARRAYS = 64
"""So many arrays over the memory of tensors are remembered."""
LATE_EVENTS = 300
"""What is kept beyond ``MOST_EVENTS`` when the end of the run is watched."""

# Asked all the time, and nothing happens: no event.
_QUESTIONS = frozenset(
    f"Tensor.{name}.__get__"
    for name in ("shape", "dtype", "device", "ndim", "is_leaf", "grad_fn", "layout", "is_cuda")
) | {"Tensor.dim", "Tensor.size", "Tensor.numel", "Tensor.__len__", "Tensor.__hash__",
     "Tensor.element_size", "Tensor.is_floating_point", "Tensor.is_complex", "torch.is_tensor",
     "Tensor.stride", "Tensor.data_ptr"}  # fmt: skip
# Recorded by passes.py, with what only it knows.
_PASSES = frozenset({"Tensor.backward", "torch.autograd.backward", "torch.autograd.grad"})
_NO_EVENTS = _QUESTIONS | _PASSES


_thread = threading.get_ident
Perform = Callable[[Any, tuple[Any, ...], dict[str, Any]], Any]


def _perform(func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return func(*args, **kwargs)


class Recorder:
    """The record of one run."""

    def __init__(self, filename: str) -> None:
        self.sites = Sites(filename)
        self.identities = Identities()
        self.events: list[Plain] = []
        self.events_seen = 0
        self.stage: Literal["import", "call"] = "import"
        self.passes = 0
        """Backward passes begun in this stage."""
        self.names: dict[int, str] = {}
        self.keep_all = False
        self.raised: tuple[BaseException, int] | None = None
        self.perform: Perform = _perform
        """Makes the very call that is recorded."""
        self._arrays: list[tuple[int, weakref.ref[Any]]] = []
        self._thread = _thread()
        self.calls_this_pass = 0
        self._signatures: set[tuple[object, ...]] = set()

    def concerns_this_thread(self) -> bool:
        return _thread() == self._thread

    def begin(self, stage: Literal["import", "call"]) -> None:
        """Start a stage; backward passes are counted anew."""
        self.stage = stage
        self.passes = 0

    def learn_names(self, frames: list[FrameType]) -> None:
        """Note what the submission calls its tensors; the first name stays."""
        for name, tensor in names_in(frames):
            self.names.setdefault(self.identities.of(tensor), name[:60])

    def call(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Make a torch call for the submission, and keep an event of it where it says anything new."""
        op = _op_names.get(func) or op_name(func)
        if op in _NO_EVENTS:
            return self.perform(func, args, kwargs)
        frame = self.sites.caller()
        if frame is None:
            return self.perform(func, args, kwargs)
        self.events_seen += 1
        site, visit = self.sites.visit(frame)
        inputs = tensors_in((*args, *kwargs.values()) if kwargs else args)
        if not self._keeps(site, visit, op, inputs):
            return self.perform(func, args, kwargs)
        event = self._open(site, visit, op, inputs, args, kwargs)
        try:
            result = self.perform(func, args, kwargs)
        except Exception as error:
            event["raised"] = f"{type(error).__name__}: {error}"[:600]
            self.raised = (error, event["index"])
            raise
        self._close(event, result)
        return result

    def note(self, op: str, arguments: dict[str, str]) -> None:
        """Keep an event of something that is no torch call: a class made, a solver called."""
        frame = self.sites.frame()
        if frame is None or not self.concerns_this_thread():
            return
        site, visit = self.sites.visit(frame)
        if self._keeps(site, visit, op, []):
            self._open(site, visit, op, [], (), {})["arguments"] = arguments

    def made(self, op: str, source: Any, result: torch.Tensor) -> None:
        """Keep an event of a tensor that was made where the mode does not look."""
        frame = self.sites.frame()
        if frame is None or not self.concerns_this_thread():
            return
        inputs = tensors_in([source])
        site, visit = self.sites.visit(frame)
        if self._keeps(site, visit, op, inputs):
            self._close(self._open(site, visit, op, inputs, (), {}), result)

    def _keeps(self, site: int, visit: int, op: str, inputs: list[torch.Tensor]) -> bool:
        if len(self.events) >= MOST_EVENTS + (LATE_EVENTS if self.keep_all else 0):
            return False
        self.calls_this_pass += 1
        if self.calls_this_pass <= MOST_CALLS_A_PASS and (
            visit < FIRST_VISITS or self.keep_all or 0 < self.passes <= FIRST_PASSES
        ):
            return True
        return self._is_new(site, op, inputs)

    def _is_new(self, site: int, op: str, inputs: list[torch.Tensor]) -> bool:
        kinds = tuple((t.shape, t.dtype, t.requires_grad, t.is_leaf, t.device) for t in inputs)
        signature = (site, op, torch.is_grad_enabled(), kinds)
        if signature in self._signatures:
            return False
        self._signatures.add(signature)
        return len(self._signatures) < MOST_EVENTS

    def _open(
        self,
        site: int,
        visit: int,
        op: str,
        inputs: list[torch.Tensor],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Plain:
        view = self.identities.view
        event: Plain = {
            "index": len(self.events),
            "after": self.passes,
            "stage": self.stage,
            "site": site,
            "visit": visit,
            "op": op,
            "grad_enabled": torch.is_grad_enabled(),
            "inputs": [view(tensor) for tensor in inputs],
            "arguments": _plain(args, kwargs),
        }
        if self._arrays:
            event["arrays"] = sorted({storage for storage, array in self._arrays if array() is not None})
        self.events.append(event)
        return event

    def _close(self, event: Plain, result: Any) -> None:
        outputs = tensors_in([result])
        event["outputs"] = [self.identities.view(tensor) for tensor in outputs]
        if not outputs:
            event["result"] = abbreviate(result)
        if isinstance(result, np.ndarray) and event["inputs"] and len(self._arrays) < MOST_ARRAYS:
            self._arrays.append((event["inputs"][0]["storage"], weakref.ref(result)))


def _plain(args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, str]:
    """The arguments that are no tensors, in short."""
    plain = [(str(i), v) for i, v in enumerate(args) if not isinstance(v, torch.Tensor)]
    plain += [(k, v) for k, v in kwargs.items() if not isinstance(v, torch.Tensor)]
    return {name[:40]: abbreviate(value) for name, value in plain[:8]}


class RecordingMode(TorchFunctionMode):
    """Hands every torch call of this thread to the recorder."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self._recorder = recorder

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        return self._recorder.call(func, args, kwargs or {})


_op_names: dict[Any, str] = {}


def op_name(func: Any) -> str:
    """A stable name: ``Tensor.sub_``, ``torch.randn``, ``Tensor.grad.__get__``."""
    name = _op_names.get(func)
    if name is None:
        name = _op_names[func] = _name(func)
    return name


def _name(func: Any) -> str:
    owner = getattr(func, "__self__", None)
    if getattr(func, "__name__", "") == "__delete__" and owner is not None:
        return f"Tensor.{getattr(owner, '__name__', '?')}.__delete__"
    resolved = resolve_name(func) or _by_module(func)
    return str(resolved).removeprefix("torch.") if "torch.Tensor." in resolved else str(resolved)


def _by_module(func: Any) -> str:
    module = getattr(func, "__module__", None) or "torch"
    return f"{module}.{getattr(func, '__qualname__', type(func).__name__)}"[:100]
