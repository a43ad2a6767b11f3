"""What the simulated device refuses, in the words CUDA refuses it with.

CUDA's kernels check devices in two ways, and torch's own list of operators says which check an operator
has: element-wise ones let 0-dim CPU tensors pass and name the two devices they met; the others name the
argument and the method. That list is a file of torch's wheel; where it is missing, the first words do.
"""

from __future__ import annotations

import functools
import importlib.util
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch

from grader.child.simulated.crossing import NAME

Arguments = tuple[Any, ...]
Keywords = dict[str, Any]
Rule = Callable[[Any, Arguments, Keywords], None]

_SAME_DEVICE = "Expected all tensors to be on the same device, but "
_INDEXING = {"index", "_unsafe_index", "_index_put_impl_", "_unsafe_index_put"}
_MASKED = {"masked_fill", "masked_fill_"}
_ANYWHERE = {"_ctc_loss", "_pack_padded_sequence", "where"}
"""Operators that take small CPU tensors beside a device's, however many."""


def check_generator(generator: torch._C.Generator) -> None:
    """Raise RuntimeError for another device's generator."""
    found = generator.device.type
    if found != NAME:
        raise RuntimeError(f"Expected a '{NAME}' device type for generator but found '{found}'")


def rule_of(op: Any) -> Rule:
    """What is asked where CPU tensors are among an operator's arguments. It raises RuntimeError."""
    name = op._schema.name.removeprefix("aten::")
    if name in _INDEXING:
        return _check_indexing
    if name in _MASKED:
        return _check_mask
    if name in _ANYWHERE or name.startswith(("_foreach_", "_fused_")):
        return _check_small
    return _check_elementwise if torch.Tag.pointwise in op.tags else _check_listed


def _check_listed(op: Any, args: Arguments, kwargs: Keywords) -> None:
    entry = _entry(op)
    if entry is None or "device_check: NoCheck" in entry:
        _check_elementwise(op, args, kwargs)
    else:
        _check_same(op, args, kwargs, _method(op, entry))


def _check_elementwise(op: Any, args: Arguments, kwargs: Keywords) -> None:
    scalars = 0
    for _, tensor, written in _tensors(op, args, kwargs):
        if not tensor.is_cpu:
            continue
        if written or tensor.dim():
            _refuse_two(tensor)
        scalars += 1
    if scalars > 1:
        raise RuntimeError("Trying to pass too many CPU scalars to non-CPU kernel!")


def _check_small(op: Any, args: Arguments, kwargs: Keywords) -> None:
    allowed = 0 if op._schema.name == "aten::where" else 1
    for _, tensor, written in _tensors(op, args, kwargs):
        if tensor.is_cpu and (written or tensor.dim() > allowed):
            _refuse_two(tensor)


def _check_same(op: Any, args: Arguments, kwargs: Keywords, method: str) -> None:
    common: torch.device | None = None
    for name, tensor, _ in _tensors(op, args, kwargs):
        if common is not None and tensor.device != common:
            raise RuntimeError(
                f"{_SAME_DEVICE}got {name} is on {tensor.device}, different from other tensors on {common} "
                f"(when checking argument in method {method})"
            )
        common = tensor.device


def _check_indexing(op: Any, args: Arguments, kwargs: Keywords) -> None:
    """Indices may be on the CPU, and 0-dim values anywhere."""
    tensors, indices = args[0], args[1]
    if tensors.is_cpu and any(index is not None and not index.is_cpu for index in indices):
        raise RuntimeError(
            "indices should be either on cpu or on the same device as the indexed tensor (cpu)"
        )
    values = args[2] if len(args) > 2 else kwargs.get("values")
    if values is None or values.device == tensors.device or values.dim() == 0:
        return
    if args[3] if len(args) > 3 else kwargs.get("accumulate"):
        raise RuntimeError(
            f"expected device {tensors.device} but got device {values.device} for value tensor"
        )
    _refuse_two(values)


def _check_mask(op: Any, args: Arguments, kwargs: Keywords) -> None:
    tensor, mask = args[0], args[1]
    if mask.device != tensor.device:
        raise RuntimeError(
            "expected self and mask to be on the same device, "
            f"but got mask on {mask.device} and self on {tensor.device}"
        )
    _check_elementwise(op, args, kwargs)


def _refuse_two(tensor: torch.Tensor) -> None:
    found = "cpu" if not tensor.is_cpu else tensor.device
    raise RuntimeError(f"{_SAME_DEVICE}found at least two devices, {NAME}:0 and {found}!")


def _tensors(op: Any, args: Arguments, kwargs: Keywords) -> Iterator[tuple[str, torch.Tensor, bool]]:
    """Every tensor argument with its name and whether it is written, what it writes into first."""
    arguments = op._schema.arguments
    given = {a.name: value for a, value in zip(arguments, args, strict=False)} | kwargs
    for argument in sorted(arguments, key=lambda a: not (a.kwarg_only and a.alias_info is not None)):
        value = given.get(argument.name)
        written = argument.alias_info is not None and argument.alias_info.is_write
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if isinstance(item, torch.Tensor):
                yield argument.name, item, written


def _method(op: Any, entry: str) -> str:
    """The name that CUDA's check gives itself, with this device's in its place."""
    name, overload = op._schema.name.removeprefix("aten::"), op._schema.overload_name
    if any(a.kwarg_only and a.alias_info is not None for a in op._schema.arguments):
        name += "_out"
    if "structured: True" in entry or "structured_delegate:" in entry:
        return f"wrapper_{NAME.upper()}_{name}" + (f"_{overload}" if overload else "")
    return f"wrapper_{NAME.upper()}_{overload}_{name}"


def _entry(op: Any) -> str | None:
    """What torch's list says of an operator."""
    name, overload = op._schema.name.removeprefix("aten::"), op._schema.overload_name
    start = re.escape(f"- func: {name}.{overload}(" if overload else f"- func: {name}(")
    found = re.search(rf"^{start}.*\n(?:(?!- func:).*\n)*", operators_listed(), re.MULTILINE)
    return found and found[0]


@functools.cache
def operators_listed() -> str:
    """Torch's list of operators; read before any submission may be kept from reading it."""
    spec = importlib.util.find_spec("torchgen")
    if spec is None or spec.origin is None:
        return ""
    path = Path(spec.origin).parent / "packaged/ATen/native/native_functions.yaml"
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
