"""Kernels of the simulated device that make, resize and copy memory, and those of views.

Torch's own CPU kernels of views, ``set_`` and the like touch no data, only sizes and storages, so they are
run on simulated tensors as they are: a view shares its base's storage object, as on any device.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from grader.child.simulated.crossing import NAME, at_host, to_device, to_host

aten = torch.ops.aten
CPU_KERNELS = torch._C.DispatchKeySet(torch._C.DispatchKey.CPU)

_empty = aten.empty.memory_format._handle.redispatch_boxed
_ones_like = aten.ones_like.default._handle.redispatch_boxed
_empty_strided = aten.empty_strided.default._handle.redispatch_boxed
_copy = aten.copy_.default._handle.redispatch_boxed
_set = aten.set_.source_Storage_storage_offset._handle.redispatch_boxed
_resize = aten.resize_.default._handle.redispatch_boxed
_host = torch.device("cpu")


def host_empty(size: Sequence[int], dtype: torch.dtype | None) -> torch.Tensor:
    """New CPU memory, behind the back of every mode that watches torch's functions."""
    made: torch.Tensor = _empty(CPU_KERNELS, size, dtype=dtype, device=_host)
    return made


def empty(
    size: Sequence[int],
    *,
    dtype: torch.dtype | None = None,
    layout: torch.layout | None = None,
    device: torch.device | None = None,
    pin_memory: bool | None = None,
    memory_format: torch.memory_format | None = None,
) -> torch.Tensor:
    _check_options(layout, device, pin_memory)
    return to_device(_empty(CPU_KERNELS, size, dtype=dtype, device=_host, memory_format=memory_format))


def empty_strided(
    size: Sequence[int],
    stride: Sequence[int],
    *,
    dtype: torch.dtype | None = None,
    layout: torch.layout | None = None,
    device: torch.device | None = None,
    pin_memory: bool | None = None,
) -> torch.Tensor:
    _check_options(layout, device, pin_memory)
    return to_device(_empty_strided(CPU_KERNELS, size, stride, dtype=dtype, device=_host))


def zeros(size: Sequence[int], **options: Any) -> torch.Tensor:
    """Autograd's zero gradient, which on other devices has no memory until it is used."""
    return empty(size, **options).zero_()


def ones_like(
    tensor: torch.Tensor,
    *,
    dtype: torch.dtype | None = None,
    layout: torch.layout | None = None,
    device: torch.device | None = None,
    pin_memory: bool | None = None,
    memory_format: torch.memory_format | None = None,
) -> torch.Tensor:
    """What each backward pass begins with. The common kernel would make memory and fill it, one by one."""
    if device is not None and device.type != NAME:
        elsewhere: torch.Tensor = aten.empty_like.default(
            tensor,
            dtype=dtype,
            layout=layout,
            device=device,
            pin_memory=pin_memory,
            memory_format=memory_format,
        )
        return elsewhere.fill_(1)
    _check_options(layout, device, pin_memory)
    return to_device(_ones_like(CPU_KERNELS, to_host(tensor), dtype=dtype, memory_format=memory_format))


def _check_options(layout: torch.layout | None, device: torch.device | None, pin_memory: bool | None) -> None:
    if layout not in (None, torch.strided):
        raise NotImplementedError(f"the simulated device has dense tensors only, no {layout}")
    if device is not None and device.index not in (None, 0):
        raise RuntimeError(f"{NAME} error: invalid device ordinal")
    if pin_memory:
        raise RuntimeError("Only dense CPU tensors can be pinned")


def copy_from(source: torch.Tensor, target: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    return copy(target, source, non_blocking)


def copy(target: torch.Tensor, source: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    """``target.copy_(source)``, where either or both are simulated. Returns ``target``."""
    to, of = _at_host(target), _at_host(source)
    if to.is_cpu and of.is_cpu:
        _copy(CPU_KERNELS, to, of, non_blocking)
    else:
        to.copy_(of)
    return target


def copy_from_and_resize(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    target.resize_(source.shape)
    return copy_from(source, target)


def _at_host(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.device.type != NAME else at_host(tensor)


def look_at(tensor: torch.Tensor, memory: torch.Tensor) -> None:
    """Let a simulated tensor look at what ``memory`` looks at, whatever it looked at before."""
    place(tensor, memory, int(memory.storage_offset()), memory.shape, memory.stride())


def place(
    tensor: torch.Tensor, memory: torch.Tensor, offset: int, size: Sequence[int], stride: Sequence[int]
) -> None:
    _set(CPU_KERNELS, tensor, memory.untyped_storage(), offset, size, stride)


def set_nothing(tensor: torch.Tensor) -> torch.Tensor:
    """``set_()``: no memory any more."""
    look_at(tensor, to_device(host_empty((0,), tensor.dtype)))
    return tensor


def resize(
    tensor: torch.Tensor, size: Sequence[int], *, memory_format: torch.memory_format | None = None
) -> torch.Tensor:
    """``resize_``. Where there is not enough memory, the tensor moves to a larger one with what it held;
    tensors that shared the old keep it (on CUDA they would go along)."""
    offset = int(tensor.storage_offset())
    stride = torch.empty(size, device="meta", memory_format=memory_format or torch.contiguous_format).stride()
    needed = offset + _extent(size, stride)
    if needed * tensor.element_size() > tensor.untyped_storage().nbytes():
        place(tensor, _grown(tensor, needed), offset, size, stride)
    elif tuple(tensor.shape) != tuple(size) or memory_format is not None:
        _resize(CPU_KERNELS, tensor, size, memory_format=memory_format)
    return tensor


def _extent(size: Sequence[int], stride: Sequence[int]) -> int:
    if 0 in size:
        return 0
    return 1 + sum((length - 1) * step for length, step in zip(size, stride, strict=True))


def _grown(tensor: torch.Tensor, elements: int) -> torch.Tensor:
    grown = host_empty((elements,), tensor.dtype)
    kept = tensor.untyped_storage().nbytes() // tensor.element_size()
    place(tensor, tensor, 0, (kept,), (1,))
    _copy(CPU_KERNELS, grown[:kept], to_host(tensor))
    return to_device(grown)


def resize_output(tensor: torch.Tensor, size: Sequence[int], device: torch.device) -> torch.Tensor:
    return resize(tensor, size)


def same_view(op: Any) -> Callable[..., Any]:
    """The CPU's kernel of a view, run on the simulated tensor itself."""
    kernel = op._handle.redispatch_boxed

    def view(*args: Any, **kwargs: Any) -> Any:
        return kernel(CPU_KERNELS, *args, **kwargs)

    return view


KERNELS: dict[str, Callable[..., Any]] = {
    "empty.memory_format": empty,
    "empty_strided": empty_strided,
    "ones_like": ones_like,
    "_efficientzerotensor": zeros,
    "copy_": copy,
    "_copy_from": copy_from,
    "_copy_from_and_resize": copy_from_and_resize,
    "set_": set_nothing,
    "resize_": resize,
    "_resize_output_": resize_output,
}
VIEWS = ("set_.source_Storage", "set_.source_Storage_storage_offset", "set_.source_Tensor", "as_strided",
         "view", "_reshape_alias", "unfold", "view_as_real", "view_as_complex")  # fmt: skip
"""Registered by name so that they cost as little as can be; the fallback meets the rest."""
