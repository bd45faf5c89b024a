/** Orders of HL7 v2 as a case sees them: who asks what under which number, and the studies that are named (§4.5). */
import type { Act, CaseRequest, Participant, StudyName } from '../../core/cases.ts'
import type { Coded } from '../../core/services.ts'
import { codeSystemOf } from '../bridge/codes.ts'
import { studyUid } from '../bridge/imaging.ts'
import { noteTexts, type OrderGroup, textsAt } from '../bridge/order-groups.ts'
import { eiOf, partOf, partsOf, textAt } from '../bridge/parts.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { timesIn } from './hl7-observations.ts'
import { type PatientRead, professionalOf, requestBase } from './hl7-patient.ts'
import { type CaseFacts, orderKey, type Placer, studyKeys, toldTime } from './reading.ts'

/** ORC-1 of an order that is new or was changed (table 0119); an order without ORC is new. */
const ASKS: ReadonlySet<string> = new Set(['', 'NW', 'XO', 'RP', 'PA', 'CH'])
/** ORC-1 by which whoever asked takes an order back. */
const TAKEN_BACK: ReadonlySet<string> = new Set(['CA', 'DC'])

/** What ORC-1 says of a group. */
export function controlOf(message: Hl7Message, { orc }: OrderGroup): string {
  return orc === null ? '' : textAt(message, `${orc}-1`)
}

/** Does the group ask? */
export function asks(message: Hl7Message, group: OrderGroup): boolean {
  return ASKS.has(controlOf(message, group))
}

/** Does it take an order back? */
export function takesBack(message: Hl7Message, group: OrderGroup): boolean {
  return TAKEN_BACK.has(controlOf(message, group))
}

/** The order's number at whoever asked: ORC-2, else OBR-2; null: none. */
export function placerOf(message: Hl7Message, { orc, obr }: OrderGroup): Placer | null {
  for (const segment of [orc, obr]) {
    if (segment === null) continue
    const { value, authority } = eiOf(partOf(message, `${segment}-2`))
    if (value !== '') return { authority: authority.id || authority.namespace || null, value }
  }
  return null
}

/** Why, in the words of ORC-16; '' when it says nothing. */
export function controlReason(message: Hl7Message, { orc }: OrderGroup): string {
  if (orc === null) return ''
  const part = partOf(message, `${orc}-16`)
  return part(9) || part(2) || part(5) || part(1)
}

/** Studies that the orders name: IPC (IHE RAD-4), ZDS-1, OBR-18; each once. */
export function studiesIn(message: Hl7Message, groups: readonly OrderGroup[]): StudyName[] {
  const found = new Map<string, StudyName>()
  for (const group of groups) {
    const said = studyUid(message, group)
    const uid = said === 'wrong' ? null : said
    const own = group.ipc === null ? '' : textAt(message, `${group.ipc}-1`)
    const accession = own || (group.obr === null ? '' : textAt(message, `${group.obr}-18`)) || null
    const modality = (group.ipc === null ? '' : textAt(message, `${group.ipc}-5`)) || null
    if (uid !== null || accession !== null) found.set(uid ?? accession!, { uid, accession, expected: null, modality })
  }
  return [...found.values()]
}

/** The acts that tell of studies. */
export function studyActs(studies: readonly StudyName[]): Act[] {
  return studies.map((study) => ({ what: 'study', study }))
}

/** The request of a message whose first asking order is the group. */
export function requestOf(
  message: Hl7Message,
  groups: readonly OrderGroup[],
  group: OrderGroup,
  { patient, keys }: PatientRead,
  facts: CaseFacts,
): CaseRequest {
  const asking = groups.filter((one) => asks(message, one))
  const placers = asking.map((one) => placerOf(message, one)).filter((one) => one !== null)
  const studies = studiesIn(message, groups)
  return {
    ...requestBase(message, facts),
    asker: askerOf(message, group, facts),
    callBack: callBackOf(message, group),
    patient,
    keys: [
      ...new Set([
        ...keys,
        ...placers.map((one) => orderKey(one, facts)),
        ...studies.flatMap((one) => studyKeys(one, facts)),
      ]),
    ],
    placer: placerOf(message, group) ?? placers[0] ?? null,
    reason: reasonOf(message, group, facts),
    coded: asking.flatMap((one) => reasonCodes(message, one)),
    times: timesIn(message, groups, facts),
    studies,
  }
}

/** ORC-12, else OBR-16, else ORC-10; else the establishment. */
function askerOf(message: Hl7Message, { orc, obr }: OrderGroup, facts: CaseFacts): Participant {
  const places = [orc && `${orc}-12`, obr && `${obr}-16`, orc && `${orc}-10`].filter((one) => one !== null)
  for (const place of places) {
    const found = professionalOf(partOf(message, place), 'requester', facts)
    if (found !== null) return found
  }
  const structure = orc === null ? '' : textAt(message, `${orc}-21`)
  return { name: structure, rpps: null, establishment: facts.site, role: 'establishment', phone: null }
}

/** A number of ORC-14 or OBR-17. */
function callBackOf(message: Hl7Message, { orc, obr }: OrderGroup): string | null {
  return phoneIn(
    message,
    [orc && `${orc}-14`, obr && `${obr}-17`].filter((one) => one !== null),
  )
}

/** The first telephone number of these XTN: as one text (XTN-12), else in its parts, else as older versions write it. */
export function phoneIn(message: Hl7Message, places: readonly string[]): string | null {
  const parts = places
    .flatMap((place) => partsOf(message, place))
    .filter((part) => !['X.400', 'Internet'].includes(part(3)) && part(2) !== 'NET')
  for (const part of parts) {
    const said = part(12) || [part(5), part(6), part(7)].filter((one) => one !== '').join(' ') || part(1)
    if (said !== '') return said
  }
  return null
}

/** The words of OBR-13 and of the order's notes, or those of its coded reasons. Notes that tell a time are no reason. */
function reasonOf(message: Hl7Message, group: OrderGroup, facts: CaseFacts): string {
  const notes = group.notes.filter((note) => {
    const coded = facts.codes.has(textAt(message, `${note}-4`))
    return !coded || toldTime(textAt(message, `${note}-3`), facts) === null
  })
  const said = [...(group.obr === null ? [] : textsAt(message, `${group.obr}-13`)), ...noteTexts(message, notes)]
  if (said.length > 0) return said.join('\n')
  return reasonCodes(message, group)
    .map(({ display, code }) => display || code)
    .join('\n')
}

function reasonCodes(message: Hl7Message, { obr }: OrderGroup): Coded[] {
  if (obr === null) return []
  return partsOf(message, `${obr}-31`)
    .filter((part) => part(1) !== '')
    .map((part) => ({ system: codeSystemOf(part(3)) ?? '', code: part(1), display: part(2) || part(9) }))
}
