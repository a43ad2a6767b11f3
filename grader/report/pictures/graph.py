"""The computation graph of a forward pass, laid out from left to right, and the same in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from grader.records import DrawnNode, Picture
from grader.report.pictures.graph_layout import Point, laid_out
from grader.report.pictures.graph_words import Inputs, label, sentences, steps
from grader.words import place

NODE_HEIGHT = 38
BETWEEN_RANKS, BETWEEN_NODES = 30, 14
MARGIN = 8
LETTER, SMALL_LETTER = 7.6, 6.2
"""The widths of letters, in pixels, by which boxes are made wide enough."""


@dataclass(frozen=True)
class Box:
    """A node at its place. ``x`` and ``y`` are the middle."""

    node: DrawnNode
    x: float
    y: float
    width: float
    height: float = NODE_HEIGHT
    line: str = ""
    is_reached: bool = False
    """Whether a backward pass from the loss gets there."""

    @property
    def left(self) -> float:
        return round(self.x - self.width / 2, 1)

    @property
    def top(self) -> float:
        return round(self.y - self.height / 2, 1)


@dataclass(frozen=True)
class Edge:
    """From an input to what was computed of it. ``kind`` is a class of the style sheet."""

    d: str
    kind: str


@dataclass(frozen=True)
class GraphDrawing:
    """The picture, and its words."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    width: float
    height: float
    label: str
    words: str
    steps: tuple[str, ...]
    """Every node in a sentence, in the order of the computation."""


def graph_drawing(picture: Picture) -> GraphDrawing | None:
    """The picture; None where no backward pass was seen."""
    nodes = {node.id: node for node in picture.graph}
    loss = next((node for node in picture.graph if node.kind == "loss"), None)
    if loss is None:
        return None
    inputs = _acyclic(nodes, loss.id)
    reached = _reached(nodes, inputs, loss.id)
    nodes |= {number: _without_gradient(nodes[number]) for number in inputs if number not in reached}
    widths = {number: _width(nodes[number]) for number in inputs}
    layout = laid_out(inputs, widths, NODE_HEIGHT, (BETWEEN_RANKS, BETWEEN_NODES))
    boxes = {
        number: _box(nodes[number], layout.places[number], widths[number], number in reached)
        for number in inputs
    }
    aside = [node for node in picture.graph if node.kind == "missing" and node.id not in inputs]
    beside = _beside(aside, layout.height + BETWEEN_NODES)
    all_boxes = (*boxes.values(), *beside)
    drawn = [box.node for box in all_boxes]
    return GraphDrawing(
        boxes=all_boxes,
        edges=tuple(
            Edge(_way(boxes[given], points, boxes[number]), _kind(nodes[given], given in reached))
            for (number, given), points in layout.ways.items()
        ),
        width=max(box.left + box.width for box in all_boxes) + 2 * MARGIN,
        height=max(box.top + box.height for box in all_boxes) + 2 * MARGIN,
        label=label(drawn),
        words=" ".join(sentences(drawn, reached, picture.graph_left_out)),
        steps=tuple(steps(nodes, inputs)),
    )


def _acyclic(nodes: Mapping[int, DrawnNode], first: int) -> dict[int, list[int]]:
    """The inputs of everything behind ``first``, in the order of a walk. What would close a circle is left
    out: what a run says of itself is a claim."""
    inputs: dict[int, list[int]] = {first: []}
    finished: set[int] = set()
    stack = [(first, iter(nodes[first].inputs))]
    while stack:
        number, rest = stack[-1]
        given = next((g for g in rest if g in nodes and nodes[g].kind != "loss"), None)
        if given is None:
            finished.add(number)
            stack.pop()
        elif given not in inputs:
            inputs[number].append(given)
            inputs[given] = []
            stack.append((given, iter(nodes[given].inputs)))
        elif given in finished and given not in inputs[number]:
            inputs[number].append(given)
    return inputs


def _reached(nodes: Mapping[int, DrawnNode], inputs: Inputs, first: int) -> set[int]:
    """The nodes that a backward pass gets to."""
    reached: set[int] = set()
    pending = [first]
    while pending:
        number = pending.pop()
        if number not in reached and nodes[number].tracked:
            reached.add(number)
            pending += inputs[number]
    return reached


def _without_gradient(node: DrawnNode) -> DrawnNode:
    return node.model_copy(update={"note": node.note or "no gradient"}) if node.kind == "parameter" else node


def _width(node: DrawnNode) -> float:
    return round(max(44.0, len(node.label) * LETTER + 18, len(node.note) * SMALL_LETTER + 14), 1)


def _way(start: Box, between: Sequence[Point], end: Box) -> str:
    """A smooth way from the right side of one box to the left side of another."""
    points = [(start.x + start.width / 2, start.y), *between, (end.x - end.width / 2, end.y)]
    d = f"M{points[0][0]:g} {points[0][1]:g}"
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = round((x0 + x1) / 2, 1)
        d += f"C{middle:g} {y0:g} {middle:g} {y1:g} {x1:g} {y1:g}"
    return d


def _kind(given: DrawnNode, is_reached: bool) -> str:
    if given.kind == "cut":
        return "lost"
    if is_reached:
        return "tracked"
    return "beyond" if given.tracked else "untracked"


def _beside(aside: Sequence[DrawnNode], top: float) -> tuple[Box, ...]:
    """What is no part of the graph, in a row below it."""
    boxes: list[Box] = []
    for node in aside:
        width = _width(node)
        left = boxes[-1].left + boxes[-1].width + BETWEEN_NODES if boxes else 0.0
        boxes.append(_box(node, (left + width / 2, top + NODE_HEIGHT / 2), width))
    return tuple(boxes)


def _box(node: DrawnNode, at: Point, width: float, is_reached: bool = False) -> Box:
    line = "" if node.line is None else place(node.line)
    return Box(node, round(at[0], 1), round(at[1], 1), width, line=line, is_reached=is_reached)
