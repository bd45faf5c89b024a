import { AGENDA_KINDS, agendaTimers } from '../core/appointments.ts'
import { CASES_FOLLOWER, type CaseMessage, type CaseWork, type OpenCaseKeys, partyKey } from '../core/cases.ts'
import type { Config } from '../core/config.ts'
import type { Intake, Timer } from '../core/journal.ts'
import { PLATFORM } from '../core/message.ts'
import { isChange } from '../formats/hl7v2/identity-event.ts'
import { isOfService, type RouteFacts } from './route.ts'

/** Due at once, wherever the wall clock goes meanwhile. */
const AT_ONCE = 0
/** Order keys that name a visit, not a patient. */
const VISIT = 'VISIT:'

interface Opening {
  readonly kinds: ReadonlySet<string>
  readonly services: Config['careServices']
}

/** Kinds that open a case of any service, made once for each configuration. */
const known = new WeakMap<Config, Opening>()

function openingOf(config: Config): Opening {
  const made = known.get(config)
  if (made !== undefined) return made
  const services = config.careServices ?? new Map()
  const kinds = new Set([...services.values()].flatMap(({ opens }) => opens))
  const opening: Opening = { kinds, services }
  known.set(config, opening)
  return opening
}

/** What cases want to know of a message that is being accepted. `open`: keys of the cases that are open; absent: none are. */
export interface CareParts {
  readonly config: Config
  readonly open: OpenCaseKeys | undefined
}

/**
 * The timer that a message is committed with when cases are concerned: it goes to the platform and meets the rule of a care
 * service, or bears a key of an open case. None for any other, for which nothing is asked or made. */
export function caseTimers(intake: Intake, facts: () => RouteFacts, { config, open }: CareParts): readonly Timer[] {
  if (config.careServices === undefined || config.careServices.size === 0) return NONE
  const work = workOf(intake, facts, config, open)
  const agenda = AGENDA_KINDS.has(intake.kind) ? agendaTimers(intake, AT_ONCE) : NONE
  if (work === null) return agenda
  const id = `${CASES_FOLLOWER}:${work.what}:${intake.id}`
  return [{ id, follower: CASES_FOLLOWER, dueAtMs: AT_ONCE, payload: JSON.stringify(work) }, ...agenda]
}

const NONE: readonly Timer[] = []

function workOf(
  intake: Intake,
  facts: () => RouteFacts,
  config: Config,
  open: OpenCaseKeys | undefined,
): CaseWork | null {
  if (intake.deliveries.some(({ destination }) => destination === PLATFORM)) {
    const services = servicesOf(facts, config).filter(
      (name) => !AGENDA_KINDS.has(intake.kind) || asks(intake, name, config),
    )
    if (services.length > 0) return { what: 'open', message: messageOf(intake), services }
    const answering = open !== undefined && open.size > 0 && open.has(partyKey(intake.establishment ?? ''))
    if (answering) return { what: 'about', message: messageOf(intake) }
  }
  if (open !== undefined && open.size > 0 && keysOf(intake).some((key) => open.has(key))) {
    return { what: 'about', message: messageOf(intake) }
  }
  return null
}

/** Order keys by which a case may be found. An INS that is deleted holds no more, and is looked for all the same. */
function keysOf({ kind, orderKeys }: Intake): readonly string[] {
  if (!isChange(kind)) return orderKeys
  return [...orderKeys, ...orderKeys.map((key) => `INS${key.slice(key.indexOf(':'))}`)]
}

/** The care services whose rule the message meets. */
function servicesOf(facts: () => RouteFacts, config: Config): readonly string[] {
  const { kinds, services = new Map() } = openingOf(config)
  const about = facts()
  if (!about.kinds.some((kind) => kinds.has(kind))) return []
  return [...services.values()]
    .filter(({ name, opens }) => {
      const rule = config.services.get(name)
      return rule !== undefined && about.kinds.some((kind) => opens.includes(kind)) && isOfService(rule, about, config)
    })
    .map(({ name }) => name)
}

/** An agenda is told by those who ask and by centres: only the former ask by it. */
function asks({ establishment }: Intake, service: string, { establishments, careServices }: Config): boolean {
  const askers = careServices?.get(service)?.askers
  const kind = establishment === null ? undefined : establishments.get(establishment)?.kind
  if (askers === undefined || establishment === null || kind === undefined) return false
  return askers.kinds.includes(kind) || askers.establishments.includes(establishment)
}

/** May the establishment ask for a care service? */
export function mayAsk(id: string | null, { establishments, careServices = new Map() }: Config): boolean {
  const kind = id === null ? undefined : establishments.get(id)?.kind
  if (id === null || kind === undefined) return false
  return [...careServices.values()].some(
    ({ askers }) => askers.kinds.includes(kind) || askers.establishments.includes(id),
  )
}

function messageOf({ id, kind, establishment, receivedAtMs, test, orderKeys }: Intake): CaseMessage {
  const keys = orderKeys.filter((key) => !key.startsWith(VISIT))
  return { id, kind, establishment: establishment ?? '', receivedAtMs, test, keys }
}
