/**
 * Leases: what one node alone may work on at a time, so that equal nodes never do the same thing twice. On the embedded
 * store the one process holds every lease for good; on PostgreSQL a lease lasts 3 s by the database's clock unless renewed. */

/** `destination:chu-nantes/dpi`, `follower:alerts`, `timers`, `housekeeping`. */
export type LeaseName = string

/** What `record` and `apply` carry: an older epoch than the lease now has is refused. */
export interface Fence {
  readonly lease: LeaseName
  /** Counts the times that the lease changed hands. */
  readonly epoch: number
}

/** A lease that this node holds or held. */
export interface Lease {
  readonly fence: Fence
  /**
   * May work go on at this instant? False as soon as another node may hold it, whatever this one has noticed: the end of
   * the lease is compared with the monotonic clock, so that a process that was stopped and wakes late asks in time. */
  held(): boolean
}

/** Whoever works under a lease. */
export interface Tenant {
  /** The lease is this node's: begin. Resolves once work has begun; work of the node before is settled by then. */
  begin(lease: Lease): Promise<void>
  /**
   * It is this node's no more. `lost`: another may have it already, so nothing may leave any more, and sockets go at once;
   * `given`: what is under way may end first, and the lease goes when this resolves. */
  end(why: 'lost' | 'given'): Promise<void>
}

/** A wish to hold a lease. */
export interface Tenancy {
  /** Resolves when the lease was got for the first time and its work has begun; on several nodes that may be never. */
  readonly begun: Promise<void>
  /** Ends the work in order (`given`) and wishes for it no more. Twice is harmless. */
  drop(): Promise<void>
}

/** The leases of a store, as one node sees them. */
export interface Leases {
  /** True: other nodes may write and work beside this one. */
  readonly shared: boolean
  /** Wishes to hold a lease, for as long as it is not dropped. */
  hold(name: LeaseName, tenant: Tenant): Tenancy
}

/** The leases of a store that one process alone has open: each is held as soon as it is wished for, for good. */
export function soleLeases(): Leases {
  return {
    shared: false,
    hold(lease, tenant) {
      const begun = tenant.begin({ fence: { lease, epoch: 0 }, held: () => true })
      let dropped: Promise<void> | null = null
      return {
        begun,
        drop() {
          dropped ??= begun.catch(() => {}).then(() => tenant.end('given'))
          return dropped
        },
      }
    },
  }
}
