"""Many small classes, each put together of one choice of everything that matters for a config."""

import itertools

__all__ = ["texts"]

BASES = {
    "keras.layers.Layer": "    def call(self, x):\n        return x\n",
    "keras.Model": "    def call(self, x):\n        return x\n",
    "keras.losses.Loss": "    def call(self, y, p):\n        return p\n",
    "keras.initializers.Initializer": "    def __call__(self, shape, dtype=None):\n        return 0\n",
}
PARAMETERS = ("units", "units=1", "units, scale=2.0", "units=1, *, scale=2.0", "*units", "units, /")
REST = ("", "**kwargs", "**kw")
GIVEN = ("", "**{rest}", "name='fixed', **{rest}")
STORED = ("self.units = units", "self.u = units", "self.units = units * 2", "self.units = units or 3")
CONFIGS = (
    "",
    "return {**super().get_config(), 'units': self.units}",
    "return {'units': self.units}",
    "return {**super().get_config(), 'units': self.units, 'scale': self.scale}",
    "return {**super().get_config(), 'n': self.units}",
    "return {**super().get_config(), 'units': self.u}",
    "return super().get_config()",
    "super().get_config()",
)
REVIVALS = ("", "return cls(config['units'])", "return cls(**config)")


def texts(step):
    """Every `step`-th class, as the text of a module."""
    every = itertools.product(BASES, PARAMETERS, REST, GIVEN, STORED, CONFIGS, REVIVALS)
    for base, parameters, rest, given, stored, config, revival in itertools.islice(every, 0, None, step):
        if ("{rest}" in given) > bool(rest):
            continue
        text = f"import keras\n@keras.saving.register_keras_serializable('grid')\nclass A({base}):\n"
        text += f"    def __init__(self, {', '.join(filter(None, (parameters, rest)))}):\n"
        text += f"        super().__init__({given.format(rest=rest.strip('*'))})\n        {stored}\n"
        text += "        self.scale = scale\n" if "scale" in parameters else ""
        text += BASES[base]
        text += f"    def get_config(self):\n        {config}\n" if config else ""
        text += f"    @classmethod\n    def from_config(cls, config):\n        {revival}\n" if revival else ""
        yield text
