import { MAY, type Permission, type Role } from './roles.ts'

/** What a permission of breadth `own` reaches; null: the role is not bound on that side. */
export interface Reach {
  /** Ids of establishments. */
  readonly establishments: readonly string[] | null
  /** MSH-3 of a software editor's product. */
  readonly applications: readonly string[] | null
}

/** A person or a script in one role. */
export interface Person {
  readonly role: Role
  /** Name written beside each act. */
  readonly who: string
  readonly reach: Reach
  /** True: may also reveal content with a reason, where the role alone may not. */
  readonly content: boolean
  /** The session it came by; absent: by a key. */
  readonly session?: string
}

/** Who calls over HTTP, as far as a session, a key, a certificate or a token proves it. */
export type Caller =
  | Person
  /** Posts, and reads its own. `scope`: what an access token allows (SMART App Launch 2, system scopes); null: everything. */
  | {
      readonly role: 'establishment'
      readonly who: string
      readonly establishment: string
      readonly scope: string | null
    }

/** May the caller do this at all? Within which reach, `reachOf` tells. An access token allows nothing here: its scope speaks of FHIR. */
export function may(caller: Caller, permission: Permission): boolean {
  if (caller.role === 'establishment' && caller.scope !== null) return false
  if (MAY[caller.role][permission] !== undefined) return true
  return permission === 'content:read' && caller.role !== 'establishment' && caller.content
}

/** What the caller sees under a permission that `may` granted; null: the whole region. */
export function reachOf(caller: Caller, permission: Permission): Reach | null {
  if (MAY[caller.role][permission] === 'region') return null
  if (caller.role === 'establishment') return { establishments: [caller.establishment], applications: null }
  // Content beyond the role's own is as wide as the messages that the role sees.
  if (MAY[caller.role][permission] === undefined) return reachOf(caller, 'messages:read')
  return caller.reach
}
