import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { attempt } from '../test-support/attempts.ts';
import { asWorkflow, bothAtOnce, twoSteps } from '../test-support/workflows.ts';
import { advance } from './advance.ts';
import type { JournalEntry, RunEffect, RunEvent, RunRecord } from './record.ts';
import { replay } from './replay.ts';

/** What the world may do next: `pick` chooses among the tokens ever issued, so that many are late or repeated. */
const action = fc.record({
  kind: fc.constantFrom(
    'done',
    'done',
    'failed',
    'timer',
    'timer',
    'progress',
    'stopped',
    'foreign',
    'cancel',
    'deadline',
  ),
  pick: fc.nat(),
  reload: fc.boolean(),
});

/** A driver that only keeps the books: what has been started and stopped, and in which order. */
class Books {
  readonly steps: string[] = [];
  readonly timers: string[] = [];
  readonly running = new Set<string>();
  readonly ticking = new Set<string>();
  ended = false;

  carryOut(effects: readonly RunEffect[]): void {
    for (const effect of effects) {
      expect(this.ended).toBe(false);
      switch (effect.type) {
        case 'step-start':
          expect(this.steps).not.toContain(effect.pending.token);
          this.steps.push(effect.pending.token);
          this.running.add(effect.pending.token);
          break;
        case 'step-abort':
          expect(this.running.delete(effect.token)).toBe(true);
          break;
        case 'timer-set':
          expect(this.timers).not.toContain(effect.timer.token);
          this.timers.push(effect.timer.token);
          this.ticking.add(effect.timer.token);
          break;
        case 'timer-cancel':
          expect(this.ticking.delete(effect.token)).toBe(true);
          break;
        case 'run-end':
          this.ended = true;
      }
    }
  }

  event(kind: string, pick: number): RunEvent {
    const step = this.steps[pick % this.steps.length] ?? 'none';
    const timer = this.timers[pick % this.timers.length] ?? 'none';
    const attempts = [attempt({ costUsd: 1 })];
    switch (kind) {
      case 'done':
        return { type: 'step-done', token: step, output: { n: pick % 10 }, attempts };
      case 'failed':
        return { type: 'step-failed', token: step, failure: { code: 'X', message: 'x' }, attempts };
      case 'timer':
        return { type: 'timer-due', token: timer };
      case 'progress':
        return { type: 'step-progress', token: step, progress: { type: 'turn', message: 'm', attempts } };
      case 'stopped':
        return { type: 'step-stopped', token: step, attempts };
      case 'foreign':
        return { type: 'step-done', token: `other/1/first/${pick}`, output: null, attempts };
      case 'cancel':
        return { type: 'cancel', reason: 'enough' };
      default:
        return { type: 'deadline' };
    }
  }

  /** A driver forgets what a completion or a timer has used up. */
  taken(event: RunEvent): void {
    if (event.type === 'step-done' || event.type === 'step-failed') this.running.delete(event.token);
    if (event.type === 'timer-due') this.ticking.delete(event.token);
  }
}

const tokensOf = (inFlight: Readonly<Record<string, { readonly token: string }>>) =>
  new Set(Object.values(inFlight).map(({ token }) => token));

test.each([
  ['one after the other', twoSteps],
  ['at once', bothAtOnce],
])('steps %s: no order of events breaks a run', (_, machine) => {
  const workflow = asWorkflow(machine);
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const books = new Books();
      const entries: JournalEntry[] = [];
      let record: RunRecord | null = null;
      let endedAs: RunRecord['status'] | undefined;
      let paidUsd = 0;
      let nowEpochMs = 0;

      const give = (event: RunEvent): void => {
        nowEpochMs += 7;
        const before: RunRecord | null = record;
        const advanced = advance({ workflow, record, event, nowEpochMs });
        const token = 'token' in event ? event.token : undefined;
        const inFlight = token !== undefined && (books.running.has(token) || books.ticking.has(token));

        if (advanced === null) {
          // Refused, rightly: the run is over, or it does not wait for this token.
          const isStopped = event.type === 'step-stopped';
          expect(endedAs !== undefined || (token !== undefined && inFlight === isStopped)).toBe(true);
          return;
        }
        const { entry, record: after } = advanced.batch;
        expect(entry.seq).toBe((before?.seq ?? 0) + 1);
        expect(after.seq).toBe(entry.seq);
        if (event.type !== 'run-start' && event.type !== 'step-stopped') {
          expect(endedAs).toBeUndefined();
          if (token !== undefined) expect(inFlight).toBe(true);
        }
        if ('attempts' in event) paidUsd += 1;
        if (event.type === 'step-progress') paidUsd += 1;
        books.taken(event);
        books.carryOut(advanced.effects);
        entries.push(entry);
        record = after;

        if (after.status !== 'running') {
          endedAs ??= after.status;
          expect(after.status).toBe(endedAs);
          expect(books.ended).toBe(true);
        }
        expect(tokensOf(after.pending)).toEqual(books.running);
        expect(tokensOf(after.timers)).toEqual(books.ticking);
        expect(after.spend.knownUsd).toBe(paidUsd);
      };

      give({ type: 'run-start', runId: 'run', input: { n: 1 }, labels: {}, totalMs: 900, capUsd: null });
      for (const { kind, pick, reload } of actions) {
        if (reload) record = JSON.parse(JSON.stringify(record));
        give(books.event(kind, pick));
      }
      expect(JSON.parse(JSON.stringify(replay(workflow, entries)))).toEqual(
        JSON.parse(JSON.stringify(record)),
      );
    }),
    { numRuns: 400 },
  );
});
