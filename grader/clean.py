"""The one place where text that was handed in is made safe to show.

Control characters move a terminal's cursor, bidi overrides turn a line of code around, a cell
that starts with ``=`` is run by a spreadsheet. Each is shown as what it is, never obeyed.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

_UNSAFE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but newline and tab, DEL, C1 (0x9b opens an escape sequence)
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"  # soft hyphen and other invisibles
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f"  # zero width, separators, bidi overrides, isolates
    "\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"  # fillers, byte order mark, noncharacters
    "\ud800-\udfff"  # lone surrogates cannot be encoded
    "\U000e0000-\U000e0fff"  # tags
    "]"
)
_WORKFLOW_COMMAND = re.compile(r"::(?=[A-Za-z][\w-]*[^\n]*?::)|##(?=\[)")
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_PLAIN = {
    "✓": "+", "✗": "x", "–": "-", "−": "-", "·": "-", "│": "|", "▶": ">", "…": "...",
    "×": "x", "≈": "~", "→": "->", "’": "'", "“": '"', "”": '"', "─": "-", "━": "-",
}  # fmt: skip
READABLE = "readable"
"""An error handler for streams that cannot show it all: the nearest ASCII, else an escape."""


def visible(text: str) -> str:
    """``text`` with everything invisible or obeyed by a display written out as an escape."""
    if text.isascii() and text.isprintable():  # most texts, in a fraction of the time
        return text
    return _UNSAFE.sub(lambda match: _escape(match.group()), text.replace("\r\n", "\n"))


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str, limit: int = 200) -> str:
    """``visible`` text on one line of at most ``limit`` characters."""
    flat = " ".join(visible(text).split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def csv_cell(text: str) -> str:
    """``text`` as a spreadsheet's cell that is never taken for a formula."""
    flat = visible(text).replace("\n", " ").replace("\t", " ")
    return f"'{flat}" if text.startswith(_FORMULA) or flat.lstrip().startswith(_FORMULA) else flat


def terminal(text: str, style: str = "") -> Text:
    """``text`` for a terminal or a CI log: no markup, no escape sequence, no workflow command."""
    from rich.text import Text

    return Text(visible(inert(text)).expandtabs(4), style=style)


def inert(text: str) -> str:
    """``text`` in which no CI finds a workflow command, wherever a line of it begins."""
    return _WORKFLOW_COMMAND.sub(lambda match: _escape(match.group()[0]) + match.group()[1], text)


def slug(name: str) -> str:
    """A file name for ``name``: safe on every system, and its own even where letters were lost."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", plain).strip("-")[:60] or "submission"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{stem}-{digest}"


def _nearest_ascii(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(_PLAIN.get(c, _escape(c)) for c in bad), error.end


codecs.register_error(READABLE, _nearest_ascii)
