"""``torch.sim``: what torch and its users ask a device's module for, and the functions of torch that do not
know a device made in Python.

Until ``show`` is called, ``torch.accelerator`` says that there is none: a run on the CPU is to find the
machine as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from grader.child.simulated.crossing import NAME, to_device
from grader.child.simulated.memory import host_empty


class _Shown:
    now = False


def show(shown: bool = True) -> None:
    """Let ``torch.accelerator`` report the device, or not, in this process and those it forks."""
    _Shown.now = shown


class Device:
    """``with torch.sim.device(0):``, for there is one."""

    def __init__(self, device: Any = None) -> None:
        self.device = device

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


class SimulatedModule:
    """One device, whose work is done when a call returns."""

    device = Device

    def is_initialized(self) -> bool:
        return True

    def is_available(self) -> bool:
        return _Shown.now

    def device_count(self) -> int:
        return int(_Shown.now)

    def current_device(self) -> int:
        return 0

    def set_device(self, device: Any) -> None:
        pass

    def synchronize(self, device: Any = None) -> None:
        pass

    def empty_cache(self) -> None:
        pass

    def _is_in_bad_fork(self) -> bool:
        return False

    def manual_seed(self, seed: int) -> None:
        """Seeds the CPU's generator, for it is this device's default one too."""
        torch.default_generator.manual_seed(seed)

    def manual_seed_all(self, seed: int) -> None:
        """Called by ``torch.manual_seed``, which has seeded the CPU's generator."""

    def get_rng_state(self, device: Any = NAME) -> torch.Tensor:
        return torch.default_generator.get_state()

    def set_rng_state(self, new_state: torch.Tensor, device: Any = NAME) -> None:
        torch.default_generator.set_state(new_state)

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.float16, torch.bfloat16]


def put_in_place() -> None:
    """Replace, in torch, what would crash or fail on this device and works on others."""
    torch.UntypedStorage.__new__ = _storage(torch.UntypedStorage.__new__)  # type: ignore[method-assign]
    accelerator: Any = torch.accelerator
    for name, there in (("is_available", True), ("device_count", 1)):
        setattr(accelerator, name, _hiding(getattr(accelerator, name), type(there)()))
    accelerator.current_accelerator = _hiding(accelerator.current_accelerator, None)
    for name in ("synchronize", "empty_cache"):
        setattr(accelerator, name, _idle(getattr(accelerator, name)))


def pin_memory(tensor: torch.Tensor, device: torch.device | None = None) -> torch.Tensor:
    """A copy, as on CUDA; no memory is pinned, and ``is_pinned`` says so."""
    if not _Shown.now:
        raise RuntimeError("Cannot access accelerator device when none is available.")
    return tensor.clone()


def _storage(original: Callable[..., Any]) -> Callable[..., Any]:
    """Storage is made by a device's allocator. This one has none, and torch would follow a null pointer."""

    def __new__(cls: Any, *args: Any, device: Any = None, **kwargs: Any) -> Any:  # noqa: N807
        if device is None or torch.device(device).type != NAME:
            return original(cls, *args, device=device, **kwargs)
        size = next(iter(args), kwargs.get("size", 0))
        values = size if isinstance(size, int) else len(size)
        storage = to_device(host_empty((values,), torch.uint8)).untyped_storage()
        return storage if values == size else storage.copy_(original(cls, size))

    return __new__


def _hiding(original: Callable[..., Any], nothing: Any) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        return original(*args, **kwargs) if _Shown.now or not _is_current() else nothing

    return function


def _idle(original: Callable[..., Any]) -> Callable[..., Any]:
    def function(*args: Any, **kwargs: Any) -> Any:
        return None if _Shown.now and _is_current() else original(*args, **kwargs)

    return function


def _is_current() -> bool:
    """Whether it is this device that torch takes for the accelerator; a real one goes first."""
    found = torch._C._accelerator_getAccelerator()
    return bool(found.type == NAME)
