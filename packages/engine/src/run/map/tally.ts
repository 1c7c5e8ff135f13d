import type { Json } from '@paceline/gateway';
import type { ItemResult, MapFailure } from '../../define/step.ts';
import { CarriedFailure } from '../failure.ts';

/** How the items of a `map` have ended so far, and what that means for the whole. */
export class Tally {
  private readonly results: ItemResult<Json>[];
  private readonly policy: MapFailure;
  private failed = 0;
  private hopeless: CarriedFailure | undefined;

  constructor(count: number, policy: MapFailure) {
    this.results = Array.from<ItemResult<Json>>({ length: count });
    this.policy = policy;
  }

  add(index: number, result: ItemResult<Json>): void {
    this.results[index] = result;
    if (result.ok) return;
    this.failed++;
    if (this.failed <= this.tolerated) return;
    const { code, message } = result.failure;
    this.hopeless ??= new CarriedFailure({ code, message: `Item ${index}: ${message}${this.wanted}` });
  }

  /** Why the whole can only fail by now. */
  get failure(): CarriedFailure | undefined {
    return this.hopeless;
  }

  /** In the order of the items. */
  get output(): readonly unknown[] {
    if (this.policy !== 'fail') return this.results;
    return this.results.map((result) => (result.ok ? result.output : null));
  }

  /** So many items may fail. */
  private get tolerated(): number {
    if (this.policy === 'fail') return 0;
    const count = this.results.length;
    return this.policy === 'collect' ? count : count - this.policy.atLeast;
  }

  private get wanted(): string {
    if (typeof this.policy === 'string') return '';
    return ` (${this.failed} of ${this.results.length} failed, ${this.policy.atLeast} had to succeed)`;
  }
}
