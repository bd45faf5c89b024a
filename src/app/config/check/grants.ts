import { breadthOf, MAY, type Role } from '../../../core/roles.ts'
import { error, type Fault, type Path } from '../problem.ts'
import type { WrittenRegion } from '../written.ts'
import { type Known, present } from './sound.ts'

/** What somebody is given: a role, and what it reaches where it is bound. */
export interface WrittenGrant {
  readonly role: Role
  readonly establishments?: readonly string[]
  readonly applications?: readonly string[]
  readonly content?: boolean
}

/** What is wrong with what somebody is given, at `path`. What would limit or allow nothing is an error: it was meant to. Pure. */
export function grantFaults(grant: WrittenGrant, path: Path, known: Pick<Known, 'establishments'>): Fault[] {
  const { role, establishments = [], applications = [], content = false } = grant
  const breadth = breadthOf(role)
  const faults: Fault[] = []
  for (const [i, id] of establishments.entries()) {
    if (known.establishments.has(id)) continue
    faults.push(error([...path, 'establishments', i], 'UNKNOWN_ESTABLISHMENT', `there is no establishment ${id}`))
  }
  if (breadth === 'own' && establishments.length === 0)
    faults.push(error(path, 'NO_REACH', `${role} reaches only the establishments it is given: name them`))
  if (breadth === 'region' && establishments.length > 0) {
    const message = `${role} reaches the whole region: establishments would not limit it`
    faults.push(error([...path, 'establishments'], 'USELESS_REACH', message))
  }
  if (role === 'editor' && applications.length === 0)
    faults.push(error(path, 'NO_REACH', 'editor reaches only what its product sends: name its applications (MSH-3)'))
  if (role !== 'editor' && applications.length > 0)
    faults.push(error([...path, 'applications'], 'USELESS_REACH', `applications limit an editor, not ${role}`))
  if (content && (role === 'editor' || MAY[role]['messages:read'] === undefined))
    faults.push(error([...path, 'content'], 'NO_CONTENT', `${role} never sees the content of messages`))
  return faults
}

/** What is wrong with what operators are given. Pure. */
export function operatorFaults(region: WrittenRegion, known: Known): Fault[] {
  return present(region.operators).flatMap(([i, one]) => grantFaults(one, ['operators', i], known))
}
