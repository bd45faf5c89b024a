/** A kit of the degraded mode as it was written last: a whole page, to print. No patient is in it. */
export interface KeptKit {
  readonly madeAtMs: number
  readonly html: string
}

/** Reads them. Null: none was written yet. */
export interface KeptKits {
  of(site: string): Promise<KeptKit | null>
}
