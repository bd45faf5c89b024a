import type { Framework, Requirement } from '../core/conformity.ts'
import type { Asked } from '../core/conformity-commands.ts'
import { GatewayError } from '../core/errors.ts'
import type { ActingParts } from './acting.ts'
import { dayOf } from './day.ts'
import { requirementsFor } from './judge/judge.ts'

/** A requirement of a framework in force that an establishment of the region has to meet; null: it is none. */
export async function requirementOf(
  { establishment, framework: name, requirement: id }: Asked,
  { shelf, config, clock }: Pick<ActingParts, 'shelf' | 'config' | 'clock'>,
): Promise<{ readonly framework: Framework; readonly requirement: Requirement } | null> {
  const { establishments, region } = config()
  const own = establishments.get(establishment)
  if (own === undefined) throw new GatewayError('NOT_FOUND')
  const today = dayOf(clock.nowMs(), region.timeZone)
  const framework = (await shelf.inForce(today)).find((one) => `${one.id}@${one.version}` === name)
  if (framework === undefined) return null
  const requirement = requirementsFor(framework, own.kind).find((one) => one.id === id)
  return requirement === undefined ? null : { framework, requirement }
}
