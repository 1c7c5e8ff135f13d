import type { Clock, Timer } from '@paceline/resilience';
import type { ReadableStreamReadResult, UnderlyingSource } from 'node:stream/web';
import { awsEventData, createAwsEvents } from './aws-events.ts';
import { createSseEvents } from './sse-events.ts';
import { eventData } from './wires.ts';
import type { Evidence } from './evidence.ts';
import type { EventCutter, Overrun } from './sse-events.ts';
import type { Wire } from './wires.ts';

export interface TappedBodyOptions {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Written to as the answer goes by. */
  readonly evidence: Evidence;
}

/** How the events of each framing are told apart and read. */
const FRAMINGS: Readonly<Record<Wire['framing'], Framing>> = {
  sse: { cutter: createSseEvents, data: (events) => eventData(events.toString('utf8')) },
  aws: { cutter: createAwsEvents, data: awsEventData },
};

interface Framing {
  readonly cutter: () => EventCutter;
  readonly data: (events: Buffer) => readonly unknown[];
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

/**
 * From the stop reason on upstream has this long to send usage, end marker and end of response. The answer does not wait
 * for it beyond the end marker; the connection does, because only a response that has ended frees it for the next call.
 */
const GRACE_MS = 1_000;

/** Ten times the longest answer any model gives. */
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

const BEYOND: Readonly<Record<Overrun | 'answerBytes', string>> = {
  lineBytes: 'A line of the answer is longer than 1 MB.',
  eventBytes: 'An event of the answer is larger than 8 MB.',
  events: 'The answer has more than 1,000,000 events.',
  depth: 'An event of the answer is nested deeper than 64 levels.',
  answerBytes: 'The answer is larger than 64 MB.',
};

/**
 * An answer's body as the adapter gets to read it: whole events only, and ended by us, at the end marker or when the grace
 * is over. Adapters that finish when the connection closes would otherwise wait as long as a careless server keeps it open.
 */
export class TappedBody implements UnderlyingSource<Uint8Array> {
  private readonly upstream: ReadableStreamDefaultReader<Uint8Array>;
  private readonly options: TappedBodyOptions;
  private readonly events: EventCutter;
  private bytes = 0;
  private grace: Timer | undefined;

  constructor(upstream: ReadableStreamDefaultReader<Uint8Array>, options: TappedBodyOptions) {
    this.upstream = upstream;
    this.options = options;
    this.events = FRAMINGS[options.wire.framing].cutter();
    options.signal.addEventListener('abort', this.hangUp, { once: true });
  }

  /** Without `await` where one read brings an event: it would cost more than all the looking at it does. */
  pull(controller: Controller): Promise<void> {
    return this.upstream.read().then(
      (read) => (this.take(read, controller) ? undefined : this.readOn(controller)),
      (error: unknown) => this.fail(controller, error),
    );
  }

  /** The adapter, or whoever reads from it, wants no more. */
  cancel(): void {
    this.letGo();
    this.hangUp();
  }

  /** Until an event is whole. A loop: promises that wait each for the next would all be kept, one for each byte of a hostile event. */
  private async readOn(controller: Controller): Promise<void> {
    try {
      while (!this.take(await this.upstream.read(), controller));
    } catch (error) {
      this.fail(controller, error);
    }
  }

  /** @returns whether the adapter has something to go on with */
  private take({ done, value }: ReadableStreamReadResult<Uint8Array>, controller: Controller): boolean {
    if (done) {
      this.close(controller);
      return true;
    }
    const events = this.count(value) ? this.events.push(value) : 'answerBytes';
    if (typeof events === 'string') {
      this.fail(controller, new RangeError(BEYOND[events]));
      return true;
    }
    if (events === null) return false;
    this.look(events);
    controller.enqueue(events);
    if (this.options.evidence.ended) {
      controller.close();
      void this.drain();
    }
    return true;
  }

  /** @returns whether the answer is still within its limit */
  private count(chunk: Uint8Array): boolean {
    this.bytes += chunk.length;
    return this.bytes <= LARGEST_ANSWER_BYTES;
  }

  private look(events: Uint8Array): void {
    const { wire, evidence, clock } = this.options;
    const raw = Buffer.from(events.buffer, events.byteOffset, events.byteLength);
    if (!wire.telling.test(raw.toString('latin1'))) return;
    for (const data of FRAMINGS[wire.framing].data(raw)) {
      const sign = wire.read(data);
      evidence.inBandError ??= sign.error;
      evidence.stopReason = sign.stopReason ?? evidence.stopReason;
      if (sign.usage !== undefined) evidence.usage = { ...evidence.usage, ...sign.usage };
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
    if (signal.aborted || evidence.stopReason !== null) {
      this.hangUp();
      return this.close(controller);
    }
    if (error instanceof RangeError) evidence.overrun = error.message;
    else evidence.broken = true;
    this.cancel();
    controller.error(error);
  }

  /** Reads the response to its end, or to the end of the grace, after the answer has been handed over. */
  private async drain(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.upstream.read();
        if (done) break;
        if (!this.count(value)) this.hangUp();
      }
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
