"""Forms F2 and F3: who was where at the last review, by the key of each household alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from povsim import rules
from povsim.findings import Finding, Refusal
from povsim.forms import Form
from povsim.poverty.answers import Answer
from povsim.registers.counting import Amount
from povsim.registers.judged import Judged
from povsim.vocabulary import Flow, State

if TYPE_CHECKING:
    from numpy.typing import NDArray

POOR, NEAR, NOT = map(str, State)
OPENING, CLOSING = "opening", "closing"


@dataclass(frozen=True, eq=False)
class Movements:
    """The households of two reviews, each once: those of both, of the earlier, of the later.

    A household of both stands in `now` and `then`; where its unit of now does not hold its unit of
    then it is counted as two, one gone and one come. `place` is the unit of now that holds it.
    """

    now: Judged
    before: Judged

    # --- Who is the same ------------------------------------------------------------------------

    @cached_property
    def holders(self) -> NDArray[np.intp]:
        """The place, among the units of now and those that came into being, of each row before."""
        day = date(self.now.review, 12, 31)
        codes, names = self.before.units
        held = [str(rules.units().at(name, day).id) for name in names]
        return np.array([self.units.index(name) for name in held], np.intp)[codes]

    @cached_property
    def units(self) -> list[str]:
        """The units of either register, as they are now.

        Raises:
            Refusal: units of the earlier register that ended and that no unit took in whole.
        """
        day = date(self.now.review, 12, 31)
        found: set[str] = set(self.now.units[1])
        lost: list[Finding] = []
        for name in self.before.units[1]:
            try:
                found.add(str(rules.units().at(name, day).id))
            except Refusal as refusal:
                lost += refusal.findings
        if lost:
            raise Refusal(_once(lost))
        return sorted(found)

    @cached_property
    def here(self) -> NDArray[np.intp]:
        """The place of the unit of each household of now."""
        codes, names = self.now.units
        return np.array([self.units.index(name) for name in names], np.intp)[codes]

    @cached_property
    def pairs(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows before and rows now of the households that stayed in one unit."""
        keys = pd.Index(self.before.households["household"])
        then = keys.get_indexer(pd.Index(self.now.households["household"]))
        row = np.flatnonzero(then >= 0)
        stayed = row[self.holders[then[row]] == self.here[row]]
        return then[stayed], stayed

    # --- Cells ------------------------------------------------------------------------------------

    def cell(self, form: Form, item: str, line: str) -> Amount:
        """One column of F2 or F3, by unit."""
        if item == OPENING:
            return self._then(self.before.are(form.state), line)
        if item == CLOSING:
            return self._now(self.now.are(form.state), line)
        return self._moved(form.state, Flow(item), line)

    def _moved(self, state: str, flow: Flow, line: str) -> Amount:
        other = NEAR if state == POOR else POOR
        match flow:
            case Flow.ESCAPED_TO_NEAR_POOR | Flow.FELL_TO_POOR:
                return self._crossed(state, other, line)
            case Flow.POOR_TO_NEAR_POOR | Flow.NEAR_POOR_TO_POOR:
                return self._crossed(other, state, line)
            case Flow.ESCAPED_ABOVE:
                return self._crossed(state, NOT, line)
            case Flow.OTHER_DECREASE:
                return self._gone(state, line)
            case Flow.OTHER_INCREASE:
                return self._come(state, line)
            case Flow.RELAPSED | Flow.NEWLY_POOR | Flow.NEWLY_NEAR_POOR:
                return self._entered(state, line, returned=flow is Flow.RELAPSED)

    def _crossed(self, out: str, into: str, line: str) -> Amount:
        """From one state to another: with the persons they had, on both forms."""
        then, now = self.pairs
        who = _rows(self.before.are(out), then) & _rows(self.now.are(into), now)
        return self._summed(_counted(self.before, line).rows(then).where(who), self.here[now])

    def _entered(self, state: str, line: str, returned: bool) -> Amount:
        """From neither list onto this one, again or for the first time, with the persons of now."""
        then, now = self.pairs
        past = self._returned if returned else ~self._returned
        who = _rows(self.before.are(NOT), then) & _rows(self.now.are(state), now) & past
        return self._summed(_counted(self.now, line).rows(now).where(who), self.here[now])

    @cached_property
    def _returned(self) -> Answer:
        """Whether those who stayed in one unit were on a list earlier than the last review."""
        then, now = self.pairs
        left = self.now.households["left_list"].notna().to_numpy(bool)[now]
        left |= self.before.households["left_list"].notna().to_numpy(bool)[then]
        return _rows(self.now.says("was_listed"), now) | Answer(left, left)

    def _gone(self, state: str, line: str) -> Amount:
        """Who is in no register of now, or elsewhere; and persons fewer in those who are listed."""
        gone = np.ones(len(self.before.households), bool)
        gone[self.pairs[0]] = False
        found = self._then(self.before.are(state) & Answer(gone, gone), line)
        return found if line == "households" else found + self._grown(state, shrunk=True)

    def _come(self, state: str, line: str) -> Amount:
        """Who was in no register before, or elsewhere; and persons more in those who are listed."""
        come = np.ones(len(self.now.households), bool)
        come[self.pairs[1]] = False
        found = self._now(self.now.are(state) & Answer(come, come), line)
        return found if line == "households" else found + self._grown(state, shrunk=False)

    def _grown(self, state: str, shrunk: bool) -> Amount:
        """By how many persons households grew that were on a list then and are on this one now.

        Those who cross from list to list are counted with the persons they had, so that both forms
        say the same; what they grew by meanwhile would be missing from the closing otherwise.
        """
        then, now = self.pairs
        listed = ~self.before.are(NOT)
        who = _rows(listed, then) & _rows(self.now.are(state), now)
        was, became = self.before.size.rows(then), self.now.size.rows(now)
        change = was.above(became) if shrunk else became.above(was)
        return self._summed(change.where(who), self.here[now])

    def _then(self, who: Answer, line: str) -> Amount:
        return self._summed(_counted(self.before, line).where(who), self.holders)

    def _now(self, who: Answer, line: str) -> Amount:
        return self._summed(_counted(self.now, line).where(who), self.here)

    def _summed(self, rows: Amount, place: NDArray[np.intp]) -> Amount:
        return rows.by(place, len(self.units))


def _counted(judged: Judged, line: str) -> Amount:
    """What a household counts for on a line of a form."""
    return judged.size if line == "persons" else Amount.ones(len(judged.households))


def _rows(answer: Answer, places: NDArray[np.intp]) -> Answer:
    return Answer(answer.sure[places], answer.may[places])


def _once(findings: list[Finding]) -> list[Finding]:
    return list({finding.code: finding for finding in findings}.values())
