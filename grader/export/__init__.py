"""What leaves the grader for other systems, made from results alone: one file a format, in ``formats/``."""
