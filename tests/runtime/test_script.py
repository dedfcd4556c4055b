"""`kept run` against `python`, side by side: what a script sees and how it ends must be the same."""

import signal
import textwrap
import zipfile

import pytest

REPORT = "\nkept  no model was saved\n"

SEES_ITSELF = """
import json, os, sys
main = sys.modules["__main__"]
names = {name: repr(value).split(" object at ")[0] for name, value in vars(main).items() if name[0] == "_"}
print(json.dumps([names, sys.argv, sys.path, vars(main) is globals()], sort_keys=True))
"""

SCRIPTS = {
    "its module, path and arguments": SEES_ITSELF,
    "an exception": "def f(n):\n    return 1 / n\n\n\nf(0)\n",
    "a chained exception": "try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('no') from e\n",
    "an exception group": "raise ExceptionGroup('two', [ValueError('a'), TypeError('b')])\n",
    "a syntax error": "x = 1\ny = (\n",
    "another encoding": "# coding: latin-1\nprint(ascii('\xe4'))\n",
    "exit without a code": "import sys\nsys.exit()\n",
    "exit with None": "raise SystemExit(None)\n",
    "exit with a number": "import sys\nsys.exit(7)\n",
    "exit with a large number": "import sys\nsys.exit(300)\n",
    "exit with a text": "import sys\nsys.exit('all is lost')\n",
    "exit with an object": "import sys\nsys.exit([1])\n",
    "exit at once": "import os\nprint('x', flush=True)\nos._exit(3)\n",
    "an interrupt": "raise KeyboardInterrupt\n",
    "a signal": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n",
    "stdin": "import sys\nprint(sys.stdin.read()[::-1])\n",
    "its own excepthook": "import sys\nsys.excepthook = lambda t, e, tb: print(tb.tb_lineno)\nraise ValueError\n",
    "a guard": "if __name__ == '__main__':\n    print('main')\n",
    "atexit": "import atexit\natexit.register(print, 'bye')\nraise ValueError('x')\n",
    "a thread": "import threading, time\nthreading.Timer(0.2, print, ['t']).start()\nprint('end')\n",
    "a thread that fails": "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\n",
    "warnings": "import warnings\nwarnings.warn('w')\nwarnings.warn('d', DeprecationWarning)\n",
    "a pickle": "import pickle\nclass A: pass\nprint(data := pickle.dumps(A()), type(pickle.loads(data)))\n",
    "its own source": "import inspect\ndef f(): return 1\nprint(inspect.getsource(f), inspect.getfile(f))\n",
    "annotations": "x: int = 1\nprint(__annotations__)\n",
    "a future": "from __future__ import annotations\ndef f(x: nope): pass\nprint(f.__annotations__)\n",
    "last_value": "import atexit, sys\natexit.register(lambda: print(repr(sys.last_value)))\nraise ValueError('x')\n",
    "a module beside it": "import beside\nprint(beside.__file__)\n",
    "a dataclass": "import dataclasses\n@dataclasses.dataclass\nclass A:\n    x: 'int' = 1\nprint(A())\n",
    "a closed stdout": "import sys\nsys.stdout.close()\n",
}


@pytest.mark.parametrize("what", SCRIPTS)
def test_a_script_behaves_as_under_python(what, python):
    python.write("sub/beside.py", "")
    (python.folder / "sub/s.py").write_bytes(SCRIPTS[what].encode("latin-1"))
    plain = python("sub/s.py", "-q", "--verify", "a b", stdin="abc")
    kept = python.kept("run", "-q", "sub/s.py", "-q", "--verify", "a b", stdin="abc")
    assert (kept.code, kept.out, kept.err) == (plain.code, plain.out, plain.err)


def test_spawned_processes_find_the_script(python):
    source = """
    import multiprocessing as mp
    def square(x): return x * x, __name__
    if __name__ == "__main__":
        with mp.get_context("spawn").Pool(1) as pool: print(pool.map(square, [3]))
    """
    python.write("s.py", textwrap.dedent(source))
    kept = python.kept("run", "s.py")
    assert (kept.out, kept.err) == ("[(9, '__mp_main__')]\n", REPORT)


def test_forked_processes_do_not_report(python):
    python.write("s.py", "import os\nif os.fork():\n    os.wait()\n")
    assert python.kept("run", "s.py").err == REPORT


def test_the_report_comes_after_the_last_word_of_the_script(python):
    python.write("s.py", "import atexit, sys\natexit.register(lambda: print('bye', file=sys.stderr))\n1 / 0\n")
    kept = python.kept("run", "s.py")
    assert kept.err.endswith("ZeroDivisionError: division by zero\nbye\n" + REPORT)


def test_an_interrupted_script_dies_of_the_signal_and_still_reports(python):
    python.write(
        "s.py",
        "import os, signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nos.kill(os.getpid(), signal.SIGINT)\n",
    )
    kept = python.kept("run", "s.py")
    assert kept.code == -signal.SIGINT
    assert kept.err.endswith("KeyboardInterrupt\n" + REPORT)


@pytest.mark.parametrize("name", ["pack", "pack.mod", "single"])
def test_a_module_behaves_as_under_python_m(name, python):
    python.write("pack/__init__.py", "import sys\nprint(sys.argv)\n")
    for file in ("pack/__main__.py", "pack/mod.py", "single.py"):
        python.write(file, SEES_ITSELF)
    plain = python("-m", name, "-x", "y")
    kept = python.kept("run", "-m", name, "-x", "y")
    assert (kept.code, kept.out) == (plain.code, plain.out)


@pytest.mark.parametrize("name", ["app", "app.zip"])
def test_a_folder_or_zip_with_a_main_module_runs(name, python):
    python.write("app/__main__.py", SEES_ITSELF)
    with zipfile.ZipFile(python.folder / "app.zip", "w") as archive:
        archive.write(python.folder / "app/__main__.py", "__main__.py")
    assert python.kept("run", name, "x").out == python(name, "x").out


@pytest.mark.parametrize("source", ["x = '\0'\n", "# coding: nope\n"])
def test_a_script_that_nothing_can_read_ends_as_under_python(source, python):
    python.write("s.py", source)
    plain, kept = python("s.py"), python.kept("run", "-q", "s.py")
    assert kept.code == plain.code
    assert "SyntaxError" in kept.err
    assert "Traceback" not in kept.err


def test_a_link_is_followed_for_the_path_only(python):
    python.write("sub/s.py", SEES_ITSELF)
    (python.folder / "link.py").symlink_to("sub/s.py")
    assert python.kept("run", "link.py").out == python("link.py").out


@pytest.mark.parametrize("arguments", [["nope.py"], ["-m", "nope"], ["-m", "nope.deeper"], ["."]])
def test_nothing_to_run_is_one_clear_line(arguments, python):
    kept = python.kept("run", *arguments)
    assert kept.code == 2
    assert kept.err.startswith("kept: ")
    assert "Traceback" not in kept.err


def test_the_script_chooses_the_backend(python):
    python.write("s.py", "import os, sys\nprint('keras' in sys.modules)\nprint('numpy' in sys.modules)\n")
    assert python.kept("run", "s.py").out == "False\nFalse\n"


INTERRUPTED = """
import atexit, os, signal
atexit.register(exec, "1")
signal.signal(signal.SIGINT, signal.default_int_handler)
os.kill(os.getpid(), signal.SIGINT)
"""


@pytest.mark.parametrize("options", [[], ["-q"]])
@pytest.mark.parametrize("what", [["s.py"], ["-m", "s"]])
def test_an_interrupt_is_130_to_the_shell_however_kept_is_started(options, what, python):
    python.write("s.py", INTERRUPTED)
    assert python("-m", "kept", "run", *options, *what).code == -signal.SIGINT


EDITS_ITSELF = """
import keras, kept
from pathlib import Path
class Scale(keras.layers.Layer):
    def call(self, x):
        return x * 3
model = keras.Sequential([keras.Input((2,)), Scale()])
Path(__file__).write_text("nothing is left of it\\n")
kept.save(model, "m.keras")
"""


def test_a_script_that_is_edited_while_it_runs_is_kept_as_it_ran(python):
    python.write("s.py", EDITS_ITSELF)
    ended = python.kept("run", "s.py")
    assert ended.code == 0, ended.err
    load = "import kept\nimport numpy as np\ntry:\n    kept.load('m.keras')\nexcept kept.UntrustedCodeError as error:\n"
    load += (
        "    print(kept.load('m.keras', trusted=error.required).predict(np.array([[1.0, 2.0]]), verbose=0).tolist())\n"
    )
    python.write("load.py", load)
    assert python("load.py").out == "[[3.0, 6.0]]\n"
