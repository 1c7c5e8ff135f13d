import type { Clock, Timer } from '@paceline/resilience';
import type { UnderlyingSource } from 'node:stream/web';
import { createSseEvents } from './sse-events.ts';
import { eventData } from './wires.ts';
import type { Evidence } from './evidence.ts';
import type { Wire } from './wires.ts';

export interface TappedBodyOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Written to as the answer goes by. */
  readonly evidence: Evidence;
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

/**
 * From the stop reason on upstream has this long to send usage, end marker and end of response. The answer does not wait
 * for it beyond the end marker; the connection does, because only a response that has ended frees it for the next call.
 */
const GRACE_MS = 1_000;

/** Ten times the longest answer any model gives. */
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * An answer's body as the adapter gets to read it: whole events only, and ended by us, at the end marker or when the grace
 * is over. Adapters that finish when the connection closes would otherwise wait as long as a careless server keeps it open.
 */
export class TappedBody implements UnderlyingSource<Uint8Array> {
  private readonly upstream: ReadableStreamDefaultReader<Uint8Array>;
  private readonly options: TappedBodyOptions;
  private readonly events = createSseEvents();
  private bytes = 0;
  private grace: Timer | undefined;

  constructor(upstream: ReadableStreamDefaultReader<Uint8Array>, options: TappedBodyOptions) {
    this.upstream = upstream;
    this.options = options;
    options.signal.addEventListener('abort', this.hangUp, { once: true });
  }

  /** Without `await`: each would cost more than all the looking at an event does. */
  pull(controller: Controller): Promise<void> {
    return this.upstream.read().then(
      ({ done, value }) => (done ? this.close(controller) : this.take(value, controller)),
      (error: unknown) => this.fail(controller, error),
    );
  }

  /** The adapter, or whoever reads from it, wants no more. */
  cancel(): void {
    this.letGo();
    this.hangUp();
  }

  private take(chunk: Uint8Array, controller: Controller): void | Promise<void> {
    this.bytes += chunk.length;
    const events = this.bytes > LARGEST_ANSWER_BYTES ? 'too-large' : this.events.push(chunk);
    if (events === 'too-large')
      return this.fail(controller, new RangeError('The answer, or one event of it, is too large.'));
    if (events === null) return this.pull(controller);
    this.look(events);
    controller.enqueue(events);
    if (!this.options.evidence.ended) return undefined;
    controller.close();
    return this.drain();
  }

  private look(events: Uint8Array): void {
    const { wire, evidence, clock } = this.options;
    const raw = Buffer.from(events.buffer, events.byteOffset, events.byteLength);
    if (!wire.telling.test(raw.toString('latin1'))) return;
    for (const data of eventData(raw.toString('utf8'))) {
      const sign = wire.read(data);
      evidence.inBandError ??= sign.error;
      evidence.stopReason = sign.stopReason ?? evidence.stopReason;
      evidence.ended ||= sign.end === true;
    }
    if (evidence.stopReason !== null || evidence.ended) this.grace ??= clock.setTimer(GRACE_MS, this.hangUp);
  }

  /** Upstream is done, or the grace is over. With a stop reason the answer is complete, end marker or not. */
  private close(controller: Controller): void {
    const { wire, evidence, signal } = this.options;
    this.letGo();
    if (signal.aborted) return controller.error(signal.reason);
    evidence.ended = true;
    if (evidence.stopReason !== null && wire.closing !== null) controller.enqueue(wire.closing);
    controller.close();
  }

  private fail(controller: Controller, error: unknown): void {
    const { evidence, signal } = this.options;
    // What our own abort breaks is no evidence against the provider.
    if (signal.aborted || evidence.stopReason !== null) return this.close(controller);
    evidence.fault = error instanceof RangeError ? 'too-large' : 'broken';
    this.cancel();
    controller.error(error);
  }

  /** Reads the response to its end, or to the end of the grace, after the answer has been handed over. */
  private async drain(): Promise<void> {
    try {
      while (!(await this.upstream.read()).done);
    } catch {
      // The answer is complete; a connection that breaks now concerns nobody.
    } finally {
      this.letGo();
    }
  }

  private readonly hangUp = (): void => void this.upstream.cancel().catch(() => {});

  private letGo(): void {
    this.grace?.cancel();
    this.options.signal.removeEventListener('abort', this.hangUp);
  }
}
