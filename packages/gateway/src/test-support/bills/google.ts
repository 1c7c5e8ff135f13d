import type { Bill } from './bill.ts';

const gemini = (prompt: number, candidates: number, more: object = {}) => ({
  promptTokenCount: prompt,
  candidatesTokenCount: candidates,
  ...more,
});
const modality = (name: string, tokens: number) => ({ modality: name, tokenCount: tokens });

/** https://ai.google.dev/gemini-api/docs/pricing */
export const GOOGLE_BILLS: readonly Bill[] = [
  {
    rule: 'thoughts are counted beside the candidates and billed as output',
    model: 'google/gemini-2.5-flash',
    reported: gemini(1_000, 10, { thoughtsTokenCount: 90 }),
    perMillion: [
      [1_000, 0.3],
      [100, 2.5],
    ],
  },
  {
    rule: 'promptTokenCount includes cached ones',
    model: 'google/gemini-2.5-pro',
    reported: gemini(10_000, 100, { cachedContentTokenCount: 8_000 }),
    perMillion: [
      [2_000, 1.25],
      [8_000, 0.125],
      [100, 10],
    ],
  },
  {
    rule: 'audio input has a price of its own',
    model: 'google/gemini-2.5-flash',
    reported: gemini(1_000, 100, {
      promptTokensDetails: [modality('TEXT', 600), modality('AUDIO', 400)],
    }),
    perMillion: [
      [600, 0.3],
      [400, 1],
      [100, 2.5],
    ],
  },
  {
    rule: 'cached text beside audio that is not cached',
    model: 'google/gemini-2.5-flash',
    reported: gemini(1_000, 100, {
      cachedContentTokenCount: 200,
      promptTokensDetails: [modality('TEXT', 600), modality('AUDIO', 400)],
      cacheTokensDetails: [modality('TEXT', 200)],
    }),
    perMillion: [
      [400, 0.3],
      [200, 0.03],
      [400, 1],
      [100, 2.5],
    ],
  },
  {
    rule: 'cached audio has a price of its own too',
    model: 'google/gemini-2.0-flash',
    reported: gemini(1_000, 10, {
      cachedContentTokenCount: 300,
      promptTokensDetails: [modality('TEXT', 700), modality('AUDIO', 300)],
      cacheTokensDetails: [modality('AUDIO', 300)],
    }),
    perMillion: [
      [700, 0.1],
      [300, 0.175],
      [10, 0.4],
    ],
  },
  {
    rule: 'a prompt beyond 200,000 tokens reprices everything',
    model: 'google/gemini-2.5-pro',
    reported: gemini(250_000, 1_000, { cachedContentTokenCount: 1_000 }),
    perMillion: [
      [249_000, 2.5],
      [1_000, 0.25],
      [1_000, 15],
    ],
  },
  {
    rule: 'what a tool put into the prompt is input',
    model: 'google/gemini-2.5-pro',
    reported: gemini(1_000, 100, { toolUsePromptTokenCount: 500 }),
    perMillion: [
      [1_500, 1.25],
      [100, 10],
    ],
  },
  {
    rule: 'flex is half the price',
    model: 'google/gemini-2.5-flash-lite',
    reported: gemini(1_000, 1_000, { serviceTier: 'flex' }),
    perMillion: [
      [1_000, 0.05],
      [1_000, 0.2],
    ],
  },
];
