"""What is done otherwise than a submission does it, while its unchanged code runs.

A mistake that is neutralised so no longer bites: what is still wrong has another cause. The kinds are those
of ``records.InterventionKind``; each is a function of the same name in ``calls.py``, or is in ``around.py``.
"""
