"""What every panel is made of: a piece of markup, and a failure told as a sentence."""

from __future__ import annotations

import logging
from collections.abc import Callable
from html import escape

import ipywidgets as ipw

from povsim.findings import Refusal
from povsim.i18n import Lang, text


def safely(build: Callable[[], ipw.Widget], lang: Lang) -> ipw.Widget:
    """What `build` makes; a failure becomes a sentence, and the details go to the log.

    A leader must never see a traceback, so every exception ends here.
    """
    try:
        return build()
    except Refusal as refusal:
        finding = refusal.findings[0]
        what, following = finding.what(lang), finding.next_step(lang)
        return _failed(text("page.failed", lang, what=what, next=following))
    except Exception as error:
        logging.getLogger("povsim").exception("the page could not be made")
        return _failed(text("page.failed_unknown", lang, kind=type(error).__name__))


def _failed(sentence: str) -> ipw.Widget:
    return html(f"<p class='pv-failed' role='alert'>{escape(sentence)}</p>")


def html(content: str) -> ipw.HTML:
    """Markup as a widget; whoever makes it has escaped what data says."""
    return ipw.HTML(content)
