"""Pictures made from a run, as numbers for templates to draw: each module one picture."""
