"""All the pictures of one run."""

from __future__ import annotations

from dataclasses import dataclass

from grader.records import Picture, RunResult
from grader.report.pictures.data import data_drawing
from grader.report.pictures.drawing import Drawing
from grader.report.pictures.gradients import gradient_drawing
from grader.report.pictures.graph import GraphDrawing, graph_drawing
from grader.report.pictures.loss import loss_drawing
from grader.report.pictures.parameters import parameter_drawing


@dataclass(frozen=True)
class Gallery:
    """The pictures of a run. There is one at least."""

    name: str
    """Which run it was, in words."""
    kept: str
    """Which of its steps the curves go through; empty where it is all of them."""
    graph: GraphDrawing | None
    drawings: tuple[Drawing, ...]


def gallery(run: RunResult, name: str) -> Gallery | None:
    """The pictures that can be drawn of ``run``; None where there are none."""
    if run.picture is None:
        return None
    graph = graph_drawing(run.picture)
    made = (
        loss_drawing(run, run.picture),
        data_drawing(run, run.picture),
        parameter_drawing(run.picture),
        gradient_drawing(run.picture),
    )
    drawings = tuple(drawing for drawing in made if drawing is not None)
    return Gallery(name, _kept(run.picture), graph, drawings) if graph or drawings else None


def _kept(picture: Picture) -> str:
    shown, last = len(picture.steps) - 1, max(picture.steps, default=1) - 1
    if shown >= last or not picture.steps:
        return ""
    return f"Its curves go through {shown} of its {last} steps: all of the first, and fewer later."
