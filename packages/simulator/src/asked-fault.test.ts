import { describe, expect, test } from 'vitest';
import { createWorld, eventsOf, observe } from './test-support/observe.ts';
import { readAnswer } from './test-support/read-answer.ts';
import { WIRES } from './test-support/requests.ts';

describe.each(WIRES)('on the %s wire', (wire) => {
  test('the header names the fault of this request, and of no other', async () => {
    const world = createWorld();
    expect(await observe(wire, { fault: 'error-500' }, world)).toMatchObject({ status: 500 });
    expect(await observe(wire, {}, world)).toMatchObject({ status: 200, end: 'closed' });
    expect(world.sim.calls.map(({ fault }) => fault)).toEqual(['error-500', null]);
  });

  test('the model can name it too, and is known by its own name', async () => {
    const world = createWorld();
    const seen = await observe(wire, { model: 'acme-mini+cut;afterTokens=4' }, world);
    expect(readAnswer(wire, seen.text).finish).toBeNull();
    expect(world.sim.calls[0]).toMatchObject({ fault: 'cut', model: 'acme-mini' });
    const whole = await observe(wire, { model: 'acme-mini+no-end-marker' }, world);
    expect(whole.text).not.toContain('+');
  });

  test('the header wins over the model, and both over the scenario', async () => {
    const world = createWorld({ faults: [{ fault: 'html-502' }] });
    const ask = { model: 'acme+reset', fault: 'auth' };
    expect(await observe(wire, ask, world)).toMatchObject({ status: 401 });
    expect(await observe(wire, { model: 'acme+error-500' }, world)).toMatchObject({ status: 500 });
    expect(await observe(wire, {}, world)).toMatchObject({ status: 502 });
  });

  test('`times` counts the requests that ask for exactly this', async () => {
    const world = createWorld();
    const statuses = [];
    for (const fault of ['S03', 'S03', 'S01', 'S03']) {
      statuses.push((await observe(wire, { fault }, world)).status);
    }
    expect(statuses).toEqual([500, 200, 429, 200]);
  });

  test('a name nobody knows is answered 400 with those there are', async () => {
    const world = createWorld();
    const seen = await observe(wire, { fault: 'explode' }, world);
    expect(seen.status).toBe(400);
    expect(seen.text).toMatch(/x-paceline-fault: fault\.fault: expected one of stall, /);
    expect(world.sim.calls[0]).toMatchObject({ fault: null });
  });
});

test('a provider says what its scenario gives it to say', async () => {
  const answer = 'Sixty words would fit here as well.';
  for (const wire of WIRES) {
    const seen = await observe(wire, {}, createWorld({ answer }));
    expect(readAnswer(wire, seen.text).text).toBe(answer);
  }
});

test('a provider without prefill refuses a request that ends in its own words', async () => {
  const turns = {
    openai: {
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hel' },
      ],
    },
    anthropic: {
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: 'Hel' },
      ],
    },
    google: {
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        { role: 'model', parts: [{ text: 'Hel' }] },
      ],
    },
  };
  for (const wire of WIRES) {
    const world = createWorld({ prefill: false });
    const refused = await observe(wire, { extra: turns[wire] }, world);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('prefill');
    expect(await observe(wire, {}, world)).toMatchObject({ status: 200 });
    const willing = await observe(wire, { extra: turns[wire] }, createWorld());
    expect(eventsOf(willing.text).length).toBeGreaterThan(2);
  }
});
