"""Wrappers around the few functions of torch, NumPy and Python that a function mode does not see.

They are installed once, in the warm process, before any submission is imported, and do nothing until a
run names its recorder with ``Hooks.run``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from grader.child.passes import Kind, Passes, Perform


class Hooks:
    """What the wrappers report to. Nothing while ``passes`` is None."""

    passes: Passes | None = None


def install() -> None:
    """Wrap them. To be called once."""
    _put(torch.Tensor, "backward", "torch.Tensor.backward", _tensor_backward)
    _put(torch.autograd, "backward", "torch.autograd.backward", _autograd_backward)
    _put(torch.autograd, "grad", "torch.autograd.grad", _autograd_grad)
    _note_construction(torch.nn.Module, "python.torch.nn.Module")
    _note_construction(torch.optim.Optimizer, "python.torch.optim.Optimizer")
    torch.from_numpy = _maker(torch.from_numpy, "torch.from_numpy")
    torch.autograd.Variable.__new__ = _variable(torch.autograd.Variable.__new__)  # type: ignore[method-assign]
    torch.nn.Parameter.__new__ = _parameter(torch.nn.Parameter.__new__)  # type: ignore[method-assign]
    for owner, prefix, names in (*_SOLVERS, *_FORWARD_MODE):
        for name in names:
            setattr(owner, name, _noted(getattr(owner, name), f"python.{prefix}.{name}"))


_put_here: list[tuple[Any, str, str, Any]] = []


def _put(owner: Any, name: str, label: str, wrap: Callable[[Any], Any]) -> None:
    wrapper = wrap(getattr(owner, name))
    setattr(owner, name, wrapper)
    _put_here.append((owner, name, label, wrapper))


def replaced() -> list[str]:
    """The wrapped functions that something else stands in place of: the submission put it there."""
    return [label for owner, name, label, wrapper in _put_here if getattr(owner, name, None) is not wrapper]


_SOLVERS: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (np.linalg, "numpy.linalg", ("lstsq", "solve", "inv", "pinv")),
    (np, "numpy", ("polyfit",)),
    (np.polynomial.polynomial, "numpy.polynomial.polynomial", ("polyfit",)),
)
_FORWARD_MODE: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (torch.func, "torch.func", ("jacfwd", "jvp", "linearize")),
    (torch.autograd.forward_ad, "torch.autograd.forward_ad", ("make_dual",)),
)
"""Autograd without a backward pass."""


def _tensor_backward(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def backward(
        self: torch.Tensor,
        gradient: Any = None,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Any = None,
    ) -> None:
        passes = _concerned()
        if passes is None or not isinstance(self, torch.Tensor):
            original(self, gradient, retain_graph, create_graph, inputs)
            return

        def call(keeps: bool) -> None:
            original(self, gradient, retain_graph or keeps, create_graph, inputs)

        keeps = create_graph if retain_graph is None else retain_graph
        passes.around("backward", (self,), (), bool(keeps), call)

    return backward


def _autograd_backward(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def backward(tensors: Any, *args: Any, **kwargs: Any) -> None:
        passes = Hooks.passes
        if passes is None or passes.running:  # such as Tensor.backward makes this call
            original(tensors, *args, **kwargs)
            return

        def call(keeps: bool) -> None:
            original(tensors, *_keeping(args, keeps), **_keeping_by_name(args, kwargs, keeps))

        _around("backward", _tensors(tensors), (), _keeps(args, kwargs), call)

    return backward


def _autograd_grad(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def grad(outputs: Any, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        def call(keeps: bool) -> Any:
            return original(outputs, inputs, *_keeping(args, keeps), **_keeping_by_name(args, kwargs, keeps))

        return _around("grad", _tensors(outputs), _tensors(inputs), _keeps(args, kwargs), call)

    return grad


def _keeps(args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    return bool(args[1]) if len(args) > 1 else bool(kwargs.get("retain_graph"))


def _keeping(args: tuple[Any, ...], keeps: bool) -> tuple[Any, ...]:
    """Positional arguments of a pass, with what they say of the graph."""
    return (args[0], args[1] or keeps, *args[2:]) if len(args) > 1 else args


def _keeping_by_name(args: tuple[Any, ...], kwargs: dict[str, Any], keeps: bool) -> dict[str, Any]:
    asked = kwargs.get("retain_graph")
    return kwargs if len(args) > 1 or not keeps or asked else {**kwargs, "retain_graph": True}


def _concerned() -> Passes | None:
    """What a pass is to be told that begins here; None where it is no pass of the submission's own."""
    passes = Hooks.passes
    if passes is None or passes.running or not passes.recorder.concerns_this_thread():
        return None
    return passes


def _around(
    kind: Kind,
    outputs: Sequence[torch.Tensor],
    inputs: Sequence[torch.Tensor],
    keeps: bool,
    call: Perform,
) -> Any:
    passes = _concerned()
    if passes is None:
        return call(keeps)
    for tensor in (*outputs, *inputs):
        if not isinstance(tensor, torch.Tensor):
            return call(keeps)
    return passes.around(kind, outputs, inputs, keeps, call)


def _tensors(value: Any) -> Sequence[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _maker(original: Callable[..., Any], op: str) -> Callable[..., Any]:
    @functools.wraps(original)
    def make(source: Any) -> Any:
        return _made(op, None, original(source))

    return make


def _parameter(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def __new__(cls: Any, data: Any = None, requires_grad: bool = True) -> Any:  # noqa: N807
        result = original(cls, data, requires_grad)
        _noted_made("torch.nn.Parameter", data, result)
        return result

    return __new__


def _variable(original: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(original)
    def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        result = original(cls, *args, **kwargs)
        if isinstance(result, torch.Tensor):
            _noted_made("torch.autograd.Variable", args[0] if args else kwargs.get("data"), result)
        return result

    return __new__


def _made(op: str, source: Any, result: Any) -> Any:
    """Note a tensor that was made where the mode does not look; what comes back in its place."""
    passes = Hooks.passes
    if passes is not None:
        result = passes.interventions.made(result)
        _noted_made(op, source, result)
    return result


def _noted_made(op: str, source: Any, result: Any) -> None:
    passes = Hooks.passes
    if passes is not None:
        with torch._C.DisableTorchFunction():
            passes.recorder.made(op, source, result)


def _note_construction(cls: Any, op: str) -> None:
    original = cls.__init__

    @functools.wraps(original)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        _note(op, {"class": type(self).__name__[:60]})
        original(self, *args, **kwargs)

    cls.__init__ = __init__


def _noted(original: Callable[..., Any], op: str) -> Callable[..., Any]:
    @functools.wraps(original)
    def function(*args: Any, **kwargs: Any) -> Any:
        _note(op, {})
        return original(*args, **kwargs)

    return function


def _note(op: str, arguments: dict[str, str]) -> None:
    passes = Hooks.passes
    if passes is not None:
        passes.recorder.note(op, arguments)
