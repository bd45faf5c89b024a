import { whiteListPlugin } from '../../console/white-list.ts'
import type { Lease } from '../../core/leases.ts'
import type { TrustSpace } from '../../core/mail.ts'
import type { WhiteListCommands, WhiteListViews } from '../../core/white-list.ts'
import type { HttpPlugin } from '../../entrances/http/server.ts'
import { trustSpace } from '../../mssante/trust-space.ts'
import type { Condition } from '../../pipeline/watch/conditions.ts'
import { type KeeperParts, WhiteListKeeper } from '../white-list/keeper.ts'
import { whiteListConditions, whiteListFigures, whiteListViews } from '../white-list/views.ts'

/** How often a node looks whether another has put a list into the store (ms), beside being told. */
const LOOK_MS = 30_000

/** The white list of this node. */
export interface WhiteListWiring {
  readonly plugins: readonly HttpPlugin[]
  /** For its page. */
  readonly views: WhiteListViews
  readonly commands: WhiteListCommands
  readonly conditions: () => readonly Condition[]
  /** What the list in use says of peers and domains. */
  readonly trust: TrustSpace
  /** Has a listener told whenever the list was taken, confirmed or let count for longer, here or on another node. */
  readonly renewed: (listener: () => void) => void
  readonly figures: () => { readonly ageSeconds: number; readonly rows: number } | null
  stop(): Promise<void>
}

/** Keeps the list: every node loads it, the one that holds the lease `white-list` fetches it. */
export function keepWhiteList(parts: KeeperParts): WhiteListWiring {
  const { journal, clock, log } = parts
  const keeper = new WhiteListKeeper(parts)
  let stopped = false
  let cancelLook = (): void => {}
  let cancelFetch = (): void => {}
  // A lease that is renewed late is not held for a moment, and is this node's still: only its end ends the fetching.
  let ours: Lease | null = null
  const looking = async (): Promise<void> => {
    if (keeper.settings !== null) await keeper.look()
    if (!stopped) cancelLook = clock.after(LOOK_MS, () => void looking())
  }
  const again = (): void => {
    cancelLook()
    void looking()
  }
  journal.watch((news) => {
    if (!stopped && (news.features || news.missed === true || news.revision)) again()
  })
  again()

  const fetching = async (lease: Lease): Promise<void> => {
    const waitMs = await keeper.fetchUnder(lease).catch((fault: unknown) => {
      log.error('whitelist.unfetched', { code: 'INTERNAL' }, fault)
      return LOOK_MS
    })
    if (!stopped && ours === lease) cancelFetch = clock.after(waitMs, () => void fetching(lease))
  }
  const tenancy = journal.leases.hold('white-list', {
    async begin(lease) {
      ours = lease
      cancelFetch = clock.after(0, () => void fetching(lease))
    },
    async end(why) {
      ours = null
      cancelFetch()
      if (why === 'given') await keeper.idle()
    },
  })
  tenancy.begun.catch(() => {})
  const views = whiteListViews(keeper)
  return {
    plugins: [whiteListPlugin({ views, commands: keeper })],
    views,
    commands: keeper,
    conditions: () => whiteListConditions(keeper, clock.nowMs()),
    trust: trustSpace({ list: () => keeper.list, state: () => keeper.age().state }),
    renewed: (listener) => keeper.watch(listener),
    figures: () => whiteListFigures(keeper, clock),
    async stop() {
      stopped = true
      cancelLook()
      await tenancy.drop()
      await keeper.idle()
    },
  }
}
