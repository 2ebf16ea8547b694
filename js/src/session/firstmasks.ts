// First masks for all images without a label, made by a job.
import type { JobInfo } from "../jobpanel/job";
import { FollowedJob } from "./followed";
import type { Session } from "./session";

export class FirstMasks extends FollowedJob {
  constructor(session: Session) {
    super(session, "first_masks", "cancel_first_masks");
  }

  begin(): void {
    if (!this.alive.value) this.session.ask({ type: "first_masks" });
  }

  protected override take(job: JobInfo): void {
    super.take(job);
    // Images in the list have a model's mask now.
    this.session.gallery.renew();
  }
}
