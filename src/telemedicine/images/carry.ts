import type { DicomwebTarget } from '../../core/config.ts'
import { codeOf, type ErrorCode } from '../../core/errors.ts'
import type { Archive, Coercion, ImageInstance, ImagePatient, Sending } from '../../core/images.ts'
import { instanceOf } from '../../formats/dicom/facts.ts'
import { coerce, type Issuer } from './coerce.ts'
import { following, headOf } from './instance.ts'

/** Instances, and bytes, of one request to the centre: enough to be worth one, few enough to be lost with it. */
const BATCH = { instances: 16, bytes: 16 * 1024 ** 2 }
/** Requests of one feed whose answers are waited for while the next one leaves. */
const MOST_UNANSWERED = 2

/** The way of instances. */
export interface Way {
  readonly study: string
  readonly target: Archive
  /** Of the site. */
  readonly issuer: Issuer
  readonly patientIds: DicomwebTarget['patientIds']
  /** May an instance that names this patient leave? Asked with what its bytes say, before the first of them goes. */
  readonly passes: (patient: ImagePatient) => Promise<boolean>
  /** Is the instance still to go? Whatever else a feed brings is left out. */
  readonly wants: (uid: string) => boolean
  readonly there: (instance: ImageInstance, coerced: readonly Coercion[], bytes: number) => Promise<void>
  /** It left, and the centre's answer does not tell what became of it. */
  readonly untold: (instance: ImageInstance, coerced: readonly Coercion[]) => Promise<void>
  /** `instance` null: nothing but its UID is known. */
  readonly refused: (uid: string, code: ErrorCode, instance: ImageInstance | null) => Promise<void>
  /** The centre cannot be reached: ends what is being fetched. */
  readonly stop: () => void
  readonly signal: AbortSignal
}

/** One instance of a feed, or why there is none. `uid`: the one that was asked for; null: whatever comes. */
export type Fed = { readonly uid: string | null } & (
  | { readonly ok: true; readonly bytes: AsyncIterable<Uint8Array> }
  | { readonly ok: false; readonly code: ErrorCode; readonly again: boolean }
)

/** How a feed ended: at its end, at an instance that may not leave, or at a fault. */
export type CarryEnd = { readonly is: 'done' } | { readonly is: 'held' } | CarryFault

/** `again`: it may be tried again from there. */
interface CarryFault {
  readonly is: 'fault'
  readonly code: ErrorCode
  readonly again: boolean
}

interface Ready extends Sending {
  readonly instance: ImageInstance
  readonly coerced: readonly Coercion[]
  passed: number
}

/**
 * Carries the instances of a feed to the centre, many to a request, their bytes never more than on their way: they are
 * read as fast as the centre takes them. Of each the head is read first, and nothing of it leaves when it names another
 * instance, or another patient. Rejects only with what `there`, `refused` or `passes` throw. */
export async function carry(feed: AsyncIterable<Fed>, way: Way): Promise<CarryEnd> {
  const carrying = new Carrying(feed[Symbol.asyncIterator](), way)
  return await carrying.all()
}

class Carrying {
  readonly #feed: AsyncIterator<Fed>
  readonly #way: Way
  readonly #unanswered = new Set<Promise<void>>()
  #end: CarryEnd | null = null
  #thrown: { readonly fault: unknown } | null = null

  constructor(feed: AsyncIterator<Fed>, way: Way) {
    this.#feed = feed
    this.#way = way
  }

  async all(): Promise<CarryEnd> {
    for (let first = await this.#next(); first !== null; first = await this.#next()) {
      while (this.#unanswered.size >= MOST_UNANSWERED) await Promise.race(this.#unanswered)
      await this.#batch(first)
    }
    await Promise.all(this.#unanswered)
    await this.#feed.return?.()
    if (this.#thrown !== null) throw this.#thrown.fault
    return this.#end ?? { is: 'done' }
  }

  /** Sends one request; resolves when its last byte has left, or it failed. */
  async #batch(first: Ready): Promise<void> {
    const { promise: left, resolve: gone } = Promise.withResolvers<void>()
    const sent = new Map<string, Ready>()
    const next = (): Promise<Ready | null> => this.#next()
    async function* members(): AsyncGenerator<Ready> {
      let bytes = 0
      for (let one: Ready | null = first; one !== null; one = await next()) {
        sent.set(one.uid, one)
        yield one
        bytes += one.passed
        if (sent.size >= BATCH.instances || bytes >= BATCH.bytes) break
      }
      gone()
    }
    const { study, target, signal } = this.#way
    const answered = target
      .keep(study, members(), signal)
      .then((kept) => this.#answered(kept, sent))
      .catch((fault: unknown) => {
        this.#thrown ??= { fault }
        this.#end ??= { is: 'fault', code: codeOf(fault), again: true }
      })
      .finally(() => {
        gone()
        this.#unanswered.delete(answered)
      })
    this.#unanswered.add(answered)
    await left
  }

  async #answered(kept: Awaited<ReturnType<Archive['keep']>>, sent: ReadonlyMap<string, Ready>): Promise<void> {
    if (!kept.ok) {
      if (this.#end?.is !== 'held') this.#end = { is: 'fault', code: kept.code, again: kept.again }
      this.#way.stop()
      return
    }
    for (const [uid, ready] of sent) {
      const one = kept.value.get(uid)
      if (one === undefined) await this.#way.untold(ready.instance, ready.coerced)
      else if (one.ok) await this.#way.there(ready.instance, ready.coerced, ready.passed)
      else if (!one.again) await this.#way.refused(uid, one.code, ready.instance)
      else this.#end ??= { is: 'fault', code: one.code, again: true }
    }
  }

  /** The next instance that may leave; null: none does any more. */
  async #next(): Promise<Ready | null> {
    while (this.#end === null) {
      try {
        if (this.#way.signal.aborted) return this.#stop({ is: 'fault', code: 'LEASE_LOST', again: true })
        const { done, value } = await this.#feed.next()
        if (done === true) return null
        const ready = await this.#ready(value)
        if (ready !== null) return ready
      } catch (fault) {
        return this.#stop({ is: 'fault', code: codeOf(fault), again: true })
      }
    }
    return null
  }

  async #ready(fed: Fed): Promise<Ready | null> {
    const { way, failed } = {
      way: this.#way,
      failed: (code: ErrorCode, again: boolean) => this.#failed(fed.uid, code, again),
    }
    if (!fed.ok) return failed(fed.code, fed.again)
    const headed = await headOf(fed.bytes)
    if (!headed.ok) return failed(headed.code, headed.again)
    const { head, rest } = headed
    const leave = async (): Promise<null> => {
      await rest.return?.()
      return null
    }
    const instance = instanceOf(head)
    const changed = instance === null || instance.study !== way.study || (fed.uid ?? instance.uid) !== instance.uid
    if (changed) {
      await leave()
      return failed('IMAGE_CHANGED', false)
    }
    if (!way.wants(instance.uid)) return leave()
    if (!(await way.passes(instance.patient))) {
      this.#end = { is: 'held' }
      return leave()
    }
    const coerced = coerce(head, way.issuer, way.patientIds)
    if (coerced === null) {
      await way.refused(instance.uid, 'DICOM_MALFORMED', instance)
      return leave()
    }
    const ready: Ready = {
      uid: instance.uid,
      instance,
      coerced: coerced.done,
      passed: head.bytes.length,
      bytes: following(coerced.bytes, rest, (more) => {
        ready.passed += more
      }),
    }
    return ready
  }

  /** An instance that cannot go. Where nobody asked for it by name, there is nothing to write it down under. */
  async #failed(uid: string | null, code: ErrorCode, again: boolean): Promise<null> {
    if (again) return this.#stop({ is: 'fault', code, again })
    if (uid !== null) await this.#way.refused(uid, code, null)
    return null
  }

  #stop(end: CarryEnd): null {
    this.#end ??= end
    return null
  }
}
