"""Documents that read in two ways, or that cost more than they say. Each line: a document and its verdict."""

from pathlib import Path

import pytest

from kept.errors import CorruptFileError, LimitExceededError
from kept.formats.strict_json import parse
from kept.limits import DEFAULT_LIMITS, Limits

FILE = Path("model.keras")

VERDICTS = {
    b"": (CorruptFileError, "not JSON at line 1, column 1: Expecting value"),
    b'{"a": 1': (CorruptFileError, "not JSON at line 1, column 8: Expecting ',' delimiter"),
    b"[]": (CorruptFileError, "not a JSON object\n  found     a list"),
    b"7": (CorruptFileError, "not a JSON object\n  found     a int"),
    b'{"a": "\xff"}': (CorruptFileError, "not UTF-8 at byte 7"),
    b'{"a": 1, "b": {"c": 1, "c": 2}}': (CorruptFileError, "the key 'c' stands twice in one JSON object"),
    b'{"a": NaN}': (CorruptFileError, "NaN is not JSON\n  expected  finite numbers"),
    b'{"a": -Infinity}': (CorruptFileError, "-Infinity is not JSON\n  expected  finite numbers"),
    b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}": (LimitExceededError, "JSON document is nested too deep"),
    b'{"a": ' + b'[{"b":' * 100_000: (LimitExceededError, "JSON document is nested too deep"),
    b'{"a": ' + b"9" * 5000 + b"}": (CorruptFileError, "not JSON: Exceeds the limit"),
    b'{"a": 1e999}': (CorruptFileError, "1e999 is not JSON\n  expected  finite numbers"),
    b'\xef\xbb\xbf{"a": 1}': (CorruptFileError, "not JSON at line 1, column 1: Unexpected UTF-8 BOM"),
    '{"a": 1}'.encode("utf-16"): (CorruptFileError, "not UTF-8 at byte 0"),
    '{"a": 1}'.encode("utf-16-le"): (CorruptFileError, "not JSON at line 1, column 2"),
    b'{"a\0": 1}': (CorruptFileError, "not JSON at line 1, column 4: Invalid control character at"),
    b'{"a": ' + b'[{"b":' * 300 + b'"' + b'\\"' * 1_000_000: (LimitExceededError, "JSON document is nested too deep"),
    b'{"a": [' + b"[]," * 2_000_000 + b"1]}": (LimitExceededError, "JSON document holds too many values"),
    b'{"a": 1} {"a": 2}': (CorruptFileError, "not JSON at line 1, column 10: Extra data"),
}


@pytest.mark.parametrize("document", VERDICTS, ids=lambda document: document[:30].decode("latin-1"))
def test_a_document_with_no_one_meaning_is_refused(document):
    error, verdict = VERDICTS[document]
    with pytest.raises(error) as caught:
        parse(document, path=FILE, where="config.json", limits=DEFAULT_LIMITS)
    assert str(caught.value).startswith(f"model.keras: config.json: {verdict}")


def test_a_large_document_is_refused_unread():
    with pytest.raises(LimitExceededError) as caught:
        parse(b"x" * 11, path=FILE, where="config.json", limits=Limits(json_bytes=10))
    assert str(caught.value) == (
        "model.keras: config.json: JSON document is too large\n  expected  at most 10 bytes\n  found     11 bytes"
    )


def test_brackets_inside_texts_are_not_depth():
    document = b'{"a": "' + b"[{" * 5000 + b'\\""}'
    found = parse(document, path=FILE, where="config.json", limits=DEFAULT_LIMITS)
    assert len(found["a"]) == 10_001


def test_few_bytes_that_unpack_to_many_values_are_refused():
    document = b'{"a": [' + b"{}," * 600_000 + b"1]}"
    with pytest.raises(LimitExceededError, match="holds too many values"):
        parse(document, path=FILE, where="config.json", limits=DEFAULT_LIMITS, stored=2000)


def test_a_long_vocabulary_is_read():
    document = b'{"vocabulary": [' + b'"word",' * 600_000 + b'"last"]}'
    found = parse(document, path=FILE, where="config.json", limits=DEFAULT_LIMITS, stored=len(document) // 3)
    assert len(found["vocabulary"]) == 600_001


def test_a_key_twice_among_many_is_found_at_once():
    document = b"{" + b"".join(b'"%d": 1, ' % number for number in range(200_000)) + b'"199999": 2}'
    with pytest.raises(CorruptFileError, match="the key '199999' stands twice"):
        parse(document, path=FILE, where="config.json", limits=DEFAULT_LIMITS)


def test_infinity_is_read_where_keras_writes_it():
    found = parse(b'{"a": Infinity}', path=FILE, where="config.json", limits=DEFAULT_LIMITS, finite=False)
    assert found == {"a": float("inf")}
