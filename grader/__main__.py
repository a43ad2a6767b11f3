"""``python -m grader`` is the command ``grader``."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # Python has put the current folder first, and there may lie a student's json.py.
        del sys.path[0]

    from grader.cli import main

    main()
