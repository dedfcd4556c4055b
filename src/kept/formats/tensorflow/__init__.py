"""What TensorFlow writes, read without it; imported only where there is something of it to read."""

__all__ = ["MAGIC"]

# The end of the index of every checkpoint.
MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
