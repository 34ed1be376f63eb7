"""The one place where refusals become HTTP: RFC 9457 problem documents. Floor: the site.

Every error of every URL under /api/ is one of these, also those that Django raises outside the
REST framework. `catalogue` says which exist, `answers` writes them, `exceptions` reads what was
raised, `handlers` are Django's, `net` catches what was answered otherwise, `pages` explains them.
"""

from actionsite.problems.answers import problem_response
from actionsite.problems.exceptions import exception_handler
from actionsite.problems.net import problem_net

__all__ = ["exception_handler", "problem_net", "problem_response"]
