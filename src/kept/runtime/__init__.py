"""The only place that imports Keras."""
