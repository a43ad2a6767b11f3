"""A pitfall's page for a terminal, and the list of all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.clean import terminal
from grader.pitfall import Entry
from grader.report import reference as anatomy
from grader.report.reference import Limit, Program, Reference, Related, by_section, reference
from grader.report.text import prose


def explanation(entry: Entry) -> RenderableType:
    """What ``grader explain`` says about one pitfall: the words of its page."""
    page = reference(entry)
    parts: list[RenderableType | None] = [_head(page), prose(page.what)]
    parts += [_part(anatomy.WHY, prose(page.why)), _part(anatomy.MEND, prose(page.mend))]
    parts += [_programs(anatomy.WRONG, page.wrong, "red"), _programs(anatomy.RIGHT, page.right, "green")]
    parts += [
        _part(anatomy.LOOKS_AT, *map(prose, page.looks_at), *map(_limit, page.limits)),
        _part(anatomy.LESSON, *([terminal(page.lesson)] if page.lesson else [])),
        _part(anatomy.EXPLAINS, *_related(page.explains)),
        _part(anatomy.FOLLOWS, *_related(page.follows)),
    ]
    said = [part for part in parts if part is not None]
    return Group(*(line for part in said for line in (part, Text(""))))


def pitfall_list(entries: Iterable[Entry]) -> RenderableType:
    """Every pitfall under its section, in the order of the lesson."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column()
    for section, here in by_section(entries):
        if table.row_count:
            table.add_row("", "")
        table.add_row(terminal(section, "bold"), "")
        for entry in here:
            warning = terminal(" (a warning)", "dim") if entry.pitfall.severity == "warning" else Text()
            table.add_row(terminal(f"  {entry.id}"), prose(entry.pitfall.title).append_text(warning))
    more = terminal("More about one: grader explain ID. As a page: grader explain ID --html OUT.html", "dim")
    return Group(table, Text(""), more)


def _head(page: Reference) -> Group:
    place = terminal(f"{page.id} · section {page.section}", "dim")
    return Group(prose(page.title, "bold"), place, prose(page.verdict))


def _part(title: str, *body: RenderableType) -> RenderableType | None:
    return Group(terminal(title, "bold"), _indent(Group(*body))) if body else None


def _programs(title: str, programs: Sequence[Program], style: str) -> RenderableType | None:
    if not programs:
        return None
    body: list[RenderableType] = []
    for program in programs:
        body += [Text("")] if body else []
        body += [prose(f"{program.note}:")] if program.note else []
        body.append(_listing(program))
    return Group(terminal(title, f"bold {style}"), _indent(Group(*body)))


def _listing(program: Program) -> Table:
    """The program; a line too long goes on under itself, and the marked one is pointed at."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in program.lines:
        style = "bold red" if line.marked else "dim"
        code = terminal(line.text, "bold" if line.marked else "")
        table.add_row(Text("▶" if line.marked else " ", style=style), Text("│", style="dim"), code)
    return table


def _limit(limit: Limit) -> RenderableType:
    return prose(f"{limit.value}: {limit.words}")


def _related(others: Sequence[Related]) -> list[RenderableType]:
    return [terminal(", ".join(other.id for other in others))] if others else []


def _indent(body: RenderableType) -> Padding:
    return Padding(body, (0, 0, 0, 2), expand=False)
