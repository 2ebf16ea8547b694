// The tasks on the server, the newest first: of which round, who works on them, and what came back.
import type { LoopStatus, TaskStatus } from "./loopStatus";
import { jobsBack, STATES } from "./loopText";
import { ServerLink } from "./serverLink";

/** What is longer than its place is scrolled with keys. */
const SCROLLED_BY_KEYS = { tabIndex: 0 };

export function Rounds({ loop }: { loop: LoopStatus }) {
  if (loop.tasks.length === 0) return <p class="jll-soft">No round has gone out yet.</p>;
  return (
    <section class="jll-scroll" aria-label="Rounds" {...SCROLLED_BY_KEYS}>
      <table class="jll-rounds">
        <thead>
          <tr>
            <th scope="col">Round</th>
            <th scope="col">State</th>
            <th scope="col">Images</th>
            <th scope="col">Jobs back</th>
            <th scope="col">Annotators</th>
            <th scope="col">Task</th>
          </tr>
        </thead>
        <tbody>
          {loop.tasks.map((task, place) => (
            // The oldest is always the last.
            <Row key={loop.tasks.length - place} task={task} server={loop.server} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Row({ task, server }: { task: TaskStatus; server: string }) {
  return (
    <tr data-state={task.state} data-task={task.number}>
      <td>{task.round}</td>
      <td>
        <span class={`jll-mark jll-${task.state}`} aria-hidden="true" />
        {STATES[task.state] ?? task.state}
      </td>
      <td>{task.images}</td>
      <td>{jobsBack(task)}</td>
      <td class="jll-people">{task.people.join(", ") || "–"}</td>
      <td>
        <TaskLink task={task} server={server} />
      </td>
    </tr>
  );
}

/** The way to a task on the server. */
export function TaskLink({ task, server }: { task: TaskStatus; server: string }) {
  const name = task.number === null ? "–" : `Task ${task.number}`;
  if (task.state === "lost") return <>{name}</>;
  return (
    <ServerLink
      link={task.link}
      server={server}
      label={`Open in CVAT: task ${task.number}, in a new tab`}
      otherwise={name}
    >
      Open in CVAT
    </ServerLink>
  );
}
