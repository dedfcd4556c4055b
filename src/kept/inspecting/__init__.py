"""Looking into model files: from an open file to what it holds, without Keras and without running anything from it."""
