"""What Keras makes of `metrics=["accuracy"]` depends on the targets; a loaded model has made the same of it."""

import pytest

from tests.runtime.models import HEAD

CLASSES, COLUMN, ONE_HOT, ONE = "r.integers(0, 3, 8)", "r.integers(0, 3, (8, 1))", "np.eye(3)[r.integers(0, 3, 8)]", "r.integers(0, 2, (8, 1))"  # fmt: skip
SPARSE, WHOLE, BINARY = "sparse_categorical_crossentropy", "categorical_crossentropy", "binary_crossentropy"
MAKE = """
r = np.random.default_rng(0)
given = keras.Input((3,))
heads = {name: layers.Dense(width, activation=activation, name=name)(given) for name, width, activation in HEADS}
model = keras.Model(given, heads if len(heads) > 1 else heads["a"])
model.compile("adam", LOSS, metrics=METRICS)
model.fit(np.ones((8, 3)), TARGETS, verbose=0)
"""
RESUME = "import kept\nproof = kept.save(model, file, verify='resume')\nlogs = model.evaluate(np.ones((8, 3)), TARGETS, verbose=0, return_dict=True)\nresult = [proof.outputs.value, proof.resume.value, logs]\n"  # fmt: skip
AGAIN = "import kept\nmodel = kept.load(file)\nresult = model.evaluate(np.ones((8, 3)), TARGETS, verbose=0, return_dict=True)\n"  # fmt: skip
ONE_HEAD = "[('a', 3, 'softmax')]"
SEVERAL = "[('a', 3, 'softmax'), ('b', 1, 'sigmoid'), ('c', 3, 'softmax')]"
OF_SEVERAL = f"dict(a={CLASSES}, b={ONE}, c={ONE_HOT})"
EACH = "dict(a=['accuracy'], b=['acc'], c=['accuracy', 'acc'])"
CASES = {
    "numbers of classes": (ONE_HEAD, repr(SPARSE), "['accuracy']", CLASSES),
    "numbers of classes in a column": (ONE_HEAD, repr(SPARSE), "['acc']", COLUMN),
    "a loss that is an object": (ONE_HEAD, "keras.losses.SparseCategoricalCrossentropy()", "['accuracy']", CLASSES),
    "one of many": (ONE_HEAD, repr(WHOLE), "['accuracy', 'mae']", ONE_HOT),
    "one or the other": ("[('a', 1, 'sigmoid')]", repr(BINARY), "['accuracy']", ONE),
    "a loss that is chosen by the targets": (ONE_HEAD, "'crossentropy'", "['accuracy']", CLASSES),
    "other targets for each output": (SEVERAL, f"dict(a='{SPARSE}', b='{BINARY}', c='{WHOLE}')", EACH, OF_SEVERAL),
    "other targets and no word of them": (SEVERAL, "dict(a='crossentropy', b='ce', c='ce')", EACH, OF_SEVERAL),
}


@pytest.mark.parametrize("name", CASES)
def test_metrics_by_name_are_what_the_targets_made_them(name, lab):
    heads, loss, metrics, targets = CASES[name]
    make = MAKE.replace("HEADS", heads).replace("LOSS", loss).replace("METRICS", metrics).replace("TARGETS", "targets")
    targets = f"r = np.random.default_rng(1)\ntargets = {targets}\n"
    outputs, resumed, logs = lab.here(HEAD, targets, make, RESUME.replace("TARGETS", "targets")).result
    assert (outputs, resumed) == ("equal", "equal")
    assert len(logs) >= 2
    assert lab.elsewhere(HEAD, targets, AGAIN.replace("TARGETS", "targets")).result == pytest.approx(logs, abs=1e-6)


def test_a_file_that_says_nothing_of_kinds_is_still_loaded(one_lab):
    heads, loss, metrics, targets = CASES["one of many"]
    make = MAKE.replace("HEADS", heads).replace("LOSS", loss).replace("METRICS", metrics).replace("TARGETS", targets)
    as_before = (
        "import kept\nfrom kept.runtime import draft\nnow = draft.compiled_parts\n"
        "draft.compiled_parts = lambda places: list(now(places))\n"
        "try:\n    result = kept.save(model, file).outputs.value\nfinally:\n    draft.compiled_parts = now\n"
    )
    assert one_lab.here(HEAD, make, as_before).result == "equal"
    names = (
        "import kept\nmodel = kept.load(file)\nresult = [type(one).__name__ for one in model._compile_metrics.metrics]"
    )
    assert one_lab.elsewhere(HEAD, names).result == ["CategoricalAccuracy", "MeanAbsoluteError"]
