import type { Case, CaseRequest } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import { COORDINATION, type Duty, onDuty, rotaOf } from '../../core/duty.ts'
import { NO_TELEMEDICINE, type Told } from '../../core/services.ts'
import { bareNumber } from '../duty/judge.ts'

/** What decides who is told at a moment. */
export interface NoticeAround {
  readonly config: Pick<Config, 'telemedicine' | 'establishments'>
  /** Everybody who is on duty at that moment, in every rota. */
  readonly on: readonly Duty[]
  readonly newId: () => string
}

/** One who is told, and by which numbers; null: none is known. */
export interface Person {
  readonly name: string
  readonly sms: string | null
  readonly voice: string | null
  /** Has screens and systems; that no number is known is nothing that people must see. */
  readonly screensOnly: boolean
}

/** What of a case people are told for. */
export type ToldCase = Pick<Case, 'service' | 'requests' | 'owner'>

/**
 * Who is meant at this moment, and how they are reached. `ladder`: whose rota of the establishment. Nobody on duty is still a
 * person, without a number; the owner is whoever accepted while they are on duty, then whoever came after. Pure. */
export function personOf(
  told: Told,
  establishment: string | null,
  ladder: string,
  shown: ToldCase,
  { config, on }: NoticeAround,
): Person {
  const { coordination, coordinationNumber } = config.telemedicine ?? NO_TELEMEDICINE
  const nameOf = (id: string | null): string => config.establishments.get(id ?? '')?.name ?? ''
  const nobody = { name: nameOf(establishment), sms: null, voice: null, screensOnly: false }
  if (told === 'coordination') {
    const duty = onDuty(on, COORDINATION, '', 0)
    return duty === null ? { ...byNumber(coordinationNumber), name: nameOf(coordination) } : onCall(duty)
  }
  if (told === 'requester' || told === 'imaging' || told === 'everybody') {
    const last = told === 'requester' ? lastAsking(shown) : undefined
    return { ...nobody, ...byNumber(last?.asker.phone ?? last?.callBack ?? null), screensOnly: true }
  }
  const duty = onDuty(on, rotaOf(shown.service, ladder), establishment ?? '', told === 'duty-2' ? 2 : 1)
  if (told !== 'owner') return duty === null ? nobody : onCall(duty)
  const expert = shown.owner?.expert
  const still = on.find((one) => one.centre === establishment && expert !== undefined && isSame(one, expert))
  const reached = still ?? duty
  if (reached !== null) return onCall(reached)
  // Off duty, and nobody after them: better who accepted than nobody.
  return { ...nobody, ...byNumber(expert?.phone ?? null), name: expert?.name ?? nobody.name }
}

/** The last request that stands: whoever took theirs back waits for nothing. Pure. */
export function lastAsking({ requests }: Pick<Case, 'requests'>): CaseRequest | undefined {
  return requests.findLast(({ takenBack }) => takenBack !== true) ?? requests.at(-1)
}

function onCall({ person, phone, mobile }: Duty): Person {
  return { name: person, sms: mobile ?? phone, voice: phone, screensOnly: false }
}

function isSame(duty: Duty, { rpps, name }: { readonly rpps: string | null; readonly name: string }): boolean {
  return duty.rpps !== null && rpps !== null ? duty.rpps === rpps : duty.person === name
}

/** By a number that somebody typed, if it is one. */
function byNumber(text: string | null): Pick<Person, 'sms' | 'voice' | 'screensOnly'> {
  const number = typedNumber(text)
  return { sms: number, voice: number, screensOnly: false }
}

/** A number that somebody typed, if it is one that can be called; else null. Pure. */
export function typedNumber(text: string | null): string | null {
  const bare = bareNumber(text ?? '')
  return /^\+?[0-9]{6,15}$/.test(bare) ? bare : null
}
