/**
 * What becomes of a request, told in HL7 v2 to whoever asked: ORR^O02 (HL7 v2.5 §4.4.2) or ORU^R01 (§7.3.1), under its own
 * number of the order. As in tele-radiology's answers ORC-1 says OK or OC; what neither code means is told by SC with words. */
import type { Act, Case, CaseRequest } from '../../core/cases.ts'
import type { BridgeContext } from '../bridge/context.ts'
import { hdField } from '../bridge/header.ts'
import { orderGroups } from '../bridge/order-groups.ts'
import { cxOf, cxRepetition, eiOf, eiRepetition, partOf, partsOf } from '../bridge/parts.ts'
import { shortName } from '../bridge/stable-id.ts'
import type { Hl7Message } from '../hl7v2/message.ts'
import { hl7Timestamp } from '../hl7v2/timestamp.ts'
import {
  type Field,
  type Fields,
  type Repetition,
  type Segment,
  segment,
  type Written,
  writeMessage,
} from '../hl7v2/write.ts'
import { isIns } from '../identifiers/ins.ts'
import { placerOf } from './hl7-orders.ts'
import { samePlacer } from './reading.ts'

/** Acts that whoever asked is told of. */
export const TOLD_ACTS = ['see', 'accept', 'refuse', 'advise'] as const
/** One of them. */
export type ToldAct = Extract<Act, { what: (typeof TOLD_ACTS)[number] }>

/** An answer to make. */
export interface CaseAnswerDraft {
  readonly form: 'orr' | 'oru'
  /** The case as the act left it. */
  readonly case: Case
  readonly act: ToldAct
  /** Who did it, for people. */
  readonly by: string
  readonly request: CaseRequest
  /** The request's message, whose numbers are given back as it wrote them; null: it came otherwise. */
  readonly original: Hl7Message | null
  /** MSH-10 of the request; null: it came otherwise. */
  readonly controlId: string | null
  /** What was asked, for OBR-4. */
  readonly code: { readonly code: string; readonly display: string; readonly system: string }
  readonly context: BridgeContext
}

/** The kind of such an answer. */
export function answerKind(form: 'orr' | 'oru'): string {
  return form === 'orr' ? 'ORR^O02' : 'ORU^R01'
}

/** The bytes of an answer; MSH-10 follows from the context's key. */
export function writeAnswer(draft: CaseAnswerDraft): Written {
  const { form, context, controlId } = draft
  const { sender, receiver, atMs, timeZone, key, test } = context
  const type = form === 'orr' ? ['ORR', 'O02', 'ORR_O02'] : ['ORU', 'R01', 'ORU_R01']
  const header = segment('MSH', {
    3: sender.application,
    4: hdField(sender.authority),
    5: receiver.application,
    6: hdField(receiver.authority),
    7: hl7Timestamp(atMs, timeZone),
    9: type,
    10: shortName('MSH-10', key),
    11: test ? 'T' : 'P',
    12: '2.5',
    17: 'FRA',
  })
  const asked = form === 'orr' ? [segment('MSA', { 1: 'AA', 2: controlId ?? draft.case.number })] : []
  return writeMessage([header, ...asked, patientSegment(draft), ...orderSegments(draft)], context.writing)
}

function patientSegment({ request: { patient }, original }: CaseAnswerDraft): Segment {
  // Identifiers as the sender wrote them, with all of their authority. An INS that may not travel is not given back.
  const written = original === null ? [] : partsOf(original, 'PID-3').map(cxOf)
  const kept = written.filter(({ value, authority, type }) =>
    isIns(authority.id, type) ? patient.identifiers.some((one) => one.value === value) : true,
  )
  const identifiers: Repetition[] =
    kept.length > 0
      ? kept.map(cxRepetition)
      : patient.identifiers.map(({ authority, value, type }) => [value, '', '', authorityOf(authority), type ?? ''])
  const sex = { male: 'M', female: 'F', unknown: 'U' }[patient.sex]
  return segment('PID', {
    3: { repeat: identifiers },
    5: [patient.family, patient.given, '', '', '', '', 'L'],
    7: patient.birthDate?.replaceAll('-', ''),
    8: sex,
    32: patient.status === 'qualified' || patient.status === 'validated' ? 'VALI' : 'PROV',
  })
}

/** CX-4 of an authority as a case keeps it: an OID, a FINESS number, or a name. */
function authorityOf(authority: string): readonly string[] {
  if (/^\d{9}$/.test(authority)) return ['', authority, 'M']
  return /^[0-2](\.\d+)+$/.test(authority) ? ['', authority, 'ISO'] : [authority]
}

/** ORC-2 as the request wrote it; the number of the case where nobody gave one. */
function placerField({ request: { placer }, original, case: { number } }: CaseAnswerDraft): Repetition {
  if (placer === null) return number
  const groups = original === null ? [] : (orderGroups(original) ?? [])
  const group = groups.find((one) => {
    const found = placerOf(original!, one)
    return found !== null && samePlacer(found, placer)
  })
  for (const place of [group?.orc, group?.obr]) {
    const ei = place == null ? null : eiOf(partOf(original!, `${place}-2`))
    if (ei !== null && ei.value === placer.value) return eiRepetition(ei)
  }
  const { authority, value } = placer
  if (authority === null) return value
  return /^[0-2](\.\d+)+$/.test(authority) ? [value, '', authority, 'ISO'] : [value, authority]
}

interface Said {
  /** ORC-1 and ORC-5. */
  readonly control: string
  readonly status: string
  readonly words: string
  /** OBR-25. */
  readonly result: string
}

/** What an act is in the codes of an order. One refusal ends nothing as long as another centre is asked. */
function saidBy({ act, form, by, case: { state, drill } }: CaseAnswerDraft): Said {
  const mark = drill ? 'EXERCICE ' : ''
  switch (act.what) {
    case 'see':
      return { control: 'SC', status: 'IP', words: `${mark}Demande vue : ${by}`, result: 'I' }
    case 'accept':
      return { control: 'OK', status: 'IP', words: `${mark}Demande acceptée : ${by}`, result: 'I' }
    case 'refuse':
      return state === 'refused'
        ? { control: form === 'orr' ? 'UA' : 'OC', status: 'CA', words: `${mark}${act.reason}`, result: 'X' }
        : { control: 'SC', status: 'SC', words: `${mark}Refusée par ${by} : ${act.reason}`, result: 'I' }
    case 'advise':
      return { control: 'RE', status: 'A', words: `${mark}${act.text}`, result: 'F' }
  }
}

function orderSegments(draft: CaseAnswerDraft): Segment[] {
  const { form, case: of, act, code, by, context } = draft
  const said = saidBy(draft)
  const names: Fields = { 2: placerField(draft), 3: [of.number, context.sender.application] }
  const reason: Repetition = act.what === 'refuse' ? ['', act.reason] : ''
  const order = segment('ORC', {
    1: said.control,
    ...names,
    5: said.status,
    9: hl7Timestamp(context.atMs, context.timeZone),
    16: reason,
  })
  const result = segment('OBR', {
    1: '1',
    ...names,
    4: [code.code, code.display, code.system === 'http://loinc.org' ? 'LN' : ''],
    22: hl7Timestamp(context.atMs, context.timeZone),
    25: form === 'oru' ? said.result : '',
  })
  const lines = said.words.split(/\r\n|\r|\n/)
  if (form === 'orr') return [order, result, ...lines.map((line, i) => segment('NTE', { 1: String(i + 1), 3: line }))]
  const [id, name] = act.what === 'advise' ? ['AVIS', "Avis de l'expert"] : ['REPONSE_DEMANDE', 'Réponse à la demande']
  const text: Field = { repeat: lines }
  return [
    order,
    result,
    segment('OBX', {
      1: '1',
      2: 'TX',
      3: [id, name, 'PASSERELLE'],
      5: text,
      11: said.result === 'I' ? 'P' : said.result,
      16: ['', by],
    }),
  ]
}
