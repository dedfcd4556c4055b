"""The first verified save of a small model in a process, against the start-up of Keras in a fresh process."""

from __future__ import annotations

START = """
import time
began = time.perf_counter()
import keras
print(time.perf_counter() - began)
"""

SAVE = """
import time
import keras
{before}
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(8), keras.layers.Dense(1)])
model.compile("adam", "mse")
began = time.perf_counter()
{save}
print(time.perf_counter() - began)
"""

CASES = {
    "start-up of Keras": START,
    "`kept.save`, proven": SAVE.format(before="import kept", save="kept.save(model, 'm.keras')"),
    "`kept.save`, second in a process": SAVE.format(
        before="import kept",
        save="kept.save(model, 'm.keras')\nbegan = time.perf_counter()\nkept.save(model, 'm.keras')",
    ),
    "`model.save`, not proven": SAVE.format(before="", save="model.save('m.keras')"),
}
