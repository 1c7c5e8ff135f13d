import { z } from 'zod';
import { customModelsSchema, customPricesSchema } from './catalog/custom-schema.ts';
import { CONFIG_RULES } from './config-rules.ts';
import { didYouMean } from './did-you-mean.ts';
import { GatewayError } from './errors.ts';
import { capSchema, MOST_USD } from './spend/cap-schema.ts';
import { logSchema, payloadLevel } from './log/log-schema.ts';
import { createRedactor } from './redact.ts';
import type { GatewayConfig } from './config.ts';

const positive = z.number().positive();
const atLeastOne = z.number().int().min(1);
const limits = z.strictObject({
  connectMs: positive.optional(),
  firstChunkMs: positive.optional(),
  chunkMs: positive.optional(),
});
const promptCache = z
  .union([z.enum(['auto', 'off']), z.strictObject({ ttl: z.enum(['5m', '1h']) })])
  .optional();
const targetName = z.string().regex(/^[^/\s]+\/\S+$/, 'Expected `provider/model`, e.g. `openai/gpt-5-mini`.');
const targetList = z.array(targetName).min(1, 'Expected at least one target, e.g. `openai/gpt-5-mini`.');
const route = z.union([
  targetList,
  z.strictObject({
    targets: targetList,
    strategy: z.enum(['ordered', 'weighted', 'cheapest', 'fastest', 'sticky']).optional(),
    weights: z.array(z.number().nonnegative()).optional(),
    attempts: atLeastOne.optional(),
    limits: limits.optional(),
    hedge: z.boolean().optional(),
    continuation: z.boolean().optional(),
    logPayload: payloadLevel.optional(),
    promptCache,
  }),
]);
const callable = z.custom<(...parts: never) => unknown>(
  (value) => typeof value === 'function',
  'Expected a function.',
);
const keyReference = z
  .string()
  .regex(
    /^env:[A-Za-z_]\w*$/,
    'Expected a reference, e.g. `env:OPENAI_API_KEY`: a key itself never stands in a config.',
  );
const baseUrl = z
  .url({ protocol: /^https?$/, error: 'Expected an http(s) URL.' })
  .refine(
    (url) => !/^\w+:\/\/[^/?#]*@/.test(url),
    'Expected an address without `user:password@`: credentials go into `apiKey` or `headers`.',
  );
const account = {
  baseUrl: baseUrl.optional(),
  apiKey: keyReference.optional(),
  headers: z.record(z.string(), z.string()).optional(),
};
const endpointName = z.string().regex(/^[^/@\s]+$/, 'Expected a name without `/`, `@` or blanks.');
const keys = z.record(
  endpointName,
  z.strictObject({ apiKey: keyReference, weight: z.number().nonnegative().optional() }),
);
const endpoints = z.record(
  endpointName,
  z.strictObject({
    ...account,
    tenants: z.array(z.string()).min(1, 'Expected at least one tenant.').optional(),
  }),
);
const shared = { identifyCalls: z.boolean().optional(), pricedAs: z.string().min(1).optional() };
const provider = z.union([
  z.strictObject({
    ...shared,
    wire: z.enum(['openai', 'anthropic', 'google', 'openai-compatible', 'cohere', 'bedrock']).optional(),
    ...account,
    promptCache,
    endpoints: endpoints.optional(),
    keys: keys.optional(),
  }),
  z.strictObject({ ...shared, model: callable }),
]);

const ROLES = ['classify', 'reason', 'execute'] as const;

/** The plain-data part; clock, fetch and the like are trusted to the type checker. */
const configSchema = z.object({
  roles: z.partialRecord(z.enum(ROLES), route),
  routes: z.record(z.string(), route).optional(),
  providers: z
    .record(z.string().regex(/^[^/\s]+$/, 'Expected a name without `/` or blanks.'), provider)
    .optional(),
  cache: z.strictObject({ ttlMs: positive.optional(), maxBytes: positive.optional() }).optional(),
  log: logSchema.optional(),
  redact: z
    .strictObject({
      secrets: z.array(keyReference).optional(),
      patterns: z.array(z.instanceof(RegExp)).optional(),
    })
    .optional(),
  caps: z.array(capSchema).optional(),
  customPrices: customPricesSchema.optional(),
  customModels: customModelsSchema.optional(),
  modelsFile: z.string().min(1).optional(),
  policy: z
    .strictObject({
      unpricedUsd: z.number().nonnegative().max(MOST_USD).optional(),
      attempts: atLeastOne.optional(),
      failover: z.boolean().optional(),
      limits: limits.optional(),
      breaker: z.object({}).loose().optional(),
      maxInFlightPerTarget: atLeastOne.optional(),
      maxInFlightPerTenant: atLeastOne.optional(),
      tenantWeights: z.record(z.string(), positive).optional(),
      guards: z.boolean().optional(),
      checkModels: z.boolean().optional(),
    })
    .optional(),
});

/**
 * Checks a config once, at the edge.
 * @throws GatewayError `CONFIG_INVALID` that names every wrong field and its mend
 */
export function checkConfig(config: GatewayConfig): void {
  const parsed = configSchema.safeParse(config);
  if (!parsed.success) throw invalid(parsed.error.issues.flatMap((issue) => describe(issue)));
  const problems = CONFIG_RULES.flatMap((rule) => rule(config));
  if (problems.length > 0) throw invalid(problems);
}

/** A key that was put in a wrong place is not known for one. */
const guessing = createRedactor({ secrets: () => [] });

function invalid(problems: readonly string[]): GatewayError {
  return new GatewayError(
    'CONFIG_INVALID',
    `Invalid gateway config.\n${problems.map((each) => `  ${guessing.text(each)}`).join('\n')}`,
  );
}

type Issue = z.core.$ZodIssue;

/** `field: what is wrong`, without the value, which may be a secret put in the wrong place. */
function describe(issue: Issue, under: readonly PropertyKey[] = []): readonly string[] {
  const path = [...under, ...issue.path];
  if (issue.code === 'unrecognized_keys' && path.join() === 'roles') {
    return issue.keys.map((key) => `roles.${key}: there is no such role. ${didYouMean(key, ROLES)}`);
  }
  // A key's own fault stands inside; the issue itself says only that there is one.
  if (issue.code === 'invalid_key') return issue.issues.flatMap((each) => describe(each, path));
  if (issue.code !== 'invalid_union') return [`${z.core.toDotPath(path)}: ${issue.message}`];
  // Of the shapes the field may have, the one that was most likely meant: fewest issues, and those deepest inside it.
  const [meant = []] = issue.errors.toSorted((a, b) => a.length - b.length || depth(b) - depth(a));
  return meant.flatMap((each) => describe(each, path));
}

function depth(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length));
}
