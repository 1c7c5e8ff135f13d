import { systemClock } from '@paceline/resilience';
import { createUpstream } from './rig.ts';
import type { UpstreamRequest } from './aftermath.ts';

/** What the providers' process tells: first where it listens, and at its end what became of the requests. */
export type FromUpstream =
  | {
      readonly type: 'listening';
      readonly providers: ReturnType<ReturnType<typeof createUpstream>['providers']>;
    }
  | { readonly type: 'requests'; readonly requests: readonly UpstreamRequest[] };

// A process of its own: providers that share the callers' event loop would be measured with it. Any message ends it.
const simulator = createUpstream({ clock: systemClock, seed: Number(process.argv[2]) });
const listening = await simulator.listen();
const tell = (message: FromUpstream): void => void process.send?.(message);

process.once('message', () => {
  // Two processes share the wall clock only; it does not jump within a minute.
  const toWallMs = systemClock.epochMs() - systemClock.nowMs();
  const requests = simulator.calls.map(({ key, endedMs }) => ({
    key,
    endedMs: endedMs === null ? null : endedMs + toWallMs,
  }));
  tell({ type: 'requests', requests });
  void listening.close().then(() => process.disconnect());
});
tell({ type: 'listening', providers: simulator.providers(listening.url) });
