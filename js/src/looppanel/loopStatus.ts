// How a loop of active learning stands, as LoopStatus.to_json in jlabel/active_learning/status.py has it.

export type TaskState = "planned" | "out" | "done" | "lost";

export interface TaskStatus {
  round: number;
  /** On the server; null where it is not uploaded yet. */
  number: number | null;
  /** Its page on the server; "" where there is none yet. */
  link: string;
  state: TaskState;
  images: number;
  /** 0 as long as nobody knows. */
  jobs: number;
  came_back: number;
  people: string[];
  problems: string[];
}

export interface ModelPoint {
  version: number;
  images: number;
  score: number | null;
  metric: string;
  in_use: boolean;
}

export interface WorkStatus {
  name: string;
  /** 0 to 1; null where nobody knows. */
  progress: number | null;
}

export interface LoopStatus {
  project: string;
  server: string;
  link: string;
  strategy: string;
  round: number;
  labelled: number;
  waiting: number;
  out: number;
  /** The newest first. */
  tasks: TaskStatus[];
  /** The oldest version first. */
  curve: ModelPoint[];
  training: WorkStatus | null;
  scoring: WorkStatus | null;
  running: boolean;
  next_step: string;
  problem: string;
}
