import type { Act, Happening } from '../../../core/cases.ts'

/** Acts whose sense may hang on what somebody else has done meanwhile. Others are done on the case as it is. */
const WARY: readonly Act['what'][] = [
  'refuse',
  'tell-time',
  'score',
  'advise',
  'decide',
  'consent',
  'hand-over',
  'separate',
  'finish',
  'cancel',
]
/** Happenings that change nothing of what such an act was decided on. */
const QUIET: readonly Act['what'][] = [
  'see',
  'biology',
  'study',
  'images',
  'images-sent',
  'confirm-identity',
  'read-advice',
  'write',
  'report',
  'rung',
  'late',
  'clock',
]

/** Did something happen since its reader saw the case, that whoever does this should know first? Pure. */
export function isOvertaken(what: Act['what'], seenVersion: number, happenings: readonly Happening[]): boolean {
  const since = happenings.filter(({ seq }) => seq > seenVersion)
  // Who read an advice has not read the one that took its place.
  if (what === 'read-advice') return since.some(({ act }) => act.what === 'advise')
  return WARY.includes(what) && since.some(({ act }) => !QUIET.includes(act.what))
}
