// The words of the loop's panel.
import type { TaskState, TaskStatus } from "./loopStatus";
import type { LoopAction, Told } from "./loopView";

export const STATES: Record<TaskState, string> = {
  planned: "Planned",
  out: "With annotators",
  done: "Came back",
  lost: "Gone from the server",
};

export const DOING: Record<LoopAction, string> = {
  start: "Starting",
  stop: "Stopping",
  pull: "Fetching labels",
  send: "Sending a round",
};

/** A clause as a sentence; an address or a name of a file at its beginning stays as it is. */
export function sentence(text: string): string {
  const said = text.trim();
  const begun = /^[a-z]+[ ,;]/.test(said) ? `${said.charAt(0).toUpperCase()}${said.slice(1)}` : said;
  return !said || /[.!?…:]$/.test(said) ? begun : `${begun}.`;
}

/** Three digits of a score; a dash where there is none. */
export function scoreText(score: number | null): string {
  if (score === null) return "–";
  return Math.abs(score) < 100 ? score.toPrecision(3) : score.toFixed(0);
}

/** How many of the jobs came back; a dash where nobody knows how many there are. */
export function jobsBack({ came_back, jobs }: TaskStatus): string {
  return jobs > 0 ? `${came_back} of ${jobs}` : "–";
}

/** Why a button cannot be pressed now; null where it can. */
export function obstacle(action: LoopAction, told: Told, asked: LoopAction | null): string | null {
  const doing = told.doing?.action ?? asked;
  if (doing) return `Not now: ${DOING[doing].toLowerCase()} …`;
  if (told.loop === null) return "How the loop stands is not known";
  if (told.loop.running && (action === "pull" || action === "send"))
    return "The loop does this by itself while it runs; stop it to do it by hand";
  return null;
}
