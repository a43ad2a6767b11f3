"""What ``grader verify`` proved, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from grader.clean import terminal

if TYPE_CHECKING:
    from grader.verify import Check

_KINDS = (
    "files",
    "reference",
    "template",
    "known mistake",
    "derived mistake",
    "bad example",
    "good example",
)
_MISTAKES = ("known mistake", "derived mistake", "bad example")


def proof(checks: Sequence[Check]) -> RenderableType:
    """What was made of each derived mistake, how many checks of each kind hold, then every failure with
    what was expected and found."""
    failures = [check for check in checks if not check.passed]
    derived = [check for check in checks if check.kind == "derived mistake"]
    parts: list[RenderableType] = [_mistakes(derived), Text("")] if derived else []
    parts += [_table(checks), Text("")]
    if any(check.confirmed is not None for check in checks):
        parts += [_confirmed(checks), Text("")]
    for check in failures:
        parts += [_failure(check), Text("")]
    if failures:
        last = terminal(f"{len(failures)} of {len(checks)} checks failed.", "bold red")
    else:
        last = terminal(f"All {len(checks)} checks hold.", "bold green")
    return Group(*parts, last)


def _mistakes(derived: Sequence[Check]) -> Table:
    """One row a mistake: what it was to be caught as, and in which exercises it was."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for header in ("mistake", "expected"):
        table.add_column(header, no_wrap=True)
    table.add_column("found", overflow="fold")
    rows: dict[tuple[str, tuple[str, ...]], list[Check]] = {}
    for check in derived:
        rows.setdefault((check.name, check.wanted), []).append(check)
    for (name, wanted), made in rows.items():
        table.add_row(terminal(name), terminal("\nor ".join(wanted)), _outcomes(made))
    return table


def _outcomes(made: Sequence[Check]) -> Text:
    """The exercises where a mistake was caught as itself, then what was found in each of the others."""
    caught = [check.exercise for check in made if check.passed]
    lines = [terminal(f"✓ {', '.join(caught)}", "green")] if caught else []
    for check in made:
        if not check.passed:
            named = ", ".join(dict.fromkeys(check.named)) or "nothing"
            place = " at another line" if set(check.named) <= set(check.wanted) and check.named else ""
            lines.append(terminal(f"✗ {check.exercise}: {named}{place}", "red"))
    return Text("\n").join(lines)


def _table(checks: Sequence[Check]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", show_edge=False)
    for header in ("exercise", "checked"):
        table.add_column(header)
    table.add_column("held", justify="right")
    for exercise, kind, held, count in _counts(checks):
        symbol, style = ("✓", "green") if held == count else ("✗", "red")
        table.add_row(terminal(exercise), Text(kind), Text(f"{symbol} {held} of {count}", style=style))
    return table


def _counts(checks: Sequence[Check]) -> Iterator[tuple[str, str, int, int]]:
    groups: dict[tuple[str, str], list[bool]] = {}
    for check in checks:
        groups.setdefault((check.exercise, check.kind), []).append(check.passed)
    for (exercise, kind), passed in sorted(groups.items(), key=lambda g: _order(*g[0])):
        yield exercise, kind, sum(passed), len(passed)


def _confirmed(checks: Sequence[Check]) -> Text:
    """Of how many mistakes the cure was tried, and of how many it worked."""
    wrong = [check for check in checks if check.kind in _MISTAKES]
    tried = [check for check in wrong if check.confirmed is not None]
    worked = sum(check.confirmed is True for check in tried)
    style = "green" if worked == len(tried) else "red"
    return terminal(
        f"Confirmed by neutralising them: {worked} of {len(tried)}."
        f" {len(wrong) - len(tried)} more mistakes have nothing to neutralise.",
        style,
    )


def _order(exercise: str, kind: str) -> tuple[bool, str, int]:
    return kind != "files", exercise, _KINDS.index(kind)


def _failure(check: Check) -> Text:
    text = terminal(f"✗ {check.exercise}, {check.kind}: {check.name}\n", "bold")
    text.append_text(terminal(f"  expected  {check.expected}\n"))
    return text.append_text(terminal(f"  found     {check.found}"))
