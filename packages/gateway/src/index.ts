export { createCatalog } from './catalog/catalog.ts';
export { inputUsdOf, matchesModel, outputUsdOf } from './catalog/filter.ts';
export { FACT_NAMES } from './catalog/model-info.ts';
export {
  MODELS_DEV_MAX_BYTES,
  MODELS_DEV_URL,
  parseModelsDev,
  readRefreshedModels,
} from './catalog/refreshed.ts';
export { defineConfig } from './config.ts';
export { createGateway, missingCredentials, missingPackages } from './create-gateway.ts';
export { defaultConfig } from './default-config.ts';
export { GATEWAY_ERRORS } from './error-codes.ts';
export { GatewayError, isGatewayError } from './errors.ts';
export { memoryLedger } from './memory-ledger.ts';
export { createMoneyMeter } from './money.ts';
export { picoOf, roundUsd, usdOf } from './meter/usd.ts';
export { createRedactor } from './redact.ts';
export { modelWarnings } from './model-warnings.ts';
export { createPoolFetch } from './providers/pool-fetch.ts';
export { resolveConfig } from './resolve-config.ts';
export { SECRET_PATTERNS } from './secret-patterns.ts';
export { secretFinder } from './secrets.ts';
export { bookKeyOf, boundedKey } from './spend/book-key.ts';
export { amountsOf, spendRows } from './spend/book-rows.ts';
export { MOST_VALUES, OTHER_VALUES, refusalFor, sumOf } from './spend/cap-room.ts';
export { checkSpendQuery, isSpendDimension, SPEND_DIMENSIONS } from './spend/query.ts';
export { firstSlotAt, keptUntil, slotAt } from './spend/window.ts';

export type { Catalog, CatalogOptions, ListOptions } from './catalog/catalog.ts';
export type { ModelFilter } from './catalog/filter.ts';
export type {
  CustomModel,
  Fact,
  FactName,
  Known,
  Modality,
  ModelInfo,
  Offer,
  PriceDimension,
} from './catalog/model-info.ts';
export type { RefreshedModels } from './catalog/refreshed.ts';
export type { CacheConfig } from './cache/response-cache.ts';
export type {
  ConfigContext,
  ConfigFactory,
  EndpointConfig,
  KeyConfig,
  GatewayConfig,
  PolicyConfig,
  ProviderConfig,
  RedactConfig,
  RouteConfig,
  RouteSettings,
  RouteStrategy,
  WireFormat,
} from './config.ts';
export type { DefaultConfig } from './default-config.ts';
export type { GatewayErrorCode } from './error-codes.ts';
export type { GatewayErrorDetails } from './errors.ts';
export type { GatewayEvents, ShedCode } from './events.ts';
export type { Denial } from './denials.ts';
export type { Parked, ParkedCode } from './parking.ts';
export type { ExpectedTokens, Gateway, GatewayHealth, TargetHealthView, TargetView } from './gateway.ts';
export type { LatencyView, Ledger } from './ledger.ts';
export type {
  Log,
  LogConfig,
  LogFields,
  LogFile,
  LogLevel,
  LogStream,
  PayloadLevel,
} from './log/contract.ts';
export type {
  AnswerFormat,
  AttemptLimits,
  CacheUse,
  CallBudget,
  CallIdentity,
  Criticality,
  Json,
  JsonSchema,
  Message,
  ModelRequest,
  PromptCacheUse,
  MoneyMeter,
  MoneyReserved,
  Role,
  ToolCall,
  ToolSpec,
} from './request.ts';
export type {
  AttemptRecord,
  FinishReason,
  ModelResult,
  ModelStreamEvent,
  TokenLogprob,
  CostSource,
  Usage,
} from './result.ts';
export type { RouteUse, UsableOptions } from './usable.ts';
export type { Remedy } from './verdict.ts';
export type { PlannedTarget, PlanReason } from './route/plan.ts';
export type { Redactor, RedactorOptions } from './redact.ts';
export type { SecretFinder } from './secrets.ts';
export type { BookKey, BookRoom } from './spend/book-key.ts';
export type { BookAmounts } from './spend/book-rows.ts';
export type { CustomPrice, Rates, VolumeRates } from './meter/custom-price.ts';
export type { PoolFetch } from './providers/pool-fetch.ts';
export type { MoneyMeterOptions } from './money.ts';
export type { CapCounter, CapRefusal, CapStanding, CapUse, CapWindow } from './spend/cap.ts';
export type { CapConfig } from './spend/cap-config.ts';
export type { CapState } from './spend/cap-room.ts';
export type { Reserved, ReserveRequest, SpendEntry, SpendIdentity, SpendLedger } from './spend/contract.ts';
export type { SourceShare, SpendDimension, SpendQuery, SpendRow } from './spend/query.ts';
