// Training from the labeler, and the training of these studies that was begun last.
import { FollowedJob } from "./followed";
import type { Session } from "./session";

export class Training extends FollowedJob {
  constructor(session: Session) {
    super(session, "training", "cancel_training");
  }

  begin(): void {
    const name = this.session.state.value?.training.trainer;
    if (name && !this.alive.value) this.session.ask({ type: "train", name });
  }

  automatically(on: boolean): void {
    this.session.ask({ type: "auto_train", on });
  }

  choose(name: string): void {
    this.session.ask({ type: "choose_trainer", name });
  }
}
