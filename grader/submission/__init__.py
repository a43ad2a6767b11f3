"""Files, notebooks, archives and class folders become submissions here. Nothing of them is run."""

from grader.submission.read import form_of, read_submission, submission_of
from grader.submission.text import MOST_BYTES

__all__ = ["MOST_BYTES", "form_of", "read_submission", "submission_of"]
