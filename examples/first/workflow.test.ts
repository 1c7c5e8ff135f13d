import { createGateway, resolveConfig } from '@paceline/gateway';
import { seededRandom } from '@paceline/resilience';
import { createVirtualClock } from '@paceline/resilience/testing';
import { createEngine } from 'paceline';
import { expect, test } from 'vitest';
import config from './paceline.config.ts';
import first from './workflow.ts';

test('questions are answered, everything else goes to a person', async () => {
  const clock = createVirtualClock();
  const random = seededRandom(1);
  const context = { clock, random, seed: 1, virtual: true, rows: 2, env: {} };
  const gateway = createGateway(await resolveConfig(config, context));
  const engine = createEngine({ gateway, clock, random });

  const question = await clock.run(engine.run(first, { text: 'How long is the warranty?' }));
  expect(question.steps.map(({ step }) => step)).toEqual(['triage', 'reply']);
  expect(question).toMatchObject({ ok: true, status: 'succeeded', output: { answer: expect.any(String) } });

  const remark = await clock.run(engine.run(first, { text: 'Nice shop.' }));
  expect(remark).toMatchObject({ ok: true, output: { answer: 'A person will answer you.' } });
});
