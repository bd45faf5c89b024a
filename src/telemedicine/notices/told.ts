import type { Case, Climb, Notice } from '../../core/cases.ts'
import type { CareService, Channel, Delay, Rung, Told } from '../../core/services.ts'
import { type NoticeAround, type Person, peopleOf } from './people.ts'

/** How people are told of a delay; nobody is called at night for a decision that is not written down. */
export const DELAY_CHANNELS: readonly Channel[] = ['console', 'sms', 'webhook', 'system']

/**
 * The notices of a rung: whom its words mean at this moment, by the channels that the region has. A short message or call to
 * one number leaves once. They are the `notices` of its happening; `noticesOf` makes their rows. Pure. */
export function rungNotices(shown: Case, climb: Climb, rung: Rung, around: NoticeAround): Notice[] {
  return made(rung.tell, rung.channels, shown, climb, around)
}

/** The notices of one step of a delay. `step`: index in `tell`; beyond its end the last is told again. Pure. */
export function delayNotices(shown: Case, delay: Delay, step: number, around: NoticeAround): Notice[] {
  const told = delay.tell[Math.min(step, delay.tell.length - 1)]
  return told === undefined ? [] : made([told], DELAY_CHANNELS, shown, null, around)
}

/** The rung at a count of rungs climbed; the last one for all that follow it. Pure. */
export function rungAt({ rungs }: CareService['ladders'][number], climbed: number): Rung | null {
  return rungs[Math.min(climbed, rungs.length - 1)] ?? null
}

function made(
  told: readonly Told[],
  channels: readonly Channel[],
  shown: Case,
  climb: Climb | null,
  around: NoticeAround,
): Notice[] {
  const people = told.flatMap((one) => peopleOf(one, shown, climb, around))
  const seen = new Set<string>()
  const once = (key: string): boolean => !seen.has(key) && seen.add(key) !== undefined
  return channels.flatMap((channel): Notice[] => {
    const notice = (person: Person): Notice => {
      const { told: whom, establishment, name } = person
      return { id: around.newId(), told: whom, channel, establishment, name }
    }
    if (channel === 'webhook') return hooksOf(shown, people, around)
    if (channel === 'console' || channel === 'system') {
      return people.filter(({ establishment }) => once(`${channel} ${establishment}`)).map(notice)
    }
    const { telemedicine } = around.config
    if ((telemedicine?.[channel] ?? null) === null) return []
    return people
      .filter((person) => person[channel] !== null || !person.screensOnly)
      .filter((person) => once(`${channel} ${person[channel] ?? `${person.told} ${person.establishment}`}`))
      .map(notice)
  })
}

function hooksOf({ service, site }: Case, people: readonly Person[], { config, newId }: NoticeAround): Notice[] {
  const [first] = people
  if (first === undefined) return []
  const concerned = [site, ...people.flatMap(({ establishment }) => establishment ?? [])]
  return (config.telemedicine?.webhooks ?? [])
    .filter(({ services }) => services?.includes(service) ?? true)
    .filter(({ establishments }) => establishments?.some((one) => concerned.includes(one)) ?? true)
    .map(({ name }) => ({
      ...{ id: newId(), told: first.told, channel: 'webhook' as const, establishment: first.establishment, name },
    }))
}
