// Over the picture: who works on what, how far the images are, and how well several readers agree.
import { useEffect } from "preact/hooks";
import type { LabelAgreementInfo, TeamMemberInfo } from "../../protocol";
import type { TeamInfo } from "../../store/teamwork";
import { localTime } from "../../text/localTimes";
import type { ViewState } from "../../view/viewState";
import { Panel } from "../panels/panel";

export function TeamPanel({ view }: { view: ViewState }) {
  const { teamwork } = view.store;
  useEffect(() => teamwork.look(), [teamwork]);
  const team = teamwork.team.value;
  return (
    <Panel view={view} title="Who works on what">
      <div class="jl-team">{team ? <Team view={view} team={team} /> : <p class="jl-hint">Looking …</p>}</div>
    </Panel>
  );
}

function Team({ view, team }: { view: ViewState; team: TeamInfo }) {
  return (
    <>
      <p class="jl-team-counts" data-part="team-counts">
        {countsText(team)}
      </p>
      {team.members.length > 0 ? <Members members={team.members} /> : <p class="jl-hint">Nobody has labelled yet.</p>}
      {team.readBySeveral > 0 && <Readers view={view} team={team} />}
    </>
  );
}

export function countsText({ toDo, waiting, accepted, sentBack }: TeamInfo): string {
  const parts = [
    `${toDo.toLocaleString()} to do`,
    `${waiting.toLocaleString()} waiting for a review`,
    `${accepted.toLocaleString()} accepted`,
    `${sentBack.toLocaleString()} sent back`,
  ];
  return parts.join(" · ");
}

function Members({ members }: { members: readonly TeamMemberInfo[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col">Works on</th>
          <th scope="col">Labelled</th>
          <th scope="col">Accepted</th>
          <th scope="col">Sent back</th>
        </tr>
      </thead>
      <tbody>
        {members.map(({ name, images, since, labelled, accepted, sentBack }) => (
          <tr key={name} data-member={name}>
            <th scope="row">{name || "Nobody knows"}</th>
            <td title={since ? `Since ${localTime(since)}` : undefined}>{images.join(", ") || "–"}</td>
            <td>{labelled.toLocaleString()}</td>
            <td>{accepted.toLocaleString()}</td>
            <td>{sentBack.toLocaleString()}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Readers({ view, team }: { view: ViewState; team: TeamInfo }) {
  const { teamwork } = view.store;
  const { readByAll, readBySeveral, agreement } = team;
  return (
    <section aria-label="Readers">
      <h4>Read by several</h4>
      <div class="jl-row">
        <span data-part="readings">
          {readByAll} of {readBySeveral} images read by all
        </span>
        <button
          type="button"
          class="jl-button jl-plain"
          data-do="compare-readers"
          disabled={readByAll === 0 || teamwork.comparing.value}
          title="Compare the labels of the readers of each image, two at a time"
          onClick={() => teamwork.look(true)}
        >
          {teamwork.comparing.value ? "Comparing …" : "Compare readers"}
        </button>
      </div>
      {agreement.length > 0 && <Agreement rows={agreement} />}
    </section>
  );
}

function Agreement({ rows }: { rows: readonly LabelAgreementInfo[] }) {
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">Label</th>
          <th scope="col">Images</th>
          <th scope="col" title="Mean over all pairs of readers">
            Dice
          </th>
          <th scope="col" title="Normalized surface Dice: mean over all pairs of readers">
            NSD
          </th>
          <th scope="col">Lowest Dice</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, images, dice, nsd, lowestDice }) => (
          <tr key={label} data-label={label}>
            <th scope="row">{label}</th>
            <td>{images}</td>
            <td>{dice.toFixed(2)}</td>
            <td>{nsd.toFixed(2)}</td>
            <td>{lowestDice.toFixed(2)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
