"""What a child sent, read as the claim of a stranger: one frame of strict JSON, or a FrameError.

A frame is a four-byte big-endian length and that many bytes of UTF-8 JSON, with nothing after it.
JSON's readers take NaN, 1e999, duplicate keys, lone surrogates and any depth; none passes here.

An honest child writes its values in one way only. So a body is read in Rust and written again, and where
the same bytes come out, nothing in it was doubled, odd or lost. Any other body is read again with care, in
Python: that decides what is refused, and why.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from pydantic import ValidationError
from pydantic_core import from_json, to_json

from grader.records import Trace

HEADER_BYTES = 4
MAX_DEPTH = 100
MAX_DEVICES = 64
MAX_DIGITS = 400
"""Of an integer: Python's own limit (4300) would raise, and a float ends at 309."""

_DEVICE = re.compile(r"[a-z][a-z0-9_]{0,31}(:[0-9]{1,3})?")
_SURROGATE = re.compile("[\ud800-\udfff]")
_REASON_CHARACTERS = 300


class FrameError(ValueError):
    """The bytes are not the one well-formed frame that a run may send; says why in one line.

    ``failure`` is the child's own word, where it reported that it failed.
    """

    def __init__(self, reason: str, failure: str = "") -> None:
        super().__init__(reason)
        self.failure = failure


def frame_length(data: bytes | bytearray) -> int | None:
    """The bytes a frame announces after its header; None while the header is incomplete."""
    if len(data) < HEADER_BYTES:
        return None
    return int.from_bytes(data[:HEADER_BYTES], "big")


def overrun(data: bytes | bytearray, cap: int) -> str | None:
    """Why no further byte can make this a frame of at most ``cap`` bytes; None where one may."""
    length = frame_length(data)
    if length is None:
        return None
    if length > cap:
        return f"a frame of {length} bytes is announced, and {cap} are allowed"
    if len(data) > HEADER_BYTES + length:
        return "there are bytes after the frame"
    return None


def is_complete(data: bytes | bytearray) -> bool:
    """Whether all the announced bytes are there."""
    length = frame_length(data)
    return length is not None and len(data) >= HEADER_BYTES + length


def decode_frame(data: bytes | bytearray, cap: int) -> Any:
    """The JSON value in the one frame that ``data`` is; ``cap`` bounds its body, in bytes.

    Raises FrameError, and nothing else.
    """
    reason = overrun(data, cap)
    if reason is None and not is_complete(data):
        reason = "the frame breaks off" if data else "there is no frame"
    if reason is not None:
        raise FrameError(reason)
    return _strict_json(bytes(data[HEADER_BYTES:]))


def decode_trace(data: bytes | bytearray, cap: int) -> Trace:
    """The trace in a frame. Raises FrameError, also where the child reports a failure instead."""
    value = decode_frame(data, cap)
    _refuse_failure(value)
    try:
        return Trace.model_validate(value)
    except ValidationError as error:
        raise FrameError(_first_problem(error)) from None
    except (RecursionError, ValueError, OverflowError) as error:
        raise FrameError(f"not a trace: {_one_line(error)}") from None


def decode_devices(data: bytes | bytearray, cap: int) -> tuple[str, ...]:
    """The device names in a frame, "cpu" first. Raises FrameError."""
    value = decode_frame(data, cap)
    _refuse_failure(value)
    if not isinstance(value, list) or len(value) > MAX_DEVICES:
        raise FrameError("not a short list of devices")
    for name in value:
        if not isinstance(name, str) or not _DEVICE.fullmatch(name):
            raise FrameError("not a device's name")
    return tuple(dict.fromkeys(["cpu", *value]))


def decode_object(data: bytes | bytearray, cap: int) -> dict[str, Any]:
    """The object in a frame of the grader's own making. Raises FrameError."""
    value = decode_frame(data, cap)
    _refuse_failure(value)
    if not isinstance(value, dict):
        raise FrameError("not an object")
    return value


def _refuse_failure(value: object) -> None:
    if isinstance(value, dict) and value.keys() == {"error"}:
        failure = _one_line(value["error"])
        raise FrameError(f"the child failed: {failure}", failure)


def _strict_json(body: bytes) -> Any:
    try:
        return _as_written(body)
    except ValueError:
        return _with_care(body)


def _as_written(body: bytes) -> Any:
    """The value of a body that is written as the child writes. Raises ValueError where that is not sure."""
    if _has_long_number(body):
        raise ValueError("perhaps it is an integer")
    if not _is_shallow(body):
        _check_depth(body.decode("utf-8"))
    value = from_json(body, allow_inf_nan=False)
    if to_json(value) != body:
        raise ValueError("written in another way")
    return value


def _with_care(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
        if not _is_shallow(body):
            _check_depth(text)
        hooks: dict[str, Any] = (
            {} if _has_plain_numbers(body) else {"parse_float": _finite, "parse_int": _short_integer}
        )
        value = json.loads(text, object_pairs_hook=_unique_keys, parse_constant=_refuse_constant, **hooks)
        _refuse_surrogates(text, value)
    except FrameError:
        raise
    except (ValueError, RecursionError) as error:
        raise FrameError(f"not JSON: {_one_line(error)}") from None
    return value


_NOT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))
_BRACES_AS_BRACKETS = bytes.maketrans(b"{}", b"[]")
_DIGITS_AS_ZERO = bytes.maketrans(b"123456789E", b"000000000e")
_FEWER_DIGITS = 300
"""A float of so many digits or fewer, with an exponent below a hundred, is finite."""


def _is_shallow(body: bytes) -> bool:
    """Whether a value is surely nested no deeper than MAX_DEPTH, from its brackets alone: the innermost pairs
    are taken away, level by level. Quotes go in pairs as well, so that there always is one between a bracket
    and one in a string, and the two are never taken for a pair. Where strings hold single ones, it is not
    sure.
    """
    unescaped = re.sub(rb"\\.", b"", body, flags=re.DOTALL) if b"\\" in body else body
    structure = unescaped.translate(_BRACES_AS_BRACKETS, _NOT_STRUCTURE).replace(b'""', b"")
    for _ in range(MAX_DEPTH):
        if not structure:
            return True
        structure = structure.replace(b"[]", b"").replace(b'""', b"")
    return not structure


def _has_long_number(body: bytes) -> bool:
    """Whether an integer may have more digits than MAX_DIGITS; digits in a string count, too."""
    return b"0" * MAX_DIGITS in body.translate(_DIGITS_AS_ZERO)


def _has_plain_numbers(body: bytes) -> bool:
    """Whether no number can be too long or too large: then none has to be looked at on its own."""
    zeros = body.translate(_DIGITS_AS_ZERO)
    return not any(mark in zeros for mark in (b"e000", b"e+000", b"0" * _FEWER_DIGITS))


def _check_depth(text: str) -> None:
    """Brackets inside strings are skipped, so that a student's source cannot look deep."""
    depth = 0
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', text, re.DOTALL):
        first = mark[0][0]
        if first in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise FrameError(f"nested deeper than {MAX_DEPTH}")
        elif first in "]}":
            depth -= 1


def _refuse_surrogates(text: str, value: object) -> None:
    """Only an escape can bring one: UTF-8 itself has none, so most frames are not walked."""
    if re.search(r"\\u[dD][89a-fA-F]", text) and _has_surrogate(value):
        raise FrameError("a lone surrogate in a string")


def _has_surrogate(value: object) -> bool:
    if isinstance(value, str):
        return _SURROGATE.search(value) is not None
    if isinstance(value, list):
        return any(map(_has_surrogate, value))
    if isinstance(value, dict):
        return any(_has_surrogate(key) or _has_surrogate(item) for key, item in value.items())
    return False


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FrameError("a key appears twice in one object")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise FrameError(f"the number {name} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise FrameError("a number too large for a float")
    return value


def _short_integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise FrameError(f"an integer of {len(text)} digits")
    return int(text)


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, problem["loc"]))
    return f"not a trace: {_one_line(place)}: {_one_line(problem['msg'])}"


def _one_line(value: object) -> str:
    words = " ".join(str(value)[:_REASON_CHARACTERS].split())
    return "".join(char if char.isprintable() else "?" for char in words)
