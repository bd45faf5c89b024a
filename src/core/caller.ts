import { breadthOf, MAY, type Permission, type Role } from './roles.ts'

/** What a permission of breadth `own` reaches; null: not bound on that side. An empty list reaches nothing. */
export interface Reach {
  /** Ids of establishments: what they sent, and what has a delivery to them. */
  readonly establishments: readonly string[] | null
  /** MSH-3 of a software editor's product: of what the establishments sent, what it sent for them, and nothing else. */
  readonly applications: readonly string[] | null
  /** Units of the establishments, for cases and appointments; absent or null: every unit. */
  readonly units?: readonly string[] | null
}

/** Reaches nothing. */
export const NOTHING: Reach = { establishments: [], applications: null }

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
  /** National identifier (IdNPS), as far as a provider or the key vouches for it. */
  readonly identifier?: string
  /** Establishment whose patient record launched the session, which vouches for itself alone; absent: they signed in, or hold a key. */
  readonly launchedBy?: string
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
  // The content of messages that one does not see is nobody's to give.
  return (
    permission === 'content:read' && caller.role !== 'establishment' && caller.content && may(caller, 'messages:read')
  )
}

/** What the caller sees under a permission; null: the whole region. Under one that `may` does not grant: nothing. */
export function reachOf(caller: Caller, permission: Permission): Reach | null {
  if (!may(caller, permission)) return NOTHING
  // Content beyond the role's own is as wide as the messages that the role sees.
  const breadth = MAY[caller.role][permission] ?? MAY[caller.role]['messages:read']
  if (breadth === 'region') return null
  return caller.role === 'establishment' ? { establishments: [caller.establishment], applications: null } : caller.reach
}

/** How far a caller sees at the most, whatever it does; null: the whole region. Nobody: nothing. */
export function sightOf(caller: Caller | null): Reach | null {
  if (caller === null) return NOTHING
  if (caller.role === 'establishment') return { establishments: [caller.establishment], applications: null }
  const breadth = breadthOf(caller.role)
  return breadth === 'region' ? null : breadth === null ? NOTHING : caller.reach
}

/** Is there nothing that the reach could show? */
export function reachesNothing({ establishments, applications }: Reach): boolean {
  return establishments?.length === 0 || applications?.length === 0
}

/**
 * May the caller be of a centre that answers? A requester is not, though the establishment is one; nor is a secretariat that
 * is bound to units, which are those that ask. */
export function mayAnswer(caller: Caller): boolean {
  if (caller.role === 'requester') return false
  return caller.role !== 'secretariat' || (caller.reach.units ?? null) === null
}

/** Is the establishment within the reach, whatever it sent? */
export function reaches(reach: Reach | null, establishment: string | null): boolean {
  if (reach === null || reach.establishments === null) return true
  return establishment !== null && reach.establishments.includes(establishment)
}

/** Is what this application of this establishment sent within the reach? */
export function reachesSent(reach: Reach | null, establishment: string | null, application: string): boolean {
  if (!reaches(reach, establishment)) return false
  return reach === null || reach.applications === null || reach.applications.includes(application)
}

/** Is what is delivered to this destination (`establishment/name`) within the reach? */
export function reachesDelivered(reach: Reach | null, destination: string): boolean {
  if (reach === null) return true
  return reach.applications === null && reaches(reach, destination.split('/', 1)[0] ?? null)
}
