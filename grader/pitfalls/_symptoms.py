"""Groups of pitfalls that follow from others. Each pitfall names what it explains with these."""

POOR_FIT = ("inaccurate-result", "undertrained", "diverged")
"""A fit that went wrong on the way ends at wrong numbers."""
EXCEPTION = ("runtime-error",)
"""The mistake makes torch or Python raise further on."""
NO_TRAINING = (*POOR_FIT, "unapplied-update", "missing-backward")
"""Gradients that never come make no update."""
