import { availableParallelism } from 'node:os'
import { ERRORS } from '../../../core/errors.ts'
import type { ContentLook, LookAtContent, MailNo, MailOperator } from '../../../core/mail.ts'
import type { Clock, Log, Meter } from '../../../core/ports.ts'
import type { Condition } from '../../../pipeline/watch/conditions.ts'
import { Antivirus } from './antivirus.ts'
import { StructureLook } from './content-look.ts'
import { ContentThreads } from './threads.ts'

/** Threads that look at content: they must leave a core to the doors. */
const THREADS = Math.max(1, Math.min(2, availableParallelism() - 1))

/** What the look at content of this node offers. */
export interface Looking {
  readonly look: LookAtContent
  conditions(): readonly Condition[]
  stop(): Promise<void>
}

/** Looks at the content of all mail of this node: parts and archives, and the antivirus where there is one. */
export function lookingAtContent(parts: {
  readonly operator: () => MailOperator | null
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
}): Looking {
  const { operator, clock, log } = parts
  const threads = new ContentThreads(THREADS, clock, log)
  const antivirus = new Antivirus({ ...parts, settings: () => operator()?.antivirus ?? null })
  return {
    look() {
      const ours = operator()
      if (ours === null) return NOTHING_SEEN
      const structure = new StructureLook(ours.limits, { threads, log })
      return ours.antivirus === null ? structure : together([structure, antivirus.look(ours.antivirus)])
    },
    conditions: () => antivirus.conditions(),
    async stop() {
      antivirus.stop()
      await threads.stop()
    },
  }
}

const NOTHING_SEEN: ContentLook = { write: async () => {}, end: async () => null, drop() {} }

/** Several looks at one mail. What would be refused again is said before what may pass later. */
function together(looks: readonly ContentLook[]): ContentLook {
  return {
    async write(chunk) {
      await Promise.all(looks.map((one) => one.write(chunk)))
    },
    async end() {
      const seen = await Promise.all(looks.map((one) => one.end()))
      const found = seen.filter((one): one is MailNo => one !== null)
      return found.find(({ code }) => ERRORS[code].class === 'refused') ?? found[0] ?? null
    },
    drop() {
      for (const one of looks) one.drop()
    },
  }
}
