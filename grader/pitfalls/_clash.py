"""Two dtypes that a call refused to mix: whose fault is told by the dtype that is out of place."""

from __future__ import annotations

from grader.evidence import Evidence
from grader.lineage import dtype_that_clashed, source_of_dtype
from grader.pitfall import Found
from grader.words import first_line


def clash_with(run: Evidence, dtypes: tuple[str, ...]) -> Found | None:
    """The refused mix in which a tensor of one of ``dtypes`` took part, where the dtype came in."""
    refused = run.raising_event
    clash = dtype_that_clashed(refused, dtypes)
    if clash is None or refused is None:
        return None
    made = source_of_dtype(run.lineage, clash, clash.dtype) or refused
    said = (refused.raised or "").partition(": ")[2]
    return Found(
        message=(
            f"`{run.statement(made)}` makes a {clash.dtype} tensor, and `{run.statement(refused)}` was to"
            f' combine it with another dtype: "{first_line(said)}".'
        ),
        line=run.line(made),
        step=run.pass_count + 1,
        evidence={"dtypes": [view.dtype for view in refused.inputs], "torch": refused.raised},
    )
