import type { GatewayConfig } from '../config.ts';
import { findProvider } from './registry.ts';

/** What a key pool of the right shape may still get wrong: one sentence for each problem, with its field and its mend. */
export function keyProblems(config: GatewayConfig): readonly string[] {
  return Object.entries(config.providers ?? {}).flatMap(([provider, own]) => {
    if ('model' in own || own.keys === undefined) return [];
    const field = `providers.${provider}`;
    const keys = Object.entries(own.keys);
    const [first] = keys;
    if (first === undefined) return [`${field}.keys: Expected at least one.`];
    const variables = keys.map(([, { apiKey }]) => apiKey);
    return [
      ...(findProvider({ provider, endpoint: first[0] }, config, {}) === undefined
        ? [`${field}: needs a \`baseUrl\`.`]
        : []),
      ...(own.endpoints === undefined
        ? []
        : [
            `${field}: \`keys\` are credentials for one address, \`endpoints\` are addresses. Give each endpoint its own \`apiKey\` instead.`,
          ]),
      ...(own.apiKey === undefined ? [] : [`${field}: Leave \`apiKey\` out, it is none of the \`keys\`.`]),
      ...keys.flatMap(([name, { apiKey }], at) =>
        variables.indexOf(apiKey) === at
          ? []
          : [`${field}.keys.${name}: \`${apiKey}\` is listed twice. Leave one out.`],
      ),
      ...(keys.some(([, { weight = 1 }]) => weight > 0)
        ? []
        : [`${field}.keys: Expected at least one weight above 0.`]),
    ];
  });
}
