"""A question before something that cannot be taken back: as a dialog, or as a page of its own.

Floor 5, a door.
"""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from actions.web.door import PageRequest, is_fragment


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked; `url` takes the answer, `back` is where a refusal of it leads.

    With a `refusal` the button cannot be pressed. `about` goes along unseen, so that the answer is
    to what the reader saw. `keep` is the word for going back.
    """

    title: str
    subject: str
    words: str
    button: str
    url: str
    back: str
    takes_reason: bool = False
    why_reason: str = ""
    look_at: str = ""
    refusal: str = ""
    about: str = ""
    keep: str = "Keep it"
    is_dangerous: bool = True


def ask(request: PageRequest, question: Question) -> HttpResponse:
    """The question, for a browser and for htmx."""
    template = "shared/_confirm_dialog.html" if is_fragment(request) else "shared/confirm.html"
    return render(request, template, {"question": question})
