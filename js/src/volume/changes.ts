// Where voxels changed lately, so that a picture of them need not be drawn whole.
import type { Region } from "../protocol";
import { joinRegions } from "./region";

/** Changes that are remembered; who has not looked for longer sees all anew. */
const MOST = 64;

export class Changes {
  private readonly log: Region[] = [];
  private forgotten = 0;
  /** Nobody has looked since the last one: it may still grow. */
  private open = false;

  add(region: Region): void {
    const last = this.log.length - 1;
    if (this.open) this.log[last] = joinRegions(this.log[last] as Region, region);
    else this.log.push([...region]);
    this.open = true;
    if (this.log.length > MOST) {
      this.log.shift();
      this.forgotten++;
    }
  }

  /** A number for what there is now, to ask later what changed since. */
  get now(): number {
    this.open = false;
    return this.forgotten + this.log.length;
  }

  /** What holds all changes since then; null where that is not known any more. Empty where there are none. */
  since(then: number): Region | null {
    if (then < this.forgotten || then > this.forgotten + this.log.length) return null;
    const later = this.log.slice(then - this.forgotten);
    return later.length === 0 ? [0, 0, 0, 0, 0, 0] : later.reduce(joinRegions);
  }
}
