"""``python -m docs.screenshots``: the pictures of the pages, in ``docs/images/``, from real runs.

The sample class is graded by ``grader batch``, one of its files by ``grader check``. The pages are pictured
in Chromium; what the terminal shows is drawn as SVG.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
CLASS = ROOT / "examples" / "class"
IMAGES = ROOT / "docs" / "images"
STUDENT = "dmitri-volkov"
"""Never clears a gradient."""
COLUMNS = 80
"""The columns of the terminal."""
LARGEST = 200_000
"""Bytes of a picture, at most."""
WIDTH = 1100
"""Pixels of a picture."""
MARGIN = 24
"""Pixels above what a picture begins with."""
ADJUSTMENT = """
[[adjustment]]
student = "emre-yilmaz"
points = +5
comment = "Explained it well in the lab."
by = "N. Turing"
"""
_FETCHED = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""What rich's SVG would fetch from elsewhere."""


def grader(*words: str, cwd: Path, statuses: tuple[int, ...] = (0,), **environment: str) -> str:
    """What a command prints. Raises ``RuntimeError`` with what it said where it ends with another status."""
    ran = subprocess.run(
        [sys.executable, "-m", "grader", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if ran.returncode not in statuses:
        raise RuntimeError(f"grader {' '.join(words)} ended with {ran.returncode}: {ran.stdout}{ran.stderr}")
    return ran.stdout


def terminal(said: str, command: str) -> str:
    """A terminal with a command and what it printed, as SVG that fetches nothing."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), command))
    console.print(Text.from_ansi(said.rstrip()))
    svg = console.export_svg(title="grader check", unique_id="terminal")
    return _FETCHED.sub("", svg).replace("Fira Code, monospace", "monospace")


def picture(page: Page, name: str, height: int, start: str = "body") -> None:
    """Save ``height`` pixels of a page, from the element ``start`` on.

    Raises:
        ValueError: the picture is larger than ``LARGEST``.
    """
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.locator(start).evaluate("(element, margin) => scrollTo(0, element.offsetTop - margin)", MARGIN)
    shot = page.screenshot(animations="disabled")
    if len(shot) > LARGEST:
        raise ValueError(f"The picture {name} has {len(shot)} bytes; {LARGEST} are the most.")
    (IMAGES / f"{name}.png").write_bytes(shot)


def main() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("There is no chromium on PATH, which takes the pictures: install the package chromium.")
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        submission = folder / "quadratic.py"
        shutil.copy(CLASS / f"{STUDENT}.py", submission)
        said = grader(
            *("check", "quadratic.py", "--html", "report.html"),
            cwd=folder,
            statuses=(1,),
            FORCE_COLOR="1",
            TERM="xterm-256color",
            COLUMNS=str(COLUMNS),
        )
        (IMAGES / "check.svg").write_text(terminal(said, "grader check quadratic.py"), "utf-8")
        graded = ("batch", str(CLASS), "--exercise", "quadratic", "--out", "results")
        grader(*graded, cwd=folder)
        with (folder / "results" / "adjustments.toml").open("a", encoding="utf-8") as file:
            file.write(ADJUSTMENT)
        grader(*graded, cwd=folder)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium)
            page = browser.new_page(color_scheme="light")
            page.goto((folder / "report.html").as_uri())
            picture(page, "report", 910)
            picture(page, "report-pictures", 920, "#pictures")
            page.goto((folder / "results" / "index.html").as_uri())
            picture(page, "class", 960)
            picture(page, "class-students", 800, "#students")
            browser.close()


if __name__ == "__main__":
    main()
