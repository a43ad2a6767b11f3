"""Every other kernel of the simulated device: the CPU's, run over the same bytes.

One function stands behind all operators (torch calls it a boxed fallback). What an operator writes, makes
or only looks at is read once from its schema.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from grader.child.simulated import refusals
from grader.child.simulated.crossing import to_device, to_host
from grader.child.simulated.generators import lent_to_the_host
from grader.child.simulated.memory import CPU_KERNELS, host_empty, look_at, place, same_view

Tensor = torch.Tensor
Arguments = tuple[Any, ...]
Keywords = dict[str, Any]

_host = torch.device("cpu")
_watched = torch._C._is_torch_function_mode_enabled
"""Whether a function mode (the recorder) would see what the kernels call."""
_TENSORS = ("Tensor", "Optional[Tensor]")
_AS_THEY_ARE = frozenset({bool, int, float, complex, torch.dtype, str})
_UNMADE = object()
"""In a result's place: there is none yet."""
_NOT_A_TENSOR = "Expected a value of type 'Tensor' for argument"
_NOT_RESIZABLE = "storage that is not resizable"


class Operator:
    """One operator, run on the CPU."""

    def __init__(self, op: Any) -> None:
        self.op = op
        self.kernel = (
            op._op
        )  # takes a number for a tensor, as it arrives here where a tensor was mixed with one
        arguments = op._schema.arguments
        written = [a for a in arguments if a.alias_info is not None and a.alias_info.is_write]
        positions = {a.name: i for i, a in enumerate(arguments)}
        self.outs = [a.name for a in written if a.kwarg_only]
        self.returned = [_written_by(r, written, positions) for r in op._schema.returns]
        """For each value returned: which argument it is, or None for a new one."""
        self.makes_one = self.returned == [None]
        self.cpu = op._handle.redispatch_boxed
        """The CPU's kernel itself. It takes no number for a tensor."""
        self.wanted = [str(a.type) in _TENSORS for a in arguments if not a.kwarg_only]
        self.refuse = refusals.rule_of(op)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.outs:
            return self._into_outs(args, kwargs)
        results = _UNMADE if kwargs or _watched() else self._at_once(args)
        if results is _UNMADE:
            results = self._run(args, kwargs, {})
        return on_device(results) if self.makes_one else self._results(args, kwargs, results)

    def _at_once(self, args: Arguments) -> Any:
        """The CPU's results, where that needs no more than to take each tensor there: no other device's, and
        no lists but of numbers. Else ``_UNMADE``."""
        hosts: list[Any] = []
        numbers = False
        for value, wants_tensor in zip(args, self.wanted, strict=False):
            kind = type(value)
            if kind is Tensor or kind is torch.nn.Parameter:
                if value.is_cpu:
                    return _UNMADE
                hosts.append(to_host(value))
            elif kind in _AS_THEY_ARE:
                numbers = numbers or wants_tensor
                hosts.append(value)
            elif value is None or (kind is list and _AS_THEY_ARE.issuperset(map(type, value))):
                hosts.append(value)
            else:
                return _UNMADE
        return self._call(hosts, {}) if numbers else self.cpu(CPU_KERNELS, *hosts)

    def _run(self, args: Arguments, kwargs: Keywords, outs: dict[str, Tensor]) -> Any:
        move = _Move()
        host_args = [move(a) for a in args]
        host_kwargs = {k: move(v) for k, v in kwargs.items()} if kwargs else kwargs
        if move.met_host:
            self.refuse(self.op, args, kwargs)
        if outs:
            host_kwargs = host_kwargs | outs
        if not move.generators and not _watched():
            return self._call(host_args, host_kwargs)
        with lent_to_the_host(move.generators), torch._C.DisableTorchFunction():
            return self._call(host_args, host_kwargs)

    def _call(self, args: list[Any], kwargs: Keywords) -> Any:
        try:
            return self.kernel(*args, **kwargs)
        except RuntimeError as error:
            if _NOT_A_TENSOR not in str(error):
                raise
        return self.kernel(*self._without_numbers(args), **kwargs)

    def _without_numbers(self, args: list[Any]) -> list[Any]:
        """A number that torch had made a tensor of arrives as a number; most operators take it back."""
        tensor = next(a for a in args if isinstance(a, Tensor))
        return [
            torch.scalar_tensor(value, dtype=torch.result_type(tensor, value))
            if isinstance(value, (bool, int, float, complex)) and str(argument.type) == "Tensor"
            else value
            for value, argument in zip(args, self.op._schema.arguments, strict=False)
        ]

    def _results(self, args: Arguments, kwargs: Keywords, results: Any) -> Any:
        """What the operator returns on the device: the arguments that it wrote, the rest moved there."""
        if not self.returned:
            return None
        if len(self.returned) == 1:
            return _result(self.returned[0], args, kwargs, results)
        pairs = zip(self.returned, results, strict=True)
        return tuple(_result(where, args, kwargs, value) for where, value in pairs)

    def _into_outs(self, args: Arguments, kwargs: Keywords) -> Any:
        """Where an ``out=`` is too small, the CPU cannot enlarge memory that it only looks at: it writes
        into new memory then, and the tensor is made to look at that."""
        outs = {name: kwargs[name] for name in self.outs if kwargs.get(name) is not None}
        hosts = {name: _new(out) if out.numel() == 0 else _Move()(out) for name, out in outs.items()}
        try:
            results = self._run(args, kwargs, hosts)
        except RuntimeError as error:
            if _NOT_RESIZABLE not in str(error):
                raise
            hosts = {name: _new(out) for name, out in outs.items()}
            results = self._run(args, kwargs, hosts)
        for name, out in outs.items():
            _follow(out, hosts[name])
        return self._results(args, kwargs, results)


class _Move:
    """Takes arguments to the CPU, and notes those that were there before."""

    __slots__ = ("generators", "met_host")

    def __init__(self) -> None:
        self.met_host = False
        self.generators: list[torch.Generator] = []

    def __call__(self, value: Any) -> Any:
        if isinstance(value, Tensor):
            if not value.is_cpu:
                return to_host(value)
            self.met_host = True
        elif isinstance(value, (list, tuple)):
            return [self(item) for item in value]
        elif isinstance(value, torch._C.Generator):
            refusals.check_generator(value)
            self.generators.append(value)
        elif isinstance(value, torch.device):
            return _host
        return value


def on_device(value: Any) -> Any:
    """A CPU kernel's result: its tensors on the simulated device."""
    if isinstance(value, Tensor):
        return to_device(value.resolve_conj() if value.is_complex() else value)
    if isinstance(value, (list, tuple)):
        return [on_device(item) for item in value]
    return value


def _written_by(returned: Any, written: list[Any], positions: dict[str, int]) -> tuple[int, str] | None:
    if returned.alias_info is None:
        return None
    for argument in written:
        if argument.alias_info.before_set & returned.alias_info.before_set:
            return positions[argument.name], argument.name
    return None


def _result(where: tuple[int, str] | None, args: Arguments, kwargs: Keywords, value: Any) -> Any:
    if where is None:
        return on_device(value)
    position, name = where
    return args[position] if position < len(args) else kwargs[name]


def _new(out: Tensor) -> Tensor:
    return host_empty(out.shape if out.numel() == 0 else (0,), out.dtype)


def _follow(out: Tensor, host: Tensor) -> None:
    """Take over what the CPU kernel made of an ``out=``: new memory, or other sizes of the same."""
    if out.is_cpu:
        return
    if out.data_ptr() != host.data_ptr():
        look_at(out, to_device(host))
    elif out.shape != host.shape or out.stride() != host.stride():
        place(out, out, int(out.storage_offset()), host.shape, host.stride())


def kernel_of(op: Any) -> Callable[..., Any]:
    """The simulated device's kernel of any operator that has none of its own."""
    looks = any(r.alias_info is not None and not r.alias_info.is_write for r in op._schema.returns)
    return same_view(op) if looks else Operator(op)


_kernels: dict[Any, Callable[..., Any]] = {}


def fallback(op: Any, *args: Any, **kwargs: Any) -> Any:
    """Behind every operator that nothing else was registered for."""
    kernel = _kernels.get(op)
    if kernel is None:
        kernel = _kernels[op] = kernel_of(op)
    return kernel(*args, **kwargs)


WHOLE = ("convolution", "convolution_backward")
"""Operators whose common kernel chooses by device: run whole, they choose as on the CPU."""


def composed() -> list[str]:
    """Operators whose common kernel would be taken before the fallback, and is not what the CPU runs."""
    names = [n for n in torch._C._dispatch_get_all_op_names() if n.startswith("aten::")]
    found = [n.removeprefix("aten::") for n in names if _runs_otherwise(n)]
    return [n for n in [*found, *WHOLE] if not _changes_sizes(n)]


def _runs_otherwise(name: str) -> bool:
    has = torch._C._dispatch_has_kernel_for_dispatch_key
    if has(name, "CompositeExplicitAutogradNonFunctional"):
        return True
    common = has(name, "CompositeExplicitAutograd") or has(name, "CompositeImplicitAutograd")
    return common and has(name, "CPU")


def _changes_sizes(name: str) -> bool:
    """``t_`` and its like change only what a tensor says of itself: the common kernel does that here."""
    return name.endswith("_") and torch.Tag.inplace_view in operator(name).tags


def operator(name: str) -> Any:
    """``add.Tensor``: the operator of that name."""
    base, _, overload = name.partition(".")
    return getattr(getattr(torch.ops.aten, base), overload or "default")


def late(name: str) -> Callable[..., Any]:
    """The kernel of an operator, made when it is first called: there are hundreds."""
    kernel: Callable[..., Any] | None = None

    def function(*args: Any, **kwargs: Any) -> Any:
        nonlocal kernel
        if kernel is None:
            kernel = kernel_of(operator(name))
        return kernel(*args, **kwargs)

    return function
