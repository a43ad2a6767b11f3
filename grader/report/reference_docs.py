"""``python -m grader.report.reference_docs FOLDER``: a page of Markdown for every pitfall, and an index.

The folder is made to hold these pages and no other: the page of a pitfall that is gone goes, too.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader.pitfall import Entry, catalogue
from grader.report import files
from grader.report import reference as anatomy
from grader.report.reference import Program, Reference, Related, by_section, reference
from grader.report.wording import spans

INDEX = "README.md"
COMMAND = "python -m grader.report.reference_docs docs/pitfalls"
_GENERATED = f"<!-- Made from the pitfall's own file. Do not edit it here; update it with: {COMMAND} -->"


def pages() -> dict[str, str]:
    """Every page by the name of its file."""
    known = catalogue()
    hrefs = {pitfall_id: f"{pitfall_id}.md" for pitfall_id in known}
    written = {f"{entry.id}.md": markdown(reference(entry, hrefs)) for entry in known.values()}
    return {INDEX: index(list(known.values())), **written}


def markdown(page: Reference) -> str:
    """One pitfall's page."""
    blocks = [
        _GENERATED,
        f"# {_prose(page.title)}",
        f"`{page.id}` · section {_prose(page.section)} · [source]({_source(page)})",
        _prose(page.verdict),
        _prose(page.what),
        *_part(anatomy.WHY, [_prose(page.why)]),
        *_part(anatomy.MEND, [_prose(page.mend)]),
        *_part(anatomy.WRONG, _programs(page.wrong)),
        *_part(anatomy.RIGHT, _programs(page.right)),
        *_part(anatomy.LOOKS_AT, _looks_at(page)),
        *_part(anatomy.LESSON, [_prose(page.lesson)] if page.lesson else []),
        *_part(anatomy.EXPLAINS, _related(page.explains)),
        *_part(anatomy.FOLLOWS, _related(page.follows)),
        f"[All pitfalls]({INDEX})",
    ]
    return "\n\n".join(blocks) + "\n"


def index(entries: Sequence[Entry]) -> str:
    """The pitfalls by section, in the order of the lesson."""
    blocks = [
        _GENERATED,
        "# The pitfalls",
        "By section of the lesson. Each page is made from the pitfall's file.",
    ]
    for section, here in by_section(entries):
        rows = [
            f"| [`{entry.id}`]({entry.id}.md) | {_cell(entry.pitfall.title)} | {entry.pitfall.severity} |"
            for entry in here
        ]
        head = ["| pitfall | what happened | |", "|---|---|---|"]
        blocks += [f"## {_prose(section)}", "\n".join([*head, *rows])]
    return "\n\n".join(blocks) + "\n"


def write(folder: Path) -> list[Path]:
    """Write every page, and remove those of pitfalls that are no more."""
    made = pages()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        files.write(folder / name, text)
    return [folder / name for name in made]


def _part(title: str, body: Sequence[str]) -> list[str]:
    return [f"## {title}", *body] if body else []


def _programs(programs: Sequence[Program]) -> list[str]:
    return [block for program in programs for block in _program(program)]


def _program(program: Program) -> Iterator[str]:
    if program.note:
        yield f"{_prose(program.note)}:"
    lines = [f"{line.text}  # <- here" if line.marked else line.text for line in program.lines]
    yield "\n".join(["```python", *lines, "```"])


def _looks_at(page: Reference) -> list[str]:
    limits = [f"- {limit.value}: {_prose(limit.words)}" for limit in page.limits]
    return [*map(_prose, page.looks_at), *(["\n".join(limits)] if limits else [])]


def _related(others: Sequence[Related]) -> list[str]:
    items = [f"- [`{other.id}`]({other.href}): {_prose(other.title)}" for other in others]
    return ["\n".join(items)] if items else []


def _prose(text: str) -> str:
    """The text as Markdown shows it: only what stands between backticks is code."""
    return "".join(f"`{span.text}`" if span.code else _escaped(span.text) for span in spans(text))


def _escaped(text: str) -> str:
    return re.sub(r"([\\*_<>\[\]|`])", r"\\\1", text)


def _cell(text: str) -> str:
    """In a table a bar ends the cell, even in code."""
    return re.sub(r"(?<!\\)\|", r"\\|", _prose(text))


def _source(page: Reference) -> str:
    return f"../../grader/pitfalls/{page.id.replace('-', '_')}.py"


def main() -> None:
    """Write the pages to the folder that is named."""
    if len(sys.argv) != 2:
        sys.exit(f"Name the folder to write to: {COMMAND}")
    written = write(Path(sys.argv[1]))
    sys.stdout.write(f"{len(written)} pages written to {sys.argv[1]}\n")


if __name__ == "__main__":
    main()
