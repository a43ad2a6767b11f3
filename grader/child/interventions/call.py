"""One torch call of a submission that an intervention is about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from grader.child.recorder import op_name
from grader.child.views import Plain, tensors_in


@dataclass
class Memory:
    """What an intervention remembers from one call to the next."""

    passes: int = 0
    """How many backward passes there have been."""
    made: dict[object, list[Any]] = field(default_factory=dict)
    """What each expression made in the first round of the loop, in order."""
    visits: dict[object, tuple[int, int]] = field(default_factory=dict)
    """``(passes, calls)`` of each expression: how often it was evaluated since the last pass."""
    fresh: dict[int, list[float]] = field(default_factory=dict)
    """What the last pass computed for each parameter, by the tensor's ``id``."""
    took_hold: set[str] = field(default_factory=set)
    """The kinds that did anything."""
    read: dict[float, torch.Tensor] = field(default_factory=dict)
    """The tensors whose numbers were read, by the number."""


@dataclass(frozen=True)
class Call:
    """The call as the submission made it, and the intervention."""

    perform: Callable[..., Any]
    op: str
    args: tuple[Any, ...]
    kwargs: Plain
    expression: object
    """Names the expression that made it."""
    home: str
    """The device that the data are on."""
    memory: Memory
    number: float | None = None

    def make(self) -> Any:
        """Make the call as it was meant."""
        return self.perform(*self.args, **self.kwargs)

    def with_arguments(self, args: tuple[Any, ...], kwargs: Plain) -> Call:
        return replace(self, args=args, kwargs=kwargs)

    @property
    def tensors(self) -> list[torch.Tensor]:
        """The tensors that it was given, in order."""
        return tensors_in([*self.args, *self.kwargs.values()])

    @property
    def target(self) -> torch.Tensor | None:
        """The tensor that a method was called on."""
        return self.args[0] if self.args and isinstance(self.args[0], torch.Tensor) else None

    @property
    def is_in_place(self) -> bool:
        """Whether it writes into the tensor that it is called on."""
        name = self.op.rpartition(".")[2]
        in_place = name.endswith("_") and not name.endswith("__") and name not in _NOT_WRITING
        return in_place or name in _OPERATORS or name == "__setitem__"

    def mapped(self, change: Callable[[torch.Tensor], torch.Tensor]) -> Call:
        """The same call of other tensors."""
        args = tuple(change(a) if isinstance(a, torch.Tensor) else a for a in self.args)
        kwargs = {k: change(v) if isinstance(v, torch.Tensor) else v for k, v in self.kwargs.items()}
        return self.with_arguments(args, kwargs)

    def parameter(self, like: torch.Tensor) -> torch.Tensor | None:
        """Of the tensors given, the one that an update of this shape is about: a leaf, or what stands in
        for it."""
        given = [t for t in self.tensors if t.shape == like.shape]
        return next((t for t in given if t.requires_grad), given[0] if given else None)


_NOT_WRITING = frozenset({"requires_grad_", "detach_", "retain_grad_"})
_OPERATORS = frozenset(f"__i{name}__" for name in ("sub", "add", "mul", "div", "truediv", "pow"))


def call_of(func: Any, args: tuple[Any, ...], kwargs: Plain, **more: Any) -> Call:
    """The call that a function mode was handed."""
    return Call(perform=func, op=op_name(func), args=args, kwargs=kwargs, **more)


def each(result: Any) -> Iterator[torch.Tensor]:
    """The tensors that came back."""
    yield from tensors_in([result])
