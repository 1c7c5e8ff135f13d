import { dateAt, parseEpochMs } from '@paceline/resilience';
import type { CapWindow } from './cap.ts';

/** Into so many parts a rolling window is cut. */
const SLOTS = 60;

/** Long enough for a run that waits for people; a counter that is never over would be kept for good otherwise. */
const ALWAYS_KEPT_MS = 30 * 86_400_000;

/** For keys and messages: `day`, `rolling 3600000 ms`, `always`. */
export function windowName(window: CapWindow): string {
  if (window.type === 'calendar') return window.unit;
  return window.type === 'rolling' ? `rolling ${window.ms} ms` : 'always';
}

/** Where spend of a moment is kept: the slot's beginning, in milliseconds since 1970. */
export function slotAt(window: CapWindow, epochMs: number): number {
  switch (window.type) {
    case 'rolling':
      return Math.floor(epochMs / widthOf(window)) * widthOf(window);
    case 'calendar':
      return startOf(window.unit, epochMs);
    case 'always':
      return 0;
  }
}

/** The oldest slot that still counts. */
export function firstSlotAt(window: CapWindow, epochMs: number): number {
  return window.type === 'rolling' ? slotAt(window, epochMs - window.ms) : slotAt(window, epochMs);
}

/** When a slot stops to count; `null`: never. */
export function slotEnd(window: CapWindow, slot: number): number | null {
  switch (window.type) {
    case 'rolling':
      return slot + window.ms + widthOf(window);
    case 'calendar':
      return nextOf(window.unit, slot);
    case 'always':
      return null;
  }
}

/** From when on a counter without holds may be forgotten whose latest spend was then. */
export function keptUntil(window: CapWindow, epochMs: number): number {
  return slotEnd(window, slotAt(window, epochMs)) ?? epochMs + ALWAYS_KEPT_MS;
}

function widthOf({ ms }: { readonly ms: number }): number {
  return Math.ceil(ms / SLOTS);
}

type CalendarUnit = Extract<CapWindow, { type: 'calendar' }>['unit'];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Time since 1970 leaves leap seconds out: every hour and day of UTC is as long as the next. */
function startOf(unit: CalendarUnit, epochMs: number): number {
  if (unit === 'hour') return Math.floor(epochMs / HOUR_MS) * HOUR_MS;
  if (unit === 'day') return Math.floor(epochMs / DAY_MS) * DAY_MS;
  return parseEpochMs(`${dateAt(epochMs).toISOString().slice(0, 'YYYY-MM'.length)}-01T00:00:00Z`);
}

function nextOf(unit: CalendarUnit, slot: number): number {
  if (unit === 'hour') return slot + HOUR_MS;
  if (unit === 'day') return slot + DAY_MS;
  return startOf('month', slot + 32 * DAY_MS);
}
