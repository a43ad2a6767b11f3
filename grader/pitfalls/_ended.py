"""What ended a run, where more than one pitfall asks."""

from __future__ import annotations

from grader.evidence import Evidence


def ran_out_of_threads(run: Evidence) -> bool:
    """Whether it was stopped for its threads, or torch's own library ended the process for want of more."""
    report = run.report
    ended = report.ending == "exit" and "Thread creation failed" in report.stderr
    return report.ending == "processes" or ended
