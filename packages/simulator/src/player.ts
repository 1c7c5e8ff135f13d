import type { Clock } from '@paceline/resilience';
import type { Ending, Head, Script } from './script.ts';

/** A response about to be played, and the journal's ear. */
export interface Exchange {
  readonly script: Script;
  onHead(status: number): void;
  /** At most once; never for a response that hangs and that nobody gives up on. */
  onEnd(how: 'played' | 'cancelled'): void;
}

/** Where a script is played: an in-process `Response` or a socket. */
export interface Stage {
  head(head: Head): void;
  write(text: string): void;
  end(how: Ending): void;
}

/** Plays the script from now on. What it returns is for when the client leaves: it stops everything and leaves no timer. */
export function play(exchange: Exchange, clock: Clock, stage: Stage): () => void {
  const startMs = clock.nowMs();
  const steps = stepsOf(exchange, stage);
  let next = 0;
  let over = false;

  const onTimer = (): void => {
    const elapsedMs = clock.nowMs() - startMs;
    for (let step = steps[next]; step !== undefined; step = steps[next]) {
      // The tolerance absorbs the rounding of `start + delay` on a clock of doubles.
      if (step.atMs > elapsedMs + 1e-6) return timer.reset(step.atMs - elapsedMs);
      next++;
      step.run();
    }
    // A script that hangs has no last step, so it is over only once the client leaves.
    if (next === steps.length && exchange.script.end.how !== 'hang') finish('played');
  };
  const finish = (how: 'played' | 'cancelled'): void => {
    if (over) return;
    over = true;
    next = steps.length;
    timer.cancel();
    exchange.onEnd(how);
  };
  const timer = clock.setTimer(steps[0]?.atMs ?? 0, onTimer);
  return () => finish('cancelled');
}

interface Step {
  readonly atMs: number;
  readonly run: () => void;
}

function stepsOf({ script: { head, frames, end }, onHead }: Exchange, stage: Stage): readonly Step[] {
  const steps: Step[] = [];
  if (head !== null) {
    steps.push({
      atMs: head.atMs,
      run: () => {
        onHead(head.status);
        stage.head(head);
      },
    });
  }
  for (const { atMs, text } of frames) steps.push({ atMs, run: () => stage.write(text) });
  if (end.how !== 'hang') steps.push({ atMs: end.atMs, run: () => stage.end(end.how) });
  return steps;
}
