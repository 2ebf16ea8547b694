// The saved labels of the image with all their versions.
import { type Signal, signal } from "@preact/signals";
import type { TagVersions } from "../protocol";
import type { Session } from "./session";

export class Versions {
  /** By tag, the newest version first; null until the kernel has said so. */
  readonly tags: Signal<readonly TagVersions[] | null> = signal(null);
  private readonly session: Session;

  constructor(session: Session) {
    this.session = session;
    session.on("versions", ({ tags }) => {
      this.tags.value = tags;
    });
  }

  look(): void {
    const { client, currentEpoch: epoch } = this.session;
    this.session.send({ type: "versions", client, epoch });
  }

  /** Put a version into the draft. */
  open(tag: string, version: number): void {
    this.session.ask({ type: "take_over", epoch: this.session.currentEpoch, tag, version, value: null });
  }

  forget(): void {
    this.tags.value = null;
  }
}
