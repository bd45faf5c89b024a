import type { Act, CaseStudy, StudyName } from '../../core/cases.ts'

/** Do both name the same study? By its UID, or where one lacks it by its accession number. Pure. */
export function isSameStudy(one: StudyName, other: StudyName): boolean {
  if (one.uid !== null && other.uid !== null) return one.uid === other.uid
  return one.accession !== null && one.accession === other.accession
}

/** The studies of a case with one more name: a study that is known is told more of. Pure. */
export function studied(known: readonly CaseStudy[], study: StudyName, atMs: number): readonly CaseStudy[] {
  const found = known.find((one) => isSameStudy(one, study))
  if (found === undefined) return [...known, { ...study, received: 0, held: 0, changedAtMs: atMs }]
  const told: CaseStudy = {
    ...found,
    uid: found.uid ?? study.uid,
    accession: found.accession ?? study.accession,
    expected: study.expected ?? found.expected,
    modality: found.modality ?? study.modality,
  }
  return known.map((one) => (one === found ? told : one))
}

/** The studies with how far one of them is; one that nobody named before is named so. Pure. */
export function moved(
  known: readonly CaseStudy[],
  { uid, received, expected, held }: Extract<Act, { what: 'images' }>,
  atMs: number,
): readonly CaseStudy[] {
  const name: StudyName = { uid, accession: null, expected, modality: null }
  return studied(known, name, atMs).map((one) =>
    one.uid === uid ? { ...one, received, held, changedAtMs: atMs } : one,
  )
}

/** Has all of the study come, as far as it is told how much it is? */
export function isComplete({ received, expected }: CaseStudy): boolean {
  return received > 0 && (expected === null || received >= expected)
}
