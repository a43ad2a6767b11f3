"""Runs one submission under the recorder, in the process that was forked for it.

The functions that the server calls: ``prepare`` once in the warm process, then in a forked child either
``devices``, or ``run`` for as long as ``left_nothing`` says that another run may be made there.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import inspect
import linecache
import platform
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch.overrides import resolve_name

from grader.child import hooks, notebook, simulated, stand_in
from grader.child.available import available
from grader.child.failure import bound_to_none, describe_exception, frames_of
from grader.child.footprint import Footprint
from grader.child.interventions.around import Interventions
from grader.child.passes import Passes
from grader.child.recorder import Recorder
from grader.child.returns import Returns
from grader.child.seeds import Shift, seed_everything
from grader.child.values import decode, describe, describe_globals
from grader.child.views import Plain
from grader.child.watch import Watch

MOST_WARNINGS = 20


def prepare() -> None:
    """Do once, in the warm process, what every run would otherwise do first."""
    torch.set_num_threads(1)
    simulated.set_up()  # before the first backward pass: see there
    hooks.install()
    resolve_name(torch.Tensor.mul)
    seed_everything(0)  # NumPy imports its generators when they are first asked for
    leaf = torch.ones(1, requires_grad=True)
    torch.autograd.backward((leaf * torch.ones(2)).mean())
    with torch.no_grad():
        leaf -= 0.1 * leaf.grad  # type: ignore[operator]
    torch.nn.functional.mse_loss(leaf, leaf)
    _ = repr(leaf)
    _found[:] = [Footprint()]


_found: list[Footprint] = []
"""What the process was like before any submission was run in it."""


_LATE = (("torch.func", "torch._dynamo"), ("vmap", "torch._dynamo"), ("functorch", "torch._dynamo"))
"""What torch imports when such a name is first used: hundreds of modules, which take seconds."""


def get_ready(request: Plain) -> None:
    """Import in the warm process, once, what the submission would have each of its runs import anew. Its text
    is only a hint: what it does not need costs a moment, what it needs and is not here costs every run."""
    wanted = {module for name, module in _LATE if name in request["source"]} - sys.modules.keys()
    for module in sorted(wanted):
        importlib.import_module(module)
        gc.freeze()
    if wanted:
        _found[:] = [Footprint()]


def devices() -> list[str]:
    """The devices of this machine, the CPU first, the simulated one last where this torch allows it."""
    found = ["cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    if simulated.set_up():
        found.append(simulated.NAME)
    return found


def run(request: Plain) -> Plain:
    """Run one submission as a ``records.RunRequest`` says, and return its ``records.Trace``.

    The working directory is the run's own, and empty: the source is written there, so that the module
    has a ``__file__`` and tracebacks show its lines.
    """
    for footprint in _found:
        footprint.begin()
    made = _Run(request)
    trace = made.trace()
    with contextlib.suppress(Exception):  # then something is left, which is seen there
        made.clear()
    return trace


def left_nothing(trace: Plain | None) -> bool:
    """Whether the run that ``trace`` tells of left its process as it was, and another may be made there.

    What ended otherwise than by returning may still be held, by the exception; and torch and Python say some
    warnings once a process only.
    """
    if trace is None or trace["outcome"] != "returned" or trace["warnings"]:
        return False
    gc.collect()
    return all(footprint.is_unchanged() for footprint in _found)


class _Run:
    def __init__(self, request: Plain) -> None:
        self.request = request
        self.path = Path.cwd() / Path(request["name"]).name
        self.recorder = Recorder(str(self.path))
        self.watch = Watch(self.recorder, request["watch"], request["watch_from"])
        self.interventions = Interventions(
            request["interventions"], self.recorder.sites, request["device"].partition(":")[0]
        )
        self.passes = Passes(self.recorder, self.watch, self.interventions)
        self.shift = Shift(request["seed_shift"])
        self.warned: list[Plain] = []
        self.calls: list[Plain] = []
        self.result: Plain = {"outcome": "returned", "stage": "import"}
        self.shown, self.filters = warnings.showwarning, list(warnings.filters)
        self.module: tuple[str, ModuleType | None] | None = None
        """The name that the submission has among the modules, and what had it before."""

    def trace(self) -> Plain:
        started = time.perf_counter()
        self._set_up()
        try:
            self._execute()
        except SystemExit as error:
            self._exited(error)
        except BaseException as error:  # noqa: BLE001 - a submission may raise anything; all is told
            self._failed(error)
        self._tear_down()
        self.result["seconds"] = time.perf_counter() - started
        return self.result | self._recorded()

    def _set_up(self) -> None:
        source = self.request["source"]
        self.path.write_text(source, encoding="utf-8", errors="surrogateescape", newline="")
        linecache.cache[str(self.path)] = (
            len(source),
            None,
            source.splitlines(True),
            str(self.path),
        )
        warnings.simplefilter("default")
        warnings.showwarning = self._warned
        simulated.show(self.request["device"] == simulated.NAME)
        if self.request["device"] == simulated.NAME:
            self.recorder.perform = simulated.perform
        if self.request["stand_in"]:
            self.recorder.perform = stand_in.perform
        seed_everything(self.request["seed"])
        self.shift.install()

    def _tear_down(self) -> None:
        self.watch.stop()
        self.interventions.stop()
        self.passes.stop()
        hooks.Hooks.passes = None
        simulated.show(False)

    def clear(self) -> None:
        """Take away what the run itself put into the process. Raises what a submission's own objects raise
        that stand in the way."""
        warnings.showwarning = self.shown
        warnings.filters[:] = self.filters  # type: ignore[index]
        linecache.cache.pop(str(self.path), None)
        self.path.unlink()
        if self.module is not None:
            name, before = self.module
            if before is None:
                del sys.modules[name]
            else:
                sys.modules[name] = before

    def _execute(self) -> None:
        is_notebook = self.request["notebook"]
        flags = notebook.COMPILE_FLAGS if is_notebook else 0
        code = compile(self.request["source"], str(self.path), "exec", flags=flags, dont_inherit=True)
        script = self.request["entry"] is None
        module = ModuleType("__main__" if script else self.path.stem)
        module.__file__ = str(self.path)
        self.module = module.__name__, sys.modules.get(module.__name__)
        sys.modules[module.__name__] = module
        if is_notebook:
            notebook.set_up(module.__dict__)
        if script:
            self.result["stage"] = "call"
            self.recorder.begin("call")
        hooks.Hooks.passes = self.passes
        self.interventions.prepare(module.__dict__)
        self.interventions.start()
        self.interventions.lie_beneath(self.watch, self.recorder)
        self.watch.start()
        try:
            notebook.run(code, module.__dict__)
        except SystemExit as error:
            if not script or error.code not in (None, 0):
                raise
        finally:
            self._read_globals(module)
        if not script:
            self._call(module)

    def _read_globals(self, module: ModuleType) -> None:
        if self.request["names"]:
            with torch._C.DisableTorchFunction():
                scope = dict(module.__dict__)
                if self.request["entry"] is None:
                    scope = self.passes.scope | scope
                self.result["globals"] = describe_globals(
                    scope, self.request["names"], self.recorder.identities
                )

    def _call(self, module: ModuleType) -> None:
        function = getattr(module, self.request["entry"], None)
        told = [self.request["arguments"], *self.request["further"]]
        with torch._C.DisableTorchFunction():
            calls = [[decode(a, self.request["device"]) for a in arguments] for arguments in told]
            copies = [a.clone() if isinstance(a, torch.Tensor) else a for a in calls[0]]
        self.result["stage"] = "call"
        self.result["entry_missing"] = not callable(function)
        self.result["entry_problem"] = _problem(function, calls[0])
        if not callable(function) or self.result["entry_problem"]:
            return
        seed_everything(self.request["seed"])
        self.recorder.begin("call")
        self.passes.begin_stage()
        self.watch.begin_loop()
        if self.request["available"] is not None:
            self.recorder.perform = stand_in.only(self.request["available"])
        with available(self.request["available"]):
            for arguments in calls:
                self._call_once(function, arguments)
        with torch._C.DisableTorchFunction():
            self.result["inputs_changed"] = _changed(calls[0], copies)

    def _call_once(self, function: Callable[..., Any], arguments: list[Any]) -> None:
        in_full = self.request["in_full"]
        if in_full:
            self.calls.append(self._begun(arguments))
        returns = Returns(str(self.path), self.request["entry"])
        returned = returns.call(function, arguments) if in_full else function(*arguments)
        returned = self.interventions.returned(returned, self.passes.parameters)
        with torch._C.DisableTorchFunction():
            described = describe(returned, self.recorder.identities, in_full=in_full)
            self.result.setdefault("returned", described)
            if in_full:
                left = self._told(arguments)
                self.calls[-1] |= {"left": left, "returned": described, "returned_at": returns.line}

    def _begun(self, arguments: list[Any]) -> Plain:
        """A ``records.Call`` that has not returned."""
        with torch._C.DisableTorchFunction():
            given = self._told(arguments)
        first = {"first_event": len(self.recorder.events), "first_pass": self.recorder.passes}
        return {"given": given, **first}

    def _told(self, arguments: list[Any]) -> list[Plain]:
        return [describe(a, self.recorder.identities, in_full=True) for a in arguments]

    def _exited(self, error: SystemExit) -> None:
        self.result["outcome"] = "exited"
        self.result["exit_status"] = repr(error.code)[:100] if type(error.code) in (int, str) else "?"
        self.result["raised"] = describe_exception(error, self.recorder)

    def _failed(self, error: BaseException) -> None:
        self.watch.stop()
        frames = frames_of(error, self.recorder)
        self.recorder.learn_names(frames)
        self.result["none_names"] = bound_to_none(frames, self.passes.parameters.names(self.recorder.names))
        self.result["outcome"] = "raised"
        self.result["raised"] = describe_exception(error, self.recorder)

    def _warned(self, message: Warning | str, *_: Any, **__: Any) -> None:
        frame = self.recorder.sites.frame()
        if len(self.warned) < MOST_WARNINGS:
            line = None if frame is None else frame.f_lineno
            self.warned.append({"line": line, "message": str(message)[:400]})

    def _recorded(self) -> Plain:
        names = self.recorder.names
        return {
            "calls": self.calls,
            "seeds_shifted": self.shift.count,
            "sites": self.recorder.sites.described(),
            "events": self.recorder.events,
            "events_seen": self.recorder.events_seen,
            "backwards": self.passes.described(),
            "backward_count": self.recorder.passes if self.result["stage"] == "call" else 0,
            "slots": self.passes.parameters.described(names),
            "names": {str(number): name for number, name in list(names.items())[:200]},
            "graphs_alive": self.passes.retention.alive,
            "held_by": self.passes.retention.held_by,
            "held_at": self.passes.retention.held_at,
            "replaced": hooks.replaced(),
            "intervened": self.interventions.took_hold,
            "warnings": self.warned,
            "torch": torch.__version__,
            "python": platform.python_version(),
        }


def _problem(function: Callable[..., Any] | None, arguments: list[Any]) -> str | None:
    """Why the function cannot be called with these arguments by position."""
    if not callable(function):
        return None
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return None
    try:
        signature.bind(*arguments)
    except TypeError as error:
        return f"{signature}: {error}"[:300]
    return None


def _changed(arguments: list[Any], copies: list[Any]) -> list[int]:
    pairs = enumerate(zip(arguments, copies, strict=True))
    return [i for i, (a, b) in pairs if isinstance(a, torch.Tensor) and not _same(a, b)]


def _same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and a.dtype == b.dtype and bool((a.detach() == b).all())
