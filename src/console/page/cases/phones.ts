import type { Case, CaseRequest, Participant } from '../../../core/cases.ts'
import type { Config } from '../../../core/config.ts'
import { type Duty, onDuty, rotaOf } from '../../../core/duty.ts'
import { centre15Of, NO_TELEMEDICINE } from '../../../core/services.ts'
import type { Language } from '../../../formats/http/language.ts'
import { type Html, html } from '../html.ts'
import { askedOn } from './shown.ts'
import { CASE_PAGE_WORDS, type Seat } from './words.ts'

/** A number that somebody may call, and whose it is. */
export interface Phone {
  readonly whose: 'requester' | 'expert' | 'centre15'
  readonly name: string
  readonly number: string
}

/** Who is on duty now, and what the region says of numbers. */
export interface PhoneBook {
  readonly duties: readonly Duty[]
  readonly config: Pick<Config, 'establishments' | 'telemedicine'>
}

/** The last request that tells a number to call back, of those that stand where there are any. */
function calledBack({ requests }: Pick<Case, 'requests'>): CaseRequest | undefined {
  const all = requests.filter(({ callBack }) => callBack !== null)
  return all.findLast(({ takenBack }) => takenBack !== true) ?? all.at(-1)
}

/** The call-back number of the request that was made last; null: none was told. */
export function callBackOf(one: Pick<Case, 'requests'>): string | null {
  return calledBack(one)?.callBack ?? null
}

/** Numbers of a case for a seat, the one to call first on top; the Centre 15 is always one. Pure. */
export function phonesOf(one: Case, seat: Seat, { duties, config }: PhoneBook): readonly Phone[] {
  // The name of who told the number, whoever asked since.
  const asking = calledBack(one)
  const requester: readonly Phone[] =
    asking?.callBack == null ? [] : [{ whose: 'requester', name: asking.asker.name, number: asking.callBack }]
  const [answer] = one.climbs
  const centre = one.owner?.establishment ?? (answer === undefined ? null : (askedOn(answer).at(-1) ?? null))
  const duty =
    centre === null || answer === undefined ? null : onDuty(duties, rotaOf(one.service, answer.ladder), centre, 1)
  const owner = one.owner?.expert
  const mine: readonly Phone[] =
    owner?.phone == null ? [] : [{ whose: 'expert', name: owner.name, number: owner.phone }]
  const theirs: readonly Phone[] = duty === null ? [] : [{ whose: 'expert', name: duty.person, number: duty.phone }]
  // An owner who is off duty comes behind whoever is on.
  const isOn = duties.some((on) => on.centre === centre && (on.phone === owner?.phone || isSame(on, owner)))
  const expert = mine.length === 0 ? theirs : isOn ? mine : [...theirs, ...mine]
  const finess = config.establishments.get(one.site)?.finess.ej ?? null
  const last: Phone = {
    whose: 'centre15',
    name: '',
    number: centre15Of(config.telemedicine ?? NO_TELEMEDICINE, finess),
  }
  return [...(seat === 'requester' ? [...expert, ...requester] : [...requester, ...expert]), last]
}

function isSame({ rpps, person }: Duty, owner: Participant | undefined): boolean {
  return owner !== undefined && (rpps !== null && owner.rpps !== null ? rpps === owner.rpps : person === owner.name)
}

/** `02 40 99 00 15` of ten digits, in one piece; other numbers as they were told. */
export function spaced(number: string): string {
  return /^0\d{9}$/.test(number) ? number.replace(/(\d\d)(?=\d)/g, '$1\u00a0') : number
}

/** A number to call, with whose it is. Only digits and `+` go into the link. */
export function phoneLink({ whose, name, number }: Phone, language: Language): Html {
  const words = CASE_PAGE_WORDS[language]
  const label = { requester: words.callRequester, expert: words.callExpert, centre15: words.callCentre15 }[whose]
  const dialled = number.replace(/[^\d+]/g, '')
  const shown = dialled === '' ? html`${number}` : html`<a href="tel:${dialled}">${spaced(number)}</a>`
  return html`<span class="whose">${label}${name === '' ? null : html` <span class="quiet">${name}</span>`}</span> <span class="phone">${shown}</span>`
}
