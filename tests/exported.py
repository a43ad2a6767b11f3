"""What the tests of the exports share: exporting results made by hand, and what a hostile student writes."""

from __future__ import annotations

import io
from typing import Any

from hypothesis import strategies as st

from grader.adjustments import Adjustments, adjusted
from grader.export.format import Order, format_called
from grader.export.graded import Graded
from grader.records import CellLine, Finding, Result
from tests import handmade

EVIL = (
    "=HYPERLINK(\"http://evil\")", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "::error::forged",
    "##[error]forged", "::stop-commands::x", "a\n::error file=x::y", "]]>", "<script>alert(1)</script>",
    "<img src=x onerror=y>", "\x1b[31mred\x1b[0m", "\x1b]8;;http://evil\x07", "\x00", "\x9b2J", "\ud800",
    "\udcff", "\ufffe", "\u202egnp.exe", "a|b", "`code`", "``", "```\n# heading", "[link](http://evil)",
    "![x](http://evil)", "# heading", "- item", "1. item", "http://evil.example", "www.evil.example",
    "**bold**", "~~gone~~", "%0A%25", "a,b:c", "&lt;", "'\"", "</failure>", "<!--", "--> ", "\u2028",
    "x" * 100_000, "", " ", "../../etc/passwd", "C:\\x", "a_b_c",
)  # fmt: skip
"""Names and texts, each of which means something somewhere."""

hostile = st.one_of(
    st.sampled_from(EVIL),
    st.text(st.characters(), max_size=40),  # lone surrogates are among them
    st.tuples(st.sampled_from(EVIL[:-8]), st.text(max_size=10)).map("".join),
)


def graded(result: Result, adjustments: Adjustments | None = None) -> Graded:
    return Graded(result, adjusted(result, adjustments or Adjustments()))


def export(name: str, *results: Result | Graded, **options: Any) -> tuple[bytes, list[str]]:
    """The file, and what whoever asked is told."""
    listed = [each if isinstance(each, Graded) else graded(each) for each in results]
    order = Order(results=iter(listed), **options)
    file = io.BytesIO()
    format_called(name).write(order, file)
    return file.getvalue(), order.notes


def student(name: str, student_id: str = "", base: Result | None = None, **changes: Any) -> Result:
    """Somebody's result."""
    result = base or handmade.failed(**changes)
    info = result.submission.model_copy(update={"name": name, "student_id": student_id})
    return result.model_copy(update={"submission": info})


def hostile_result(text: str) -> Result:
    """A result in which a student wrote ``text`` wherever a student can."""
    finding = handmade.STALE.model_copy(
        update={
            "message": f"`{text}` and {text}",
            "source": text,
            "fix": text,
            "proof": text,
            "title": text,
            "entry": text,
        }
    )
    warning = handmade.ITEM.model_copy(update={"message": text, "line": CellLine(cell=3, line=2)})
    base = handmade.failed(findings=(finding, warning))
    info = base.submission.model_copy(
        update={"name": text, "path": text, "student_id": text, "notes": (text,)}
    )
    items = tuple(item.model_copy(update={"detail": text, "title": text}) for item in base.rubric)
    runs = tuple(run.model_copy(update={"stdout": text, "stderr": text}) for run in base.runs)
    return base.model_copy(
        update={"submission": info, "rubric": items, "runs": runs, "source": text * 3, "reason": text}
    )


def in_a_notebook(finding: Finding = handmade.STALE) -> Result:
    """A result whose finding is in a cell."""
    place = finding.model_copy(update={"line": CellLine(cell=3, line=2)})
    return handmade.failed(findings=(place,))
