import { child, code, map, reason, setupWorkflow } from 'paceline';
import { assign } from 'xstate';
import { z } from 'zod';

const Article = z.object({ title: z.string(), text: z.string() });
const Summary = z.object({ summary: z.string() });

/** What was sent, by the key under which it was sent: the same thing is sent once. */
export const sent = new Map<string, string>();

const summarizing = setupWorkflow({
  id: 'summarizing',
  input: Article,
  output: Summary,
  context: Article.extend({ summary: z.string() }),
  // Of one article. Whatever the digest has left may be less.
  budget: { totalMs: 20_000, usd: 0.02 },
  steps: {
    summarize: reason({
      input: Article,
      output: Summary,
      prompt: ({ input }) => ({ system: 'Summarize in two sentences.', user: JSON.stringify(input) }),
    }),
    shorten: code({
      input: Summary,
      output: Summary,
      effect: 'pure',
      run: ({ input }) => ({ summary: input.summary.slice(0, 280) }),
    }),
  },
}).createMachine({
  context: ({ input }) => ({ ...input, summary: '' }),
  output: ({ context: { summary } }) => ({ summary }),
  initial: 'summarizing',
  states: {
    summarizing: {
      invoke: {
        id: 'summarize',
        src: 'summarize',
        input: ({ context: { title, text } }) => ({ title, text }),
        onDone: { target: 'shortening', actions: assign(({ event }) => event.output) },
        onError: 'given-up',
      },
    },
    shortening: {
      invoke: {
        id: 'shorten',
        src: 'shorten',
        input: ({ context: { summary } }) => ({ summary }),
        onDone: { target: 'done', actions: assign(({ event }) => event.output) },
        onError: 'given-up',
      },
    },
    done: { type: 'final' },
    'given-up': { type: 'final', tags: ['failed'] },
  },
});

const Digest = z.object({ lines: z.array(z.string()) });

/** Every article is summarized by a run of its own, four at a time; half of them will do. The digest is then sent. */
export default setupWorkflow({
  id: 'digest',
  input: z.object({ articles: z.array(Article) }),
  output: z.object({ lines: z.array(z.string()), missing: z.array(z.string()) }),
  context: z.object({
    articles: z.array(Article),
    lines: z.array(z.string()),
    missing: z.array(z.string()),
  }),
  budget: { totalMs: 60_000, usd: 0.1 },
  steps: {
    summarizeAll: map(child(summarizing), { concurrency: 4, failure: 'collect' }),
    send: code({
      input: Digest,
      output: z.object({}),
      effect: 'idempotent',
      run: ({ input, idempotencyKey }) => {
        sent.set(idempotencyKey, input.lines.join('\n'));
        return {};
      },
    }),
  },
}).createMachine({
  context: ({ input }) => ({ ...input, lines: [], missing: [] }),
  output: ({ context: { lines, missing } }) => ({ lines, missing }),
  initial: 'summarizing',
  states: {
    summarizing: {
      invoke: {
        id: 'summarize-all',
        src: 'summarizeAll',
        input: ({ context }) => context.articles,
        onDone: {
          target: 'deciding',
          actions: assign(({ context, event }) => ({
            lines: event.output.flatMap((item) => (item.ok ? [item.output.summary] : [])),
            missing: context.articles.flatMap(({ title }, index) =>
              event.output[index]?.ok === true ? [] : [title],
            ),
          })),
        },
        onError: 'unsent',
      },
    },
    deciding: {
      always: [
        { guard: ({ context }) => context.lines.length >= context.missing.length, target: 'sending' },
        { target: 'unsent' },
      ],
    },
    sending: {
      invoke: {
        id: 'send',
        src: 'send',
        input: ({ context: { lines } }) => ({ lines: [...lines] }),
        onDone: 'done',
        onError: 'unsent',
      },
    },
    done: { type: 'final' },
    unsent: { type: 'final', tags: ['degraded'] },
  },
});
