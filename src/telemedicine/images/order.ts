/** A series as it was listed. `before`: instances known of it at the last look; null: it is new, or this is the first. */
export interface ListedSeries {
  readonly uid: string
  readonly instances: number
  readonly before: number | null
}

/**
 * The order in which series go: the complete ones first, the smallest of them first, so that something can be looked at
 * soon. A series is complete when it did not grow since the last look. Pure. */
export function inOrder(series: readonly ListedSeries[]): readonly string[] {
  const growing = ({ instances, before }: ListedSeries): number => Number(before !== null && instances > before)
  return [...series]
    .sort((a, b) => growing(a) - growing(b) || a.instances - b.instances || (a.uid < b.uid ? -1 : 1))
    .map(({ uid }) => uid)
}
