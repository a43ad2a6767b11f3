"""What a run leaves behind in its process. Only where that is nothing is the next run made there as well.

What is compared: the settings of torch, NumPy and Python; the names in the modules and classes that a
submission may change, each with the very object that stands behind it; how many entries the modules' lists,
sets and dictionaries have; threads, timers, files. What is not seen is a change inside any other object, an
attribute of a library's function, say: a submission that means to may carry something on to its next run,
where it is asked another question about other data.
"""

from __future__ import annotations

import _thread
import atexit
import contextlib
import gc
import operator
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import overrides

from grader.child.dict_version import dictionary_of, version_of

MODULES = (
    "torch", "torch._C", "torch._C._autograd", "torch._C._nn", "torch._tensor", "torch._tensor_str",
    "torch.accelerator", "torch.autograd", "torch.autograd.anomaly_mode", "torch.autograd.forward_ad",
    "torch.autograd.function", "torch.autograd.functional", "torch.autograd.grad_mode",
    "torch.autograd.graph", "torch.autograd.gradcheck", "torch.autograd.variable", "torch.backends",
    "torch.backends.cuda", "torch.backends.mps", "torch.cuda", "torch.cuda.random", "torch.func",
    "torch.functional", "torch.linalg", "torch.mps", "torch.nn", "torch.nn.functional", "torch.nn.init",
    "torch.nn.modules.linear", "torch.nn.modules.loss", "torch.nn.modules.module", "torch.nn.parameter",
    "torch.optim", "torch.optim.optimizer", "torch.overrides", "torch.random", "torch.special",
    "torch.utils", "torch.utils.data",
    "numpy", "numpy.linalg", "numpy.random",
    "builtins", "collections", "contextlib", "copy", "dataclasses", "functools", "gc", "importlib",
    "inspect", "io", "itertools", "json", "linecache", "logging", "math", "operator", "os", "pathlib",
    "pickle", "random", "signal", "statistics", "string", "sys", "time", "traceback", "types",
    "typing", "warnings", "weakref",
)  # fmt: skip
"""Beside the grader's own. One that is not loaded yet counts as left behind when it is. ``threading`` is not
among them, for it renews some of its names after a fork."""
CLASSES = (
    torch._C.TensorBase, torch._C._FunctionBase, torch.Generator, torch.Size, torch.Tensor,
    torch.UntypedStorage, torch.autograd.Function, torch.enable_grad, torch.inference_mode, torch.no_grad,
    threading.Thread, torch.nn.Module, torch.nn.Parameter, torch.optim.Optimizer, torch.set_grad_enabled,
    overrides.TorchFunctionMode,
)  # fmt: skip
OWN = "grader.child"

_TINY = float(np.nextafter(0.0, 1.0))
"""Zero as soon as anything is done with it, where numbers so small are to be flushed."""
_PRINT_OPTIONS = torch._tensor_str.PRINT_OPTS
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)

Names = Mapping[str, Any]


class Footprint:
    """Compares the process with what it was like when this was made."""

    def __init__(self) -> None:
        self._namespaces = [_Namespace(names) for names in _namespaces()]
        self._containers = [each for owner in _modules(MODULES) for each in _containers(vars(owner))]
        self._sizes: list[int] = []
        self._handlers = _handlers()
        self._settings: tuple[object, ...] = ()
        self._environment: dict[str, str] = {}
        self._files: list[str] = []
        self.begin()

    def begin(self) -> None:
        """Note what differs from process to process: to be called in the run's own, before the run."""
        self._sizes = [*map(len, self._containers)]
        self._settings = _settings()
        self._environment = dict(os.environ)
        self._files = sorted(os.listdir())  # noqa: PTH208 - names alone

    def is_unchanged(self) -> bool:
        """Whether nothing was left behind. Never raises: whatever cannot be told counts as something."""
        try:
            return self._is_unchanged()
        except Exception:  # noqa: BLE001 - what stands there now may be a submission's own
            return False

    def _is_unchanged(self) -> bool:
        return (
            _settings() == self._settings
            and [*map(len, self._containers)] == self._sizes
            and _handlers() == self._handlers
            and os.environ == self._environment
            and sorted(os.listdir()) == self._files  # noqa: PTH208 - as above
            and all(each.is_unchanged() for each in self._namespaces)
        )


class _Namespace:
    """The names of a module or class, each with what stood behind it."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._keys = tuple(names)
        self._values = tuple(names.values())
        self._dictionary = dictionary_of(names)
        self._version = version_of(self._dictionary)

    def is_unchanged(self) -> bool:
        version = version_of(self._dictionary)
        if version is None or version != self._version:
            if not self._is_same():
                return False
            self._version = version
        return True

    def _is_same(self) -> bool:
        """Asked of the objects' identities alone: no ``__eq__`` of a submission's is called."""
        return (
            len(self._names) == len(self._keys)
            and all(map(operator.is_, self._names, self._keys))
            and all(map(operator.is_, self._names.values(), self._values))
        )


def _namespaces() -> Iterator[Names]:
    yield from map(vars, _modules(MODULES))
    yield from map(vars, CLASSES)
    for module in _modules(name for name in sys.modules if name.startswith(OWN)):
        yield vars(module)
        yield from map(vars, _classes(module))


def _modules(names: Iterable[str]) -> Iterator[ModuleType]:
    return (sys.modules[name] for name in names if name in sys.modules)


def _classes(module: ModuleType) -> Iterator[type]:
    for value in vars(module).values():
        if isinstance(value, type) and value.__module__ == module.__name__:
            yield value


def _containers(names: Names) -> Iterator[list[Any] | set[Any] | dict[Any, Any]]:
    """The modules that are loaded are counted apart, for more of them may be loaded before a run."""
    for value in names.values():
        if isinstance(value, (list, set, dict)) and value is not sys.modules:
            yield value


def _handlers() -> list[object]:
    return [signal.getsignal(number) for number in signal.valid_signals()]


def _settings() -> tuple[object, ...]:
    return (*_settings_of_torch(), *_settings_of_python(), len(gc.callbacks))


def _settings_of_torch() -> Iterator[object]:
    for ask in _ASKED_OF_TORCH:
        yield ask()
    yield torch._C._autograd._top_saved_tensors_default_hooks(False)
    yield vars(_PRINT_OPTIONS).copy()
    yield _TINY * 1.0 == 0.0


_ASKED_OF_TORCH: tuple[Callable[[], object], ...] = (
    torch.get_default_dtype, torch.is_grad_enabled, torch.is_inference_mode_enabled,
    torch.is_anomaly_enabled, torch.is_anomaly_check_nan_enabled, torch.get_num_threads,
    torch.are_deterministic_algorithms_enabled, torch.is_deterministic_algorithms_warn_only_enabled,
    torch.get_float32_matmul_precision, torch.is_warn_always_enabled, torch._C._is_multithreading_enabled,
    torch._C._len_torch_function_stack, torch._C._len_torch_dispatch_stack,
    lambda: torch.is_autocast_enabled("cpu"),
)  # fmt: skip


def _settings_of_python() -> Iterator[object]:
    yield sys.getrecursionlimit()
    yield sys.getswitchinterval()
    yield sys.gettrace()
    yield sys.getprofile()
    yield gc.isenabled()
    yield gc.get_threshold()
    yield len(sys.modules)
    yield atexit._ncallbacks()
    yield _thread._count()
    yield [signal.getitimer(timer) for timer in _TIMERS]
    yield signal.sigpending()
    yield list(warnings.filters)
    yield np.geterr()
    yield np.get_printoptions()
    with contextlib.suppress(OSError):
        yield os.getcwd()  # noqa: PTH109 - a text is compared
