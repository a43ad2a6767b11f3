"""One file a format; its name, with hyphens, is the format's."""
