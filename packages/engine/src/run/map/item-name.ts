/** Under which name an item's work shows: `look[3]`. */
export function itemName(step: string, index: number): string {
  return `${step}[${index}]`;
}
