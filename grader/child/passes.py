"""Records backward passes: the loss, the graph behind it, and each parameter's gradients.

A pass is seen through ``Tensor.backward``, ``torch.autograd.backward`` and ``torch.autograd.grad``
(``hooks.py``). What a pass itself computed is the difference it makes to ``.grad``: so zeroing is judged
by what it does, however it is written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import torch

from grader.child.glance import Glance, glance_at
from grader.child.graph import Node, walk
from grader.child.interventions.around import Interventions
from grader.child.parameters import Parameters, State, Values, all_fresh
from grader.child.recorder import Recorder
from grader.child.retention import Retention
from grader.child.sites import scope_of
from grader.child.views import Plain, numbers, tensors_in
from grader.child.watch import Watch

FIRST = 8
"""So many passes are recorded; of later ones those where something changed, and samples."""
MOST_CHANGES = 60
MOST_LATE = 20
GRAPHS = 2
"""Of so many passes the graph is kept, to be drawn."""

Kind = Literal["backward", "grad"]
Perform = Callable[[bool], Any]
"""Makes the very pass; the graph is kept where the truth value says so."""


class Passes:
    """The backward passes of one run."""

    def __init__(self, recorder: Recorder, watch: Watch, interventions: Interventions) -> None:
        self.recorder = recorder
        self.interventions = interventions
        self.watch = watch
        self.parameters = Parameters(recorder.identities)
        self.retention = Retention()
        self.recorded: list[Plain] = []
        self.running = False
        """A pass is being made: the passes that it makes of its own are not the submission's."""
        self.scope: dict[str, object] = {}
        """What the submission held, by name, when its first pass began: a script's data may be there."""
        self._changes = 0
        self._late = 0
        self._pattern: tuple[object, ...] = ()
        self._keep_until = FIRST
        self._latest: Callable[[], Plain] | None = None
        self._glance: Glance | None = None
        self._glanced: Glance | None = None
        self._glanced_at = 0
        self._sample_at = 0
        """The pass that is recorded next, if nothing changes before."""
        self._look_at = 0
        """The pass that is looked at closely again, if nothing changes before."""

    def begin_stage(self) -> None:
        """A stage begins; what an earlier one did is no longer looked at."""
        self.parameters = Parameters(self.recorder.identities)
        self.retention = Retention()
        self.recorded = []
        self._changes, self._pattern, self._keep_until, self._latest = 0, (), FIRST, None
        self._glance = None

    def around(
        self,
        kind: Kind,
        outputs: Sequence[torch.Tensor],
        inputs: Sequence[torch.Tensor],
        retain_graph: bool,
        call: Perform,
    ) -> Any:
        """Make one pass for the submission, and record it."""
        if self.interventions.mode is not None:
            if self.interventions.skips(kind, outputs):
                return None
            retain_graph = retain_graph or self.interventions.keeps_graph
            with torch._C.DisableTorchFunction():
                self.interventions.before_pass(self.parameters)
        self.recorder.passes += 1
        self.recorder.calls_this_pass = 0
        glance = self._glance
        if glance is not None:
            early = self.recorder.passes < self._look_at and not self.watch.close
            if early and kind == "backward" and not inputs and glance.before():
                return self._glance_over(glance, outputs, retain_graph, call)
            self._look_up()
        with torch._C.DisableTorchFunction():
            record = self._open(kind, outputs, retain_graph)
            reached, leaves, walked = self._reached(record, outputs, inputs)
            states = self.parameters.before(reached, leaves)
        self.running = True
        try:
            result = call(retain_graph)
        except Exception as error:
            self._failed(error, record, states)
            raise
        finally:
            self.running = False
        with torch._C.DisableTorchFunction():
            fresh = None
            if kind == "grad":
                fresh = _returned(result, len(states))
                record["gradients"] = [self.recorder.identities.of(t) for t in tensors_in([result])]
            self.parameters.after(states, fresh)
            self._close(record, states, outputs, may_differ=not walked and not inputs)
        return result

    def _look_up(self) -> None:
        """What was glanced at is to be looked at closely from now on."""
        if self._glance is not None:
            self._glance.settle()
            self._glance = None

    def stop(self) -> None:
        """The run is over."""
        self._look_up()
        self.retention.stop()

    def _glance_over(
        self, glance: Glance, outputs: Sequence[torch.Tensor], retain_graph: bool, call: Perform
    ) -> Any:
        """Make a pass of a loop that goes on as it did; it is recorded closely where it does not."""
        number = self.recorder.passes
        record = None
        if number == self._sample_at:
            with torch._C.DisableTorchFunction():
                record = self._open("backward", outputs, retain_graph)
        else:
            self.retention.pass_by(number, outputs[0] if outputs else None)
        self.running = True
        try:
            result = call(retain_graph)
        except Exception as error:
            with torch._C.DisableTorchFunction():
                states = self._seen_before(glance)
                self._failed(error, record or self._open("backward", outputs, retain_graph), states)
            raise
        finally:
            self.running = False
        if not glance.after():
            with torch._C.DisableTorchFunction():
                states = self._seen_before(glance)
                record = record or self._open("backward", outputs, retain_graph)
                self.parameters.after(states, None)
                self._close(record, states, outputs, may_differ=True)
        elif record is None:
            self._glanced_at, self._latest = number, self._of_a_glance
        else:
            self._sample(glance, record)
        return result

    def _sample(self, glance: Glance, record: Plain) -> None:
        """Record a pass that there was but a glance at."""
        self.recorded.append({**record, "slots": glance.described(self.recorder.identities, moved=True)})
        self._latest = None
        self._sample_at = self._next_kept(record["step"])
        if self.retention.is_watching:
            self._look_up()

    def _next_kept(self, number: int) -> int:
        return number + 1 if number < self._keep_until else _next_sample(number)

    def _seen_before(self, glance: Glance) -> list[State]:
        self._look_up()
        return [self.parameters.seen(place, *read) for place, read in enumerate(glance.seen())]

    def _failed(self, error: Exception, record: Plain, states: list[State]) -> None:
        record["raised"] = f"{type(error).__name__}: {error}"[:600]
        self.recorder.raised = (error, record["event"])
        self.parameters.commit(states)
        self.recorded = [*self.described(), _described(record, states)]
        self._latest = None

    def _close(
        self, record: Plain, states: list[State], outputs: Sequence[torch.Tensor], may_differ: bool
    ) -> None:
        """A pass is done: count it, keep it if it says anything new, and say how the next is watched.
        ``may_differ``: its graph was not walked, and may have other leaves than those that were looked at."""
        if may_differ and not all_fresh(states):
            states = self.parameters.corrected(states, self._walk(record, outputs))
        self.parameters.commit(states)
        number = self.recorder.passes
        changed = self._keep(record, states)
        if self.interventions.mode is not None:
            self.interventions.after_pass(outputs, states, self.parameters)
        self.watch.after_pass(number, changed)
        self._sample_at = self._next_kept(number)
        self._look_at = self.watch.next_look(number)
        calm = self.interventions.mode is None and not self.retention.is_watching
        if calm and self._look_at > number + 1 and record["kind"] == "backward":
            self._glance = glance_at(self.parameters.slots, states)
            self._glanced = self._glance or self._glanced

    def _of_a_glance(self) -> Plain:
        """The latest pass, which there was but a glance at."""
        slots = self._glanced.described(self.recorder.identities, moved=False) if self._glanced else []
        return {
            "step": self._glanced_at,
            "event": len(self.recorder.events),
            "site": None,
            "stack": [],
            "kind": "backward",
            "retain_graph": False,
            "loss": None,
            "slots": slots,
        }

    def described(self) -> list[Plain]:
        """The passes that were kept, and the last one: every ``records.Backward``."""
        last = [] if self._latest is None else [self._latest()]
        return self.recorded + last

    def _open(self, kind: Kind, outputs: Sequence[torch.Tensor], retain_graph: bool) -> Plain:
        frames = self.recorder.sites.frames()
        if self.recorder.passes <= GRAPHS:
            self.recorder.learn_names(frames)
        if self.recorder.passes == 1:
            self.scope = scope_of(frames)
        loss = outputs[0] if outputs else None
        self.retention.graph(self.recorder.passes, loss, frames)
        return {
            "step": self.recorder.passes,
            "event": len(self.recorder.events),
            "site": self.recorder.sites.number(frames[0]) if frames else None,
            "stack": [frame.f_lineno for frame in frames],
            "kind": kind,
            "retain_graph": retain_graph,
            "loss": None if loss is None else self.recorder.identities.view(loss),
        }

    def _reached(
        self, record: Plain, outputs: Sequence[torch.Tensor], inputs: Sequence[torch.Tensor]
    ) -> tuple[list[torch.Tensor], list[torch.Tensor], bool]:
        """The parameters that a pass will reach, all the leaves of its graph, and whether it was walked.

        A loop that is watched from afar is taken at its word for as long as all the parameters known so
        far get their gradients: the graph is not walked, but looked at again after the pass if one got none.
        """
        if not self.watch.close and self._is_as_before(inputs):
            known = list(inputs) or self.parameters.known_leaves()
            return known, self.parameters.known_leaves(), False
        leaves = self._walk(record, outputs)
        return list(inputs) or leaves, leaves, True

    def _walk(self, record: Plain, outputs: Sequence[torch.Tensor]) -> list[torch.Tensor]:
        seen = walk(list(outputs))
        record["graph_size"] = seen.size
        if self.recorder.passes <= GRAPHS:
            record["graph"] = [self._node(node) for node in seen.drawn()]
        return seen.leaves

    def _is_as_before(self, inputs: Sequence[torch.Tensor]) -> bool:
        if inputs:
            return self.parameters.knows(inputs)
        return self.parameters.all_got_gradient()

    def _node(self, node: Node) -> Plain:
        leaf = None if node.leaf is None else self.recorder.identities.of(node.leaf)
        return {"id": node.id, "name": node.name, "inputs": node.inputs, "tensor": leaf}

    def _keep(self, record: Plain, states: list[State]) -> bool:
        """Keep the pass if it says anything new; tell whether the loop changed its ways."""
        number = record["step"]
        pattern = _pattern(states)
        changed = pattern != self._pattern
        self._pattern = pattern
        if changed and self._changes < MOST_CHANGES:
            self._changes += 1
            self._keep_until = max(self._keep_until, number + 1)
        if number <= self._keep_until or _is_sample(number) or self._is_late(number):
            self.recorded.append(_described(record, states))
            self._latest = None
        else:
            self._latest = lambda: _described(record, states)
        return changed

    def _is_late(self, number: int) -> bool:
        if not self.watch.is_late(number) or self._late >= MOST_LATE:
            return False
        self._late += 1
        return True


def _returned(result: Any, count: int) -> list[Values]:
    grads = list(result) if isinstance(result, (tuple, list)) else []
    values = [numbers(g) if isinstance(g, torch.Tensor) else None for g in grads]
    return values if len(values) == count else [None] * count


def _pattern(states: list[State]) -> tuple[object, ...]:
    """What a pass looked like, its numbers left aside."""
    return tuple(
        (s.place, s.tensor, _kind_of(s.carried), s.before is None, _kind_of(s.value)) for s in states
    )


def _kind_of(values: Values) -> str:
    if values is None or not any(values):
        return "nothing"
    return "finite" if all(math.isfinite(value) for value in values) else "not finite"


def _is_sample(number: int) -> bool:
    """About ten an octave: 8, 9, … 15, 16, 18, … 30, 32, 36, …"""
    spacing = 1 << max(0, number.bit_length() - 4)
    return number % spacing == 0


def _next_sample(number: int) -> int:
    """The first sample after a pass."""
    following = number + 1
    spacing = 1 << max(0, following.bit_length() - 4)
    return -(-following // spacing) * spacing


def _described(record: Plain, states: list[State]) -> Plain:
    return {**record, "slots": [state.described() for state in states]}
