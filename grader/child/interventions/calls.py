"""The interventions on torch calls: a function a kind, from the call to what comes back instead.

A call that a kind has nothing to do with is made as it was meant.
"""

from __future__ import annotations

from typing import Any

import torch

from grader.accelerators import ACCELERATORS
from grader.child.interventions.call import Call, Memory

_FACTORIES = frozenset({"torch.tensor", "torch.as_tensor", "torch.full", "torch.asarray"})
_READS_MEMORY = frozenset({"Tensor.numpy", "Tensor.__array__"})
_INTEGERS = frozenset({torch.int8, torch.int16, torch.int32, torch.int64, torch.uint8})
_FLAGS = frozenset({"Tensor.requires_grad_", "Tensor.requires_grad.__set__"})


def new_leaf(call: Call) -> Any:
    """What comes back is a leaf that requires grad, of the same memory."""
    result = call.make()
    if call.op == "Tensor.__iter__":
        return map(_leaf, result)
    return type(result)(map(_leaf, result)) if type(result) in (tuple, list) else _leaf(result)


def _leaf(result: Any) -> Any:
    if not isinstance(result, torch.Tensor) or not result.is_floating_point():
        return result
    if result.is_leaf and result.requires_grad:
        return result
    return result.detach().requires_grad_()


def record(call: Call) -> Any:
    """The call is recorded, whatever the submission said. One that writes into a tensor is left alone."""
    if call.is_in_place:
        return call.make()
    with torch.inference_mode(False), torch.enable_grad():
        return call.make()


def do_not_record(call: Call) -> Any:
    """The call is made under ``torch.no_grad()``."""
    with torch.no_grad():
        return call.make()


def hand_through(call: Call) -> Any:
    """Nothing is done: the tensor that was given comes back."""
    given = call.tensors
    if call.op.endswith(".__set__") or not given:
        return None
    return given[0]


def align(call: Call) -> Any:
    """Columns of N are made rows of N, where the call meets both."""
    lengths = {t.shape[0] for t in call.tensors if t.dim() == 1 and len(t) > 1}
    return call.mapped(lambda t: t.reshape(-1) if _is_column_of(t, lengths) else t).make()


def _is_column_of(tensor: torch.Tensor, lengths: set[int]) -> bool:
    return tensor.dim() == 2 and tensor.shape[1] == 1 and tensor.numel() in lengths


def matrix_product(call: Call) -> Any:
    """``(N, D)`` by ``(D,)`` is a matrix-vector product; a call that was given something else is made as it
    is, its columns aligned."""
    given = call.tensors
    if len(given) == 2 and sorted(t.dim() for t in given) in ([1, 2], [2, 2]) and _is_product(call):
        matrix, vector = given if given[0].dim() == 2 else given[::-1]
        if matrix.shape[1] == vector.shape[0]:
            return torch.matmul(matrix, vector)
    return align(call)


def _is_product(call: Call) -> bool:
    return call.op.rpartition(".")[2] in ("mul", "__mul__", "__rmul__", "multiply")


def as_float32(call: Call) -> Any:
    """What is made is float32."""
    kwargs = {k: v for k, v in call.kwargs.items() if k not in ("dtype", "requires_grad")}
    target = call.target
    if target is not None and target.is_floating_point() and not call.is_in_place:
        converted = call.make()
        return target.float() if _lost_its_fraction(converted) else float32(converted)
    result = call.with_arguments(call.args, kwargs).make()
    return float32(result, bool(call.kwargs.get("requires_grad")))


def _lost_its_fraction(converted: Any) -> bool:
    """Whether a float tensor became one of integers. A comparison makes truth values, which have none."""
    return isinstance(converted, torch.Tensor) and converted.dtype in _INTEGERS


def float32(result: Any, requires_grad: bool = False) -> Any:
    """The same tensor in float32, a leaf still where it was one."""
    if not isinstance(result, torch.Tensor):
        return result
    if not result.is_leaf:
        return result.float()
    return result.detach().float().requires_grad_(requires_grad or result.requires_grad)


def float32_parameters(call: Call) -> Any:
    """A tensor that is told to require grad is float32 by then."""
    if call.kwargs.get("requires_grad"):
        return as_float32(call)
    target = call.target
    if call.op in _FLAGS and target is not None and target.dtype != torch.float32 and target.is_leaf:
        target.data = target.data.float()
    return call.make()


def take_mean(call: Call) -> Any:
    """What comes back is the mean of what would have."""
    result = call.make()
    return result.mean() if isinstance(result, torch.Tensor) and result.numel() > 1 else result


def one_element(call: Call) -> Any:
    """What is made has the shape ``(1,)``."""
    result = call.make()
    if not isinstance(result, torch.Tensor) or result.numel() == 0:
        return result
    return result.detach().reshape(-1)[:1].clone().requires_grad_(result.requires_grad)


def scale_move(call: Call) -> Any:
    """A parameter moves ``number`` times as far as it was told to."""
    factor = 1.0 if call.number is None else call.number
    target = call.target
    if call.is_in_place and target is not None:
        before = target.detach().clone()
        result = call.make()
        target.data.copy_(before + factor * (target.detach() - before))
        return result
    result = call.make()
    parameter = call.parameter(result) if isinstance(result, torch.Tensor) else None
    if parameter is not None:
        before = parameter.detach()
        result.data.copy_(before + factor * (result.detach() - before))
    return result


def own_gradient(call: Call) -> Any:
    """A parameter moves by its own gradient, times the learning rate ``number``."""
    target = call.target if call.is_in_place else None
    parameter = target if target is not None else next((t for t in call.tensors if t.requires_grad), None)
    gradient = None if parameter is None else _gradient_of(parameter, call.memory)
    if parameter is None or gradient is None or call.number is None:
        return call.make()
    move = -call.number * gradient
    with torch.no_grad():
        return parameter.add_(move) if call.is_in_place else parameter + move


def _gradient_of(tensor: torch.Tensor, memory: Memory) -> torch.Tensor | None:
    """The gradient of a parameter, or of the part that a tensor looks at: what lies in ``.grad``, stale
    or not, else what the last pass computed."""
    whole = tensor._base if tensor._is_view() else tensor
    if whole is None or not whole.is_leaf or not whole.is_contiguous():
        return None
    found = memory.fresh.get(id(whole))
    gradient = whole.grad
    if gradient is None and found is not None:
        gradient = whole.new_tensor(found).reshape(whole.shape)
    return (
        None
        if gradient is None
        else gradient.contiguous().as_strided(tensor.size(), tensor.stride(), tensor.storage_offset())
    )


def write_back(call: Call) -> Any:
    """What an update made is written into the parameter itself, and that comes back."""
    result = call.make()
    parameter = call.parameter(result) if isinstance(result, torch.Tensor) else None
    if parameter is None or not parameter.is_leaf:
        return result
    with torch.no_grad():
        return parameter.copy_(result.detach())


def keep_first(call: Call) -> Any:
    """What an expression made in the first round of the loop comes back in each later one."""
    memory, place = call.memory, call.expression
    passes, visits = memory.visits.get(place, (memory.passes, 0))
    visit = visits if passes == memory.passes else 0
    memory.visits[place] = (memory.passes, visit + 1)
    kept = memory.made.setdefault(place, [])
    if visit < len(kept):
        return kept[visit]
    result = call.make()
    kept.append(result)
    return result


def backward_after(call: Call) -> Any:
    """The backward pass that is missing is made from what comes back."""
    result = call.make()
    if isinstance(result, torch.Tensor) and result.requires_grad and result.numel() == 1:
        torch.Tensor.backward(result)  # type: ignore[no-untyped-call]
    return result


def link_number(call: Call) -> Any:
    """A tensor that is made of a number which was read from another is that other one."""
    if call.op in ("Tensor.item", "Tensor.__float__") and call.target is not None:
        result = call.make()
        call.memory.read.clear()  # what is held here holds its graph
        call.memory.read[result] = call.target
        return result
    value = call.args[0] if call.args else None
    if call.op in _FACTORIES and isinstance(value, float) and value in call.memory.read:
        return call.memory.read[value]
    return call.make()


def update_unrecorded(call: Call) -> Any:
    """A leaf that requires grad, or an element of it, is changed in place under ``torch.no_grad()``."""
    target = call.target
    if call.is_in_place and target is not None and _is_leaf_or_look(target):
        return do_not_record(call)
    return call.make()


def _is_leaf_or_look(tensor: torch.Tensor) -> bool:
    whole = tensor._base if tensor._is_view() else tensor
    return whole is not None and whole.is_leaf and whole.requires_grad


def at_home(call: Call) -> Any:
    """Tensors are made and stay on the device of the data."""
    if call.op in _READS_MEMORY:
        return call.mapped(lambda t: t.detach().cpu()).make()
    if call.op.rpartition(".")[2] in (*ACCELERATORS, "cpu"):
        return homed(call.target, call.home)
    args = tuple(_home_device(a, call.home) for a in call.args)
    kwargs = {key: _home_device(value, call.home) for key, value in call.kwargs.items()}
    return homed(call.with_arguments(args, kwargs).make(), call.home)


def _home_device(value: Any, home: str) -> Any:
    name = value.partition(":")[0] if type(value) is str else None
    if isinstance(value, torch.device) or name in (*ACCELERATORS, "cpu"):
        return torch.device(home)
    return value


def homed(result: Any, home: str) -> Any:
    """The same tensor where the data are, a leaf still where it was one."""
    if not isinstance(result, torch.Tensor) or result.device.type == home:
        return result
    if result.is_leaf:
        return result.detach().to(home).requires_grad_(result.requires_grad)
    return result.to(home)
