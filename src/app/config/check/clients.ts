import { type ReadMaterial, referenceText } from '../material.ts'
import { error, type Fault } from '../problem.ts'
import type { WrittenRegion } from '../written.ts'
import { keySetProblem } from './key-sets.ts'
import { present } from './sound.ts'

/** Client key sets that are not there, are none, or hold what only their owner may have. */
export function clientFaults(region: WrittenRegion, read: ReadMaterial): Fault[] {
  return present(region.establishments).flatMap(([i, one]) =>
    present(one.clients).flatMap(([j, { jwks }]) => {
      const problem = keySetProblem(jwks, read, 'P-384')
      if (problem === null) return []
      const message = `${referenceText(jwks)} ${problem}`
      return [error(['establishments', i, 'clients', j, 'jwks'], 'BAD_JWKS', message)]
    }),
  )
}
