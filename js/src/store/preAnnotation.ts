// Pre-annotation: first masks for all images without a label, made by a job.
import type { JobInfo } from "../protocol";
import { FollowedJob } from "./followedJob";
import type { ImageList } from "./imageList";
import type { Kernel } from "./kernel";

export class PreAnnotation extends FollowedJob {
  private readonly imageList: Pick<ImageList, "refresh">;

  constructor(kernel: Pick<Kernel, "ask">, imageList: Pick<ImageList, "refresh">) {
    super(kernel, "first_masks", "cancel_first_masks", "resume_first_masks");
    this.imageList = imageList;
  }

  begin(): void {
    if (!this.active.value) this.kernel.ask({ type: "first_masks" });
  }

  protected override take(job: JobInfo): void {
    super.take(job);
    // Images in the list have a model's mask now.
    this.imageList.refresh();
  }
}
