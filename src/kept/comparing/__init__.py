"""Comparing model files: which layer and tensor of one is which of the other, and what differs in them."""
