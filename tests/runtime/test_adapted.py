"""Quantised layers and LoRA matrices come back, also where a user's code builds the layers plain."""

import pytest

from tests.runtime.models import HEAD

PARENT = (
    HEAD
    + """
class Parent(layers.Layer):
    def __init__(self, kind, **options):
        super().__init__(**options)
        self.kind = kind
        self.inner = made(kind)
    def build(self, shape):
        self.inner.build(shape)
    def call(self, x):
        return self.inner(x)
def made(kind):
    if kind == "Embedding":
        return layers.Embedding(5, 3)
    return layers.Dense(3) if kind == "Dense" else layers.EinsumDense("ab,bc->ac", output_shape=3)
def net(kind, inside):
    layer = Parent(kind) if inside else made(kind)
    dtype = "int32" if kind == "Embedding" else "float32"
    parts = [layer, layers.Flatten(), layers.Dense(2)]
    model = keras.Sequential([keras.Input((3,), dtype=dtype), *parts])
    return model, layer.inner if inside else layer
def trained(model):
    model.compile("adam", "mse")
    model.train_on_batch(np.abs(x).astype(model.inputs[0].dtype), y)
"""
)
RESUME = "import kept\nproof = kept.save(model, file, verify='resume')\nresult = proof.resume.value\n"
MATRICES = """
from tests.runtime.observing import as_text
def matrices(layer):
    base = layer._embeddings if hasattr(layer, "_embeddings") else layer._kernel
    parts = ("lora_kernel_a", "lora_kernel_b", "lora_embeddings_a", "lora_embeddings_b")
    return [as_text(one) for one in [base, *(getattr(layer, name, None) for name in parts)] if one is not None]
"""


@pytest.mark.parametrize("inside", [False, True], ids=["in a graph", "in a custom layer"])
@pytest.mark.parametrize("kind", ["Dense", "EinsumDense", "Embedding"])
def test_lora_matrices_that_were_trained_train_on(kind, inside, torch_lab):
    lora = f"model, layer = net('{kind}', {inside})\nlayer.enable_lora(2)\ntrained(model)\n"
    assert torch_lab.here(PARENT, lora, RESUME).result == "equal"


def test_lora_matrices_come_back_apart_and_not_merged(torch_lab):
    lora = "model, layer = net('Dense', True)\nlayer.enable_lora(2)\ntrained(model)\nkept.save(model, file)\n"
    before = torch_lab.here(PARENT, MATRICES, "import kept", lora, "result = matrices(layer)").result
    load = "model = kept.load(file)\nresult = matrices(model.layers[0].inner)"
    assert len(before) == 3
    assert torch_lab.elsewhere(PARENT, MATRICES, "import kept", load).result == before


def test_the_scale_of_lora_comes_back(torch_lab):
    lora = (
        "model, layer = net('Dense', True)\nlayer.enable_lora(2, lora_alpha=5)\nimport kept\nkept.save(model, file)\n"
    )
    assert torch_lab.here(PARENT, lora).given["result"] is None
    load = "import kept\nlayer = kept.load(file).layers[0].inner\nresult = [layer.lora_rank, layer.lora_alpha]"
    assert torch_lab.elsewhere(PARENT, load).result == [2, 5]


@pytest.mark.parametrize("mode", ["int8", "int4", "float8"])
def test_quantised_layers_in_a_custom_layer_come_back(mode, torch_lab):
    quantised = f"model, layer = net('Dense', True)\nmodel.quantize('{mode}')\nimport kept\n"
    save = "result = kept.save(model, file).outputs.value"
    assert torch_lab.here(PARENT, quantised, save).result == "equal"
    load = "import kept\nresult = kept.load(file).layers[0].inner.quantization_mode"
    assert torch_lab.elsewhere(PARENT, load).result == mode


def test_a_quantised_layer_with_lora_trains_on(torch_lab):
    both = "model, layer = net('Dense', True)\nmodel.quantize('int8')\nlayer.enable_lora(2)\ntrained(model)\n"
    assert torch_lab.here(PARENT, both, RESUME).result == "equal"


@pytest.mark.parametrize("inside", [False, True], ids=["in a graph", "in a custom layer"])
def test_an_optimizer_keeps_its_slots_for_weights_that_were_quantised_away(inside, torch_lab):
    quantised = f"model, layer = net('Dense', {inside})\ntrained(model)\nmodel.quantize('int8')\n"
    count = "result = [result, len(model.optimizer.variables)]"
    assert torch_lab.here(PARENT, quantised, RESUME, count).result == ["equal", 10]
    load = "import kept\nresult = len(kept.load(file).optimizer.variables)"
    assert torch_lab.elsewhere(PARENT, load).result == 10


CRAFTED = {
    "a class": {"mode": "int8", "config": {"module": "os", "class_name": "system"}, "rank": None, "alpha": None},
    "a text as rank": {"mode": None, "config": None, "rank": "2", "alpha": None},
    "nothing": {},
}


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_adaptation_is_refused(what, torch_lab):
    from tests.runtime.crafting import craft

    torch_lab.here(PARENT, "model, layer = net('Dense', False)\nimport kept\nkept.save(model, file)").result  # noqa: B018
    told = {"model.layers[0]": CRAFTED[what]}
    craft(torch_lab.file, lambda config, metadata: metadata["kept"]["state"].update(adapted=told))
    assert torch_lab.elsewhere("import kept\nkept.load(file)").error["type"] == "CorruptFileError"
