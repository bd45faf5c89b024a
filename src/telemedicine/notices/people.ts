import type { Case, Climb } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import { COORDINATION, type Duty, onDuty, rotaOf } from '../../core/duty.ts'
import { NO_TELEMEDICINE, type Told } from '../../core/services.ts'

/** What decides who is told at a moment. */
export interface NoticeAround {
  readonly config: Pick<Config, 'careServices' | 'telemedicine' | 'establishments' | 'region'>
  /** Everybody who is on duty at that moment, in every rota. */
  readonly on: readonly Duty[]
  readonly newId: () => string
}

/** One who is told, and by which numbers; null: none is known. */
export interface Person {
  readonly told: Exclude<Told, 'everybody'>
  readonly establishment: string | null
  readonly name: string
  readonly sms: string | null
  readonly voice: string | null
  /** Has screens and systems; that no number is known is nothing that people must see. */
  readonly screensOnly: boolean
}

/** What of a case people are told for. */
export type ToldCase = Pick<Case, 'service' | 'site' | 'requests' | 'owner'>

/**
 * Whom a word of a rung or delay means at this moment, each once: `everybody` is all centres of the climb that have not
 * refused, the coordination and the requester. Nobody on duty is still a person, without a number. Pure. */
export function peopleOf(told: Told, shown: ToldCase, climb: Climb | null, around: NoticeAround): Person[] {
  const person = (as: Person['told'], establishment: string | null): Person =>
    personOf(as, establishment, climb?.ladder ?? 'answer', shown, around)
  if (told === 'everybody') {
    const centres = climb?.centres.filter((one) => !climb.refused.includes(one)) ?? []
    const experts = centres.flatMap((centre) => {
      const second = person('duty-2', centre)
      return [person('duty-1', centre), ...(second.voice === null ? [] : [second])]
    })
    return [...experts, person('coordination', null), person('requester', shown.site)]
  }
  if (told === 'next-centre') {
    const next = climb?.centres.find((one, i) => i > climb.at && !climb.refused.includes(one))
    return next === undefined ? [] : [person(told, next)]
  }
  if (told === 'duty-1' || told === 'duty-2') {
    const centre = climb?.centres[climb.at] ?? shown.owner?.establishment ?? firstCentre(shown, around)
    return centre === undefined ? [] : [person(told, centre)]
  }
  if (told === 'owner') return [person(told, shown.owner?.establishment ?? firstCentre(shown, around) ?? null)]
  return [person(told, told === 'coordination' ? null : shown.site)]
}

/** One person as they are reached at this moment. `ladder`: whose rota of the establishment. Pure. */
export function personOf(
  told: Person['told'],
  establishment: string | null,
  ladder: string,
  shown: ToldCase,
  around: NoticeAround,
): Person {
  const { config, on } = around
  const place = { name: config.establishments.get(establishment ?? '')?.name ?? '', establishment }
  const nobody = { told, ...place, sms: null, voice: null, screensOnly: false }
  if (told === 'coordination') {
    const { coordination, coordinationNumber } = config.telemedicine ?? NO_TELEMEDICINE
    const duty = onDuty(on, COORDINATION, '', 0)
    const name = config.establishments.get(coordination ?? '')?.name ?? ''
    const region = { ...nobody, establishment: coordination, name }
    if (duty !== null) return { ...region, ...numbersOf(duty) }
    const number = telephone(coordinationNumber)
    return { ...region, sms: number, voice: number }
  }
  if (told === 'requester' || told === 'imaging') {
    const last = told === 'requester' ? shown.requests.at(-1) : undefined
    const number = telephone(last?.asker.phone ?? last?.callBack ?? null)
    return { ...nobody, sms: number, voice: number, screensOnly: true }
  }
  const duty = onDuty(on, rotaOf(shown.service, ladder), establishment ?? '', told === 'duty-2' ? 2 : 1)
  if (told !== 'owner') return duty === null ? nobody : { ...nobody, ...numbersOf(duty) }
  const expert = shown.owner?.expert
  const still = expert === undefined ? undefined : on.find((one) => one.centre === establishment && isSame(one, expert))
  const reached = still ?? duty
  if (reached !== null) return { ...nobody, ...numbersOf(reached) }
  // Off duty, and nobody after them: better who accepted than nobody.
  const number = telephone(expert?.phone ?? null)
  return { ...nobody, name: expert?.name ?? nobody.name, sms: number, voice: number }
}

function numbersOf({ person, phone, mobile }: Duty): Pick<Person, 'name' | 'sms' | 'voice'> {
  return { name: person, sms: mobile ?? phone, voice: phone }
}

function isSame(duty: Duty, { rpps, name }: { readonly rpps: string | null; readonly name: string }): boolean {
  return duty.rpps !== null && rpps !== null ? duty.rpps === rpps : duty.person === name
}

/** A number that somebody typed, if it is one. */
function telephone(text: string | null): string | null {
  const bare = text?.replace(/[\s.\-()]/g, '') ?? ''
  return /^\+?[0-9]{6,15}$/.test(bare) ? bare : null
}

function firstCentre({ service, site }: ToldCase, { config }: NoticeAround): string | undefined {
  const ladder = config.careServices?.get(service)?.ladders[0]
  return (ladder?.centres.find((one) => one.site === site) ?? ladder?.centres.find((one) => one.site === '*'))
    ?.centres[0]
}
