import type { DicomwebTarget } from '../../core/config.ts'
import type { Endpoint } from '../../core/probes.ts'
import { dataSetsOf } from '../../formats/dicom/json.ts'
import { ask, lateness, statusFault } from './http.ts'
import { type Asking, type Finding, fault, found } from './parts.ts'
import type { DicomwebSettings } from './settings.ts'

const JSON_TYPE = 'application/dicom+json'

/** Asks an archive for one study (QIDO-RS, PS3.18 §10.6) to see that it lets us, and answers in its form. Of the study nothing is kept. Never rejects. */
export async function probeDicomweb(endpoint: Endpoint, settings: DicomwebSettings, asking: Asking): Promise<Finding> {
  const asked = await ask(
    endpoint.target as DicomwebTarget,
    { method: 'GET', path: '/studies?limit=1', accept: JSON_TYPE },
    asking,
  )
  if (!asked.ok) return asked.finding
  const { status, type, body, ms } = asked.answer
  const facts = { answerMs: ms }
  const refused = statusFault(status, 'studies')
  if (refused !== null) return found([refused], facts)
  const late = lateness(ms, settings.withinMs)
  // 204: it has no study at all.
  if (status === 204) return found(late, facts)
  if (type !== JSON_TYPE) return found([fault('WRONG_TYPE', { wanted: JSON_TYPE }), ...late], facts)
  return found(dataSetsOf(body.toString('utf8')) === null ? [fault('ANSWER_GARBAGE'), ...late] : late, facts)
}
