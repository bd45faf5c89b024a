import type { Journal } from '../../../core/journal.ts'
import type { Log } from '../../../core/ports.ts'
import type { Group } from './writer.ts'

type Listener = Parameters<Journal['watch']>[0]

/** Those who watch the queue. They run after the commit; what goes wrong in one is not the writer's. */
export function listening({ delivery }: Pick<Journal, 'delivery'>, log: Log) {
  const listeners: Listener[] = []
  return {
    add: (listener: Listener): void => {
      listeners.push(listener)
    },
    tell: (told: readonly Group['told'][number][]): void => {
      if (listeners.length === 0) return
      void Promise.all(told.map((one) => (typeof one === 'string' ? delivery(one) : one)))
        .then((entries) => entries.filter((entry) => entry !== null))
        .then((entries) => {
          for (const listener of listeners) listener({ entries, grown: [], revision: false, features: false })
        })
        .catch((error) => log.error('journal.listener-failed', {}, error))
    },
  }
}
