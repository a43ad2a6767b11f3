"""The channel: whatever bytes come, a trace or one FrameError."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.records import Trace
from grader.sandbox import channel
from grader.sandbox.channel import FrameError

CAP = 4096
TRACE = {"outcome": "returned", "stage": "call", "seconds": 0.5, "torch": "2", "python": "3"}


def frame(body: bytes | str) -> bytes:
    data = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    return len(data).to_bytes(4, "big") + data


def traced(**fields: Any) -> str:
    return json.dumps({**TRACE, **fields})


def test_a_whole_frame_is_a_trace() -> None:
    trace = channel.decode_trace(frame(traced(events_seen=3)), CAP)
    assert trace.events_seen == 3


def test_a_float_that_is_none_is_spelt() -> None:
    returned = {"kind": "number", "type": "float", "number": "-inf"}
    trace = channel.decode_trace(frame(traced(returned=returned)), CAP)
    assert trace.returned is not None and trace.returned.number == -math.inf


def test_brackets_in_a_string_are_no_depth() -> None:
    text = "[" * 200 + '\\"{'
    trace = channel.decode_trace(frame(traced(entry_problem=text)), CAP)
    assert trace.entry_problem == text


def test_escaped_pairs_are_characters() -> None:
    trace = channel.decode_trace(frame(traced(entry_problem="\U0001f600")), CAP)
    assert trace.entry_problem == "\U0001f600"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "there is no frame"),
        (b"\0\0", "the frame breaks off"),
        (frame(traced())[:-1], "the frame breaks off"),
        (b"\xff\xff\xff\xff", "4294967295 bytes"),
        (frame(traced()) + b"x", "after the frame"),
        (frame(traced()) * 2, "after the frame"),
        (frame(b"\xff\xfe"), "not JSON"),
        (frame("{"), "not JSON"),
        (frame("\x00"), "not JSON"),
        (frame('{"seconds": NaN}'), "NaN"),
        (frame('{"seconds": -Infinity}'), "-Infinity"),
        (frame('{"seconds": 1e999}'), "too large for a float"),
        (frame('{"seconds": ' + "9" * 500 + "}"), "500 digits"),
        (frame(traced(seconds=10**350)), "not a trace"),
        (frame('{"a": 1, "a": 2}'), "twice"),
        (frame("[" * 200 + "]" * 200), "deeper"),
        (frame('{"a":' * 200 + "1" + "}" * 200), "deeper"),
        (frame(traced(entry_problem="\ud800")), "surrogate"),
        (frame('{"\\udfff": 1}'), "surrogate"),
        (frame(b'"\xed\xa0\x80"'), "not JSON"),
        (frame("[1]"), "not a trace"),
        (frame(traced(grade=100)), "grade"),
        (frame(json.dumps({"error": "too\nlarge"})), "the child failed: too large"),
    ],
)
def test_anything_else_is_refused_in_one_line(data: bytes, reason: str) -> None:
    with pytest.raises(FrameError) as caught:
        channel.decode_trace(data, CAP)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_cap_is_on_the_announced_length() -> None:
    body = traced()
    assert channel.decode_trace(frame(body), len(body)).python == "3"
    with pytest.raises(FrameError, match="are allowed"):
        channel.decode_trace(frame(body), len(body) - 1)


def test_devices_begin_with_the_cpu() -> None:
    assert channel.decode_devices(frame('["cuda:0", "cpu"]'), CAP) == ("cpu", "cuda:0")


@pytest.mark.parametrize("body", ["{}", "[1]", '["CPU\\u001b"]', json.dumps(["cpu"] * 65)])
def test_devices_are_names(body: str) -> None:
    with pytest.raises(FrameError):
        channel.decode_devices(frame(body), CAP)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
fields = st.dictionaries(st.sampled_from([*Trace.model_fields]), json_values)
bodies = (
    st.binary()
    | st.text().map(str.encode)
    | json_values.map(lambda value: json.dumps(value).encode())
    | fields.map(lambda value: json.dumps({**TRACE, **value}).encode())
)


@given(st.binary() | bodies.map(frame))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for decode in (channel.decode_trace, channel.decode_devices):
        try:
            decode(data, CAP)
        except FrameError as error:
            assert str(error).isprintable()
