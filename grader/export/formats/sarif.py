"""SARIF 2.1.0: every finding as a result, every pitfall as a rule."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from grader.clean import visible
from grader.export.format import Order, text_format
from grader.export.graded import Graded, file_line, verdict, with_place
from grader.export.paths import uri
from grader.pitfall import Entry, catalogue
from grader.records import Finding
from grader.report import wording
from grader.version import __version__
from grader.words import place

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "finding/v1"


def log(order: Order) -> Iterator[str]:
    """The log, finding by finding; what could not be graded is said of the run as a whole."""
    tool = {"driver": _driver()}
    yield f'{{"$schema": "{SCHEMA}", "version": "2.1.0", "runs": [{{"tool": {_json(tool)},\n"results": ['
    notifications: list[dict[str, Any]] = []
    separator = "\n"
    for graded in order.results:
        if graded.result.status == "ungraded":
            notifications.append(_notification(graded))
        for finding in graded.result.findings:
            yield separator + _json(_result(graded, finding))
            separator = ",\n"
    invocation = {
        "executionSuccessful": not notifications,
        "toolExecutionNotifications": notifications,
    }
    yield f'\n],\n"columnKind": "unicodeCodePoints",\n"invocations": [{_json(invocation)}]}}]}}\n'


def _driver() -> dict[str, Any]:
    return {
        "name": "autograd-grader",
        "semanticVersion": __version__,
        "rules": [_rule(entry) for entry in catalogue().values()],
    }


def _rule(entry: Entry) -> dict[str, Any]:
    pitfall = entry.pitfall
    mend = f"{pitfall.why}\n\nTo mend it: {pitfall.mend}"
    return {
        "id": entry.id,
        "shortDescription": {"text": f"{wording.plain(pitfall.title)}."},
        "fullDescription": {"text": wording.plain(pitfall.what)},
        "help": {"text": wording.plain(mend), "markdown": mend},
        "defaultConfiguration": {"level": pitfall.severity},
        "properties": {"tags": [pitfall.section]},
    }


def _result(graded: Graded, finding: Finding) -> dict[str, Any]:
    rules = list(catalogue())
    result: dict[str, Any] = {
        "ruleId": visible(finding.pitfall),
        "level": finding.severity,
        "message": {"text": visible(f"{with_place(finding)}\n\nTo mend it: {wording.plain(finding.fix)}")},
        "locations": [_location(graded, finding)],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(graded, finding)},
        "properties": {"student": visible(graded.name), "exercise": visible(graded.result.exercise)},
    }
    if finding.pitfall in rules:
        result["ruleIndex"] = rules.index(finding.pitfall)
    return result


def _location(graded: Graded, finding: Finding) -> dict[str, Any]:
    """A line of a notebook's cell is no line of its file: the cell is told in words instead."""
    physical: dict[str, Any] = {"artifactLocation": {"uri": _uri(graded)}}
    line = file_line(finding)
    if line is not None and line > 0:
        physical["region"] = {"startLine": line}
    location: dict[str, Any] = {"physicalLocation": physical}
    if finding.line is not None and line is None:
        location["logicalLocations"] = [{"fullyQualifiedName": place(finding.line)}]
    return location


def _uri(graded: Graded) -> str:
    return uri(graded.result.submission.path)


def _fingerprint(graded: Graded, finding: Finding) -> str:
    """The same while the mistake is the same, whatever lines are added above it."""
    line = (finding.source or "").strip()
    parts = (finding.pitfall, graded.result.exercise, _uri(graded), finding.entry or "", line)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def _notification(graded: Graded) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": visible(f"{graded.who}, {graded.result.exercise}: {verdict(graded)}")},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(graded)}}}],
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


FORMAT = text_format("SARIF 2.1.0, for code scanning and editors", log)
