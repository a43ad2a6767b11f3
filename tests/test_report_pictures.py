"""The pictures: inside their frames whatever the numbers, and told in words as well."""

from __future__ import annotations

import math
import re
from itertools import pairwise
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.records import NAMELESS, NO_GRAD, DrawnNode, DrawnNumber, Picture, RunResult
from grader.report.html import html_report
from grader.report.pictures.axes import Axis, apart, bands, linear_axis, log_axis, path, step_axis
from grader.report.pictures.drawing import Figure
from grader.report.pictures.gallery import Gallery, gallery
from grader.report.pictures.graph import GraphDrawing, graph_drawing
from tests import handmade
from tests.test_report_html import EVIL, Page, text_of

ANY = st.floats(allow_nan=True, allow_infinity=True)
STEPS = st.lists(st.integers(1, 10**9), max_size=30, unique=True).map(sorted)
KINDS = get_args(DrawnNode.model_fields["kind"].annotation)
WORDS = st.text(st.characters(exclude_categories=()), max_size=24)


node = handmade.node
LOSS, *_ = FORWARD = handmade.FORWARD


def gallery_of(run: RunResult) -> Gallery:
    found = gallery(run, "cpu, seed 101")
    assert found is not None
    return found


def drawn(*nodes: DrawnNode, **changes: Any) -> GraphDrawing:
    found = graph_drawing(Picture(graph=nodes, **changes))
    assert found is not None
    return found


def is_inside(frame: Figure) -> bool:
    """Whether everything that is drawn is inside its frame."""
    pairs = [pair for line in frame.lines for pair in re.findall(r"[ML](\S+) ([^MLHh]+)", line.d)]
    points = [(float(x), float(y)) for x, y in pairs]
    points += [(bar.x, bar.y) for bar in frame.bars]
    points += [(bar.x + bar.width, bar.y) for bar in frame.bars]
    points += [(band.start, frame.top) for band in frame.lost]
    points += [(tick.at, frame.top) for tick in frame.x_ticks]
    points += [(frame.left, tick.at) for tick in frame.y_ticks]
    return all(
        frame.left - 1 <= x <= frame.right + 3 and frame.top - 1 <= y <= frame.bottom + 1 for x, y in points
    )


# --- whatever the numbers -----------------------------------------------------------------------


@st.composite
def runs(draw: st.DrawFn) -> RunResult:
    steps = tuple(draw(STEPS))
    curve = st.lists(ANY, min_size=len(steps), max_size=len(steps)).map(
        lambda v: tuple(zip(steps, v, strict=True))
    )
    values = st.lists(ANY, max_size=30).map(tuple)
    few = st.lists(ANY, max_size=8).map(tuple)
    numbers = st.builds(DrawnNumber, name=WORDS, values=values, target=st.none() | ANY, fresh=few, stale=few)
    nodes = st.builds(
        DrawnNode, id=st.integers(0, 9), kind=st.sampled_from(KINDS), label=WORDS, note=WORDS,
        inputs=st.lists(st.integers(-1, 9), max_size=4).map(tuple), tracked=st.booleans(),
    )  # fmt: skip
    picture = Picture(
        graph=tuple(draw(st.lists(nodes, max_size=12))),
        steps=steps,
        numbers=tuple(draw(st.lists(numbers, max_size=4))),
        noise_floor=draw(st.none() | ANY),
        descent=draw(curve), error=draw(curve), x=draw(values), y=draw(values),
        powers=tuple(draw(st.lists(st.integers(0, 400), max_size=3))),
    )  # fmt: skip
    return handmade.run(
        loss=draw(curve), picture=picture, recovered=draw(st.none() | few), truth=draw(st.none() | few)
    )


@settings(max_examples=50, deadline=None)
@given(runs())
def test_no_numbers_break_a_picture(run: RunResult) -> None:
    Page(html_report(handmade.result(runs=(run,))))
    found = gallery(run, "cpu")
    for drawing in found.drawings if found else ():
        assert drawing.words
        assert all(map(is_inside, drawing.frames))
    if found and found.graph:
        for box in found.graph.boxes:
            assert 0 <= box.left < found.graph.width
            assert 0 <= box.top < found.graph.height


@given(st.lists(ANY, max_size=20), ANY)
def test_every_scale_holds_its_pixels(values: list[float], value: float) -> None:
    for axis in (log_axis(values, 200, 10), linear_axis(values, 200, 10)):
        assert 1 <= len(axis.ticks()) <= 8
        if math.isfinite(value):
            assert 10 <= axis.at(value) <= 200


@given(st.lists(st.floats(0, 200), max_size=6))
def test_labels_do_not_lie_over_each_other(wanted: list[float]) -> None:
    placed = sorted(apart(wanted, 10, 240))
    assert all(later - earlier >= 15.8 for earlier, later in pairwise(placed))


# --- scales -------------------------------------------------------------------------------------


def test_scales_have_round_marks() -> None:
    assert [tick.label for tick in log_axis([0.003, 8], 200, 0).ticks()] == ["1e-3", "0.01", "0.1", "1", "10"]
    assert [tick.label for tick in linear_axis([-2, 2], 0, 200).ticks()] == ["-2", "-1", "0", "1", "2"]
    assert [tick.label for tick in step_axis([1, 3], 0, 200).ticks()] == ["1", "2", "3"]
    assert [tick.label for tick in step_axis([1, 2000], 0, 200).ticks()] == ["1", "10", "100", "1000"]


def test_a_curve_is_broken_where_there_is_no_number() -> None:
    axis = Axis(0, 10, 0, 10)
    points = [(1, 1.0), (2, 2.0), (3, math.nan), (4, math.inf), (5, 5.0), (6, math.nan)]
    assert path(points, axis, axis) == "M1 1L2 2M5 5"
    assert [(band.start, band.end) for band in bands(points, axis)] == [(3, 5), (6, 8)]


# --- what they say ------------------------------------------------------------------------------


STALE_RUN = handmade.pictured_run()


def test_every_picture_is_told_in_words() -> None:
    words = {drawing.title: drawing.words for drawing in gallery_of(STALE_RUN).drawings}
    assert words["Loss"] == (
        "Your loss was 4 at step 1 and nan at step 100. It was no finite number at step 100. The noise floor,"
        " which no parameters get below on these data, is 0.0025. Plain gradient descent from where you"
        " began, at the same rate, has 0.0025 at step 100."
    )
    assert words["Parameters"].startswith("`a` went from 0.5 to 1.9; the best for these data is 1.5.")
    assert words["Gradients"] == (
        "`a.grad` at step 2: 1.8 fresh, 2.5 left over; so at 1 of these 2 steps. `b.grad`: nothing left over."
    )
    assert words["Data and fit"] == (
        "3 points, x from -1 to 1. Made from: a = 1.5, b = -0.8 and c = 0.4."
        " Your fit: a = 1.9, b = -0.8 and c = 0.1."
    )


def test_it_is_said_which_steps_the_curves_go_through() -> None:
    assert gallery_of(STALE_RUN).kept == ""
    assert gallery_of(handmade.run(loss=(), picture=Picture(graph=FORWARD))).kept == ""
    picture = STALE_RUN.picture
    assert picture is not None
    run = STALE_RUN.model_copy(update={"picture": picture.model_copy(update={"steps": (1, 2, 8, 10)})})
    kept = "Its curves go through 3 of its 9 steps: all of the first, and fewer later."
    assert gallery_of(run).kept == kept
    assert f"From the run on cpu, seed 101. {kept}" in text_of(html_report(handmade.result(runs=(run,))))


def test_curves_are_labelled_where_they_end() -> None:
    loss, data, parameters, _ = gallery_of(STALE_RUN).drawings
    assert [line.label for line in loss.frames[0].lines] == ["noise floor", "plain descent", "your loss"]
    assert [line.label for line in data.frames[0].lines if line.label] == ["the truth", "your fit"]
    assert [line.label for line in parameters.frames[0].lines] == ["best 1.5000", "yours 1.9000"]


def test_stale_gradient_is_drawn_and_tabled_beside_the_fresh() -> None:
    drawing = gallery_of(STALE_RUN).drawings[3]
    assert [bar.kind for bar in drawing.frames[0].bars] == ["fresh", "fresh", "stale"]
    assert [bar.kind for bar in drawing.frames[1].bars] == ["fresh", "fresh"]
    assert drawing.table[0] == ("step", "a fresh", "a stale", "b fresh", "b stale")
    assert drawing.table[2] == ("2", "1.8", "2.5", "0.5", "0")


def test_one_loss_is_a_dot() -> None:
    run = STALE_RUN.model_copy(update={"loss": ((1, 4.0),)})
    drawing = gallery_of(run).drawings[0]
    assert drawing.frames[0].lines[-1].d.endswith("h0")
    assert drawing.words.startswith("Your loss was 4 at step 1; no later one was seen.")


def test_a_loss_that_is_not_the_error_is_drawn_beside_it() -> None:
    picture = Picture(error=((1, 4.0), (2, 9.0)), noise_floor=1.0)
    drawing = gallery_of(handmade.run(loss=((1, 800.0), (2, 700.0)), picture=picture)).drawings[0]
    assert "your loss" in [line.label for line in drawing.frames[0].lines]
    assert "its MSE" in [line.label for line in drawing.frames[0].lines]
    assert (
        "That is not the mean squared error of your parameters on the data, which went from 4 to 9."
        in drawing.words
    )


def test_a_parameter_that_runs_away_does_not_flatten_its_beginning() -> None:
    number = DrawnNumber(name="a", values=(1.0, 2.0, 1e30), target=1.5)
    (drawing,) = gallery_of(
        handmade.run(loss=(), picture=Picture(steps=(1, 2, 3), numbers=(number,)))
    ).drawings
    frame = drawing.frames[0]
    heights = [float(pair.split(" ")[1]) for pair in re.split("[ML]", frame.lines[-1].d)[1:]]
    assert heights[0] - heights[1] > 1
    assert heights[2] < heights[1] - 20


def test_nothing_is_drawn_of_a_run_of_which_nothing_was_seen() -> None:
    assert gallery(handmade.run(), "cpu") is None
    assert gallery(handmade.run(loss=(), picture=Picture()), "cpu") is None
    assert "Your run in pictures" not in html_report(handmade.result())


# --- the graph ----------------------------------------------------------------------------------


def test_the_graph_goes_from_what_went_in_to_the_loss() -> None:
    graph = drawn(*FORWARD)
    x = {box.node.label: box.x for box in graph.boxes}
    assert x["a"] < x["mul"] < x["mean"] < x["loss"]
    assert [edge.kind for edge in graph.edges].count("untracked") == 1
    assert graph.label == (
        "The computation graph of your forward pass: 1 leaf that requires grad, 2 operations, and the loss"
    )
    assert graph.words.endswith("along the solid blue lines, and finds `a` there.")
    assert graph.steps == (
        "(1) `mul` of `a` and `x`, line 7.", "(2) `mean` of (1), line 8.", "`loss` is (2): 2.5.",
    )  # fmt: skip


def test_no_edge_leads_behind_a_box() -> None:
    far = (
        LOSS,
        node(1, "operation", "+", 2, 3),
        node(2, "operation", "×", 4, 3),
        node(3, "data", "x"),
        node(4, "parameter", "a"),
    )
    graph = drawn(*far)
    boxes = {box.node.id: box for box in graph.boxes}
    for edge in graph.edges:
        ends = [tuple(map(float, pair.split())) for pair in re.findall(r"([\d.-]+ [\d.-]+)(?=C|$)", edge.d)]
        for x, y in ends[1:-1]:
            assert not any(
                b.left < x < b.left + b.width and b.top < y < b.top + b.height for b in boxes.values()
            )


def test_what_lies_behind_a_cut_gets_no_gradient() -> None:
    cut = node(9, "cut", "item", 1, line=8, tracked=False)
    graph = drawn(LOSS.model_copy(update={"inputs": (9,)}), cut, *FORWARD[1:])
    assert "and finds no parameter there. `a` gets no gradient." in graph.words
    assert "The history ends in `item` at line 8: no gradient gets past it." in graph.words
    assert {edge.kind for edge in graph.edges} == {"lost", "beyond", "untracked"}
    assert not any(box.is_reached for box in graph.boxes if box.node.kind == "parameter")


def test_a_missing_parameter_stands_aside_or_is_told_apart() -> None:
    graph = drawn(*FORWARD, node(7, "missing", "c"))
    lowest = max(graph.boxes, key=lambda box: box.y)
    assert lowest.node.label == "c"
    assert "`c` is not in the graph: for autograd the loss does not depend on it." in graph.words
    inside = drawn(*FORWARD[:3], node(3, "missing", "c", note=NO_GRAD, tracked=False), FORWARD[4])
    assert "`c` does not require grad: it gets none." in inside.words


def test_leaves_without_a_name_are_counted_and_cuts_told_together() -> None:
    leaves = [node(number, "parameter", NAMELESS) for number in (3, 4)]
    assert "finds 2 leaves without a name there." in drawn(*FORWARD[:3], *leaves).words
    cuts = [node(n, "cut", "sub", 4 + n, line=10 + n, tracked=False) for n in (3, 4)]
    more = [node(7, "parameter", "w"), node(8, "parameter", "b")]
    words = drawn(*FORWARD[:3], *cuts, *more).words
    assert (
        "`w` and `b` get no gradient. The history ends in `sub` at line 13 and line 14: no gradient" in words
    )


def test_a_graph_in_a_circle_is_drawn_all_the_same() -> None:
    graph = drawn(LOSS, node(1, "operation", "+", 2, 1), node(2, "operation", "×", 1, 99, 0))
    assert len(graph.boxes) == 3
    assert len(graph.edges) == 2


def test_a_graph_of_many_nodes_says_what_is_left_out() -> None:
    chain = [node(i, "operation", "+", i + 1) for i in range(1, 40)]
    words = drawn(LOSS, *chain, graph_left_out=160).words
    assert words.endswith("along the solid blue lines. 160 nodes more are not drawn.")


@pytest.mark.parametrize("text", [EVIL, "\x00\ud800", "a" * 500])
def test_hostile_names_stay_text_in_every_picture(text: str) -> None:
    nodes = tuple(each.model_copy(update={"label": text, "note": text}) for each in FORWARD)
    numbers = tuple(n.model_copy(update={"name": text}) for n in STALE_RUN.picture.numbers)  # type: ignore[union-attr]
    picture = STALE_RUN.picture.model_copy(update={"graph": nodes, "numbers": numbers})  # type: ignore[union-attr]
    page = Page(html_report(handmade.result(runs=(STALE_RUN.model_copy(update={"picture": picture}),))))
    assert "script" not in page.names()
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
