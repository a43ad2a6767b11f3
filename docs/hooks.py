"""What mkdocs is told of this repository: pages that no hand lists, and links that lead out of ``docs/``.

A link to a file elsewhere in the repository leads to a copy of it in the site, under ``repository/``; so the
pages read the same in the repository and in the site, and the site needs nothing else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page

from grader.pitfall import catalogue
from grader.report.reference import by_section

PITFALLS = "Pitfalls"
REST = "Reference"
COPIES = "repository/"
"""Where in the site the files are that lie outside of ``docs/``."""
_LINK = re.compile(r"(?<=\]\()(?P<path>[^()#\s:]+)(?P<anchor>#[^()\s]*)?(?=\))")

Nav = list[Any]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List every pitfall, and under ``REST`` every page that is listed nowhere else."""
    nav = [{PITFALLS: pitfalls()} if PITFALLS in part else part for part in config.nav or []]
    pages = (path.relative_to(config.docs_dir).as_posix() for path in Path(config.docs_dir).rglob("*.md"))
    missing = sorted(set(pages) - set(_listed(nav)))
    config.nav = [{REST: [*part[REST], *missing]} if REST in part else part for part in nav]
    return config


def pitfalls() -> Nav:
    """The index, and the pitfalls by section in the order of the lesson."""
    sections = by_section(list(catalogue().values()))
    return [
        "pitfalls/README.md",
        *({section: [{e.id: f"pitfalls/{e.id}.md"} for e in entries]} for section, entries in sections),
    ]


def _listed(nav: Nav) -> Iterator[str]:
    for part in nav:
        if isinstance(part, str):
            yield part
        else:
            for inner in part.values():
                yield from _listed(inner if isinstance(inner, list) else [inner])


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the files that pages link to, and those that these link to."""
    wanted = [uri for uri in _listed(config.nav or []) if uri.startswith(COPIES)]
    for file in files.documentation_pages():
        wanted += _linked(file.src_uri, config)
    while wanted:
        uri = wanted.pop()
        if files.get_file_from_path(uri) is None:
            file = File.generated(config, uri, abs_src_path=str(_origin(uri, config)))
            file.inclusion = InclusionLevel.NOT_IN_NAV
            files.append(file)
            wanted += _linked(uri, config) if file.is_documentation_page() else []
    return files


def _linked(page: str, config: MkDocsConfig) -> list[str]:
    links = _LINK.finditer(_origin(page, config).read_text("utf-8"))
    return [uri for link in links if (uri := _in_site(page, link["path"], config))]


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Let links to other files of the repository lead to where these are in the site."""

    def moved(link: re.Match[str]) -> str:
        uri = _in_site(page.file.src_uri, link["path"], config)
        if uri is None:
            return link[0]
        return os.path.relpath(uri, Path(page.file.src_uri).parent) + (link["anchor"] or "")

    return _LINK.sub(moved, markdown)


def _root(config: MkDocsConfig) -> Path:
    return Path(config.docs_dir).parent


def _origin(uri: str, config: MkDocsConfig) -> Path:
    """The file in the repository of what has this place in the site."""
    if uri.startswith(COPIES):
        return _root(config) / uri.removeprefix(COPIES)
    return Path(config.docs_dir) / uri


def _in_site(page: str, link: str, config: MkDocsConfig) -> str | None:
    """The place in the site of the file that a page links to; None where there is no such file."""
    target = Path(os.path.normpath(_origin(page, config).parent / link))
    if not target.is_file() or not target.is_relative_to(_root(config)):
        return None
    docs = Path(config.docs_dir)
    if target.is_relative_to(docs):
        return target.relative_to(docs).as_posix()
    return COPIES + target.relative_to(_root(config)).as_posix()
