import { reaches } from '../../core/caller.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal, NewEvent, Statement } from '../../core/journal.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import type {
  Structure,
  StructureAct,
  StructureCommands,
  StructureDone,
  StructureViews,
} from '../../core/structures.ts'
import { importFacts } from './facts.ts'
import { type Judged, judgeContact, judgeOwn, judgeSoftware } from './judge.ts'
import { contactRow, ownRow, removeRow, softwareRow } from './own.ts'

/** What people act on the register with. */
export interface StructureActParts {
  readonly journal: Pick<Journal, 'apply'>
  readonly views: Pick<StructureViews, 'one' | 'many'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly ids: Pick<Ids, 'uuid'>
}

/** Acts on what the region knows of structures. */
export function structureCommands(parts: StructureActParts): Omit<StructureCommands, 'begin'> {
  const { journal, clock, ids } = parts
  const put = async <T>(
    finess: string,
    act: StructureAct,
    judged: Judged<T>,
    what: string,
    write: (kept: T, atMs: number) => { readonly id: string; readonly row: Statement },
  ): Promise<StructureDone> => {
    await mine(parts, finess, act)
    if (!judged.ok) {
      return { ok: false, faults: judged.fields.map((field) => ({ field, code: 'STRUCTURE_FIELD' })) }
    }
    const atMs = clock.nowMs()
    const { id, row } = write(judged.kept, atMs)
    const event = structureEvent(what, act, atMs, finess)
    if (!(await journal.apply({ rows: [row], events: [event] }))) throw new GatewayError('NOT_FOUND')
    return { ok: true, id }
  }
  return {
    belong: (finess, to, act) =>
      put(finess, act, judgeOwn(to), 'place-structure', ({ ght, body }, atMs) => ({
        id: finess,
        row: ownRow(finess, ght, body, atMs),
      })),
    contact: (finess, id, contact, act) =>
      put(finess, act, judgeContact(contact), id === null ? 'add-contact' : 'change-contact', (kept, atMs) => {
        const own = id ?? ids.uuid()
        return { id: own, row: contactRow(finess, own, id === null, kept, atMs) }
      }),
    software: (finess, id, software, act) =>
      put(finess, act, judgeSoftware(software), id === null ? 'declare-software' : 'change-software', (kept, atMs) => {
        const own = id ?? ids.uuid()
        return { id: own, row: softwareRow(finess, own, id === null, kept, atMs) }
      }),
    async remove(what, finess, id, act) {
      await mine(parts, finess, act)
      const event = structureEvent(`remove-${what}`, act, clock.nowMs(), finess)
      if (!(await journal.apply({ rows: [removeRow(what, finess, id)], events: [event] })))
        throw new GatewayError('NOT_FOUND')
    },
    facts: (csv, dryRun, act) => importFacts(parts, csv, dryRun, act),
  }
}

/** The event of an act on one structure: its number, never who is called there. */
export function structureEvent(what: string, { who, why }: StructureAct, atMs: number, finess: string): NewEvent {
  return { atMs, who, what, why, code: null, message: null, delivery: null, detail: finess }
}

/** May this person change it? That is so of what their establishments are, and of places of their legal entities. */
export function isMine({ establishment }: Structure, { reach }: StructureAct): boolean {
  if (reach === null) return true
  return establishment !== null && reach.applications === null && reaches(reach, establishment)
}

/** @throws {GatewayError} NOT_FOUND, FORBIDDEN */
async function mine({ views }: StructureActParts, finess: string, act: StructureAct): Promise<void> {
  const structure = await views.one(finess)
  if (structure === null) throw new GatewayError('NOT_FOUND')
  if (!isMine(structure, act)) throw new GatewayError('FORBIDDEN')
}
