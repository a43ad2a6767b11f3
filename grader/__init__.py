"""Runs hand-written autograd code and says which pitfall it fell into, where, and how to mend it."""

__version__ = "0.1.0"
