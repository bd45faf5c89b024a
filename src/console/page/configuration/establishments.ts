import { may } from '../../../core/caller.ts'
import type { AckPolicy, Destination, Establishment, SystemTarget } from '../../../core/config.ts'
import type { ConfigViews, RevisionNote } from '../../../core/configuration.ts'
import { GatewayError } from '../../../core/errors.ts'
import { type Html, html } from '../html.ts'
import { facts, listing, moment, several } from '../listing.ts'
import type { KnownVisit } from '../shell/pages.ts'
import type { PageBody } from '../shell/shell.ts'
import { frame } from './frame.ts'
import { routesOf, routesTable } from './routes.ts'
import { CONFIGURATION_WORDS, type ConfigurationWords } from './words.ts'

/** Digits of a key's hash that are shown. */
const FINGERPRINT = 12

/** Who sends, and how: the running revision, the doors, every establishment. */
export async function establishmentsPage(visit: KnownVisit, views: ConfigViews): Promise<PageBody> {
  const { config, language } = visit
  const words = CONFIGURATION_WORDS[language]
  const [running] = await views.revisions(config.revision + 1, 1)
  const doors = views.doors().map(({ name, host, port, tls }) => ({
    cells: [html`${name}`, html`${host}:${port}`, html`${words.tls[tls]}`],
  }))
  const columns = [
    { name: words.establishment },
    { name: words.kind },
    { name: 'FINESS' },
    { name: words.recognised },
    { name: words.strict },
    { name: words.destinations },
  ]
  const taking = Map.groupBy(config.destinations.values(), ({ establishment }) => establishment)
  const rows = [...config.establishments.values()].map((one) => ({
    cells: [
      html`<a href="/configuration/etablissements/${one.id}">${one.name}</a>`,
      html`${words.kinds[one.kind]}`,
      html`${one.finess.ej ?? '–'}`,
      recognised(one, words),
      html`${one.strict ? words.yes : words.no}`,
      several((taking.get(one.id) ?? []).map(({ id }) => id)) ?? html`–`,
    ],
  }))
  const body = html`${running === undefined ? null : runningNote(running, visit, words)}
${listing('establishments', words.establishments, columns, rows, words.noEstablishment)}
${listing('doors', words.doors, [{ name: words.door }, { name: words.address }, { name: words.protection }], doors, words.noDoor)}`
  return frame(visit, 'establishments', words.title, body)
}

function runningNote(running: RevisionNote, { language, config }: KnownVisit, words: ConfigurationWords): Html {
  const { revision, atMs, by, why } = running
  return html`<h2><a href="/configuration/revisions/${revision}">${words.running(String(revision))}</a></h2>
${facts([
  [words.by, by],
  [words.when, moment(atMs, language, config.region.timeZone)],
  [words.why, why ?? words.noReason],
])}`
}

function recognised({ facilities, certificates, keys, clients }: Establishment, words: ConfigurationWords): Html {
  return (
    several([
      ...(facilities.length === 0 ? [] : [words.pair('MSH-4', facilities.join(', '))]),
      ...(certificates.length === 0 ? [] : [words.pair(words.certificates, String(certificates.length))]),
      ...(keys.length === 0 ? [] : [words.pair(words.keys, String(keys.length))]),
      ...(clients.length === 0 ? [] : [words.pair(words.clients, String(clients.length))]),
    ]) ?? html`–`
  )
}

/** One establishment. @throws {GatewayError} NOT_FOUND */
export function establishmentPage(visit: KnownVisit, id: string): PageBody {
  const { config, language } = visit
  const words = CONFIGURATION_WORDS[language]
  const one = config.establishments.get(id)
  if (one === undefined) throw new GatewayError('NOT_FOUND')
  const destinations = [...config.destinations.values()].filter(({ establishment }) => establishment === id)
  const columns = [
    { name: words.destination },
    { name: words.type },
    { name: words.address },
    { name: words.protection },
    { name: words.use },
    { name: words.order },
  ]
  const body = html`<section aria-labelledby="identity"><h2 id="identity">${words.identity}</h2>
${facts([
  [words.id, id],
  [words.kind, words.kinds[one.kind]],
  [words.finessLegal, one.finess.ej],
  [words.finessGeographic, several(one.finess.eg)],
])}</section>
<section aria-labelledby="sends"><h2 id="sends">${words.sends}</h2>${sendingFacts(one, words)}</section>
${listing(
  'destinations',
  words.destinations,
  columns,
  destinations.map((d) => destinationRow(d, words)),
  words.noDestination,
)}
${routesTable(routesOf(id, config), config, { ...words, routes: words.itsRoutes })}
<p><a href="/configuration/routes?etablissement=${id}">${words.picture(String(routesOf(id, config).length))}</a>${
    may(visit.caller, 'conformity:read')
      ? html` · <a href="/conformite/etablissements/${id}">${words.conformity}</a>`
      : null
  }</p>`
  return frame(visit, 'establishments', one.name, body)
}

function sendingFacts(one: Establishment, words: ConfigurationWords): Html {
  return facts([
    [words.facilities, several(one.facilities)],
    [words.certificates, several(one.certificates.map(({ issuer, subject }) => `${subject} ← ${issuer}`))],
    [words.keys, several(one.keys.map((hash) => words.fingerprint(hash.slice(0, FINGERPRINT))))],
    [
      words.clients,
      several(one.clients.map(({ clientId, jwks }) => `${clientId} (${words.clientKeys(String(jwks.length))})`)),
    ],
    [words.sendsFor, several(one.sendsFor)],
    [words.charset, one.charset],
    [words.strict, one.strict ? words.strictTells : words.lenientTells],
    [words.ackPolicy, several(policyOf(one.ackPolicy, words))],
    [words.answersTo, one.answersTo ?? words.sameConnection],
  ])
}

function policyOf(policy: AckPolicy, words: ConfigurationWords): string[] {
  const told = Object.entries(policy).map(([kind, name]) =>
    words.pair(kind === 'default' ? words.byDefault : kind, name ?? ''),
  )
  return policy.default === undefined ? [...told, words.byProfile] : told
}

function destinationRow({ id, target, use, order }: Destination, words: ConfigurationWords) {
  return {
    cells: [
      html`${id}`,
      html`${target.type}`,
      html`${addressOf(target)}`,
      html`${target.tls !== null ? words.tls.mutual : isSecure(target) ? words.tls.server : words.plain}`,
      html`${words.uses[use]}`,
      html`${words.orders[order]}`,
    ],
  }
}

const addressOf = (target: SystemTarget): string =>
  target.type === 'mllp' ? `${target.host}:${target.port}` : target.url
const isSecure = (target: SystemTarget): boolean => target.type !== 'mllp' && target.url.startsWith('https:')
