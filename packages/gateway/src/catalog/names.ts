/** What sets two names of one model apart: the day of a version, `-latest`, or `-0` for the first of a generation. */
const VERSION_MARK = /(?:[-@](?:latest|default|\d{8}|\d{4}-\d{2}-\d{2}|0))+$/;

/** A name without the mark of its version: two names with one stem, which the price table takes for one model, are one. */
export function stemOf(model: string): string {
  return model.replace(VERSION_MARK, '');
}

/** Names that tell of something else than answers in text, or of an interface other than chat, where no source tells of modalities. */
const NOT_CHAT = new RegExp(
  [
    '(?:^|[-/.])(?:audio|computer-use|dall-e|embed(?:ding)?|image|instruct-completion|live|ocr|omni|realtime|sonic|transcribe|tts|voice|voxtral|whisper)(?:[-:.]|$)',
    '^(?:ada|babbage|curie|davinci|text-davinci|gpt-3\\.5-turbo-instruct)',
    'moderation|rerank|guard',
    // Templates for names of tuned models, and variants that OpenRouter alone has.
    '^ft:|\\.ft-|:(?:beta|extended|free|nitro|thinking)$',
  ].join('|'),
  'i',
);

/** Whether a model that only the price table knows is one to chat with, going by its name. */
export function soundsLikeChat(model: string): boolean {
  return !NOT_CHAT.test(model);
}
