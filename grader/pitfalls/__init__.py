"""One file a pitfall. The folder is the list: see ``grader.pitfall.catalogue``."""
