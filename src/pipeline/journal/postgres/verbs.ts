import type { Adoption, Effect, Intake, Journal, Refused } from '../../../core/journal.ts'
import { keptOf, regrouped, writtenOf } from '../batches.ts'
import { alertTimer } from '../entry.ts'
import { INLINE_BYTES, type Laid, layInline } from '../laid.ts'
import type { BodyChunks } from './bodies.ts'
import * as lists from './lists.ts'
import { trimRefusals } from './purge.ts'
import type { RecentBodies } from './recent-bodies.ts'
import { storable } from './sql.ts'
import type { Need } from './stock.ts'
import type { Writer } from './writer.ts'

/** What the verbs write with. */
export interface VerbParts {
  readonly writer: Writer
  readonly chunks: BodyChunks
  readonly recent: RecentBodies
  readonly incarnation: string
  readonly refusedMaxBytes: () => number
  /** False: the database is out of reach, and a refusal need not wait for it. */
  readonly reachable: () => boolean
}

type Verbs = Pick<
  Journal,
  'stage' | 'commit' | 'commitBatch' | 'record' | 'apply' | 'refuse' | 'processing' | 'adopt'
> & {
  /** Refusals that could not be written: counted now, and written with the next one. */
  unwritten(): number
}

/** What a message must be judged by: its repeat key. */
function needsOf(need: Need, intakes: readonly Intake[]): void {
  for (const { repeatKey } of intakes) if (repeatKey !== null) need.repeats.add(storable(repeatKey))
}

/** The verbs of the journal, as lists of the writer. */
export function verbs(parts: VerbParts): Verbs {
  const { writer } = parts
  const laying = layer(parts.chunks, parts.recent)
  return {
    stage: (id) => parts.chunks.stage(id),
    commit: (intakes) =>
      laying(
        intakes,
        (laid) =>
          writer.submit({
            needs: (need) => needsOf(need, intakes),
            run: (layer) => lists.commit(layer, laid),
            plain: intakes.every(({ rows }) => rows.length === 0),
            whole: intakes.length === 1,
            clash: (feature) => (feature ? { value: { kind: 'mismatch' } as const } : null),
          }),
        (result) => keptOf(result, intakes),
      ),
    commitBatch: (batch, of) =>
      laying(
        [batch, ...of.flat()],
        (laid) =>
          writer.submit({
            needs: (need) => needsOf(need, [batch, ...of.flat()]),
            run: (layer) => lists.commitBatch(layer, laid[0]!, regrouped(laid.slice(1), of)),
            clash: (feature) => (feature ? { value: { kind: 'mismatch' } as const } : null),
          }),
        (result) => writtenOf(result, batch, of),
      ),
    record: (move) =>
      writer.submit({
        needs(need) {
          need.deliveries.add(move.deliveryId)
          if (move.fence) need.leases.add(move.fence.lease)
        },
        run: (layer) => lists.record(layer, move),
      }),
    apply(effect) {
      const arrivals = effect.arrivals ?? []
      return laying(
        arrivals,
        (laid) =>
          writer.submit({
            needs: (need) => needsOfEffect(need, effect),
            run: (layer) => lists.apply(layer, effect, laid),
            clash: () => ({ value: false }),
          }),
        (done) => (done ? arrivals : []),
      )
    },
    ...refusing(parts),
    processing: (deliveryId, on) => writer.submit(marking(deliveryId, on, parts.incarnation)),
    adopt: (by, atMs, json, also?: Adoption) =>
      writer.submit({
        needs(need) {
          for (const destination of also?.park ?? []) need.openOf.add(destination)
        },
        run: (layer) => lists.adopt(layer, { by, atMs, json, ...also }),
      }),
  }
}

function needsOfEffect(need: Need, effect: Effect): void {
  needsOf(need, effect.arrivals ?? [])
  if (effect.cursor) need.cursors.add(effect.cursor.follower)
  if (effect.fence) need.leases.add(effect.fence.lease)
  for (const id of effect.fired ?? []) need.timers.add(id)
  for (const { id } of effect.timers ?? []) need.timers.add(id)
  for (const { messageId, delivery } of effect.deliveries ?? []) {
    need.messages.add(messageId)
    if (delivery.alertAtMs !== null) need.timers.add(alertTimer(delivery.id))
  }
}

/** The durable mark that our own processing of a delivery is under way on this node, or over. */
function marking(deliveryId: string, on: boolean, incarnation: string) {
  const mark = {
    sql: `INSERT INTO guard (delivery, node, running, crashes) SELECT id, ?, 1, 0 FROM delivery WHERE id = ?
      ON CONFLICT (delivery) DO UPDATE SET running = 1, node = excluded.node`,
    parameters: [incarnation, deliveryId],
  }
  const clear = { sql: 'DELETE FROM guard WHERE delivery = ?', parameters: [deliveryId] }
  return {
    needs() {},
    run(layer: Parameters<typeof lists.commit>[0]): void {
      layer.statements.push(on ? mark : clear)
    },
  }
}

/** Keeps what was refused; where that fails it is counted all the same. */
function refusing({ writer, chunks, refusedMaxBytes, reachable }: VerbParts): Pick<Verbs, 'refuse' | 'unwritten'> {
  let unwritten = 0
  return {
    unwritten: () => unwritten,
    async refuse(refused: Refused) {
      if (!reachable()) {
        unwritten += 1
        return false
      }
      const laid: Laid[] = []
      // Taken at once: refusals that are written side by side must not each carry the same ones.
      const carried = unwritten
      unwritten = 0
      let kept: number
      try {
        const { id, bytes } = refused
        const one = bytes.length <= INLINE_BYTES ? layInline(bytes) : await chunks.lay(id, bytes)
        laid.push(one)
        kept = await writer.submit({
          needs() {},
          run(layer) {
            lists.refuse(layer, refused, one)
            layer.count('refused', carried)
            return (layer.stock.counters.get('refusedBytes') ?? 0) + bytes.length
          },
        })
      } catch {
        unwritten += carried + 1
        await chunks.drop(laid.flatMap(({ file }) => (file === null ? [] : [file])))
        return false
      }
      const budget = refusedMaxBytes()
      // What could not be trimmed is trimmed with the next one.
      if (kept > budget) await writer.alone((client) => trimRefusals(client, budget)).catch(() => {})
      return true
    },
  }
}

/** Puts the bodies of intakes where they belong, then writes; what was laid and no commit names is removed. */
function layer(chunks: BodyChunks, recent: RecentBodies) {
  return async <T>(
    intakes: readonly Intake[],
    write: (laid: readonly lists.LaidIntake[]) => Promise<T>,
    written: (result: T) => readonly Intake[],
  ): Promise<T> => {
    const laid: lists.LaidIntake[] = []
    const drop = (some: readonly lists.LaidIntake[]) =>
      chunks.drop(some.flatMap((one) => (one.laid.file === null ? [] : [one.laid.file])))
    for (const intake of intakes) {
      const { id, bytes, staged } = intake
      try {
        // A small body is not awaited, so that a call is in the batch of the turn that made it.
        if (staged !== undefined) laid.push({ intake, laid: staged })
        else laid.push({ intake, laid: bytes.length <= INLINE_BYTES ? layInline(bytes) : await chunks.lay(id, bytes) })
      } catch (error) {
        await drop(laid)
        throw error
      }
    }
    // When a commit is not answered it may be there all the same: its chunks stay, and the sweep takes what nothing names.
    const result = await write(laid)
    const named = written(result)
    if (named.length < laid.length) await drop(laid.filter(({ intake }) => !named.includes(intake)))
    for (const one of laid)
      if (one.intake.deliveries.some(({ state }) => state === 'queued') && named.includes(one.intake))
        recent.keep(one.intake.id, one.laid)
    return result
  }
}
