"""One reader of YAML: the same content and the same sentences with and without libyaml."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import world.yaml_file
from docs.source import ROOT
from world.errors import InputError
from world.yaml_file import DEEPEST, PLAIN, QUICK, parse_yaml, read_yaml, write_yaml

OURS = sorted(
    path for room in ("world", "model", "experiments") for path in (ROOT / room).rglob("*.yaml")
)
FAULTS = {
    "cut list": (b"a: 1\nb: [1, 2", "line 2"),
    "cut table": (b"a: {b: 1", "line 1"),
    "cut text": (b"a: 'b\n", "line 2"),
    "list in a table": (b"a: 1\n- b\n", "line 2"),
    "table in a table": (b"a: b: 1\n", "line 1"),
    "tab": (b"a: 1\n\tb: 2\n", "line 2"),
    "tab in a word": (b"a: 1\nb: c\td\n", "line 2"),
    "question mark in a list": (b"a: 1\nb: [c?d]\n", "line 2"),
    "mark in the middle": (b"a: 1\n\xef\xbb\xbf", "line 2"),
    "comment at a folded text": (b"a: 1\nb: >-#\n  c\n", "line 2"),
    "reserved sign": (b"a: 1\nb: @c\n", "line 2"),
    "unknown escape": (b'a: "\\q"\n', "line 1"),
    "unknown anchor": (b"a: 1\nb: *c\n", "line 2"),
    "two documents": (b"--- a\n--- b\n", "line 2"),
    "other version": (b"%YAML 9.9\n---\na: 1\n", "line 1"),
    "an object": (b"a: !!python/object:os.system {}\n", "line 1"),
    "a list as key": (b"? [a]\n: 1\n", "line 1"),
    "key twice": (b"a: 1\nb: {c: 1}\na: 2\n", "line 1: key 'a' appears 2 times; once is allowed."),
    "key twice deep inside": (b"a:\n- b\n- c: 1\n  c: 2\n", "line 3: key 'c' appears 2 times"),
    "key thrice": (b"{a: 1, a: 2,\n a: 3}", "line 1: key 'a' appears 3 times"),
    "key twice in two spellings": (b"a: 1\n'a': 2\n", "line 1: key 'a' appears 2 times"),
    "no such day": (b"a: 2024-13-45\n", "month must be in 1..12"),
    "no number": (b"a: !!float x\n", "cannot be read as YAML text"),
    "no truth value": (b"a: !!bool x\n", "cannot be read as YAML text"),
    "no time": (b"a: !!timestamp x\n", "cannot be read as YAML text"),
    "no text": (b"\xff\xfe\x00\x80", "is not valid YAML"),
    "control sign": (b"a: \x01\n", "is not valid YAML"),
    "one level too deep": (b"[" * DEEPEST + b"[]" + b"]" * DEEPEST, "allowed are 30 levels"),
    "far too deep": (b"[" * 900 + b"]" * 900, "allowed are 30 levels"),
    "an alias": (b"a: &x 1\nb: *x\n", "line 1: is used again by an alias"),
    "aliases of aliases": (
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n", "line 1: is used again by an alias"),
    "an alias that holds itself": (b"&a [*a]", "line 1: is used again by an alias"),
    "a merge key": (b"a: 1\n<<: {b: 1}\n", "line 2: key '<<' merges a table"),
    "a key that is null": (b"a: 1\n~: 2\n", "line 2: key '~' is no text"),
    "a key that is a truth value": (b"a: 1\nno: 2\n", "line 2: key 'no' is no text"),
    "a key that is a number": (b"a: 1\n1: 2\n", "line 2: key '1' is no text"),
    "a key that is a day": (b"2024-01-01: 2\n", "line 1: key '2024-01-01' is no text"),
    "a long key twice": (b"%b: 1\n%b: 2" % (b"k" * 500, b"k" * 500), "appears 2 times"),
    "a number to the base of 8": (b"a: [1, 010]\n", "line 1: '010' is a number to another base"),
    "a number to the base of 60": (b"a: 1:30\n", "line 1: '1:30' is a number to another base"),
    "an empty whole number": (b"a: !!int ''\n", "cannot be read as YAML text"),
    "more digits than Python reads": (b"a: " + b"9" * 5000, "cannot be read as YAML text"),
    "a long word for a number": (b"a: !!float " + b"x" * 5000, "cannot be read as YAML text"),
    "deep tables": (b"{a: " * 20_000, "allowed are 30 levels"),
    "deep and cut": (b"a: {" * 100_000, "allowed are 30 levels"),
}


@pytest.fixture(params=["libyaml", "plain"])
def loader(request, monkeypatch):
    """The reader as it is with libyaml and without."""
    if request.param == "plain":
        monkeypatch.setattr(world.yaml_file, "QUICK", PLAIN)
    elif QUICK is PLAIN:
        pytest.skip("PyYAML was built without libyaml")


def sentence(content: bytes) -> str:
    with pytest.raises(InputError) as caught:
        parse_yaml(content, "mine.yaml")
    return str(caught.value)


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_both_loaders_read_our_files_alike(path: Path, monkeypatch) -> None:
    quick = repr(read_yaml(path))
    monkeypatch.setattr(world.yaml_file, "QUICK", PLAIN)
    assert quick == repr(read_yaml(path))


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_one_sentence_with_its_line(loader, case: str) -> None:
    content, said = FAULTS[case]
    found = sentence(content)
    assert found.startswith("mine.yaml: ") and found.endswith(".") and "\n" not in found
    assert len(found) < 400
    assert said in found


@pytest.mark.parametrize("case", FAULTS)
def test_both_loaders_use_the_same_words(case: str, monkeypatch) -> None:
    content, _ = FAULTS[case]
    quick = sentence(content)
    monkeypatch.setattr(world.yaml_file, "QUICK", PLAIN)
    assert quick == sentence(content)


def test_both_loaders_stop_at_the_same_line_of_a_damaged_world(monkeypatch) -> None:
    text = (ROOT / "world" / "files" / "2025-01.yaml").read_bytes()
    head = text[: text.index(b"developers:") + 2000]

    def outcomes() -> list[str]:
        found = []
        for at in range(0, len(head), 61):
            sign = b']"\t?:#'[at % 6 :][:1]
            for damaged in (head[:at], head[:at] + sign + head[at:]):
                try:
                    found.append(repr(parse_yaml(damaged, "mine.yaml")))
                except InputError as error:
                    found.append(str(error))
        return found

    quick = outcomes()
    monkeypatch.setattr(world.yaml_file, "QUICK", PLAIN)
    assert quick == outcomes()
    assert sum(said.startswith("mine.yaml: ") for said in quick) > 50


def test_what_people_write_is_read(loader) -> None:
    content = b"[5e8, 5.0e8, -.5e3, 1_000e0, 5e+8, 1.5, 7, e5, '5e8', 5e, 2024-12-31, a e5]"
    assert [type(value).__name__ for value in parse_yaml(content, "x")] == [
        "float", "float", "float", "float", "float", "float", "int", "str", "str", "str", "date",
        "str",
    ]  # fmt: skip
    assert parse_yaml(content, "x")[:5] == [5e8, 5e8, -500.0, 1000.0, 5e8]
    assert parse_yaml(b"", "x") is None
    assert parse_yaml(b"[" * (DEEPEST - 1) + b"]" * (DEEPEST - 1), "x")


def test_what_is_written_is_read_again(loader) -> None:
    content = {"a": ["5e8", "010", "1:30", "yes", "~", "2024-12-31", "", "=x", "a: b", "\n", "1_0"],
               "no": {"5e8": 5e8, "y": True, "z": None}}  # fmt: skip
    assert parse_yaml(write_yaml(content).encode(), "x") == content


def test_a_file_is_as_large_as_it_says(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(world.yaml_file, "LARGEST", 10)
    path = tmp_path / "large.yaml"
    path.write_bytes(b"#" * 10)
    assert read_yaml(path) is None
    path.write_bytes(b"#" * 11)
    with pytest.raises(InputError, match=r"^large\.yaml: is larger than .*MB"):
        read_yaml(path)


def test_a_folder_or_a_name_that_no_file_has_is_refused(tmp_path) -> None:
    for path in (tmp_path, tmp_path / "a\0b.yaml", tmp_path / "none.yaml"):
        with pytest.raises(InputError, match="cannot be read"):
            read_yaml(path)


def test_the_reader_is_safe() -> None:
    assert issubclass(PLAIN, yaml.SafeLoader)
    assert QUICK is PLAIN or issubclass(QUICK, yaml.CSafeLoader)
    assert isinstance(yaml.safe_load("5e8"), str), "PyYAML's own loader is left as it is"
