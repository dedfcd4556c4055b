"""Bytes on disk: one module per format, numpy and h5py only, never Keras."""
