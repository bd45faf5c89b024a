/** A CDA R2 that stands alone, without a message to compare it with. */
import type { Finding } from '../../core/message.ts'
import type { CdaReading } from './read.ts'

/** Elements that every CDA R2 has (POCD_RM000040), by what was read of them. */
const ELEMENTS = [
  ['typeId', 'typeId'],
  ['id', 'id'],
  ['code', 'code'],
  ['effectiveTime', 'effectiveTime'],
  ['confidentiality', 'confidentialityCode'],
  ['patients', 'recordTarget'],
  ['authors', 'author'],
  ['custodian', 'custodian'],
  ['body', 'component'],
] as const

/** What is wrong with a document by itself: it cannot be read, or lacks what every one has. Pure. */
export function cdaAloneFindings({ fault, header }: CdaReading): readonly Finding[] {
  if (fault !== null) {
    return [{ code: 'CDA_UNREADABLE', class: 'contract', at: 'ClinicalDocument', params: { fault } }]
  }
  return ELEMENTS.filter(([name]) => isNothing(header[name])).map(
    ([, element]): Finding => ({ code: 'ELEMENT_MISSING', class: 'contract', at: `ClinicalDocument/${element}` }),
  )
}

function isNothing(value: object | string | null): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}
