"""Reads the list of submissions that a Gradescope export has beside its folders."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import yaml

from grader.clean import one_line
from grader.errors import SubmissionError

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc] # libyaml's where PyYAML was built with it
    """``yaml.safe_load``'s, and what has a tag of Ruby's is read as plain values."""


def _plain(loader: Any, _tag: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!ruby/", _plain)


@dataclass(frozen=True)
class Person:
    """A student as the system names them."""

    name: str
    id: str


@dataclass(frozen=True)
class Listed:
    """One submission: whose it is, several people's where it is a group's, and when it came."""

    people: tuple[Person, ...]
    created: float


def submissions(data: bytes) -> dict[str, Listed]:
    """What ``submission_metadata.yml`` says, by the names of the folders.

    Raises:
        SubmissionError: it is no YAML, or says nothing of submissions.
    """
    try:
        content = yaml.load(data, Loader=_Loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, RecursionError, ValueError, LookupError, TypeError, OverflowError) as error:
        said = one_line(f"{type(error).__name__}: {error}", 120)
        raise SubmissionError(f"submission_metadata.yml cannot be read ({said})") from None
    if not isinstance(content, Mapping):
        raise SubmissionError("submission_metadata.yml does not list submissions")
    return {
        one_line(str(folder)): _listed(entry)
        for folder, entry in content.items()
        if isinstance(folder, str) and isinstance(entry, Mapping)
    }


def _listed(entry: Mapping[Any, Any]) -> Listed:
    fields = _without_colons(entry)
    people = fields.get("submitters")
    found = (
        [_person(each) for each in people if isinstance(each, Mapping)] if isinstance(people, list) else []
    )
    return Listed(
        tuple(person for person in found if person.name or person.id), _time(fields.get("created_at"))
    )


def _person(submitter: Mapping[Any, Any]) -> Person:
    """The student's number where there is one, else the address, which may be missing, too."""
    fields = {key: _text(value) for key, value in _without_colons(submitter).items()}
    number = fields.get("sid") or fields.get("email", "")
    return Person(fields.get("name") or number, number)


def _without_colons(mapping: Mapping[Any, Any]) -> dict[str, Any]:
    """Ruby's symbols: ``:name`` is ``name``."""
    return {key.lstrip(":"): value for key, value in mapping.items() if isinstance(key, str)}


def _text(value: object) -> str:
    return one_line(str(value)) if isinstance(value, str | int) else ""


def _time(value: object) -> float:
    """Seconds, to compare; 0 where nothing can be made of it."""
    if isinstance(value, Mapping):  # Rails writes a time with its zone as an object
        value = _without_colons(value).get("utc")
    with contextlib.suppress(ValueError, OverflowError):
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip().replace(" UTC", "+00:00"))
        if isinstance(value, datetime):
            return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp()
    return 0.0
