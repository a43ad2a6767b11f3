"""Places for the nodes of a graph and ways for its edges, by Sugiyama's method (grandalf)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Point = tuple[float, float]
ROUNDS = 4
"""So often the layout goes over the ranks to uncross edges."""


@dataclass(frozen=True)
class Layout:
    """The middle of each node, and the points between two nodes that an edge leads through, in pixels.

    An edge goes straight across a rank that it has nothing to do with: from one point to the next.
    """

    places: Mapping[int, Point]
    ways: Mapping[tuple[int, int], tuple[Point, ...]]
    """By ``(node, input)``; from the input to the node."""
    width: float
    height: float


class _View:
    """What the layout wants to know of a node. It draws downwards: width and height are exchanged."""

    def __init__(self, width: float, height: float) -> None:
        self.w, self.h = height, width
        self.xy = (0.0, 0.0)


class _Way:
    """What the layout tells of an edge: the points that it leads through."""

    def __init__(self) -> None:
        self.points: list[Point] = []

    def setpath(self, points: list[Point]) -> None:
        self.points = points


def laid_out(
    inputs: Mapping[int, Sequence[int]], widths: Mapping[int, float], height: float, gaps: Point
) -> Layout:
    """From left to right, the first of ``inputs`` at the right end. All must hang together, without circles.

    ``widths`` and ``height`` are those of the nodes, ``gaps`` the room between ranks and within one.
    """
    from grandalf.graphs import Edge, Graph, Vertex
    from grandalf.layouts import SugiyamaLayout

    vertices = {number: Vertex(number) for number in inputs}
    for number, vertex in vertices.items():
        vertex.view = _View(widths[number], height)
    pairs = [(number, given) for number, all_given in inputs.items() for given in all_given]
    edges = {(number, given): Edge(vertices[number], vertices[given]) for number, given in pairs}
    for edge in edges.values():
        edge.view = _Way()
    layout = SugiyamaLayout(Graph(list(vertices.values()), list(edges.values())).C[0])
    layout.yspace, layout.xspace = gaps
    layout.init_all()
    layout.draw(ROUNDS)
    return _turned(
        {number: vertex.view for number, vertex in vertices.items()},
        {pair: edge.view.points[1:-1] for pair, edge in edges.items()},
    )


def _turned(views: Mapping[int, _View], ways: Mapping[tuple[int, int], Sequence[Point]]) -> Layout:
    """What was laid out downwards from the loss, as it is drawn: to the right, to the loss."""
    width = max(view.xy[1] + view.h / 2 for view in views.values())
    sides = [(view.xy[0] - view.w / 2, view.xy[0] + view.w / 2) for view in views.values()]
    sides += [(point[0], point[0]) for way in ways.values() for point in way]
    top = min(low for low, _ in sides)

    def turn(point: Point) -> Point:
        return round(width - point[1], 1), round(point[0] - top, 1)

    def across(way: Sequence[Point]) -> Iterator[Point]:
        for x, y in map(turn, reversed(way)):
            room = max(view.h / 2 for view in views.values() if abs(turn(view.xy)[0] - x) < 1)
            yield round(x - room, 1), y
            yield round(x + room, 1), y

    return Layout(
        places={number: turn(view.xy) for number, view in views.items()},
        ways={pair: tuple(across(way)) for pair, way in ways.items()},
        width=round(width, 1),
        height=round(max(high for _, high in sides) - top, 1),
    )
