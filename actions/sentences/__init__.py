"""What happened, said in one sentence: the heading of a page, and the words it is made of.

Floor 1, pure. A sentence is a row of typed parts, so that a page can style the cause and the times
while a log or a mail takes the plain text.
"""

from actions.sentences.execution import ExecutionFacts, execution_sentence
from actions.sentences.parts import Part, Sentence
from actions.sentences.subject import subject_of
from actions.sentences.words import duration, ordinal, times

__all__ = [
    "ExecutionFacts",
    "Part",
    "Sentence",
    "duration",
    "execution_sentence",
    "ordinal",
    "subject_of",
    "times",
]
