/** The patient of a message that carries documents (PID), and whether the identity is qualified. */
import { reliabilityIn } from '../bridge/identity.ts'
import { cxOf, type Part, partsOf, textAt } from '../bridge/parts.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { systemOf } from '../identifiers/authority.ts'
import { carriesIns } from '../identifiers/identity-status.ts'
import { isIns } from '../identifiers/ins.ts'
import type { DocumentPatient, PartyId } from './document.ts'

const OID = 'urn:oid:'

/** The one patient of PID; null when there is none. Of two, the first: what speaks of two is refused at the door. */
export function patientIn(message: Hl7Message): DocumentPatient | null {
  if (message.segments('PID') === 0) return null
  const ids = partsOf(message, 'PID-3').map((part): PartyId => {
    const { value, authority, type } = cxOf(part)
    const system = systemOf(authority) ?? ''
    return { value, oid: system.startsWith(OID) ? system.slice(OID.length) : authority.id, type }
  })
  const ins = ids.find((one) => one.value !== '' && isIns(one.oid, one.type)) ?? null
  const names = partsOf(message, 'PID-5')
  const birth = names.find((part) => part(7) === 'L') ?? names.find((part) => part(7) !== 'D')
  const used = names.find((part) => part(7) === 'D') ?? birth
  const text = (part: Part | undefined, component: number): string => part?.(component) ?? ''
  const birthDate = textAt(message, 'PID-7').slice(0, 8)
  return {
    ids: ids.filter((one) => one.value !== ''),
    ins,
    qualified: ins !== null && carriesIns(reliabilityIn(message)),
    birthFamily: text(birth, 1) || text(used, 1),
    birthGiven: text(birth, 2) || text(used, 2),
    usedFamily: text(used, 1),
    usedGiven: text(used, 2),
    birthDate: /^\d{8}$/.test(birthDate) ? birthDate : '',
    sex: textAt(message, 'PID-8'),
  }
}
