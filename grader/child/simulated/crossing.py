"""The same bytes as a tensor of the CPU and as one of the simulated device.

DLPack carries a tensor from one library to another as a capsule that names the memory and the device it
is on. A capsule is rewritten here to name the other device; torch reads it back as a tensor over the same
memory. The new tensor keeps the old one's memory alive, so either may be dropped first. Shape, strides and
dtype survive; a storage offset does not (the new storage begins at the first element), nor do autograd's
history and the mark of a wrapped Python number.
"""

from __future__ import annotations

import ctypes
from typing import Any

import torch

NAME = "sim"

_CPU = 1
_EXTENSION = 12
_DEVICE_TYPE_AT = 8
"""Where DLTensor keeps its device type: behind the pointer to the data (DLPack's ABI)."""

_to_capsule: Any = torch._C._to_dlpack
_from_capsule: Any = torch._C._from_dlpack
_int32_at = ctypes.c_int32.from_address
_uint64_at = ctypes.c_uint64.from_address
_POINTER_AT = object.__basicsize__
"""Where CPython's capsules keep what they point to: first, behind what every object has."""
_named_pointer = ctypes.pythonapi.PyCapsule_GetPointer
_named_pointer.restype = ctypes.c_void_p
_named_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


def _slow_device_type(capsule: Any) -> Any:
    """The device type that a capsule names, to be read and written."""
    return _int32_at(_named_pointer(capsule, b"dltensor") + _DEVICE_TYPE_AT)


def _fast_device_type(capsule: Any) -> Any:
    return _int32_at(_uint64_at(id(capsule) + _POINTER_AT).value + _DEVICE_TYPE_AT)


def _keeps_pointer_first() -> bool:
    """Whether this Python's capsules are laid out so; its build may have others."""
    capsule = _to_capsule(torch.ones(1))
    return bool(_uint64_at(id(capsule) + _POINTER_AT).value == _named_pointer(capsule, b"dltensor"))


_device_type = _fast_device_type if _keeps_pointer_first() else _slow_device_type


def to_host(tensor: torch.Tensor) -> torch.Tensor:
    """A CPU tensor over the memory of a simulated one. Raises RuntimeError for a third device's."""
    capsule = _to_capsule(tensor)
    device_type = _device_type(capsule)
    if device_type.value != _EXTENSION:
        raise RuntimeError(
            "Expected all tensors to be on the same device, but found at least two devices, "
            f"{NAME}:0 and {tensor.device}!"
        )
    device_type.value = _CPU
    host: torch.Tensor = _from_capsule(capsule)
    return host.conj() if tensor.is_complex() and tensor.is_conj() else host


def at_host(tensor: torch.Tensor) -> torch.Tensor:
    """As ``to_host``, its numbers those that the tensor stands for: it may be a view of their negatives."""
    host = to_host(tensor)
    return torch._neg_view(host) if tensor.is_neg() else host


def to_device(host: torch.Tensor) -> torch.Tensor:
    """A simulated tensor over the memory of a dense CPU one. Raises BufferError for another layout."""
    capsule = _to_capsule(host)
    _device_type(capsule).value = _EXTENSION
    tensor: torch.Tensor = _from_capsule(capsule)
    return tensor
