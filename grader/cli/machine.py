"""`grader devices` and `schema`: what is here, and what a result looks like."""

from __future__ import annotations

from grader.cli.app import (
    PASSED,
    app,
)
from grader.cli.terminal import show, stdout


@app.command()
def devices() -> int:
    """List the devices a submission would be graded on, and what isolation is in force."""
    from grader.accelerators import in_words
    from grader.clean import terminal
    from grader.sandbox import Sandbox

    with Sandbox() as sandbox:
        lines = [f"device     {in_words(name)}" for name in sandbox.devices()]
        lines.append(f"isolation  {sandbox.isolation}")
        lines.append(f"torch      {sandbox.versions.torch}")
        lines.append(f"python     {sandbox.versions.python}")
    show(terminal("\n".join(lines)))
    return PASSED


@app.command()
def schema() -> int:
    """Print the JSON schema of a result."""
    import json

    from grader.records import Result

    stdout(json.dumps(Result.model_json_schema(), indent=2, ensure_ascii=False))
    return PASSED
