import type { Config } from '../../core/config.ts'
import type { Statement } from '../../core/journal.ts'
import type { Clock, Ids } from '../../core/ports.ts'
import type { Channel, Told } from '../../core/services.ts'
import type { RemindRows } from '../appointments/follower.ts'
import { lastAsking, typedNumber } from './people.ts'
import { noticeRow } from './row.ts'

/** Reminders of an appointment: on the screens of the site and the centre, by short message to whoever asked, and to the webhooks of either. */
export function reminders(parts: {
  readonly config: () => Pick<Config, 'telemedicine'>
  readonly clock: Clock
  readonly ids: Ids
}): RemindRows {
  const { config, clock, ids } = parts
  return ({ case: careCase, service, site, centre }, _beforeMs, of) => {
    const row = (told: Told, establishment: string, channel: Channel, target: string | null): Statement =>
      noticeRow({
        ...{ id: ids.uuid(), careCase, n: 0, why: 'reminder', ladder: null, rung: null, told, channel, establishment },
        ...{ target, madeAtMs: clock.nowMs(), failed: null },
      })
    const hooks = (config().telemedicine?.webhooks ?? []).filter(
      ({ services, establishments }) =>
        (services?.includes(service) ?? true) &&
        (establishments?.some((one) => one === site || one === centre) ?? true),
    )
    const asker = of === null ? undefined : lastAsking(of)
    const number = typedNumber(asker?.asker.phone ?? asker?.callBack ?? null)
    const sms = number !== null && (config().telemedicine?.sms ?? null) !== null
    return [
      row('requester', site, 'console', null),
      ...(sms ? [row('requester', site, 'sms', number)] : []),
      row('duty-1', centre, 'console', null),
      ...hooks.map(({ name }) => row('requester', site, 'webhook', name)),
    ]
  }
}
