"""Pass after pass: what touches one place waits, what does not end is an error, and no file is broken."""

import libcst as cst
import pytest

from kept.errors import KeptError
from kept.findings import Applicability, Edit, Finding, Fix, Location, Severity
from kept.fixing import passes
from kept.fixing.edits import fixers
from kept.fixing.source import Unmendable
from tests.fixing.mending import module


class Renames:
    """An edit that writes one name for another."""

    def __init__(self, *, to, promise=Applicability.SAFE):
        self.to = to
        self.promise = promise

    def mend(self, source, finding):
        statement = source.tree.body[finding.location.line - 1]
        old = statement.body[0].value
        source.replace(old, cst.Name(self.to[old.value]))


def told(rule, line=1, **details):
    return Finding("KPT100", rule, Severity.ERROR, "wrong", location=Location("shop.py", line, 1), **details)


@pytest.fixture
def run(monkeypatch):
    """Mends a text with edits that are given, as long as any line has a name they know."""

    def call(text, unsafe=False, **edits):
        monkeypatch.setattr(passes, "fixers", lambda: edits)

        def find(found):
            for line, name in enumerate(found.lines, 1):
                yield from (
                    told(rule, line, fix=Fix("rename it", "", edit.promise))
                    for rule, edit in edits.items()
                    if name in edit.to
                )

        return passes.mended(text, "shop.py", module, find, unsafe=unsafe)

    return call


def test_two_edits_of_one_place_are_made_one_after_the_other(run):
    made = run("a\nb\n", one=Renames(to={"a": "b"}), two=Renames(to={"a": "c", "b": "d"}))
    assert made.after == "d\nd\n"
    assert len(made.done) == 3


def test_edits_that_undo_each_other_are_an_error(run):
    with pytest.raises(KeptError, match="do not come to an end") as told:
        run("a\n", one=Renames(to={"a": "b"}), two=Renames(to={"b": "a"}))
    assert told.value.path == "shop.py"
    assert "--ignore" in told.value.hint


def test_edits_that_go_on_for_ever_are_an_error(run):
    names = {f"a{number}": f"a{number + 1}" for number in range(1000)}
    with pytest.raises(KeptError, match="do not come to an end"):
        run("a0\n", one=Renames(to=names))


def test_an_edit_that_breaks_the_file_is_an_error(run):
    with pytest.raises(KeptError, match="would break the file"):
        run("a\n", one=Renames(to={"a": "for"}))


def test_an_unsafe_edit_is_counted_and_left(run):
    made = run("a\n", one=Renames(to={"a": "b"}, promise=Applicability.UNSAFE))
    assert (made.is_changed, len(made.unsafe)) == (False, 1)
    assert run("a\n", unsafe=True, one=Renames(to={"a": "b"}, promise=Applicability.UNSAFE)).after == "b\n"


def test_what_an_edit_cannot_mend_is_left_with_its_reason(run, monkeypatch):
    def refuse(*_):
        raise Unmendable("it is too hard")

    edit = Renames(to={"a": "b"})
    monkeypatch.setattr(edit, "mend", refuse)
    assert [reason for _, reason in run("a\n", one=edit).left] == ["it is too hard"]


def test_exact_replacements_of_a_finding_are_made_where_no_edit_is_known():
    edits = (Edit("shop.py", 1, 2, 1, 8, ""),)
    fix = Fix("remove it", applicability=Applicability.SAFE, edits=edits)

    def find(found):
        yield from [told("unknown", fix=fix)] if "#" in found.text else []

    assert passes.mended("x  # kept\ny\n", "shop.py", module, find).after == "xpt\ny\n"


def test_every_edit_says_what_it_does():
    assert [name for name, edit in fixers().items() if not (edit.__doc__ or "").endswith(".")] == []
