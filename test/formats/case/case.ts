import type { Case } from '../../../src/core/cases.ts'
import { readHl7Case } from '../../../src/formats/case/hl7.ts'
import { BLANK_CASE } from '../../support/blank-case.ts'
import { AT_MS, example, FACTS } from './facts.ts'

const REQUEST = readHl7Case(example('stroke-request.hl7'), FACTS).request!
/** Who answers. */
export const EXPERT = {
  name: 'DURAND (FICTIF) Paul',
  rpps: '99900000022',
  establishment: 'chu-angers',
  role: 'expert',
  phone: null,
} as const

/** A case of the example, with what a test changes. */
export function caseOf(change: Partial<Case> = {}): Case {
  return {
    ...BLANK_CASE,
    id: '0199a000-0000-7000-8000-00000000000c',
    number: 'AVC-261123-0001',
    openedAtMs: AT_MS,
    stateAtMs: AT_MS,
    site: 'ch-haut-anjou',
    unit: 'URG',
    requests: [REQUEST],
    patient: REQUEST.patient,
    times: REQUEST.times,
    climbs: [
      {
        ladder: 'answer',
        centres: ['chu-angers', 'chu-nantes'],
        at: 0,
        begunAtMs: AT_MS,
        climbed: 1,
        refused: [],
        acceptedBy: null,
        endedAtMs: null,
      },
    ],
    ...change,
  }
}
