import { GatewayError } from '../../src/core/errors.ts'
import type { Journal, News } from '../../src/core/journal.ts'
import type { Fence, Lease, LeaseName, Leases, Tenant } from '../../src/core/leases.ts'

/** What all nodes of a test share: one store, and who holds which lease. */
export interface Region {
  readonly journal: Journal
  /** Times that each lease changed hands. */
  readonly epochs: Map<LeaseName, number>
  /** True: every write is refused with STORE_UNREACHABLE. `after`: it is made first, once, and the answer is lost. */
  unreachable: boolean | 'after'
  /** Writes that failed so. */
  failed: number
}

/** A node as a test drives it: nothing happens to its leases, and it hears nothing, unless the test says so. */
export interface Node {
  /** The region's journal as this node sees it: shared, and fenced as the store would. */
  readonly journal: Journal
  /** Gives it a lease that it wishes for; what was on its way under it is unknown by then. */
  take(name: LeaseName): Promise<void>
  /** The lease passes to nobody in particular, and this node has not noticed. */
  pass(name: LeaseName): void
  /** The lease has passed, and the node learns of it. */
  lose(name: LeaseName): Promise<void>
  /** The node is asked to give it back, in order. */
  giveBack(name: LeaseName): Promise<void>
  /** Brings news. */
  tell(news: Partial<News>): void
}

/** A region over a real store. */
export function regionOver(journal: Journal): Region {
  return { journal, epochs: new Map(), unreachable: false, failed: 0 }
}

/** A node of a region. */
export function nodeOf(region: Region): Node {
  const wishes = new Map<LeaseName, { tenant: Tenant; begun: PromiseWithResolvers<void>; epoch: number }>()
  const listeners: ((news: News) => void)[] = []
  const epochOf = (name: LeaseName): number => region.epochs.get(name) ?? 0
  const wish = (name: LeaseName) => {
    const found = wishes.get(name)
    if (found === undefined) throw new Error(`nobody wishes for ${name}`)
    return found
  }
  const leases: Leases = {
    shared: true,
    hold(name, tenant) {
      const begun = Promise.withResolvers<void>()
      wishes.set(name, { tenant, begun, epoch: -1 })
      return {
        begun: begun.promise,
        async drop() {
          const { epoch } = wish(name)
          wishes.delete(name)
          if (epoch === epochOf(name)) await tenant.end('given')
        },
      }
    },
  }
  return {
    journal: fenced(region, leases, listeners),
    async take(name) {
      const mine = wish(name)
      mine.epoch = epochOf(name) + 1
      region.epochs.set(name, mine.epoch)
      await interrupt(region.journal, name)
      const { epoch } = mine
      const lease: Lease = { fence: { lease: name, epoch }, held: () => epochOf(name) === epoch }
      await mine.tenant.begin(lease)
      mine.begun.resolve()
    },
    pass: (name) => void region.epochs.set(name, epochOf(name) + 1),
    async lose(name) {
      region.epochs.set(name, epochOf(name) + 1)
      await wish(name).tenant.end('lost')
    },
    async giveBack(name) {
      await wish(name).tenant.end('given')
      region.epochs.set(name, epochOf(name) + 1)
    },
    tell(news) {
      for (const listener of listeners) listener({ entries: [], grown: [], revision: false, features: false, ...news })
    },
  }
}

function fenced(region: Region, leases: Leases, listeners: ((news: News) => void)[]): Journal {
  const { journal } = region
  const old = (fence: Fence | undefined): boolean =>
    fence !== undefined && region.epochs.get(fence.lease) !== fence.epoch
  const write = async (fence: Fence | undefined, work: () => Promise<boolean>): Promise<boolean> => {
    const { unreachable } = region
    if (unreachable !== false) region.failed++
    if (unreachable === true) throw new GatewayError('STORE_UNREACHABLE')
    if (old(fence)) return false
    const done = await work()
    if (unreachable === 'after') {
      region.unreachable = false
      throw new GatewayError('STORE_UNREACHABLE')
    }
    return done
  }
  return {
    ...journal,
    leases,
    watch: (listener) => void listeners.push(listener),
    record: (move) => write(move.fence, () => journal.record(move)),
    apply: (effect) => write(effect.fence, () => journal.apply(effect)),
  }
}

/** What the store does when a lease changes hands: what was on its way is in doubt. */
async function interrupt(journal: Journal, name: LeaseName): Promise<void> {
  const destination = /^destination:(.*)$/.exec(name)?.[1]
  if (destination === undefined) return
  for (const entry of await journal.queue(destination, 0, 1_000)) {
    if (entry.state !== 'sending') continue
    const { attempts, dueAtMs } = entry
    const plain = { held: false, holds: true, atMs: dueAtMs, attempt: null, findings: [], events: [] }
    await journal.record({
      ...{ deliveryId: entry.id, from: ['sending'], to: 'unknown', dueAtMs, code: 'CRASHED', sameCode: 1, attempts },
      ...plain,
    })
  }
}
