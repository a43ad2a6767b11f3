"""Suggested changes: small edits of a student's program, made on its syntax tree and proved before they
are shown.

``mends/`` proposes; ``proof.py`` runs what is proposed through the whole pipeline and keeps what passes;
``diff.py`` writes it down. ``text.py`` edits a text at exact places, ``program.py`` knows where things are in
a student's program.
"""

from grader.suggestion.proof import suggesting, with_suggestions

__all__ = ["suggesting", "with_suggestions"]
