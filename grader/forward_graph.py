"""The forward pass behind a run's first backward pass, as a graph to draw.

Drawn are the calls that made the loss, with the data and the parameters that went in. Where they do not lead
to the leaves that autograd itself found behind the loss (something happened that was not seen), drawn is what
autograd found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from grader.cut import cut, looked_at, missed, unreached
from grader.evidence import Evidence
from grader.lineage import GRADIENT_READ
from grader.records import NAMELESS, NO_GRAD, Backward, DrawnNode, Event, GraphNode, SlotState, TensorView
from grader.words import number, shape

MOST_NODES = 40
FIRST_NODES = 12
"""Of a graph that was too large to be told in full only these, the nearest to the loss, are drawn: it is a
chain as long as a loop over the data."""
LONGEST_LABEL = 24
NAMES = {
    "rsub": "sub", "radd": "add", "rmul": "mul", "rpow": "pow", "rtruediv": "div", "truediv": "div",
    "iadd": "add", "isub": "sub", "imul": "mul", "true_divide": "div", "multiply": "mul", "subtract": "sub",
}  # fmt: skip
"""Other names of the operations that the lesson knows."""

Nodes = tuple[DrawnNode, ...]


def forward_graph(run: Evidence) -> tuple[Nodes, int]:
    """The graph to draw, and how many more nodes it had; nothing where no backward pass was begun."""
    backward = looked_at(run)
    if backward is None or backward.loss is None:
        return (), 0
    seen = _Calls(run, backward).nodes()
    nodes = seen if _agree(seen, backward) else _recorded(run, backward)
    return (*nodes.known.values(), *_missing(run, nodes)), nodes.left_out


@dataclass
class _Nodes:
    """The nodes that were found; a node is named by what it stands for: a tensor's or a record's number."""

    known: dict[object, DrawnNode] = field(default_factory=dict)
    left_out: int = 0

    def reached(self) -> set[object]:
        """What the parameters stand for that a backward pass gets to from the loss."""
        names = {node.id: name for name, node in self.known.items()}
        seen: set[int] = set()
        pending = [0]
        while pending:
            number = pending.pop()
            node = self.known.get(names.get(number))
            if number not in seen and node is not None and node.tracked:
                seen.add(number)
                pending += node.inputs
        return {names[n] for n in seen if self.known[names[n]].kind == "parameter"}


def _agree(nodes: _Nodes, backward: Backward) -> bool:
    """Whether the calls lead to the very leaves that autograd found. Of a graph that was too large to be told
    in full, at least to those that got a gradient."""
    if backward.graph_size is None:
        return True
    reached = nodes.reached()
    if backward.graph_size == len(backward.graph) and not nodes.left_out:
        return reached == {node.tensor for node in backward.graph if node.tensor is not None}
    return reached >= {state.tensor for state in backward.slots}


# --- from the calls -----------------------------------------------------------------------------


class _Calls:
    """Follows the recorded calls from a loss back to what went in, breadth first."""

    def __init__(self, run: Evidence, backward: Backward) -> None:
        self.run = run
        self.backward = backward
        self.states = _states(backward)
        self.found = _Nodes()
        self.pending: list[TensorView] = []
        self.numbers: dict[int, int] = {}
        self.cut = cut(run, backward, unreached(run) or run.parameter_leaves)
        self.history: dict[int, bool] = {}
        self.plain = {view.id for view in run.plain_parameters}

    def nodes(self) -> _Nodes:
        loss = self.backward.loss
        if loss is None:
            return self.found
        self.found.known["loss"] = DrawnNode(
            id=0,
            kind="loss",
            label=_label(self.run.call_it(loss, "loss")),
            note=number(loss.values[0]) if loss.values and len(loss.values) == 1 else shape(loss.shape),
            line=self.run.source.place(self.run.line(self.backward)),
            inputs=(self._number(loss),),
            tracked=loss.requires_grad,
        )
        while self.pending:
            self._visit(self.pending.pop(0))
        return self.found

    def _number(self, view: TensorView) -> int:
        if view.id not in self.numbers:
            self.numbers[view.id] = len(self.numbers) + 1
            self.pending.append(view)
        return self.numbers[view.id]

    def _visit(self, view: TensorView) -> None:
        if len(self.found.known) >= MOST_NODES:
            self.found.left_out += 1
            return
        birth = self._birth(view)
        node = self._leaf(view) if birth is None else self._operation(view, birth)
        self.found.known[view.id] = node

    def _birth(self, view: TensorView) -> Event | None:
        """The call to draw for a tensor; None where it is drawn as what went in."""
        birth = self.run.lineage.birth_of(view.id)
        if view.leaf and view.requires_grad and not self._comes_from_cut(view, birth):
            return None
        if birth is None or birth.index >= self.backward.event or birth.op == GRADIENT_READ:
            return None
        if self._comes_from_cut(view, birth):
            return birth
        if not birth.inputs or (not view.requires_grad and self._is_data(view)):
            return None
        return birth

    def _comes_from_cut(self, view: TensorView, birth: Event | None) -> bool:
        """Whether the history of this tensor was lost when it was made."""
        if birth is None or self.cut is None:
            return False
        if birth.index == self.cut.index:
            return True
        is_loss = self.backward.loss is not None and view.id == self.backward.loss.id
        return is_loss and not birth.inputs and self.cut.index < birth.index

    def _is_data(self, view: TensorView) -> bool:
        """Whether a tensor without history is drawn as data: it has a name, and nothing behind it learns."""
        named = self.run.call_it(view, "") != ""
        return named and not self._has_history(view)

    def _has_history(self, view: TensorView) -> bool:
        if view.id not in self.history:
            calls = self.run.lineage.ancestors(view)
            self.history[view.id] = any(v.requires_grad for call in calls for v in call.inputs)
        return self.history[view.id]

    def _operation(self, view: TensorView, birth: Event) -> DrawnNode:
        untracked = not view.requires_grad and any(given.requires_grad for given in birth.inputs)
        lost = untracked or self._comes_from_cut(view, birth)
        inputs = list(birth.inputs) or (list(self.cut.inputs[:1]) if self.cut else [])
        by = self.cut if not birth.inputs and self.cut is not None else birth
        return DrawnNode(
            id=self.numbers[view.id],
            kind="cut" if lost else "operation",
            label=_operation_label(by.op),
            note=self._named(view),
            line=self.run.source.place(self.run.line(by)),
            inputs=tuple(dict.fromkeys(self._number(given) for given in inputs)),
            tracked=view.requires_grad and not lost,
        )

    def _leaf(self, view: TensorView) -> DrawnNode:
        is_parameter = view.leaf and view.requires_grad
        if view.id in self.plain:
            name = _label(self.run.call_it(view, NAMELESS))
            return DrawnNode(id=self.numbers[view.id], kind="missing", label=name, note=NO_GRAD)
        return DrawnNode(
            id=self.numbers[view.id],
            kind="parameter" if is_parameter else "data",
            label=_label(self._name_of_leaf(view)),
            note=_of_leaf(view, self.states.get(view.id)),
            tracked=is_parameter,
        )

    def _name_of_leaf(self, view: TensorView) -> str:
        birth = self.run.lineage.birth_of(view.id)
        if birth is not None and birth.op == GRADIENT_READ and birth.inputs:
            return f"{self.run.call_it(birth.inputs[0], NAMELESS)}.grad"
        return self.run.call_it(view, NAMELESS)

    def _named(self, view: TensorView) -> str:
        name = self.run.call_it(view, "")
        loss = self.backward.loss
        is_loss = loss is not None and view.id == loss.id
        return f"{_label(name)} {shape(view.shape)}" if name and not is_loss else shape(view.shape)


# --- from autograd's own graph ------------------------------------------------------------------


def _recorded(run: Evidence, backward: Backward) -> _Nodes:
    """The graph as it was walked: it knows no data and no lines."""
    loss = backward.loss
    states = _states(backward)
    is_whole = backward.graph_size == len(backward.graph)
    given = backward.graph[: MOST_NODES if is_whole else FIRST_NODES]
    known = {node.id for node in given}
    found = _Nodes(left_out=max(0, (backward.graph_size or 0) - len(given)))
    found.known["loss"] = DrawnNode(
        id=0,
        kind="loss",
        label=_label(run.call_it(loss, "loss") if loss else "loss"),
        note=number(loss.values[0]) if loss and loss.values and len(loss.values) == 1 else "",
        line=run.source.place(run.line(backward)),
        inputs=(given[0].id + 1,) if given else (),
        tracked=bool(loss and loss.requires_grad),
    )
    for node in given:
        inputs = tuple(dict.fromkeys(number + 1 for number in node.inputs if number in known))
        name = ("node", node.id) if node.tensor is None else node.tensor
        found.known[name] = _recorded_node(run, node, inputs, states)
    return found


def _recorded_node(
    run: Evidence, node: GraphNode, inputs: tuple[int, ...], states: Mapping[int | None, SlotState]
) -> DrawnNode:
    if node.tensor is None:
        label = _label(_plain(node.name))
        return DrawnNode(id=node.id + 1, kind="operation", label=label, inputs=inputs, tracked=True)
    label, note = _label(run.call_it(node.tensor, NAMELESS)), _of_state(states.get(node.tensor))
    return DrawnNode(id=node.id + 1, kind="parameter", label=label, note=note, inputs=inputs, tracked=True)


# --- what the loss does not depend on -----------------------------------------------------------


def _missing(run: Evidence, nodes: _Nodes) -> list[DrawnNode]:
    """The parameters that autograd does not find behind the loss. One that was drawn, on the other side of a
    cut, is not drawn twice."""
    first = max(node.id for node in nodes.known.values()) + 1
    absent = [view for view in missed(run) if view.id not in nodes.known]
    return [
        DrawnNode(
            id=first + at,
            kind="missing",
            label=_label(run.call_it(view, NAMELESS)),
            note=_of_leaf(view, None),
        )
        for at, view in enumerate(absent[:6])
    ]


# --- words --------------------------------------------------------------------------------------


def _states(backward: Backward) -> Mapping[int | None, SlotState]:
    return {state.tensor: state for state in backward.slots}


def _of_leaf(view: TensorView, state: SlotState | None) -> str:
    if view.numel != 1:
        return shape(view.shape)
    return _of_state(state)


def _of_state(state: SlotState | None) -> str:
    fresh = state.fresh if state is not None else None
    return f"grad {number(fresh[0])}" if fresh is not None and len(fresh) == 1 else ""


def _operation_label(op: str) -> str:
    return _label(_plain(op.rpartition(".")[2] if not op.endswith("__get__") else op.split(".")[-2]))


def _plain(name: str) -> str:
    """``MulBackward0``, ``__mul__`` and ``mul_`` are all ``mul``."""
    base = re.sub(r"Backward\d*$", "", name.rpartition("::")[2]).strip("_")
    return NAMES.get(base.lower(), base[:1].lower() + base[1:])


def _label(text: str) -> str:
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 1] + "…"
