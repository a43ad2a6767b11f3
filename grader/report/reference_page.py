"""A pitfall's page as one self-contained file."""

from __future__ import annotations

from collections.abc import Mapping

from grader.pitfall import Entry
from grader.report.page import render
from grader.report.reference import reference
from grader.version import __version__


def reference_page(entry: Entry, hrefs: Mapping[str, str] | None = None, home: str = "") -> str:
    """The page. ``hrefs`` says where others are reached, ``home`` the page that it belongs to."""
    page = reference(entry, hrefs)
    return render("reference.html.j2", page=page, home=home, version=__version__)
