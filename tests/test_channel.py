"""The channel: whatever bytes come, a trace or one FrameError."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import to_json

from grader.child import forked
from grader.records import Trace
from grader.sandbox import channel
from grader.sandbox.channel import FrameError
from tests.command import ROOT

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
        (frame('{"a":1,"a":2}'), "twice"),
        (frame('{"seconds":' + "9" * 500 + "}"), "500 digits"),
        (frame('{"seconds":1e999}'), "too large for a float"),
        (frame('{"seconds":Infinity}'), "Infinity"),
        (frame("[" * 101 + "]" * 101), "deeper"),
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


# --- what the child writes -------------------------------------------------------------------------


@given(json_values)
@example([1e-7, 1e22, "[{", '"]'])
def test_what_a_child_writes_is_read_the_fast_way_and_as_the_careful_way_reads_it(value: Any) -> None:
    body = framed_body(value)
    careful = channel._with_care(body)
    assert same(channel._as_written(body), careful)
    assert same(careful, json.loads(body))


@given(json_values)
def test_what_is_read_the_fast_way_the_careful_way_takes_as_well(value: Any) -> None:
    spelt = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        fast = channel._as_written(spelt)
    except ValueError:
        return
    assert same(fast, channel._with_care(spelt))


@given(st.lists(st.sampled_from(["[", "]", '"', '"]"', '"["', '""', '"[]"', "1,", '["]"' * 60, "[" * 60])))
@example(['["]"'] * 120)
def test_what_is_shallow_by_its_brackets_is_so_bracket_by_bracket(parts: list[str]) -> None:
    text = "".join(parts)
    if channel._is_shallow(text.encode()):
        channel._check_depth(text)


def test_texts_that_are_no_utf8_and_that_look_like_no_numbers_arrive() -> None:
    body = framed_body({"a": "x\ud800y", "b": "NaN and Infinity", "c": 1e-7})
    assert channel._strict_json(body) == {"a": "x?y", "b": "NaN and Infinity", "c": 1e-7}


@pytest.mark.parametrize("value", [math.nan, math.inf, object()])
def test_what_json_has_not_is_never_sent(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        forked._framed([value], CAP)


def framed_body(value: Any) -> bytes:
    sendable = json.loads(json.dumps(value), parse_constant=lambda name: name)
    return forked._framed(sendable, 1 << 20)[4:]


def same(a: Any, b: Any) -> bool:
    return to_json(a) == to_json(b) and repr(a) == repr(b)


def test_the_child_imports_no_more_than_the_encoder() -> None:
    code = "import sys, grader.child.forked; print('pydantic' in sys.modules, 'pydantic_core' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "False True\n"
