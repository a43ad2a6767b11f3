"""The version of this grader."""

__version__ = "0.1.0"
