"""The Jinja2 environment of all pages. Everything that a template shows passes ``visible``."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from grader.clean import visible
from grader.report import reference, wording
from grader.report.highlight import highlighted


def render(template: str, **context: object) -> str:
    """One page, self-contained: no script, no font, no image from anywhere."""
    return _environment().get_template(template).render(**context)


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
    environment.globals["words"] = reference
    return environment


def _shown(value: object) -> object:
    if isinstance(value, str) and not isinstance(value, Markup):
        return visible(value)
    return value
