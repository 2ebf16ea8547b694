// Scoring images from the labeler, and whether what the strategies go by is there.
import type { ReadinessInfo } from "../protocol";
import { FollowedJob } from "./followedJob";
import type { Kernel } from "./kernel";

export class Scoring extends FollowedJob {
  private readonly state: Kernel["state"];
  private readonly send: Kernel["send"];

  constructor(kernel: Pick<Kernel, "ask" | "send" | "state">) {
    super(kernel, "scoring", "cancel_scoring", "resume_scoring");
    this.state = kernel.state;
    this.send = (message) => kernel.send(message);
  }

  /** Of a strategy; undefined until the kernel has looked. */
  readiness(strategy: string | null): ReadinessInfo | undefined {
    return strategy === null ? undefined : this.state.value?.readiness[strategy];
  }

  /** The person is about to choose. */
  look(): void {
    this.send({ type: "strategies" });
  }

  begin(method: string): void {
    if (!this.active.value) this.kernel.ask({ type: "score", method });
  }
}
