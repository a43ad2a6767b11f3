"""A simulated accelerator: a device named ``sim``, on which device mistakes show as they would on CUDA.

``set_up`` is called once, in the warm process, before it forks: what it registers lives on in every child.
No thread is needed and none is started, forward or backward. See docs/simulated-device.md.
"""

from __future__ import annotations

from typing import Any

import torch

from grader.child.simulated import generators, kernels, memory, module, recurrent, refusals
from grader.child.simulated.crossing import NAME
from grader.child.simulated.module import show
from grader.child.simulated.replacing import perform

__all__ = ["NAME", "perform", "reason", "set_up", "show"]

_state: dict[str, Any] = {"tried": False, "works": False, "libraries": []}


def set_up() -> bool:
    """Make the device, once a process. False where this torch cannot have it; why is in ``reason``.

    It is to be called on the thread that will run backward passes, and before anything else has run one
    where an accelerator was registered: autograd makes its threads at the first pass, one a device.
    """
    if not _state["tried"]:
        _state["tried"] = True
        try:
            _make()
            _warm()
            _state["works"] = True
        except Exception as error:  # noqa: BLE001 - an experimental API may fail in any way: no device then
            _state["reason"] = f"{type(error).__name__}: {error}"[:300]
    return bool(_state["works"])


def reason() -> str:
    """Why ``set_up`` returned False; empty where it did not."""
    return str(_state.get("reason", ""))


def _make() -> None:
    from torch.utils import backend_registration

    _run_backward("cpu")  # autograd counts the devices now, and makes a thread for none
    backend_registration._setup_privateuseone_for_python_backend(
        NAME, backend_module=module.SimulatedModule()
    )
    _register()
    torch.autograd.set_multithreading_enabled(False)
    module.put_in_place()
    generators.set_up()


def _register() -> None:
    """The fallback, and the same for operators with a kernel that would be taken before it."""
    library: Any = torch.library.Library
    everything = library("_", "IMPL", "PrivateUse1")
    everything.fallback(kernels.fallback)
    everything.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
    aten = library("aten", "IMPL", "PrivateUse1")
    own = memory.KERNELS | recurrent.KERNELS
    for name, kernel in own.items():
        aten.impl(name, kernel)
    for name in memory.VIEWS:
        aten.impl(name, memory.same_view(kernels.operator(name)))
    for name in kernels.composed():
        if name not in own and name not in memory.VIEWS:
            aten.impl(name, kernels.late(name))
    host = library("aten", "IMPL", "CPU")
    host.impl("_pin_memory", module.pin_memory)
    _state["libraries"] += [everything, aten, host]


def _run_backward(device: str) -> None:
    leaf = torch.ones(1, device=device, requires_grad=True)
    torch.autograd.backward((leaf * 2).sum())


def _warm() -> None:
    """Do once what every run would otherwise do first."""
    _run_backward(NAME)
    refusals.operators_listed()
    _ = repr(torch.ones(2, device=NAME))
