import type { Slot } from '../../core/appointments.ts'
import { GatewayError } from '../../core/errors.ts'
import type { FhirReader, FhirReads, SearchParameter, StoredResource } from '../../core/fhir.ts'
import type { Journal } from '../../core/journal.ts'
import { type AgendaName, agendaId, slotAsItStands, slotResource } from '../../formats/agenda/slot.ts'
import { writeJson } from '../../formats/fhir/json.ts'
import { wordsOf } from '../sql/words.ts'
import { agendasOf } from './agendas.ts'
import { versioned } from './answers.ts'
import { all, any, type Condition } from './conditions.ts'
import { contentOf, type FhirReadParts, makeFhirReads, WITHHELD, waysToSee } from './reads.ts'
import { CHANGED, offered, type SlotAsker, slotCondition, within } from './slot-conditions.ts'
import { inTurn, type Stage } from './stages.ts'

interface Row extends Omit<Slot, 'startMs' | 'endMs'> {
  readonly start_ms: number
  readonly end_ms: number
  readonly schedule: string | null
  readonly version: number
  readonly changed_at_ms: number
  /** Message and version of its resource; null: it is none. */
  readonly message: string | null
  readonly posted: number | null
  readonly withheld: string | null
}

const COLUMNS = `s.id, s.service, s.centre, s.start_ms, s.end_ms, s.state, s.source, s.appointment, s.schedule, s.version,
  ${CHANGED} AS changed_at_ms, r.message, r.version AS posted, ${WITHHELD}`
const FROM = `slot AS s LEFT JOIN resource AS r ON r.type = 'Slot' AND r.id = s.id AND r.deleted = 0`
/** A Slot that is no time which is offered: not heard yet, or of no use. */
const UNHEARD: Condition = { sql: 'NOT EXISTS (SELECT 1 FROM slot AS s WHERE s.id = r.id)', parameters: [] }
/** By these only time that is offered is found. */
const OF_TIME: readonly string[] = ['start', 'schedule', 'service-type', 'specialty']

/**
 * Slots as they stand, whether they came by FHIR, HL7 v2 or the console: a centre reads its own, others what they may ask for or
 * was sent to them, and nothing of whose it is. What is no longer offered is found by its centre alone, by its id. */
export function slotReads(parts: FhirReadParts, askerOf: (reader: FhirReader) => SlotAsker): FhirReads {
  const { journal } = parts
  const base = makeFhirReads(parts)
  const unheard = makeFhirReads(parts, { only: UNHEARD })

  async function read(id: string, reader: FhirReader): Promise<{ readonly found: StoredResource | null } | null> {
    const [row] = await journal.look<Row>({ sql: `SELECT ${COLUMNS} FROM ${FROM} WHERE s.id = ?`, parameters: [id] })
    if (row === undefined) return null
    const asker = askerOf(reader)
    const own = asker.ours.includes(row.centre)
    const isSeen =
      row.state === 'withdrawn'
        ? own && row.message !== null
        : own || mayAskFor(row, asker) || (await base.read('Slot', id, reader)) !== null
    return { found: isSeen ? await stored(row, asker, journal) : null }
  }

  return {
    async read(type, id, reader) {
      const time = await read(id, reader)
      return time === null ? base.read(type, id, reader) : time.found
    },
    // What offered time was before is not kept.
    async version(type, id, version, reader) {
      const time = await read(id, reader)
      if (time === null) return base.version(type, id, version, reader)
      return time.found?.version === version ? time.found : null
    },
    async search(type, parameters, page, reader) {
      const asker = askerOf(reader)
      const agendas = parameters.some(({ name }) => name === 'schedule') ? await agendasOf(asker, journal) : []
      const time = offeredTime(parameters, { reader, asker, agendas }, journal)
      if (parameters.some(({ name }) => OF_TIME.includes(name))) return inTurn([time], page)
      return inTurn([time, (asked) => unheard.search(type, parameters, asked, reader)], page)
    },
  }
}

/** Time that is offered, by its beginning. */
function offeredTime(
  parameters: readonly SearchParameter[],
  { reader, asker, agendas }: { reader: FhirReader; asker: SlotAsker; agendas: readonly AgendaName[] },
  journal: Journal,
): Stage {
  const ways = waysToSee(reader, asker.ours.slice(1), wordsOf(journal.dialect))
  const seen = all([
    { sql: `s.state <> 'withdrawn'`, parameters: [] },
    any([within('s.centre', asker.ours), offered(asker.offers), ...ways]),
    ...parameters.map((one) => slotCondition(one, asker, { secret: journal.secret, agendas })),
  ])
  return async ({ count, after }) => {
    const [sum] = await journal.read<{ n: number }>({
      sql: `SELECT count(*) AS n FROM ${FROM} WHERE ${seen.sql}`,
      parameters: seen.parameters,
    })
    const total = Number(sum?.n ?? 0)
    if (total === 0 || count === 0) return { total, resources: [], next: null }
    const from = all([seen, afterOf(after)])
    const rows = await journal.read<Row>({
      sql: `SELECT ${COLUMNS} FROM ${FROM} WHERE ${from.sql} ORDER BY s.start_ms, s.id LIMIT ?`,
      parameters: [...from.parameters, count + 1],
    })
    const page = rows.slice(0, count)
    const last = page.at(-1)
    return {
      total,
      resources: await Promise.all(page.map((row) => stored(row, asker, journal))),
      next: rows.length > count && last !== undefined ? `${last.start_ms}.${last.id}` : null,
    }
  }
}

/** A slot as this reader reads it. Its version is that of its resource, where it is one. */
async function stored(
  row: Row,
  { ours, services }: SlotAsker,
  journal: Pick<Journal, 'body'>,
): Promise<StoredResource> {
  const own = ours.includes(row.centre)
  const slot = slotOf(row)
  const posted = own && row.message !== null ? await contentOf(journal, row.message, row.withheld) : null
  const schedule = row.schedule ?? agendaId(row)
  const service = services.get(row.service) ?? null
  const heard = Number(row.version) >= Number(row.posted)
  const made = posted === null ? slotResource({ slot, service, schedule }) : slotAsItStands(posted, slot, heard)
  const version = Number((own ? row.posted : null) ?? row.version)
  const updatedAtMs = Number(row.changed_at_ms)
  return {
    ...{ type: 'Slot', id: row.id, version, updatedAtMs },
    message: own ? row.message : null,
    json: writeJson(versioned(made, row.id, version, updatedAtMs)),
  }
}

function mayAskFor({ service, centre }: Row, { offers }: SlotAsker): boolean {
  return offers.some((offer) => offer.service === service && offer.centres?.includes(centre) !== false)
}

function afterOf(after: string | null): Condition {
  if (after === null) return { sql: '1 = 1', parameters: [] }
  const match = /^(\d{1,16})\.([A-Za-z0-9.-]{1,64})$/.exec(after)
  if (match === null) throw new GatewayError('BAD_REQUEST')
  const startMs = Number(match[1])
  return { sql: '(s.start_ms > ? OR (s.start_ms = ? AND s.id > ?))', parameters: [startMs, startMs, match[2]!] }
}

function slotOf(row: Row): Slot {
  const { id, service, centre, state, source, appointment } = row
  return { id, service, centre, startMs: Number(row.start_ms), endMs: Number(row.end_ms), state, source, appointment }
}
