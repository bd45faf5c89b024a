/** A series as it was listed. `before`: instances known of it at the last look; 0: none was begun. */
export interface ListedSeries {
  readonly uid: string
  readonly instances: number
  readonly before: number
}

/**
 * The order in which series go: the complete ones first, the smallest of them first, so that something can be looked at
 * soon. A series is complete when it did not grow since the last look. Pure. */
export function inOrder(series: readonly ListedSeries[]): readonly ListedSeries[] {
  const growing = ({ instances, before }: ListedSeries): number => Number(before > 0 && instances > before)
  return [...series].sort((a, b) => growing(a) - growing(b) || a.instances - b.instances || (a.uid < b.uid ? -1 : 1))
}
