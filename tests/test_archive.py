"""Archives: read with caps, never extracted, and whatever is wrong is one clear line."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionError, UsageError
from grader.submission import archive, budget
from grader.submission.budget import Budget
from grader.submission.members import MOST_NESTED_BYTES, list_folder
from grader.submission.notebook import MOST_NOTEBOOK_BYTES
from grader.submission.text import MOST_BYTES
from tests.classes import laid_out, listed, special, tarred, zipped

TWO = {"a/x.py": "x = 1", "a/notes.txt": "n" * 99, "b.ipynb": "{}"}
MAKERS: dict[str, Callable[[], bytes]] = {
    "class.zip": lambda: zipped(TWO),
    "stored.zip": lambda: zipped(TWO, zipfile.ZIP_STORED),
    "class.tar.gz": lambda: tarred(TWO),
    "class.tgz": lambda: tarred(TWO),
    "class.tar": lambda: tarred(TWO, "w"),
}


@pytest.mark.parametrize("name", MAKERS)
def test_every_kind_gives_the_same_members(name: str) -> None:
    found = listed(MAKERS[name](), name)
    assert {"/".join(m.parts): m.read() for m in found.members} == {
        "a/notes.txt": b"",  # its name is all that is wanted of it
        "a/x.py": b"x = 1",
        "b.ipynb": b"{}",
    }
    assert found.notices == ()
    assert found.members[1].shown == f"{name}/a/x.py"


def test_the_kind_is_told_by_the_bytes_and_not_by_the_name() -> None:
    assert len(listed(tarred(TWO), "class.zip").members) == 3
    assert len(listed(zipped(TWO), "class.tgz").members) == 3


def test_what_systems_leave_behind_is_skipped() -> None:
    names = [
        "__MACOSX/._x.py",
        ".DS_Store",
        "a/__pycache__/x.py",
        "r/.git/x.py",
        ".ipynb_checkpoints/x.ipynb",
    ]
    found = listed(zipped({**dict.fromkeys(names, "x"), "d/": "", "./a//x.py": "1", "venv/x.py": "2"}))
    assert [m.parts for m in found.members] == [("a", "x.py")]


@pytest.mark.parametrize(
    "name",
    [
        "../x.py",
        "a/../../x.py",
        "/etc/x.py",
        "..\\x.py",
        "C:\\x.py",
        "c:/x.py",
        "\\\\host\\x.py",
        "a" * 2000 + ".py",
    ],
)
def test_names_are_text_and_never_paths(name: str) -> None:
    found = listed(zipped({name: "x", "good.py": "y"}))
    assert [m.name for m in found.members] == ["good.py"]
    assert len(found.notices) == 1 and "was left out" in found.notices[0]
    assert len(found.notices[0]) < 200


def test_a_name_with_a_nul_is_left_out() -> None:
    data = zipped({"aXb.py": "x"}).replace(b"aXb.py", b"a\0b.py")
    assert listed(data).members == () and "no file's name" in listed(data).notices[0]


def test_names_are_safe_to_show_and_composed() -> None:
    found = listed(zipped({"\u202eyp.\x1b[2J.py": "x", "Zoe\u0301.py": "y", "a\\b.py": "z"}))
    assert {m.parts for m in found.members} == {("\\u202eyp.\\x1b[2J.py",), ("Zoé.py",), ("a", "b.py")}


def test_bytes_in_a_tar_that_are_no_utf8_are_escaped() -> None:
    data = tarred({"caf\udce9.py": "x"}, "w")
    assert listed(data, "c.tar").members[0].name == "caf\\udce9.py"


def test_a_zip_that_does_not_say_that_its_names_are_utf8_is_read_as_such() -> None:
    data = bytearray(zipped({"Zoë.py": "x"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset + 1] &= ~0x08
    assert listed(bytes(data)).members[0].name == "Zoë.py"


def only(data: bytes, name: str = "class.zip") -> str:
    """Why the one bad member, called ``bad.py``, cannot be read; another one can."""
    members = {m.name: m for m in listed(data, name).members}
    assert members["good.py"].read() == b"y"
    with pytest.raises(SubmissionError) as error:
        members["bad.py"].read()
    assert error.type is SubmissionError
    return str(error.value)


def with_mode(mode: int) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        info = zipfile.ZipInfo("bad.py")
        info.external_attr = mode << 16
        made.writestr(info, "/etc/passwd")
        made.writestr("good.py", "y")
    return packed.getvalue()


@pytest.mark.parametrize("mode", [0o120777, 0o010644, 0o020644, 0o060644, 0o140644])
def test_links_and_devices_in_a_zip_are_not_read(mode: int) -> None:
    assert "is a link or another thing that is no file" in only(with_mode(mode))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]
)
def test_links_and_devices_in_a_tar_are_not_read(kind: bytes) -> None:
    data = tarred({"good.py": "y"}, others=[special("bad.py", kind, "good.py")])
    assert "is a link or another thing" in only(data, "c.tgz")


def test_a_name_that_is_there_twice_is_neither() -> None:
    files = [("bad.py", "1"), ("good.py", "y"), ("bad.py", "2")]
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped(files)
    assert only(data) == "'bad.py' is in the archive 2 times: hand in one."
    assert "2 times" in only(tarred(files), "c.tgz")


def test_two_spellings_of_one_name_are_the_same_name() -> None:
    assert "2 times" in only(zipped({"./bad.py": "1", "good.py": "y", "bad.py": "2"}))


def test_an_encrypted_member_is_refused() -> None:
    data = bytearray(zipped({"bad.py": "x", "good.py": "y"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(signature) + offset] |= 1
    assert only(bytes(data)) == "'bad.py' is encrypted: hand it in without a password."


@pytest.mark.parametrize("packing", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_rare_packings_are_refused(packing: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("bad.py", "x", packing)
        made.writestr("good.py", "y")
    assert "pack it as an ordinary .zip" in only(packed.getvalue())


def test_a_member_whose_bytes_are_damaged_stops_no_other() -> None:
    data = zipped({"bad.py": "unmistakable", "good.py": "y"}, zipfile.ZIP_STORED)
    assert "is damaged in the archive (BadZipFile: Bad CRC-32" in only(data.replace(b"unmist", b"UNMIST", 1))


def test_a_bomb_of_one_member_is_not_unpacked() -> None:
    assert "unpack to far more" in only(zipped({"bad.py": b"0" * (8 * 1024**2), "good.py": "y"}))


def test_a_member_is_read_to_its_cap_and_no_further() -> None:
    notebook, python = os.urandom(16) * (MOST_NOTEBOOK_BYTES // 16 + 9), "#" * (MOST_BYTES + 99)
    for data in (
        zipped({"a.ipynb": notebook, "b.py": python}, zipfile.ZIP_STORED),
        tarred({"a.ipynb": notebook, "b.py": python}, "w"),
    ):
        assert [len(m.read()) for m in listed(data, "c.tar").members] == [
            MOST_NOTEBOOK_BYTES + 1,
            MOST_BYTES + 1,
        ]


def test_a_size_that_lies_is_believed_by_nobody() -> None:
    data = bytearray(zipped({"bad.py": b"0" * 5000, "good.py": "y"}))
    struct.pack_into("<L", data, data.find(b"PK\x01\x02") + 24, 10)
    assert "is damaged" in only(bytes(data))


def test_all_that_is_read_of_a_class_has_a_cap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_READ_BYTES", 10)
    members = listed(zipped({"a.py": "x" * 8, "b.py": "x" * 8})).members
    assert members[0].read() == b"x" * 8
    with pytest.raises(SubmissionError, match=r"'b\.py' was not read: the archive holds more than"):
        members[1].read()


def test_what_was_refused_costs_the_others_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "MOST_READ_BYTES", 10)
    members = listed(zipped({"a.py": "x" * 20, "b.py": "x" * 8})).members
    assert members[1].read() == b"x" * 8


def test_one_students_archive_takes_its_part_and_no_more() -> None:
    whole = Budget(left=20, unpacked=0)
    for expected in (12, 4, 4):
        with whole.nested() as own:
            assert own.unpacked > 0
            (member,) = listed(zipped({"a.py": "x" * 8}), budget=own).members
        assert whole.left == expected
    with pytest.raises(SubmissionError):
        member.read()
    with Budget().nested() as own:
        assert own.left == budget.MOST_NESTED_READ_BYTES < budget.MOST_READ_BYTES


def refused(data: bytes, name: str = "class.zip") -> str:
    with pytest.raises(UsageError) as error:
        listed(data, name)
    text = str(error.value)
    assert name in text and "\n" not in text
    return text


def test_more_members_than_any_class_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBERS", 3)
    many = {f"{i}.py": "" for i in range(5)}
    assert "holds more than 3 files" in refused(zipped(many))
    assert "holds more than 3 files" in refused(tarred(many), "c.tgz")
    monkeypatch.setattr(archive, "MOST_SEEN", 3)
    assert "more than" in refused(tarred({f"d{i}/.git": "" for i in range(5)}), "c.tgz")


def test_a_list_of_members_that_is_too_long_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_DIRECTORY_BYTES", 100)
    data = zipped({f"{i}.py": "" for i in range(5)})
    monkeypatch.setattr(zipfile, "ZipFile", None)
    assert "holds more than" in refused(data)


def test_so_it_is_where_the_size_is_said_in_64_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = zipped({f"{i}.py": "" for i in range(5)})
    end = plain.rfind(b"PK\x05\x06")
    count, _, size, offset = struct.unpack_from("<HHLL", plain, end + 8)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    data = plain[:end] + record + locator + plain[end:-10] + b"\xff" * 8 + plain[-2:]
    assert len(listed(data).members) == 5
    monkeypatch.setattr(archive, "MOST_DIRECTORY_BYTES", 100)
    assert "holds more than" in refused(data)


def test_a_gzip_that_unpacks_without_end_is_stopped() -> None:
    packed = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = packed.compress(tarred({"x.py": "1"}, "w")[:1024])
    zeros = b"\0" * (8 * 1024**2)
    block += b"".join(packed.compress(zeros) for _ in range(10)) + packed.flush()
    assert len(block) < 100_000
    assert "unpacks to far more" in refused(block, "c.tgz")


def test_a_header_in_a_tar_that_is_no_name_is_not_held() -> None:
    long = tarfile.TarInfo("x")
    long.type, long.size = tarfile.GNUTYPE_LONGNAME, 10 * 1024**2
    assert "no file has" in refused(long.tobuf() + b"a" * long.size, "c.tar")


def test_a_sparse_file_is_not_unpacked() -> None:
    sparse = tarfile.TarInfo("x.py")
    sparse.type = tarfile.GNUTYPE_SPARSE
    assert "file with holes" in refused(sparse.tobuf() + b"\0" * 1024, "c.tar")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (zipped(TWO)[:-30], "half.zip"),
        (zipped(TWO)[:60], "start.zip"),
        (tarred(TWO)[:-40], "half.tgz"),
        (tarred(TWO, "w")[:700], "half.tar"),
        (tarred(TWO, "w")[:1024] + b"\1" * 1024, "odd.tar"),
        (gzip.compress(b"no tar", mtime=0), "no.tar.gz"),
        (b"", "empty.tar"),
    ],
)
def test_a_damaged_archive_is_one_line_with_the_fix(data: bytes, name: str) -> None:
    assert "is damaged, or only a part of it was downloaded: download it again" in refused(data, name)


@pytest.mark.parametrize("data", [b"", b"Rar!\x1a\x07\x00", b"7z\xbc\xaf'\x1c", b"x = 1\n", b"\0" * 600])
def test_what_is_no_archive_is_told_which_are(data: bytes) -> None:
    assert "it has to be a .zip, .tar, .tar.gz or .tgz" in refused(data)


SEEDS = [
    zipped(TWO),
    zipped(TWO, zipfile.ZIP_STORED),
    tarred(TWO),
    tarred(TWO, "w"),
    tarred({"a" * 300: "x"}, "w"),
]


def read_through(data: bytes, name: str) -> None:
    try:
        for member in listed(data, name).members:
            with contextlib.suppress(SubmissionError):
                member.read()
    except UsageError as error:
        assert name in str(error)


@settings(max_examples=100)
@given(
    st.binary(max_size=400),
    st.sampled_from(["c.zip", "c.tar"]),
    st.sampled_from([b"", b"PK\x03\x04", b"\x1f\x8b"]),
)
@example(b"PK\x05\x06" + b"\0" * 18, "c.zip", b"")
def test_any_bytes_raise_nothing_but_the_projects_errors(data: bytes, name: str, start: bytes) -> None:
    read_through(start + data, name)


@settings(max_examples=250)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.integers(1, 12))
def test_nor_does_an_archive_with_some_bytes_changed(data: bytes, seed: int, changes: int) -> None:
    chance, changed = random.Random(seed), bytearray(data)
    ends = [data.find(b"PK\x01\x02") + i for i in range(46)] if data[:2] == b"PK" else range(512)
    for _ in range(changes):
        place = chance.choice([chance.randrange(len(changed)), chance.choice(list(ends))])
        changed[place % len(changed)] = chance.choice([0, 1, 0x30, 0x7F, 0x80, 0xFF, chance.randrange(256)])
    cut = len(changed) if chance.random() < 0.7 else chance.randrange(len(changed))
    read_through(bytes(changed[:cut]), "c.tar")


def test_a_folder_gives_its_regular_files(tmp_path: Path) -> None:
    laid_out(tmp_path, {"a/x.py": "1", "a/data.csv": "2", "b.PY": "3", ".h.py": "4", ".git/x.py": "5"})
    laid_out(tmp_path, {"__pycache__/y.py": "6", "out/reports/z.py": "7", "venv/lib/x.py": "8"})
    (tmp_path / "link.py").symlink_to(tmp_path / "b.PY")
    (tmp_path / "linked").symlink_to(tmp_path / "a")
    os.mkfifo(tmp_path / "fifo.py")
    os.mkfifo(tmp_path / "fifo")
    found = list_folder(tmp_path, tmp_path / "out").members
    assert ["/".join(m.parts) for m in found] == ["a/data.csv", "a/x.py", "b.PY", "fifo.py"]
    assert found[1].read() == b"1" and found[1].shown == str(tmp_path / "a" / "x.py")
    with pytest.raises(SubmissionError, match="no regular file"):
        found[3].read()


def test_names_in_a_folder_are_safe_to_show(tmp_path: Path) -> None:
    laid_out(tmp_path, {"\x1b[2J\u202e.py": ""})
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py")).write_text("x")
    found = {m.name: m for m in list_folder(tmp_path, tmp_path / "out").members}
    assert set(found) == {"\\udcff.py", "\\x1b[2J\\u202e.py"}
    assert found["\\udcff.py"].read() == b"x"
    assert found["\\udcff.py"].shown.endswith("\\udcff.py")


def test_a_folder_of_everything_is_no_class(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("grader.submission.members.MOST_MEMBERS", 2)
    laid_out(tmp_path, {f"{i}.py": "" for i in range(3)})
    with pytest.raises(UsageError, match="More than 2 files below"):
        list_folder(tmp_path, tmp_path / "out")


def test_the_caps_are_in_proportion() -> None:
    assert MOST_BYTES < MOST_NOTEBOOK_BYTES < MOST_NESTED_BYTES < budget.MOST_READ_BYTES
