import type { Config } from '../core/config.ts'
import { CONFORMITY_FOLLOWER } from '../core/conformity.ts'
import type { Follower } from '../core/follower.ts'
import type { Journal } from '../core/journal.ts'
import { ANSWER_RIPE_MS, countAnswered } from './count/answered.ts'
import { KnownExamples } from './count/examples.ts'
import { countSent, mailSenders } from './count/sent.ts'
import { Days } from './day.ts'

/** What counting works with. */
export interface CountingParts {
  readonly journal: Pick<Journal, 'read'>
  readonly config: () => Config
}

/**
 * Counts what establishments send, behind the answer: every message once, whatever crashes between, because the counts are
 * written with the cursor. It looks every two seconds and not at every message, so that it costs a commit now and then. */
export function sentFollower({ journal, config }: CountingParts): Follower {
  const days = daysOf(config)
  const known = new KnownExamples()
  return {
    name: CONFORMITY_FOLLOWER,
    reads: true,
    pace: { everyMs: 2_000, batch: 1_000, ripeMs: 0 },
    async entries(entries) {
      const senders = await mailSenders(entries, journal)
      known.read(entries)
      const { tally, examples } = countSent(entries, days(), known, senders)
      known.offer(entries.at(-1)!.id, examples.hours())
      return { rows: [...tally.rows(), ...examples.rows()] }
    },
    timer: async () => ({}),
  }
}

/** Counts how establishments answer what they are sent, once their first answer cannot be far any more. */
export function answeredFollower({ journal, config }: CountingParts): Follower {
  const days = daysOf(config)
  return {
    name: `${CONFORMITY_FOLLOWER}-answers`,
    reads: true,
    pace: { everyMs: 10_000, batch: 1_000, ripeMs: ANSWER_RIPE_MS },
    entries: async (entries) => ({ rows: (await countAnswered(entries, journal, config(), days())).rows() }),
    timer: async () => ({}),
  }
}

/** Days of the region's time zone, kept for as long as it is the same. */
function daysOf(config: () => Config): () => Days {
  let zone = ''
  let days = new Days('UTC')
  return () => {
    const { timeZone } = config().region
    if (timeZone !== zone) {
      zone = timeZone
      days = new Days(timeZone)
    }
    return days
  }
}
