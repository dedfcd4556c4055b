"""The command line as a whole: quick to start, calm, and found by looking."""

import resource

import pytest

from kept.cli import Commands


def test_help_imports_nothing_heavy(python):
    source = """
import sys
from kept.cli import main
try:
    main(["--help"])
except SystemExit:
    heavy = {"keras", "numpy", "h5py", "rich", "tensorflow", "jax", "torch"} & set(sys.modules)
    print("heavy:", sorted(heavy))
"""
    python.write("s.py", source)
    assert python("s.py").out.endswith("heavy: []\n")


def test_help_is_there_at_once(python):
    def seconds():  # of the processor: other tests run beside this one
        began = resource.getrusage(resource.RUSAGE_CHILDREN)
        python.kept("--help")
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime

    assert min(seconds() for _ in range(5)) < 0.15


def test_help_names_every_command(python):
    shown = python.kept("--help").out
    assert [name for name in Commands().list_commands(None) if f"\n  {name} " not in shown] == []


@pytest.mark.parametrize("name", Commands().list_commands(None))
def test_every_command_is_named_as_its_module(name):
    assert Commands().get_command(None, name).name == name


def test_the_version_is_that_of_the_package(python):
    import kept

    assert python.kept("--version").out == f"kept {kept.__version__}\n"


def test_python_m_kept_is_kept(python):
    assert python("-m", "kept", "--version").out == python.kept("--version").out


@pytest.mark.parametrize("arguments", [["frobnicate"], ["verify"], ["run"], ["verify", "--level", "all", "x"]])
def test_a_wrong_command_line_is_exit_code_two(arguments, python):
    ended = python.kept(*arguments)
    assert ended.code == 2
    assert ended.err.startswith("Usage: kept")
    assert ended.out == ""
