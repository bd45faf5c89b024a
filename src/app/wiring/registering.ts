import type { CaseMessage } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import type { Effect } from '../../core/journal.ts'
import { readHl7Case } from '../../formats/case/hl7.ts'
import { registeredEffect } from '../../telemedicine/registered.ts'

/** Reads messages by which a patient comes to a site, and notes the patient for the forms of requests. */
export function registering(
  config: () => Config,
  key: (authority: string, value: string) => string,
): (bytes: Buffer, message: CaseMessage) => Promise<Effect> {
  return async (bytes, message) => {
    const { establishments, region } = config()
    const { stay } = readHl7Case(bytes, {
      ...{ site: message.establishment, message: message.id, receivedAtMs: message.receivedAtMs, test: message.test },
      charset: establishments.get(message.establishment)?.charset ?? '8859/1',
      ...{ timeZone: region.timeZone, key, codes: new Map(), kept: new Map(), service: '' },
    })
    return stay === null ? {} : registeredEffect(stay.patient, message, key)
  }
}
