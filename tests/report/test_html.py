"""The page: one file of its own, every text of it escaped, and what it says of a model."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.errors import Problem
from kept.findings import Location, Rule, Severity
from kept.proof import Level, Proof
from kept.report import (
    Check,
    Compared,
    Comparison,
    Compiled,
    Embedded,
    Failure,
    Inspection,
    Layer,
    LayerChange,
    RecordCheck,
    Report,
    Required,
    Scan,
    Scanned,
    Stats,
    Stored,
    html,
)
from kept.report._boxes import boxes_of, concerned, printable
from kept.report._notes import Note
from kept.report._sheet import sheet
from kept.tree.change import Change, Kind

KERNEL = Stored("layers/dense/vars/0", (3, 4), "float32", 48, Stats(-1, 1, 0, 0.5, 0, 0, 2, (1, 2, 9)))
BROKEN = replace(KERNEL, path="layers/own/vars/0", stats=Stats(0, 0, 0, 0, 3, 1, 0), holds=False)
DENSE = Layer(
    "stem", "stem", "Dense", "keras.layers", "config.layers[1]", "layers/dense", inputs=("x",), tensors=(KERNEL,)
)
OWN = Layer("own", "own", "acme>Own", node="config.layers[2]", group="layers/own", is_custom=True, tensors=(BROKEN,))
MODEL = Layer("m", "m", "Functional", is_model=True, layers=(Layer("x", "x", "InputLayer"), DENSE, OWN))
ONE = Inspection("runs/small.keras", "keras_archive", ".keras archive", 1234, "", {"keras": "3.15.1"}, MODEL)
HOSTILE = [
    "<img src=x onerror=alert(1)>", '"><script>alert(1)</script>', "</script><script>alert(1)", "<!--<script>", "]]>",
    "a\u2028b", "' onclick='alert(1)", "{{ 7*7 }}", "{% raw %}", "\u202egnp.exe", "\x00\x1b[2J", "\ud800",
    "x" * 100_000,
]  # fmt: skip


def page(*inspections, **more):
    return html.render(Report("inspect", inspections=inspections, **more))


def named(name):
    """A file in which everything is called that."""
    tensor = Stored(name, (2,), name, 8, Stats(0, 1, 0, 1, 0, 0, 0, (1, 1)), False)
    layer = Layer(name, name, name, name, name, name, True, True, (2,), False, name, {name: name}, {name: name}, name,
                  (name,), (tensor,))  # fmt: skip
    model = replace(layer, layers=(layer, replace(layer, path="other", inputs=(name,))))
    versions = dict.fromkeys(("keras", "backend", "kept", "python"), name)
    return Inspection(
        name, "keras_archive", ".keras archive", 9, name, versions, model, (tensor,),
        Compiled(name, {name: name}, 1, (tensor,), name, name), (Required(f"{name}:{name}", name, (name,), name, 3),),
        (Embedded(name, name, f"{name[:9]:9}", False),), {name: 3}, RecordCheck(1, 1, (name,), True, True, name),
    )  # fmt: skip


class Outline(HTMLParser):
    """The elements of a page and the text of its scripts and styles."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.raw, self.text = [], set(), {"script": [], "style": []}, []
        self._inside = None
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        self._inside = tag

    def handle_data(self, data):
        self.raw.get(self._inside, self.text).append(data)

    def handle_endtag(self, tag):
        self._inside = None


PLAIN = Outline(page(named("plain")))


def data(text):
    (found,) = re.findall(r'<script type="application/json" id="data">(.*)</script>', text)
    return json.loads(found)


@pytest.mark.parametrize("name", HOSTILE, ids=[repr(name[:20]) for name in HOSTILE])
def test_no_name_makes_an_element_or_an_attribute(name):
    hostile = Outline(page(named(name)))
    assert hostile.tags == PLAIN.tags
    assert hostile.attributes == PLAIN.attributes
    assert hostile.raw["script"][1:] == PLAIN.raw["script"][1:]
    assert hostile.raw["style"] == PLAIN.raw["style"]


@settings(max_examples=25, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_whatever_a_name_is_the_page_has_the_elements_that_it_should_have(name):
    told = page(named(name))
    assert Outline(told).tags == PLAIN.tags
    assert all(one.isprintable() or one in "\n\xa0" for one in told)


def test_the_policy_admits_nothing_but_what_is_there():
    found = Outline(page(ONE))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page(ONE))
    said = dict(one.split(" ", 1) for one in policy.replace("&#39;", "'").split("; "))
    assert said.pop("default-src") == "'none'"
    for kind, texts in (("script-src", found.raw["script"][1:]), ("style-src", found.raw["style"])):
        hashes = {f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in texts}
        assert set(said.pop(kind).split()) == hashes
    assert said == {"base-uri": "'none'", "form-action": "'none'"}


def test_a_page_names_no_address():
    assert "://" not in page(ONE).replace("http://www.w3.org/2000/svg", "")
    assert not {"src", "href", "style", "onclick"} & Outline(page(ONE)).attributes


def test_what_a_file_is_stands_on_its_page():
    told = " ".join(" ".join(Outline(page(ONE)).text).split())
    assert ".keras archive · 1.2 kB · Keras 3.15.1" in told
    assert "parameters 24 file 1.2 kB layers 3 Findings 1" in told
    assert "<title>runs/small.keras · kept</title>" in page(ONE)


def test_the_script_knows_each_layer_with_its_tensors():
    (one,) = data(page(ONE))
    model, x, stem, own = one["boxes"]
    assert (model["name"], x["kind"], stem["inputs"], own["custom"]) == ("m", "InputLayer", [1], True)
    assert stem["tensors"][0]["bars"] == [1, 2, 9]
    assert model["inside"]["kids"] == [1, 2, 3]


def test_numbers_that_are_none_and_damage_are_noted_beside_the_layer():
    damaged = replace(ONE, record=RecordCheck(2, 2, ("layers/own/vars/0",)))
    notes = sheet(damaged).notes
    assert [(one.title, one.text) for one in notes] == [
        ("record", "This tensor is not what kept's record says"),
        ("numbers", "3 NaN and 1 infinite in a tensor"),
    ]
    assert notes[1].boxes == (3,)


@pytest.mark.parametrize(
    ("where", "layer"),
    [
        ("config.layers[1]", "stem"),
        ("config.layers[1].config.activation", "stem"),
        ("config.layers[10]", None),
        ("layers/own/vars/0", "own"),
        ("layers/own/vars/7", "own"),
        ("stem", "stem"),
        ("compile_config.loss", None),
        ("x" * 200_000, None),
    ],
)
def test_a_finding_stands_beside_the_layer_that_it_is_of(where, layer):
    boxes, _ = boxes_of(MODEL)
    (places,) = concerned(boxes, [(where,)])
    assert [boxes[place].name for place in places] == ([layer] if layer else [])


PAYLOAD = Rule("KPT301", "a.code_payload", Severity.ERROR).finding("a lambda", where=("config.layers[2].config.f",))


def test_what_a_scan_finds_stands_beside_the_layer():
    scan = Scan((Scanned(ONE.path, findings=(PAYLOAD,), trusted=("acme",)), Scanned("b.keras", skipped="it is a link")))
    told = html.render(Report("scan", scans=(scan,), inspections=(ONE,)))
    (one,) = data(told)
    assert one["boxes"][3]["findings"] == [0, 1]
    assert one["findings"][0] == ["error", "code-payload", "a lambda", []]
    assert "kept.load(path, trusted=[&#39;acme&#39;])" in told
    assert "it is a link" in told


def test_a_scan_of_many_files_is_a_list():
    files = (Scanned("a.keras", findings=(PAYLOAD,)), Scanned("b.keras"), Scanned("c.keras", skipped="it is a link"))
    told = html.render(Report("scan", scans=(Scan(files),)))
    assert "<h1>1 finding in 3 files</h1>" in told
    assert "<script" not in told
    assert [one in told for one in ("a.keras", "code-payload", "nothing found", "not judged", "it is a link")] == [
        True
    ] * 5


def test_what_differs_stands_beside_the_layer_of_either_file():
    own = LayerChange("own", "own", 1, "acme>Own", changes=(Change("rate", Kind.CHANGED, 0.1, 0.2),))
    pair = Comparison(
        Compared("old.keras", "", 1), Compared(ONE.path, "", 1), layers=(LayerChange(None, "stem", 1, "Dense"), own)
    )
    old = replace(ONE, path="old.keras", model=replace(MODEL, layers=(OWN,)))
    told = html.render(Report("diff", comparisons=(pair,), inspections=(ONE, old)))
    new, before = data(told)
    assert [box.get("findings") for box in new["boxes"]] == [None, None, [0], [1, 2]]
    assert [box.get("findings") for box in before["boxes"]] == [None, [1, 2]]
    assert new["findings"][:2] == [["added", "stem", "Dense", []], ["changed", "own", "Own", [["rate", "0.1 -> 0.2"]]]]
    assert "beside old.keras: 1 layer added, settings of 1 layer" in told


def test_files_that_do_not_differ_are_said_to_be_equal():
    pair = Comparison(Compared("a.keras", "", 1), Compared("b.keras", "", 1))
    told = html.render(Report("diff", comparisons=(pair,)))
    assert "<h1>Nothing differs</h1>" in told
    assert "a.keras and b.keras" in told


def test_a_layer_that_is_called_as_the_model_is_found():
    one = replace(ONE, model=replace(MODEL, name="own", path="own"))
    assert sheet(one, [(Note("changed", "own"), ("own",))]).boxes[3].findings == [0, 1]


def test_a_box_counts_what_is_inside():
    inner = Layer("in", "in", "Sequential", is_model=True, layers=(DENSE, replace(DENSE, path="in/b", name="b")))
    boxes, _ = boxes_of(replace(MODEL, layers=(inner, OWN)))
    assert [(box.name, box.parameter_count, box.nbytes) for box in boxes][:2] == [("m", 36, 144), ("in", 24, 96)]


def test_an_endless_list_of_layers_is_cut_and_the_page_says_so():
    many = replace(MODEL, layers=tuple(Layer(f"d{n}", f"d{n}x", "Dense") for n in range(12_000)))
    boxes, left_out = boxes_of(many)
    assert (len(boxes), left_out) == (5_000, 7_001)


def test_layers_within_layers_without_end_are_a_page():
    model = Layer("l", "l", "Dense")
    for _ in range(130):
        model = Layer("l", "l", "Sequential", is_model=True, layers=(model,))
    assert len(data(page(replace(ONE, model=model)))[0]["boxes"]) == 131


def test_a_file_without_layers_is_a_page():
    assert "says nothing of layers" in page(replace(ONE, model=Layer("", ""), nbytes=0))


def test_long_texts_are_cut_in_the_middle():
    assert printable("x" * 500 + "end") == f"{'x' * 260} … {'x' * 17}end (503 characters)"


def test_findings_in_source_are_a_page_by_file():
    rule = Rule("KPT112", "a.lambda_in_model")
    found = rule.finding("a <lambda>", location=Location("src/a.py", 3, 5, 11, "x = <lambda>"), stock="fails")
    told = html.render(Report("check", checks=(Check("src", (found,), 0.1, 41),)))
    assert "<h1>1 finding in 41 files</h1>" in told
    assert "x = <mark>&lt;lambd</mark>a&gt;" in told
    assert "<script" not in told


def test_a_clean_check_and_nothing_at_all_are_pages_too():
    assert "<h1>Nothing found in 41 files</h1>" in html.render(Report("check", checks=(Check("src", (), 0.1, 41),)))
    assert "<h1>Nothing to tell</h1>" in html.render(Report("save"))


def test_proofs_and_failures_are_told_of():
    proof = Proof("a.keras", 3, Level.WEIGHTS, problems=(Problem("it differs", "model.layers[0]"),))
    told = html.render(Report("verify", proofs=(proof,), failures=(Failure("b.keras", "WriteError", "disk <full>"),)))
    assert "0 of 1 file proven" in told
    assert "model.layers[0]: it differs" in told
    assert "disk &lt;full&gt;" in told
