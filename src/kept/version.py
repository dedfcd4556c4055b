"""The version of kept, for what may import nothing else."""

__all__ = ["__version__"]

__version__ = "0.1.0"
