import type { AttemptErrorCode, Meaning } from './verdict.ts';

/** What is known of an error answer when its rule is looked up. */
export interface ErrorSigns {
  /** The machine-readable names in body and headers, lower case, joined by blanks. */
  readonly names: string;
  readonly message: string;
  readonly status: number;
  /** The provider said how long to wait. */
  readonly hinted: boolean;
}

/** A rule applies if its names or its words are found, and all else that it states holds. */
export interface ErrorRule {
  readonly code: AttemptErrorCode;
  /** Tested against the names. */
  readonly names?: RegExp;
  /** Tested against the message, for providers that say it only there. */
  readonly says?: RegExp;
  /** Statuses it applies to. @default all */
  readonly at?: (status: number) => boolean;
  /** Applies only with (or only without) a wait. @default both */
  readonly hinted?: boolean;
  /** Where it means something else than its code usually does. */
  readonly but?: Partial<Meaning>;
}

/** One expression of several phrases. Every gap in them is bounded, so that each is linear in the text. */
const anyOf = (...phrases: readonly RegExp[]): RegExp =>
  new RegExp(phrases.map(({ source }) => source).join('|'), 'i');

/** One expression of whole names: `_` joins what `\b` separates. */
const named = (names: string): RegExp => new RegExp(`\\b(?:${names.split(' ').join('|')})\\b`);

/** A request's own fault: its message may quote the request, so that general words in it prove nothing. */
const aboutTheRequest = (status: number): boolean => status === 400 || status === 404 || status === 422;
const aboutUs = (status: number): boolean => [400, 401, 403, 412].includes(status);
const isBusy = (status: number): boolean => !aboutTheRequest(status) && status !== 401;

/**
 * First match wins. What looks like a rate limit but can never succeed comes before the rate limits, and what looks like a
 * bad key but is a spent account before the keys. The numbers are codes of Zhipu (z.ai), MiniMax and Mistral.
 */
export const ERROR_RULES: readonly ErrorRule[] = [
  {
    code: 'CONTEXT_TOO_LARGE',
    names: named('context_length_exceeded \\w*context_window_exceeded prompt_too_long input_too_long 1261'),
    says: anyOf(
      /maximum context (?:length|window|limit)/,
      /(?:prompt|input) (?:is|was) too (?:long|large)|request too large for|prompt too long/,
      /context[ _](?:length|window|size|limit)[^.]{0,60}exceed/,
      /exceed[^.]{0,60}context (?:length|window|size|limit)/,
      /input token count.{0,40}exceeds|tokens? count of \d{1,9} exceeds/,
      /exceeds? the max(?:imum)?[^.]{0,40} (?:input )?tokens/,
      /max(?:imum)? (?:prompt|input) length is|input length should be/,
      /reduce the length of the (?:messages|prompt|input)/,
      /(?:greater|longer) than the (?:model's )?context length/,
      /exceeded model token limit|max_model_len|exceeds? model maximum/,
      /too large for model with|too many tokens: |while limit is \d/,
      /tokens?`? \+ `?max_new_tokens/,
      /max_(?:completion_)?tokens is too large|maximum allowed number of output tokens|maximum tokens you requested exceeds/,
      /invalid '(?:messages|input)[^']{0,40}': string too long/,
      /(?:extra usage|usage credits|beta)[^.]{0,60}long context/,
      /超[过出][^。]{0,20}长度|上下文[^。]{0,10}[超长]/,
    ),
  },
  // A limit in bytes, not tokens: no other model takes the request either.
  {
    code: 'CONTEXT_TOO_LARGE',
    names: named('request_too_large'),
    says: /payload size exceeds|exceeds the maximum size/i,
    but: { otherTarget: false },
  },
  // What one model cannot see or do, another can; for other requests this one is fine.
  {
    code: 'PROVIDER_REJECTED',
    says: /(?:not|n't|that) support (?:\w{1,20} )?(?:tools?|functions?|images?|vision|audio|pdfs?|files?)\b/i,
    but: { otherTarget: true, remedy: 'other-target' },
  },
  {
    code: 'CONTENT_FILTERED',
    names: named(
      'content_filter content_policy_violation responsibleaipolicyviolation moderation_blocked data_inspection_failed ' +
        'datainspectionfailed \\w*sensitivecontentdetected\\w* prohibited_content 1301 1026 1027',
    ),
    says: anyOf(
      /content (?:management|filtering) policy|content policy violation/,
      /violat\w{1,6} (?:our |the )?(?:\w{1,20} )?(?:usage|content|acceptable use|safety) (?:polic|guideline)/,
      /(?:prompt|input|request|content|output|message|image) (?:was|is|has been) (?:\w{1,20} )?flagged/,
      /safety[ _](?:system|check_type)|responsible ai|unsafe or sensitive|inappropriate content|contains? sensitive information/,
      /blocked by (?:\w{1,20} )?(?:guardrail|content|safety)|敏感内容|敏感信息/,
    ),
  },
  // Cohere's own status for a request that is not safe; Groq's for a tier without room.
  { code: 'CONTENT_FILTERED', says: /unsafe|blocked/i, at: (status) => status === 498 },
  {
    code: 'MODEL_NOT_FOUND',
    names: named(
      'model_not_found invalid_model model_decommissioned model_not_available model_not_supported unknown_model 1211 ' +
        'invalid_model_id model_not_exist model_permission_blocked_\\w+ operationnotsupported modelnotfound deploymentnotfound resourcenotfoundexception not_found_error not_found',
    ),
    says: anyOf(
      /model identifier is invalid|not a valid model|\binvalid model\b|unknown model|no such model|model not exist/,
      /model[:']? [`'"]?[\w./:@-]{1,100}[`'"]? (?:was |is )?(?:not (?:found|supported|available)|does not exist)/,
      /model [`'"]?[\w./:@-]{1,100}[`'"]? has been (?:decommissioned|deprecated|retired|shut down)/,
      /access to (?:the |this )?model|on-demand throughput isn.t supported|no endpoints (?:found|available)/,
    ),
  },
  {
    code: 'QUOTA_EXHAUSTED',
    names: anyOf(
      named(
        'insufficient_(?:user_)?(?:quota|balance|credits?|funds) exceeded_current_quota_error credit_balance_\\w+ ' +
          'billing_\\w+ \\w*spend(?:ing)?_limit_\\w+ \\w+_usage_limit_exceeded usage_limit_exceeded payment_required ' +
          'arrearage budget_exceeded servicequotaexceededexception quota_exhausted access_terminated \\w*freetieronly 1113 1008',
      ),
      /per_?(?:day|month)\b|per(?:day|month)per/,
    ),
    says: anyOf(
      /credit balance is too low|requires more credits|(?:insufficient|not enough) (?:\w{1,20} )?(?:balance|credits?|funds)/,
      /(?:run |ran )?out of (?:credits|funds)|used all available credits|credit limit exceeded/,
      /spend(?:ing)? limit|billing hard limit|budget has been exceeded|over budget|key limit exceeded|out of call volume|included credits|purchase (?:more )?credits|account is not active/,
      /usage limits?\. please go to plans|reached your (?:\w{1,20} ){0,3}usage limits?/,
      /tokens per day, please wait|\/ ?month|per month|limit: 0\b(?!\.\d)|free-models-per-day|_per_day\b/,
      /余额不足|欠费|请充值|额度已用/,
    ),
  },
  // A daily limit that says when it has room again is a rate: the wait decides.
  {
    code: 'QUOTA_EXHAUSTED',
    says: /(?:requests|tokens|calls|queries) per day|daily (?:\w{1,20} )?(?:limit|quota)|(?:usage|weekly|monthly) limit (?:has been )?reached/i,
    hinted: false,
  },
  // Gemini uses one sentence for a spent quota and for a rate; a rate comes with the wait.
  { code: 'QUOTA_EXHAUSTED', says: /exceeded your current quota/i, hinted: false },
  {
    code: 'AUTH_REJECTED',
    names: named('unsupported_country_region_territory'),
    says: /(?:country, region|user location|your (?:country|region|location)|countries)[^.]{0,40}not (?:supported|available|allowed)|unsupported countr/i,
    // No other key helps here.
    but: { remedy: 'other-target' },
  },
  {
    code: 'AUTH_REJECTED',
    names: named(
      'authentication_error invalid_authentication_error permission_error permission_denied invalid_api_key api_key_invalid ' +
        'unauthenticated unauthorized account_deactivated invalid_organization organization_restricted key_expired accessdeniedexception ' +
        'unrecognizedclientexception expiredtokenexception invalidsignatureexception incompletesignature invalidclienttokenid ' +
        'notauthorized missingauthenticationtokenexception service_disabled consumer_suspended 1004',
    ),
  },
  {
    code: 'AUTH_REJECTED',
    says: anyOf(
      /(?:invalid|incorrect|missing|expired|wrong|no|bad) (?:\w{1,20} )?(?:api[- ]?key|credentials?|subscription key)/,
      /api[- ]?key (?:not valid|is (?:invalid|missing|not valid)|expired|not found)|security token[^.]{0,60}(?:invalid|expired)/,
      /(?:organization|account) has been (?:disabled|suspended|deactivated)|account [^.]{0,60}is suspended/,
    ),
    at: aboutUs,
  },
  // Groq: the model wrote a tool call, or JSON, that does not parse. Another sample may; the target is healthy.
  {
    code: 'PROVIDER_ERROR',
    names: named('tool_use_failed json_validate_failed'),
    but: { breaker: 'ignored' },
  },
  {
    code: 'PROVIDER_OVERLOADED',
    names: named(
      'overloaded_error overloaded server_is_overloaded engine_overloaded\\w* unavailable service_unavailable\\w* ' +
        'serviceunavailable\\w* modelnotreadyexception modeltimeoutexception modelstreamerrorexception capacity_exceeded ' +
        'queue_exceeded nocapacity 1305 1312 3505',
    ),
  },
  {
    code: 'PROVIDER_OVERLOADED',
    says: anyOf(
      /\boverloaded\b|(?:at|over|no) capacity|capacity exceeded|high (?:demand|traffic|load)\b/,
      /server (?:is )?busy|currently (?:loading|busy)|no healthy upstream|访问量过大|繁忙/,
    ),
    at: isBusy,
  },
  {
    code: 'RATE_LIMITED',
    names: named(
      'rate_?limit\\w* slow_down resource_exhausted too_?many_?requests\\w* throttling\\S* throttled ' +
        'request_quota_exceeded token_quota_exceeded \\w+_rate_limit dynamic_\\w+_limited 1302 1303 1002 1039',
    ),
    says: /request rate increased too quickly/i,
  },
  {
    code: 'RATE_LIMITED',
    says: /rate[- ]?limit|too many requests|(?:requests|tokens) per (?:second|minute)|exceeded your current quota|速率限制/i,
    at: isBusy,
  },
];
