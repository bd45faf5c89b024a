import type { Config } from '../../core/config.ts'
import type { CountTried } from '../../core/onboarding.ts'
import { dayOf } from '../day.ts'
import { refusedSignature, signatureOf } from './signature.ts'
import { Tally } from './tally.ts'

/**
 * Counts what came at the sandbox door as what came at the others is counted, and for qualification alone, whatever it says of
 * itself: a trial is never an exchange. Written in the commit of the trial. */
export function countTried(config: () => Config): CountTried {
  return ({ establishment, atMs, kind, application, softwareVersion, profiles, findings, code }) => {
    const tally = new Tally()
    tally.add({
      ...{ establishment, kind, application, use: 'qualification', side: 'sent' },
      day: dayOf(atMs, config().region.timeZone),
      signature:
        code === null
          ? signatureOf(findings, profiles, softwareVersion)
          : refusedSignature(code, profiles, softwareVersion),
    })
    return tally.rows()
  }
}
