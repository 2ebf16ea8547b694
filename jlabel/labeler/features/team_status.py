"""Who works on what, for a page that asks."""

from __future__ import annotations

from typing import Any

from jlabel.labeler.background.serial_worker import SerialWorker
from jlabel.labeler.context import LabelerContext
from jlabel.labeler.feature import Feature, Handlers
from jlabel.labeler.protocol import team_messages
from jlabel.labeler.protocol.team_messages import LabelAgreementInfo, TeamMemberInfo, TeamStatus
from jlabel.manager.team_overview import LabelAgreement, TeamMember


class TeamWork(Feature):
    """Answers each question of a page on a thread of its own."""

    def __init__(self, context: LabelerContext) -> None:
        super().__init__(context)
        self._worker = SerialWorker("jlabel-team")

    def message_handlers(self) -> Handlers:
        """A page's question."""
        return {team_messages.AskForTeam: self._on_ask}

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _on_ask(self, ask: team_messages.AskForTeam, _: Any) -> None:
        self._worker.do(lambda: self.context.reporting_errors(lambda: self._answer(ask)))

    def _answer(self, ask: team_messages.AskForTeam) -> None:
        team = self.context.manager.team(agreement=ask.agreement)
        answer = TeamStatus(
            client=ask.client,
            members=[_member(one) for one in team.members],
            to_do=team.to_do,
            waiting=team.waiting,
            accepted=team.accepted,
            sent_back=team.sent_back,
            read_by_several=team.read_by_several,
            read_by_all=team.read_by_all,
            agreement=[_agreement(one) for one in team.agreement],
        )
        with self.context.lock:
            self.context.publish(answer)


def _member(one: TeamMember) -> TeamMemberInfo:
    return TeamMemberInfo(
        name=one.name,
        images=list(one.images),
        since=None if one.since is None else one.since.isoformat(timespec="seconds"),
        labelled=one.labelled,
        accepted=one.accepted,
        sent_back=one.sent_back,
    )


def _agreement(one: LabelAgreement) -> LabelAgreementInfo:
    return LabelAgreementInfo(
        label=one.label,
        images=one.images,
        pairs=one.pairs,
        dice=one.dice,
        nsd=one.nsd,
        lowest_dice=one.lowest_dice,
    )
