"""All that is done otherwise in one run: on calls, around backward passes, and on the whole."""

from __future__ import annotations

import builtins
import sys
import weakref
from collections.abc import Sequence
from typing import Any

import torch
from torch import overrides

from grader.child.interventions.call import Memory
from grader.child.interventions.mode import Intervening
from grader.child.parameters import Parameters, State
from grader.child.recorder import Recorder
from grader.child.sites import Sites
from grader.child.views import Plain
from grader.child.watch import Watch


class Interventions:
    """What a run's request asks for; nothing where it asks for nothing."""

    def __init__(self, wanted: list[Plain], sites: Sites, home: str) -> None:
        self._by_kind = {each["kind"]: each for each in wanted}
        self._memory = Memory()
        self._sites = sites
        self._walked: weakref.ref[torch.Tensor] | None = None
        self.mode = Intervening(wanted, sites, home, self._memory) if wanted else None

    def start(self) -> None:
        """Look at the submission's torch calls from now on."""
        if self.mode is not None:
            overrides._push_mode(self.mode)  # type: ignore[no-untyped-call]

    def lie_beneath(self, watch: Watch, recorder: Recorder) -> None:
        """Let the recorder lie on top, and change only what it was asked for by the submission."""
        if self.mode is not None:
            watch.beneath = self.mode
            self.mode.beneath_recorder = lambda: watch.close
            recorder.perform = self.mode.performing(recorder.perform)

    def stop(self) -> None:
        """Look no longer, where no other mode lies on top."""
        if self.mode is not None and overrides._get_current_function_mode() is self.mode:  # type: ignore[no-untyped-call]
            overrides._pop_mode()  # type: ignore[no-untyped-call]

    def made(self, result: Any) -> Any:
        """What comes back of a tensor that was made where no mode looks."""
        if self.mode is None:
            return result
        with torch._C.DisableTorchFunction():
            return self.mode.made(result)

    # --- around backward passes ------------------------------------------------------------------

    def skips(self, kind: str, outputs: Sequence[torch.Tensor]) -> bool:
        """Whether a backward pass is not made: its graph was walked already."""
        if "skip-repeated" not in self._by_kind or kind != "backward" or not outputs:
            return False
        if self._walked is not None and self._walked() is outputs[0]:
            self._took_hold("skip-repeated")
            return True
        self._walked = weakref.ref(outputs[0])
        return False

    @property
    def keeps_graph(self) -> bool:
        """Whether a graph may be walked again."""
        return "skip-repeated" in self._by_kind

    def before_pass(self, parameters: Parameters) -> None:
        """What is done when a pass is about to be made."""
        self._memory.passes += 1
        if "clear-stale" in self._by_kind and parameters.clear_stale():
            self._took_hold("clear-stale")

    def after_pass(
        self, outputs: Sequence[torch.Tensor], states: list[State], parameters: Parameters
    ) -> None:
        """What is done when a pass has been made and recorded."""
        if "release-graph" in self._by_kind:
            self._took_hold("release-graph")
            for output in outputs:
                output.detach_()
        self._memory.fresh |= parameters.fresh(states)
        step = self._by_kind.get("apply-update")
        if step is not None:
            for state in states:
                if state.place in step["slots"] and state.fresh is not None:
                    self._took_hold("apply-update")
                    parameters.move(state, -step["number"])

    # --- on the whole ------------------------------------------------------------------------------

    def prepare(self, scope: dict[str, Any]) -> None:
        """Give a module a ``range`` that runs on at the line of the loop that stops too soon."""
        wanted = self._by_kind.get("more-steps")
        if wanted is not None:
            lines = {position["line"] for position in wanted["positions"]}
            scope["range"] = self._longer_range(lines, int(wanted["number"]))

    def returned(self, value: Any, parameters: Parameters) -> Any:
        """What a function hands back."""
        wanted = self._by_kind.get("return-parameters")
        if wanted is None:
            return value
        self._took_hold("return-parameters")
        return tuple(parameters.standing_in(wanted["slots"]))

    @property
    def took_hold(self) -> list[str]:
        """The kinds that did anything."""
        return sorted(self._memory.took_hold)

    def _took_hold(self, kind: str) -> None:
        self._memory.took_hold.add(kind)

    def _longer_range(self, lines: set[int], steps: int) -> Any:
        def longer(*bounds: int) -> range:
            caller = sys._getframe(1)
            asked = builtins.range(*bounds)
            here = caller.f_code.co_filename == self._sites.filename and caller.f_lineno in lines
            if not here or len(asked) >= steps:
                return asked
            self._took_hold("more-steps")
            return builtins.range(steps)

        return longer
