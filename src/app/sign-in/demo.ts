import type { Config } from '../../core/config.ts'
import { MAY, ROLES, type Role } from '../../core/roles.ts'
import type { Grant } from '../../core/sign-in.ts'
import { BOUND } from './bound.ts'

/** Product of an invented software editor (MSH-3). */
export const DEMO_PRODUCT = 'DPI'
const HOME = 'ch-laval'
const CENTRE = 'chu-angers'

/** Name of the demo person of a role. */
export function demoName(role: Role): string {
  return `demo-${role}`
}

/** The role of a demo person, by name; null: there is none of that name. */
export function demoRole(who: string): Role | null {
  return ROLES.find((role) => demoName(role) === who) ?? null
}

/** Roles of the demo that have a mailbox. */
const WITH_MAIL = ROLES.filter((role) => MAY[role]['mailbox:use'] !== undefined)

/** National identifier of a demo person who has a mailbox: one that a structure gave, so that it is nobody's. Null: none. */
export function demoIdentifier(who: string): string | null {
  const role = demoRole(who)
  return role === null || !WITH_MAIL.includes(role) ? null : `3530000000/DEMO-${role.toUpperCase()}`
}

/** What a demo person may do: its role, at the establishments of the demo region where the role is bound. Pure. */
export function demoGrants(who: string, config: Config): readonly Grant[] {
  const role = demoRole(who)
  if (role === null) return []
  const wanted = role === 'expert' ? CENTRE : HOME
  const first = config.establishments.has(wanted) ? wanted : config.establishments.keys().next().value
  const establishments = first === undefined || !BOUND.includes(role) ? [] : [first]
  return [{ role, reach: { establishments, applications: role === 'editor' ? [DEMO_PRODUCT] : null }, content: false }]
}
