"""The command line: a module a command, in the order in which ``grader --help`` lists them.

What a command needs is imported inside it, so that ``--help`` and ``explain`` answer at once.
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from grader.cli.app import GRADER_FAILED, PASSED, WRONG_USE, app
from grader.cli.ending import INTERRUPTED, StoppedError, end_in_order, leave_pipe, status_of
from grader.cli.terminal import complain
from grader.errors import GraderError

# The order in which they register is that of --help.
# isort: off
from grader.cli import check, watch, batch, export, verify, explain, lesson, new, machine  # noqa: F401
# isort: on


def main() -> NoReturn:
    """The console script."""
    from grader.clean import READABLE

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=READABLE)
    end_in_order()
    status = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        leave_pipe()
    sys.exit(status)


def run(arguments: list[str]) -> int:
    """Run one command; its exit status."""
    try:
        status = app(args=arguments, prog_name="grader", standalone_mode=False) or PASSED
        if status == INTERRUPTED:  # Typer has caught a Ctrl-C
            raise KeyboardInterrupt
        return int(status)
    except StoppedError as stopped:
        complain(str(stopped))
        return stopped.status
    except GraderError as error:
        complain(str(error))
        return error.exit_status
    except KeyboardInterrupt as stop:
        complain("stopped.")
        return status_of(stop)
    except BrokenPipeError:
        leave_pipe()
        return GRADER_FAILED
    except Exception as error:  # noqa: BLE001 - the last resort of the whole program
        return _failed(error)


def _failed(error: Exception) -> int:
    """A wrong command line, which Typer raises as its own errors, or a fault of the grader."""
    if hasattr(error, "format_message"):
        complain(f"{error.format_message()} (grader --help says what there is)")
        return WRONG_USE
    if os.environ.get("GRADER_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    complain(f"the grader failed: {type(error).__name__}: {error}. Please report it.")
    return GRADER_FAILED
