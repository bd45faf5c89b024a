import { isLoopback } from '../../../core/address.ts'
import { PLATFORM } from '../../../core/message.ts'
import { withOffer } from '../care.ts'
import { error, type Fault, type Path, warning } from '../problem.ts'
import type { WrittenEstablishment, WrittenRegion, WrittenService } from '../written.ts'
import type { WrittenNoticeTarget, WrittenOffer } from '../written-care.ts'
import { centreFaults, joinUrlFaults, rungFaults, unknown } from './care.ts'
import { type NotifyCheck, secretFaults, webAddressFaults } from './notify.ts'
import { present } from './sound.ts'

/** What `telemedicine` may refer to. `services`: those of good form; `names`: of all, so that nothing is told twice. */
export interface KnownServices {
  readonly establishments: ReadonlySet<string>
  readonly names: ReadonlySet<string>
  readonly services: Readonly<Record<string, WrittenService>>
}

/** Services offered that are none, or that somebody could ask and nobody would answer. Pure. */
export function offerFaults(region: WrittenRegion, { services, names, establishments }: KnownServices): Fault[] {
  const prefixes = new Map<string, string>()
  return Object.entries(region.telemedicine.services).flatMap(([name, offer]) => {
    const at: Path = ['telemedicine', 'services', name]
    const service = services[name]
    if (service === undefined) {
      if (names.has(name)) return []
      return [{ ...error(at, 'UNKNOWN_SERVICE', `there is no service ${name}`), onKey: true }]
    }
    if (service.kind === undefined) {
      const message = `${name} is a rule alone: a service that is offered has a kind, a form and who answers`
      return [{ ...error(at, 'BAD_SERVICE', message), onKey: true }]
    }
    const first = service.prefix === undefined ? undefined : prefixes.get(service.prefix)
    if (service.prefix !== undefined) prefixes.set(service.prefix, name)
    return [
      ...(first === undefined
        ? []
        : [{ ...error(at, 'NAME_TWICE', `${service.prefix} is the prefix of ${first} too`), onKey: true }]),
      ...overrideFaults(offer, service, at, establishments),
      ...answerFaults(withOffer(service, offer), region, at),
      ...systemFaults(withOffer(service, offer), region, at),
      ...routeFaults(name, withOffer(service, offer), region, at),
    ]
  })
}

function overrideFaults(offer: WrittenOffer, service: WrittenService, at: Path, known: ReadonlySet<string>): Fault[] {
  const { askers, ladders = {}, windows = {}, delays = {} } = offer
  const none = (part: 'ladders' | 'windows' | 'delays', name: string): Fault => ({
    ...error([...at, part, name], 'UNKNOWN_KEY', `the service has no ${part.slice(0, -1)} ${name}`),
    onKey: true,
  })
  const ladderNames = (service.ladders ?? []).map(({ name }) => name)
  const windowIds = (service.windows ?? []).map(({ id }) => id)
  return [
    ...(askers !== undefined && (askers.kinds ?? []).length + (askers.establishments ?? []).length === 0
      ? [error([...at, 'askers'], 'MISSING', 'nobody may ask')]
      : unknown(askers?.establishments ?? [], [...at, 'askers', 'establishments'], known)),
    ...Object.entries(ladders).flatMap(([name, { centres, rungs }]) => [
      ...(ladderNames.includes(name) ? [] : [none('ladders', name)]),
      ...centreFaults(centres, [...at, 'ladders', name, 'centres'], known),
      ...(rungs === undefined ? [] : rungFaults(rungs, [...at, 'ladders', name, 'rungs'])),
    ]),
    ...Object.keys(windows).flatMap((id) => (windowIds.includes(id) ? [] : [none('windows', id)])),
    ...Object.keys(delays).flatMap((name) => (Object.hasOwn(service.delays ?? {}, name) ? [] : [none('delays', name)])),
    ...(service.kind === 'tele-expertise' && delays['answer-due'] === 'off'
      ? [error([...at, 'delays', 'answer-due'], 'BAD_VALUE', 'an opinion is given within a delay: this one stays on')]
      : []),
    ...joinUrlFaults(offer.joinUrl, [...at, 'joinUrl']),
  ]
}

/** Centres that rungs tell by their own systems, and of which no system takes part in cases. */
function systemFaults({ ladders = [] }: WrittenService, { establishments }: WrittenRegion, at: Path): Fault[] {
  const told = ladders.filter(({ rungs }) => rungs.some(({ channels }) => channels.includes('system')))
  const centres = new Set(told.flatMap(({ centres: rows = {} }) => Object.values(rows).flat()))
  const without = present(establishments).filter(
    ([, { id, casesTo, answer, answersTo }]) =>
      centres.has(id) && casesTo === undefined && (answer === undefined || answersTo === undefined),
  )
  if (without.length === 0) return []
  const message = `${without.map(([, { id }]) => id).join(', ')}: without casesTo the channel system tells nothing there`
  return [{ ...warning(at, 'NO_SYSTEM', message), onKey: true }]
}

/** Who may ask, and whose messages no route takes to where cases are: only the form opens one. */
function routeFaults(name: string, service: WrittenService, region: WrittenRegion, at: Path): Fault[] {
  const ways = present(region.routes).filter(
    ([, { to, when }]) =>
      to.includes(PLATFORM) &&
      (when.service === undefined || when.service === name) &&
      (when.kinds === undefined || service.opens?.some((kind) => when.kinds!.some((one) => isOfKind(one, kind)))),
  )
  const without = present(region.establishments)
    .filter(([, one]) => asks(service, one) && ways.every(([, { when }]) => when.from?.includes(one.id) === false))
    .map(([, { id }]) => id)
  if (without.length === 0) return []
  const message = `no route takes requests of ${without.join(', ')} to ${PLATFORM}: only the form opens a case`
  return [{ ...warning(at, 'NO_ROUTE', message), onKey: true }]
}

const isOfKind = (pattern: string, kind: string): boolean =>
  pattern.endsWith('*') ? kind.startsWith(pattern.slice(0, -1)) : pattern === kind

function asks({ askers = {} }: WrittenService, { id, kind }: WrittenEstablishment): boolean {
  return (askers.kinds?.includes(kind) ?? false) || (askers.establishments?.includes(id) ?? false)
}

/** Who may ask and has no centre to answer; a ladder that nobody stands on. */
function answerFaults(service: WrittenService, region: WrittenRegion, at: Path): Fault[] {
  const { ladders = [] } = service
  return present(ladders).flatMap(([, { name, centres = {} }]) => {
    const place = { ...error([...at, 'ladders', name, 'centres'], 'NO_CENTRE', '') }
    if (name !== 'answer') {
      if (Object.keys(centres).length > 0) return []
      return [warning(place.path, 'NO_CENTRE', `no centre stands on the ladder ${name}: it tells nobody`)]
    }
    const without = present(region.establishments).filter(
      ([, one]) => asks(service, one) && centres[one.id] === undefined && centres['*'] === undefined,
    )
    return without.map(([, { id }]) => ({ ...place, message: `${id} may ask, and no centre answers it` }))
  })
}

/** Channels and addresses of telemedicine that are none, and secrets written out or not there. */
export function channelFaults(
  { telemedicine }: WrittenRegion,
  { names: services, establishments }: KnownServices,
  check: NotifyCheck,
): Fault[] {
  const { consoleUrl, coordination, sms, voice, webhooks } = telemedicine
  const root: Path = ['telemedicine']
  const names = new Set<string>()
  return [
    ...(consoleUrl === undefined ? [] : originFaults(consoleUrl, [...root, 'consoleUrl'])),
    ...joinUrlFaults(telemedicine.joinUrl, [...root, 'joinUrl']),
    ...(coordination === undefined || establishments.has(coordination)
      ? []
      : [error([...root, 'coordination'], 'UNKNOWN_ESTABLISHMENT', `there is no establishment ${coordination}`)]),
    ...(sms === undefined ? [] : targetFaults(sms, [...root, 'sms'], check)),
    ...(voice === undefined ? [] : targetFaults(voice, [...root, 'voice'], check)),
    ...present(webhooks).flatMap(([i, one]) => {
      const at: Path = [...root, 'webhooks', i]
      const again = names.has(one.name)
      names.add(one.name)
      return [
        ...(again ? [error([...at, 'name'], 'NAME_TWICE', `${one.name} is the name of another webhook`)] : []),
        ...webAddressFaults(one.url, one.allowPlain, [...at, 'url']),
        ...secretFaults(one.secret, [...at, 'secret'], check),
        ...unknown(one.establishments ?? [], [...at, 'establishments'], establishments),
        ...present(one.services ?? []).flatMap(([j, name]) =>
          services.has(name) ? [] : [error([...at, 'services', j], 'UNKNOWN_SERVICE', `there is no service ${name}`)],
        ),
      ]
    }),
  ]
}

function targetFaults(target: WrittenNoticeTarget, at: Path, check: NotifyCheck): Fault[] {
  const { url, body, allowPlain, bearer, reports } = target
  const placeholders = ['{to}', '{text}', ...(reports === undefined ? [] : ['{id}'])]
  return [
    ...webAddressFaults(url, allowPlain, [...at, 'url']),
    ...placeholders
      .filter((one) => !body.includes(one))
      .map((one) => error([...at, 'body'], 'BAD_VALUE', `the body lacks ${one}`)),
    ...secretFaults(bearer, [...at, 'bearer'], check),
    ...(reports === undefined ? [] : secretFaults(reports.secret, [...at, 'reports', 'secret'], check)),
  ]
}

function originFaults(text: string, at: Path): Fault[] {
  const url = URL.parse(text)
  if (url === null || url.origin !== text.replace(/\/$/, '')) {
    return [error(at, 'BAD_URL', 'an origin is needed, such as https://passerelle.region.example, without a path')]
  }
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return []
  return [error(at, 'BAD_URL', 'people open it with a password in hand: https is needed beyond this machine')]
}
