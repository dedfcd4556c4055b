"""Reading Python source, by its syntax alone: what classes of Keras are in it, and what they keep of their arguments.

Nothing is imported and nothing is run; only the standard library is used.
"""

__all__: list[str] = []
