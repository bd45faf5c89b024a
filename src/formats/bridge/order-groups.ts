/** Which segments of ORM, OMI, ORU and MDM belong together: an order, its observations, and what hangs on each. */
import { decodeText } from '../hl7v2/charset.ts'
import { unescapeText } from '../hl7v2/escape.ts'
import type { Hl7Message } from '../hl7v2/message.ts'

/** One OBX with what follows it. Segments are named as paths begin: `OBX(3)`. */
export interface ObservationGroup {
  readonly obx: string
  readonly notes: readonly string[]
  readonly participations: readonly string[]
}

/** One order: ORC, OBR or both, and all up to the next. */
export interface OrderGroup {
  readonly orc: string | null
  readonly obr: string | null
  readonly timing: string | null
  readonly txa: string | null
  readonly ipc: string | null
  readonly zds: string | null
  /** NTE of the order itself, before its first OBX. */
  readonly notes: readonly string[]
  readonly observations: readonly ObservationGroup[]
}

/** More OBX in one message than any report has: what is above is not converted (a hostile message, or an export). */
export const MOST_OBSERVATIONS = 5000

interface Growing {
  orc: string | null
  obr: string | null
  timing: string | null
  txa: string | null
  ipc: string | null
  zds: string | null
  notes: string[]
  observations: { obx: string; notes: string[]; participations: string[] }[]
}

const SINGLE: Readonly<Record<string, 'timing' | 'txa' | 'ipc' | 'zds'>> = {
  TQ1: 'timing',
  TXA: 'txa',
  IPC: 'ipc',
  ZDS: 'zds',
}

/**
 * The orders of a message in their sequence; null when it has more than `MOST_OBSERVATIONS` OBX. Of TQ1, TXA, IPC and
 * ZDS the first of each order counts. NTE that stand before any order belong to none. */
export function orderGroups(message: Hl7Message): OrderGroup[] | null {
  if (message.segments('OBX') > MOST_OBSERVATIONS || message.segments('OBR') > MOST_OBSERVATIONS) return null
  const { segmentIndex } = message
  const groups: Growing[] = []
  const seen = new Map<string, number>()
  for (let i = 0; i < segmentIndex.starts.length; i++) {
    const name = segmentIndex.nameOf(i)
    if (name === '') continue
    const n = (seen.get(name) ?? 0) + 1
    seen.set(name, n)
    add(groups, name, `${name}(${n})`)
  }
  return groups
}

function add(groups: Growing[], name: string, place: string): void {
  const last = groups.at(-1)
  if (name === 'ORC' || name === 'OBR') {
    const whole = last === undefined || last.obr !== null || (name === 'ORC' && last.orc !== null)
    const group = whole ? newGroup(groups) : last
    if (name === 'ORC') group.orc = place
    else group.obr = place
    return
  }
  if (name === 'OBX') {
    const group = last ?? newGroup(groups)
    group.observations.push({ obx: place, notes: [], participations: [] })
    return
  }
  if (last === undefined) {
    if (name === 'TXA') newGroup(groups).txa = place
    return
  }
  const observation = last.observations.at(-1)
  if (name === 'NTE') (observation ?? last).notes.push(place)
  else if (name === 'PRT') observation?.participations.push(place)
  else if (Object.hasOwn(SINGLE, name)) last[SINGLE[name]!] ??= place
}

function newGroup(groups: Growing[]): Growing {
  const group: Growing = {
    orc: null,
    obr: null,
    timing: null,
    txa: null,
    ipc: null,
    zds: null,
    notes: [],
    observations: [],
  }
  groups.push(group)
  return group
}

/**
 * The whole texts of a field of text (ST, TX, FT), one for each repetition that says something. Such types have no parts, so
 * what a sender left unescaped in them is text too. */
export function textsAt(message: Hl7Message, field: string): string[] {
  const raw = message.raw(field)
  if (raw === null || message.isNull(field)) return []
  const { delimiters, charset } = message
  const all = decodeText(raw, charset)
  const parts =
    delimiters.repetition === null ? [all] : all.split(String.fromCharCode(delimiters.repetition), MOST_LINES)
  return parts.map((one) => unescapeText(one, delimiters, charset)).filter((one) => one !== '')
}

/** More lines than any comment or text has; what follows is left out. */
const MOST_LINES = 10_000

/** The texts of NTE segments: of each the lines of NTE-3, one per repetition. */
export function noteTexts(message: Hl7Message, notes: readonly string[]): string[] {
  return notes.map((note) => textsAt(message, `${note}-3`).join('\n')).filter((one) => one !== '')
}
