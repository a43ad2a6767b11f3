"""Starts, limits, watches and ends a child. Imports no torch and nothing of the student's."""

from grader.sandbox.isolation import Isolation, Level
from grader.sandbox.sandbox import Sandbox, Versions

__all__ = ["Isolation", "Level", "Sandbox", "Versions"]
