"""Keys that a constructor does not take, and a `from_config` that leaves keys out."""

import pytest

from tests.rules.source.reading import findings, names, places

HEAD = "import keras\n\nclass A(keras.layers.Layer):\n"
CALL = "    def call(self, x):\n        return x\n"


def layer(init, config, more="", forward="**kwargs"):
    """A layer `A` that stores nothing but `self.units`."""
    text = f"{HEAD}    def __init__(self, {init}):\n        super().__init__({forward})\n        self.units = units\n"
    return text + CALL + (f"    def get_config(self):\n        return {config}\n" if config else "") + more


@pytest.mark.parametrize(
    ("init", "config", "meant"),
    [
        ("units, **kwargs", "{**super().get_config(), 'n_units': self.units}", "units"),
        ("units", "{'n_units': self.units}", "units"),
        ("units", "{'units': self.units, 'name': self.name}", ""),
        ("units, **kwargs", "{**super().get_config(), 'units': self.units, 'ready': True}", ""),
    ],
)
def test_a_key_that_is_refused_is_found(init, config, meant):
    found = findings(
        layer(init, config, forward="**kwargs" if "kwargs" in init else ""), select="unaccepted-config-key"
    )
    assert len(found) == 1
    assert "unexpected keyword argument" in found[0].stock
    assert found[0].message.endswith(f"which is called {meant} there" if meant else "__init__ does not take it")


def test_a_key_that_is_swallowed_leaves_its_argument_at_the_default():
    text = layer("units=1, **kwargs", "{**super().get_config(), 'n_units': self.units}", forward="")
    found = findings(text, select="unaccepted-config-key")
    assert [one.severity.value for one in found] == ["warning"]
    assert places(text, select="unaccepted-config-key")[0][1] == "'n_units'"


@pytest.mark.parametrize(
    ("init", "config", "forward"),
    [
        ("units, **kwargs", "{**super().get_config(), 'units': self.units}", "**kwargs"),
        ("units, **kwargs", "{'units': self.units, 'dtype': self.dtype}", "**kwargs"),
        ("units, **kwargs", "{'units': self.units, 'activity_regularizer': None}", "**kwargs"),
        ("units, **kwargs", "{'units': self.units, 'version': 2}", ""),
    ],
)
def test_a_key_that_is_taken_or_does_no_harm_is_clean(init, config, forward):
    assert names(layer(init, config, forward=forward), select="unaccepted-config-key") == []


def test_a_from_config_may_take_keys_out():
    more = (
        "    @classmethod\n    def from_config(cls, config):\n        config.pop('n')\n        return cls(**config)\n"
    )
    text = layer("units, **kwargs", "{**super().get_config(), 'units': self.units, 'n': 1}", more)
    assert names(text, select="unaccepted-config-key") == []


@pytest.mark.parametrize("given", ["4, **kwargs", "units=4, **kwargs"])
def test_what_a_constructor_gives_its_base_by_itself_comes_twice(given):
    text = "import keras\nclass A(keras.layers.Dense):\n    def __init__(self, **kwargs):\n"
    found = findings(f"{text}        super().__init__({given})\n", select="unaccepted-config-key")
    assert "multiple values for units" in found[0].stock


@pytest.mark.parametrize(
    ("base", "init", "refused"),
    [
        ("keras.layers.Layer", "self, units", "trainable and dtype"),
        ("keras.layers.Layer", "self, units, name=None", "trainable and dtype"),
        ("keras.Model", "self", "trainable and dtype"),
        ("keras.losses.Loss", "self, name='mine'", "reduction"),
        ("keras.metrics.Metric", "self, name='mine'", "dtype"),
    ],
)
def test_a_constructor_that_does_not_take_what_every_config_has_is_found(base, init, refused):
    text = f"import keras\nclass A({base}):\n    def __init__({init}):\n        super().__init__()\n{CALL}"
    text += "    update_state = result = call\n"
    found = findings(text, select="init-without-kwargs")
    assert [one.message for one in found] == [f"A.__init__ does not take {refused}, which its config has"]


@pytest.mark.parametrize(
    ("base", "init"),
    [
        ("keras.layers.Layer", "self, units, **kwargs"),
        ("keras.layers.Layer", "self, units, name=None, trainable=True, dtype=None"),
        ("keras.losses.Loss", "self, name='mine', reduction='sum', dtype=None"),
        ("keras.initializers.Initializer", "self"),
        ("keras.Operation", "self"),
        ("keras.Model", "self, inputs, outputs, name=None, **kwargs"),
    ],
)
def test_a_constructor_that_takes_it_is_clean(base, init):
    handed = "**kwargs" if "kwargs" in init else ""
    text = f"import keras\nclass A({base}):\n    def __init__({init}):\n        super().__init__({handed})\n{CALL}"
    text += "    __call__ = call\n"
    assert names(text, select="init-without-kwargs") == []


def test_a_get_config_without_the_keys_of_the_base_needs_no_kwargs():
    assert names(layer("units", "{'units': self.units}", forward=""), select="init-without-kwargs") == []


def test_a_name_is_lost_where_kwargs_are_called_otherwise():
    found = findings(layer("units, **kw", "", forward="**kw"), select="init-without-kwargs")
    assert [one.message for one in found] == ["A.__init__ calls its keyword arguments kw, and Keras leaves out name"]
    assert names(layer("units, name=None, **kw", "", forward="name=name, **kw"), select="init-without-kwargs") == []


def test_kwargs_that_are_dropped_are_found():
    found = findings(layer("units, **kwargs", "", forward=""), select="init-without-kwargs")
    assert [one.message for one in found] == ["A.__init__ takes name, trainable and dtype in **kwargs, and drops them"]


@pytest.mark.parametrize(
    ("init", "expected"),
    [("self, *units, **kwargs", "NotImplementedError"), ("self, units, /, **kwargs", "NotImplementedError")],
)
def test_arguments_by_position_only_are_found(init, expected):
    text = f"{HEAD}    def __init__({init}):\n        super().__init__(**kwargs)\n        self.units = units\n{CALL}"
    assert expected in findings(text, select="variadic-init")[0].stock


def test_what_is_only_handed_on_by_position_is_clean():
    text = "import keras\nclass A(keras.layers.Dense):\n    def __init__(self, *args, **kwargs):\n"
    assert names(text + "        super().__init__(*args, **kwargs)\n", select="variadic-init") == []


REVIVED = layer("units, scale=1, **kwargs", "{**super().get_config(), 'units': self.units, 'scale': self.scale}")
REVIVED += "    @classmethod\n    def from_config(cls, config):\n        "


@pytest.mark.parametrize(
    ("made", "dropped"),
    [
        ("return cls(config['units'])", ["dtype, name, trainable and scale"]),
        ("return cls(units=config['units'], name=config['name'], dtype=config['dtype'])", ["trainable and scale"]),
        ("return cls(**config)", []),
        ("return super().from_config(config)", []),
        ("return cls(config.pop('units'), **config)", []),
        ("return make(config)", []),
    ],
)
def test_keys_that_from_config_does_not_hand_on_are_found(made, dropped):
    found = findings(REVIVED + made + "\n", select="from-config-drops-arguments")
    assert [one.message.partition("hand on ")[2] for one in found] == dropped


@pytest.mark.parametrize(("decorator", "count"), [("", 1), ("    @classmethod\n", 0), ("    @staticmethod\n", 0)])
def test_from_config_has_to_be_a_class_method(decorator, count):
    text = HEAD + CALL + decorator + "    def from_config(cls, config):\n        return cls(**config)\n"
    assert names(text, select="from-config-without-classmethod") == ["from-config-without-classmethod"] * count


@pytest.mark.parametrize(
    ("name", "count"),
    [("'fixed'", 1), ("self.__class__.__name__", 1), ("type(self).__name__", 1), ("self.name", 0), ("None", 0)],
)
def test_a_name_that_is_always_the_same_is_found(name, count):
    text = layer("units, **kwargs", f"{{**super().get_config(), 'units': self.units, 'name': {name}}}")
    assert len(findings(text, select="constant-name-in-config")) == count


@pytest.mark.parametrize(
    ("body", "read"),
    [
        ("return cls(config.pop('unit'), **config)", "unit"),
        ("return cls(config['unit'])", "unit"),
        ("return cls(config.pop('units'), **config)", ""),
        ("return cls(config.pop('unit', 3), **config)", ""),
        ("if 'unit' in config: config['units'] = config.pop('unit')\n        return cls(**config)", ""),
        ("config['unit'] = 3\n        return cls(config['unit'])", ""),
    ],
)
def test_a_key_that_from_config_reads_has_to_be_there(body, read):
    found = findings(REVIVED + body + "\n", select="from-config-reads-missing-key")
    assert [one.message for one in found] == (
        [f"A.from_config reads {read}, and the config does not have it"] if read else []
    )


def test_a_from_config_that_changes_nothing_does_not_hide_a_key():
    more = "    @classmethod\n    def from_config(cls, config):\n        return cls(**config)\n"
    text = layer("units, **kwargs", "{**super().get_config(), 'units': self.units, 'n': 1}", more)
    assert names(text, select="unaccepted-config-key") == ["unaccepted-config-key"]
