import { codeOf, type ErrorCode } from '../core/errors.ts'
import type { DeliveryId } from '../core/message.ts'
import type { ReplayStep } from '../core/operations.ts'
import type { Ids } from '../core/ports.ts'
import type { ManyAsk, ManyWork, ParkedCause, TreatCommands, TreatViews } from '../core/treat.ts'
import type { Commands } from '../core/views.ts'

/** Acts under way at once: they share commits, and leave room for what comes in. */
const AT_ONCE = 32
/** Works kept to be looked at, the newest. */
const KEPT = 50

/** What acts on many deliveries need. */
export interface ManyParts {
  readonly commands: Pick<Commands, 'resend' | 'close' | 'skip' | 'replayMany'>
  readonly views: TreatViews
  readonly ids: Ids
}

/**
 * Acts on many deliveries, one by one and each with its event, behind the answer. How far they are is known to this node,
 * until it stops; what was done stays done. Those of a cause that had been parked when it began are taken, once each. */
export function treatMany({ commands, views, ids }: ManyParts): TreatCommands {
  const works = new Map<string, ManyWork>()
  const change = (id: string, by: (work: ManyWork) => Partial<ManyWork>): void => {
    const work = works.get(id)
    if (work !== undefined) works.set(id, { ...work, ...by(work) })
  }
  const one = async (work: string, ask: ManyAsk, who: string, delivery: DeliveryId): Promise<void> => {
    let code: ErrorCode | null = null
    try {
      await commands[ask.act](delivery, who, ask.reason)
    } catch (fault) {
      code = codeOf(fault)
    }
    change(work, ({ done, failed }) => ({
      done: done + 1,
      ...(code === null ? {} : { failed: { ...failed, [code]: (failed[code] ?? 0) + 1 } }),
    }))
  }
  const behind = async (work: string, doing: () => Promise<void>): Promise<void> => {
    try {
      await doing()
      change(work, () => ({ over: true }))
    } catch (fault) {
      const code = codeOf(fault)
      change(work, ({ failed }) => ({ over: true, failed: { ...failed, [code]: (failed[code] ?? 0) + 1 } }))
    }
  }
  const opened = (facts: Pick<ManyWork, 'act' | 'who' | 'cause' | 'total'>): ManyWork => {
    const work: ManyWork = { id: ids.uuid(), ...facts, done: 0, failed: {}, over: false }
    works.set(work.id, work)
    const [oldest] = works.keys()
    if (works.size > KEPT && oldest !== undefined) works.delete(oldest)
    return work
  }
  return {
    async begin(ask, who) {
      const listed = 'destination' in ask.deliveries ? null : ask.deliveries
      const cause = 'destination' in ask.deliveries ? ask.deliveries : null
      const total = listed?.length ?? (await countOf(views, cause!))
      const work = opened({ act: ask.act, who, cause, total })
      void behind(work.id, async () => {
        const pages = cause === null ? chosen(listed!) : ofCause(views, cause, total)
        for await (const page of pages) await Promise.all(page.map((delivery) => one(work.id, ask, who, delivery)))
      })
      return work
    },
    replay({ filter, reason }, total, who) {
      const work = opened({ act: 'replay', who, cause: null, total })
      void behind(work.id, async () => {
        for (let after: string | null = null; ; ) {
          const step: ReplayStep = await commands.replayMany({ filter, to: null, dryRun: false, reason, after }, who)
          change(work.id, ({ done }) => ({ done: done + step.messages }))
          if (step.next === null) return
          after = step.next
        }
      })
      return work
    },
    work: (id) => works.get(id) ?? null,
  }
}

async function countOf(views: TreatViews, { code, destination }: ParkedCause): Promise<number> {
  const groups = await views.groups()
  return groups.find((one) => one.code === code && one.destination === destination)?.count ?? 0
}

async function* chosen(all: readonly DeliveryId[]): AsyncGenerator<readonly DeliveryId[]> {
  for (let at = 0; at < all.length; at += AT_ONCE) yield all.slice(at, at + AT_ONCE)
}

/** What comes to be parked meanwhile has a later number only where it is new: `most` ends it in any case. */
async function* ofCause(views: TreatViews, cause: ParkedCause, most: number): AsyncGenerator<readonly DeliveryId[]> {
  let after: string | null = null
  for (let given = 0; given < most; ) {
    const page = await views.parked(cause, after, Math.min(AT_ONCE, most - given))
    if (page.deliveries.length > 0) yield page.deliveries.map(({ id }) => id)
    given += page.deliveries.length
    if (page.next === null) return
    after = page.next
  }
}
