/**
 * What looks like a secret, whoever's it is. Each pattern begins with letters that nothing else begins with, so that ordinary text is left
 * alone, and takes time linear in the text. What a group named `kept` matches stays: it tells what stood there.
 */
export const SECRET_PATTERNS: readonly RegExp[] = [
  // Authorization headers. A digit is asked for: "bearer" and "basic" are English words.
  /(?<kept>\b(?:Bearer|Basic)\s{1,4})(?=[\w.~+/=-]{0,512}\d)[\w.~+/=-]{20,}/gi,
  // OpenAI, Anthropic, OpenRouter, DeepSeek and many more.
  /(?<![\w-])sk-(?=[\w-]{0,64}\d)[\w-]{16,}/g,
  // Groq, Hugging Face, xAI, Perplexity, Cerebras, Fireworks, Together.
  /(?<![\w-])(?:gsk_|hf_|xai-|pplx-|csk-|fw_|tgp_v1_)(?=[\w-]{0,64}\d)[\w-]{20,}/g,
  // AWS access keys, Google API keys.
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\bAIza[\w-]{35}/g,
  // GitHub, GitLab, Slack.
  /\b(?:gh[pousr]_\w{36,}|github_pat_\w{22,}|glpat-[\w-]{20,}|xox[abeoprs]-[\w-]{10,})/g,
  // JSON web tokens: two JSON objects in base64url, and a signature.
  /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g,
  // Private keys in PEM, also where line ends are escaped or the end is missing.
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[^-]|-(?!----))*(?:-----END [A-Z ]{0,30}PRIVATE KEY-----)?/g,
  // The password of a connection string, or of any other address.
  /(?<kept>:\/\/[^\s:@/]{0,256}:)[^\s@/]{1,256}(?=@)/g,
  // Credentials in the query of an address.
  /(?<kept>[?&](?:api[-_]?key|key|(?:access[-_]?)?token|sig|signature|(?:client[-_]?)?secret|password)=)[^&\s"'<>]{8,}/gi,
];
