"""Takes out of a notebook's cell what IPython reads and Python does not: ``%magic``, ``!command``, ``help?``.

A command's line becomes a line of Python that does nothing, so that every other line keeps its number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_KEEPS_CODE = frozenset({"time", "timeit", "capture", "prun", "memit", "mprun", "debug"})
"""The cell magics that run the cell's code as Python."""
_COMMAND = re.compile(
    r"(?P<indent>\s*)(?P<target>[A-Za-z_][\w.,\[\] \t]*=\s*)?(?P<command>[%!].*)", re.DOTALL
)
_HELP = re.compile(r"\s*(?:\?\??\s*[%\w.*]+|[%A-Za-z_][%\w.*\[\]-]*\?\??)\s*;?\s*")
_TIME = re.compile(r"%time\s+(?P<code>\S.*)", re.DOTALL)
_PIECE = re.compile(
    r"#.*"
    r"|(?P<triple>\"\"\"|''')"
    r"|\"(?:\\.|[^\"\\])*(?:\"|(?P<open_double>\\?$))"
    r"|'(?:\\.|[^'\\])*(?:'|(?P<open_single>\\?$))"
    r"|(?P<opening>[\[({])"
    r"|(?P<closing>[\])}])"
    r"|(?P<continued>\\$)"
)


@dataclass(frozen=True)
class Cleaned:
    """A cell without its commands. ``left_out`` has the line of each, from 1, with its text."""

    lines: tuple[str, ...]
    left_out: tuple[tuple[int, str], ...] = ()
    dropped_for: str = ""
    """The cell magic for which the whole cell was left out; empty where it was not."""


def without_commands(lines: Sequence[str]) -> Cleaned:
    """The cell's lines, as many as before, with nothing in them but Python."""
    first = next((i for i, line in enumerate(lines) if line.strip()), 0)
    if not lines or not lines[first].startswith("%%"):
        return _clean(lines)
    magic = lines[first].strip()
    name = magic[2:].split(maxsplit=1)[0] if magic[2:].strip() else ""
    if name not in _KEEPS_CODE:
        return Cleaned(tuple(map(_comment, lines)), dropped_for=magic)
    rest = _clean(["", *lines[first + 1 :]])
    kept = (*lines[:first], _comment(lines[first]), *rest.lines[1:])
    left_out = [(first + 1, magic), *((first + number, text) for number, text in rest.left_out)]
    return Cleaned(kept, tuple(left_out))


def _clean(lines: Sequence[str]) -> Cleaned:
    cleaned, left_out = list(lines), []
    for first, last in _statements(lines):
        text = "\n".join(lines[first : last + 1])
        plain = _plain(text)
        if plain is not None:
            left_out.append((first + 1, lines[first].strip()))
            cleaned[first : last + 1] = [plain, *map(_comment, lines[first + 1 : last + 1])]
    return Cleaned(tuple(cleaned), tuple(left_out))


def _plain(statement: str) -> str | None:
    """Python in the place of a command's first line; None for what is no command."""
    first = statement.partition("\n")[0]
    if _HELP.fullmatch(first):
        return _in_place(first)
    found = _COMMAND.fullmatch(statement)
    if found is None:
        return None
    timed = _TIME.fullmatch(found["command"])
    if timed and "\n" not in statement:
        return f"{found['indent']}{found['target'] or ''}{timed['code']}"
    if found["target"]:
        command = found["command"].partition("\n")[0]
        return f"{found['indent']}{found['target']}None  # {command}"
    return _in_place(first)


def _in_place(line: str) -> str:
    """A statement that does nothing, for the command may be all that an ``if`` has in it."""
    indent = line[: len(line) - len(line.lstrip())]
    return f"{indent}pass  # {line.strip()}"


def _comment(line: str) -> str:
    return f"# {line}" if line.strip() else line


def _statements(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The first and the last line (from 0) of whatever begins outside of strings and brackets and not after a
    backslash: that is where IPython looks for a command."""
    state, number = _State(), 0
    while number < len(lines):
        first = number
        if _is_command(lines[first]):
            while lines[number].endswith("\\") and number + 1 < len(lines):
                number += 1
        else:
            state = state.after(lines[number])
            while not state.is_clear and number + 1 < len(lines):
                number += 1
                state = state.after(lines[number])
        yield first, number
        number += 1


def _is_command(line: str) -> bool:
    return _plain(line) is not None


@dataclass(frozen=True)
class _State:
    """Between two lines: the string that is open, the brackets that are, whether a backslash goes on."""

    quote: str = ""
    depth: int = 0
    continued: bool = False

    @property
    def is_clear(self) -> bool:
        return not self.quote and self.depth <= 0 and not self.continued

    def after(self, line: str) -> _State:
        """The state at the end of a line that begins in this one."""
        quote, depth, position = self.quote, max(self.depth, 0), 0
        while True:
            if quote:
                position = _end_of_string(line, position, quote)
                if position < 0:
                    return _State(quote if len(quote) == 3 or line.endswith("\\") else "", depth)
                quote = ""
            found = _PIECE.search(line, position)
            if found is None:
                return _State("", depth)
            position = found.end()
            depth += bool(found["opening"]) - bool(found["closing"])
            quote = found["triple"] or ""
            if found["continued"]:
                return _State("", depth, continued=True)
            if found["open_double"] == "\\" or found["open_single"] == "\\":
                return _State(found.group()[0], depth)


def _end_of_string(line: str, position: int, quote: str) -> int:
    """Where a string that is open at ``position`` is over; -1 where the line ends before it does."""
    while 0 <= position < len(line):
        if line.startswith(quote, position):
            return position + len(quote)
        position += 2 if line[position] == "\\" else 1
    return -1
