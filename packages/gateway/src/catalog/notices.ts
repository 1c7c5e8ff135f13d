import type { ModelFacts } from './model-info.ts';
import { stemOf } from './names.ts';
import { NOTICE_BOARDS } from './notice-boards.ts';

/** What a provider's page says of a model, by its own name or that without the mark of a version. */
export function noticeOf(provider: string, model: string): { facts: ModelFacts; source: string } | null {
  const board = Object.hasOwn(NOTICE_BOARDS, provider) ? NOTICE_BOARDS[provider] : undefined;
  if (board === undefined) return null;
  const { notices, page } = board;
  const notice =
    notices.find(({ models }) => models.includes(model)) ??
    notices.find(({ models }) => models.includes(stemOf(model)));
  if (notice === undefined) return null;
  const { day: endsOn, successor } = notice;
  return { facts: { deprecated: true, endsOn, ...(successor !== null && { successor }) }, source: page };
}
