"""A long class of all kinds of submissions through the real command: ``python -m benchmarks.soak``."""
