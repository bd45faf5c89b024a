import { type Fault, warning } from '../problem.ts'
import type { WrittenRegion } from '../written.ts'
import { present } from './sound.ts'

/** What is published of conformity though nobody would see it: no establishment agreed, or one agreed to what is not published. */
export function publishedFaults({ conformity, establishments }: WrittenRegion): Fault[] {
  const settings = conformity?.public
  const agreed = present(establishments).filter(([, one]) => one.publicConformity === true)
  if (settings === undefined) {
    const message = 'nothing is published without conformity.public'
    return agreed.map(([i]) => warning(['establishments', i, 'publicConformity'], 'MISSING', message))
  }
  if (settings.establishments === 'all' || agreed.length > 0) return []
  const message = 'no establishment says publicConformity: true, so that nothing will be shown'
  return [warning(['conformity', 'public'], 'MISSING', message)]
}
