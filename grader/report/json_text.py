"""A result as JSON: always valid, whatever was handed in."""

from __future__ import annotations

import json
import math
from typing import Any

from pydantic_core import PydanticSerializationError

from grader.clean import visible
from grader.records import Result


def result_json(result: Result, indent: int | None = None) -> str:
    """One JSON object, ``schema_version`` first."""
    try:
        return result.model_dump_json(indent=indent)
    except PydanticSerializationError:  # a lone surrogate, from a file's name that is no UTF-8
        return json.dumps(_encodable(result.model_dump()), indent=indent, ensure_ascii=False, allow_nan=False)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {visible(str(key)): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
