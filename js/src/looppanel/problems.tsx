// What is wrong, and what can be done about it.
import { withLocalTimes } from "../text/localTimes";
import type { LoopStatus } from "./loopStatus";
import { sentence } from "./loopText";
import { TaskLink } from "./rounds";

const MOST = 20;

export function Problems({ loop }: { loop: LoopStatus }) {
  const ofJobs = loop.tasks.flatMap((task) => task.problems.map((problem) => ({ task, problem })));
  if (!loop.problem && ofJobs.length === 0) return <div class="jll-live" aria-live="polite" />;
  const shown = ofJobs.slice(0, MOST);
  return (
    <div class="jll-live" aria-live="polite">
      <section class="jll-problems" aria-label="Problems">
        {loop.problem && (
          <p>
            {sentence(withLocalTimes(loop.problem))}{" "}
            <span class="jll-soft">
              {loop.running ? "The loop tries again by itself." : "Start lets the loop try again."}
            </span>
          </p>
        )}
        {shown.length > 0 && (
          <>
            <p>These labels could not be saved. Put them right in CVAT: the next fetch tries again.</p>
            <ul>
              {shown.map(({ task, problem }) => (
                <li key={`${task.number} ${problem}`}>
                  Round {task.round}: {withLocalTimes(problem)} <TaskLink task={task} server={loop.server} />
                </li>
              ))}
            </ul>
          </>
        )}
        {ofJobs.length > MOST && <p class="jll-soft">{ofJobs.length - MOST} more are not shown.</p>}
      </section>
    </div>
  );
}
