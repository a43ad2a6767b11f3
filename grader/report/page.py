"""The Jinja2 environment of all pages. Everything that a template shows passes ``visible``."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.clean import visible
from grader.report import reference, wording
from grader.report.highlight import highlighted


def render(template: str, **context: object) -> str:
    """One page, self-contained: no font, no image, no script from anywhere."""
    return _environment().get_template(template).render(**context)


@dataclass(frozen=True)
class Script:
    """A script to stand inside a page, and the source by which the page's policy lets it alone run."""

    text: Markup
    source: str


@cache
def script(template: str) -> Script:
    """A script of ours; nothing is filled in."""
    text = _environment().get_template(template).render()
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Script(Markup(text), f"'sha256-{digest}'")  # noqa: S704 - it is a file of this package


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("grader.report"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["highlighted"] = highlighted
    environment.filters["spans"] = wording.spans
    environment.filters["plain"] = wording.plain
    environment.filters["score"] = wording.number
    environment.globals["words"] = reference
    return environment


def _shown(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
