import type { Act, Case, Extent, Happening } from '../../core/cases.ts'

const NOBODY = {
  identifiers: [],
  family: '',
  given: '',
  birthDate: null,
  sex: 'unknown',
  status: 'provisional',
} as const
/** Acts that people of imaging see: what studies are about. */
const OF_STUDIES: readonly Act['what'][] = ['study', 'images', 'images-sent', 'confirm-identity']
/** Acts that a secretariat sees. */
const OF_APPOINTMENTS: readonly Act['what'][] = ['appointment', 'cancel', 'finish']

/**
 * The case as somebody sees it: all of it; its studies with the patient whom they are of, and no clinical word; its
 * appointment with the patient whom it is for. Pure. */
export function extentOf(of: Case, extent: Extent): Case {
  if (extent === 'whole') return of
  const { patient } = of
  const bare: Case = {
    ...of,
    requests: of.requests.map((request) => ({
      ...request,
      patient: { ...NOBODY, family: patient.family, given: patient.given },
      reason: '',
      coded: [],
      times: {},
      answers: {},
      attachments: [],
      consent: null,
      treatingDoctor: null,
      studies: extent === 'study' ? request.studies : [],
      keys: [],
    })),
    times: {},
    nihss: null,
    biology: null,
    advice: of.advice === null ? null : { ...of.advice, text: '' },
    decision: null,
    consent: null,
    report: null,
    studies: extent === 'study' ? of.studies : [],
    appointment: extent === 'appointment' ? of.appointment : null,
  }
  return bare
}

/** What happened, as far as somebody sees of it. Pure. */
export function happeningsOf(all: readonly Happening[], extent: Extent): readonly Happening[] {
  if (extent === 'whole') return all
  const shown = extent === 'study' ? OF_STUDIES : OF_APPOINTMENTS
  return all.filter(({ act }) => shown.includes(act.what))
}
