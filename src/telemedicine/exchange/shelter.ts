import { GatewayError } from '../../core/errors.ts'
import type { Log } from '../../core/ports.ts'
import type { CaseProjection } from '../projection.ts'

/**
 * A projection whose own faults stop no case: what cannot be written for another system is an alert that names the case, and
 * people go on. What the store says is passed on: nothing is written then at all. */
export function sheltered(project: CaseProjection, log: Log): CaseProjection {
  return async (change) => {
    try {
      return await project(change)
    } catch (fault) {
      if (fault instanceof GatewayError && fault.code.startsWith('STORE_')) throw fault
      log.error('cases.untold', {}, fault)
      const { after, nowMs } = change
      return {
        events: [
          {
            atMs: nowMs,
            who: 'gateway',
            what: 'alert',
            why: null,
            code: 'CASE_UNWRITTEN',
            message: after.requests.find(({ message }) => message !== null)?.message ?? null,
            delivery: null,
            detail: `case:${after.number}`,
          },
        ],
      }
    }
  }
}
