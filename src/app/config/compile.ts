import type {
  CodeTable,
  Condition,
  Config,
  Destination,
  Edit,
  Establishment,
  Hl7Rules,
  LegalHold,
  RouteRule,
  ServiceRule,
  SystemTarget,
} from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { DestinationId } from '../../core/message.ts'
import { durationMs, sizeBytes } from '../../core/units.ts'
import { profilesOf } from '../../formats/hl7v2/rules/compile.ts'
import type { WrittenRuleFile } from '../../formats/hl7v2/rules/written.ts'
import { alertRules, notifyChannel } from './alerts.ts'
import { careService, telemedicineOf } from './care.ts'
import { tableName } from './check/routes.ts'
import { mailOf } from './mail.ts'
import type { ReadMaterial } from './material.ts'
import { sharedSchema } from './schema/region.ts'
import type { SharedJson } from './shared.ts'
import { grantOf, signInOf } from './sign-in.ts'
import { materialText, tlsFiles } from './tls.ts'
import { validator } from './validate.ts'
import type {
  WrittenCondition,
  WrittenDestination,
  WrittenEstablishment,
  WrittenHold,
  WrittenOperator,
  WrittenRoute,
  WrittenService,
  WrittenShared,
} from './written.ts'

const validate = validator(sharedSchema)

/**
 * Makes the immutable configuration of a revision from its stored text; the same text and files give an equal value.
 * `read` gives the TLS files of this node.
 * @throws {GatewayError} CONFIG_INVALID if the text is no shared part, or a TLS file cannot be read */
export function compileConfig(json: SharedJson, revision: number, read: ReadMaterial): Config {
  const shared = readShared(json)
  const establishments = shared.establishments.map(establishment)
  const destinations = shared.establishments.flatMap((one) =>
    Object.entries(one.destinations).map(([name, way]) => destination(one, name, way, read)),
  )
  const tables = new Map(Object.entries(shared.tables).map(([name, codes]) => [name, codeTable(codes)]))
  const rules: Hl7Rules = { files: shared.ruleFiles, classes: shared.rules, tables }
  const { services, telemedicine } = shared
  // What cannot be compiled must not become the running configuration.
  profilesOf(rules)
  return {
    revision,
    region: shared.region,
    operators: shared.operators.map(operator),
    signIn: signInOf(shared.signIn, (reference) => materialText(reference, read)),
    services: new Map(Object.entries(services).map(([name, rule]) => [name, service(rule)])),
    careServices: new Map(
      Object.keys(telemedicine.services).map((name) => [
        name,
        careService(name, services[name] ?? NO_RULE, telemedicine),
      ]),
    ),
    telemedicine: telemedicineOf(telemedicine, (reference) => materialText(reference, read)),
    ...(shared.mail && { mail: mailOf(shared.mail, read, (reference) => materialText(reference, read)) }),
    establishments: new Map(establishments.map((one) => [one.id, one])),
    facilities: new Map(establishments.flatMap((one) => one.facilities.map((name) => [name, one.id] as const))),
    destinations: new Map(destinations.map((one) => [one.id, one])),
    routes: shared.routes.map((one) => route(one, shared.movements.awaitAdmission)),
    tables,
    rules,
    maps: new Map(Object.entries(shared.maps).map(([name, rows]) => [name, new Map(Object.entries(rows))])),
    identities: { matricule: new RegExp(shared.identities.matricule) },
    ...(shared.conformity && { conformity: shared.conformity }),
    fhir: { profiles: new Map(Object.entries(shared.fhir.profiles)) },
    exportMax: shared.exports.max,
    alerts: alertRules(shared.alerts),
    notify: shared.notify.map((one) =>
      notifyChannel(one, shared.region.locale, (reference) => materialText(reference, read)),
    ),
    retention: {
      closedMs: durationMs(shared.retention.closed),
      refusedMs: durationMs(shared.retention.refused),
      refusedMaxBytes: sizeBytes(shared.retention.refusedMax),
      ordersMs: durationMs(shared.retention.orders),
      visitsMs: durationMs(shared.retention.visits),
      auditMs: durationMs(shared.retention.audit),
    },
    privacy: { ...shared.privacy, holds: shared.privacy.holds.map(legalHold) },
  }
}

const DAY_MS = 86_400_000
const NO_RULE: WrittenService = { any: [], all: [], none: [] }

function legalHold({ since, until, ...hold }: WrittenHold): LegalHold {
  return {
    ...hold,
    ...(since === undefined ? {} : { sinceMs: Date.parse(since) }),
    ...(until === undefined ? {} : { belowMs: Date.parse(until) + DAY_MS }),
  }
}

/** The shared part as it is stored. */
export type StoredShared = WrittenShared & {
  readonly tables: Readonly<Record<string, readonly string[]>>
  readonly maps: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly ruleFiles: Readonly<Record<string, WrittenRuleFile>>
}

/** The shared part behind its text, with its defaults filled in. @throws {GatewayError} CONFIG_INVALID if it is none */
export function readShared(json: SharedJson): StoredShared {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new GatewayError('CONFIG_INVALID', 'the stored configuration is not JSON', { cause })
  }
  const fault = validate(value)[0]
  if (fault)
    throw new GatewayError('CONFIG_INVALID', `the stored configuration: ${fault.path.join('.')} ${fault.message}`)
  return value as StoredShared
}

function operator({ name, keySha256, identifier, ...granted }: WrittenOperator) {
  return {
    ...{ name, keySha256: String(keySha256), ...grantOf(granted) },
    ...(identifier !== undefined && { identifier }),
  }
}

function establishment(one: WrittenEstablishment): Establishment {
  const { id, name, kind, strict, charset, sendsFor } = one
  return {
    id,
    name,
    kind,
    strict,
    charset,
    sendsFor,
    finess: { ej: one.finess.ej ?? null, eg: one.finess.eg },
    facilities: one.senders.facilities,
    certificates: one.senders.certificates,
    keys: one.senders.keys.map(({ keySha256 }) => String(keySha256)),
    clients: one.clients.map(({ clientId, jwks }) => ({ clientId, jwks: publicKeys(String(jwks)) })),
    ...(one.launch && { launch: { keys: publicKeys(String(one.launch.jwks)) } }),
    answersTo: one.answersTo === undefined ? null : (`${id}/${one.answersTo}` satisfies DestinationId),
    ...casesWay(one),
    ...(one.answer !== undefined && { answer: one.answer }),
    ackPolicy: one.ackPolicy ?? {},
    ...(one.at !== undefined && { at: one.at }),
    ...(one.publicConformity === true && { publicConformity: true as const }),
  }
}

/** Who is told in HL7 v2 how its requests stand is told where it takes answers, unless it says otherwise. */
function casesWay({ id, casesTo, answer, answersTo }: WrittenEstablishment): Pick<Establishment, 'casesTo'> {
  const name = casesTo ?? (answer === undefined ? undefined : answersTo)
  return name === undefined ? {} : { casesTo: `${id}/${name}` }
}

function destination(
  one: WrittenEstablishment,
  name: string,
  way: WrittenDestination,
  read: ReadMaterial,
): Destination {
  const { use, urgentInFlight, order, onRefused } = way
  return {
    id: `${one.id}/${name}`,
    establishment: one.id,
    use,
    target: target(one, way, read),
    maxInFlight: way.maxInFlight ?? (way.type === 'mllp' ? 1 : 8),
    urgentInFlight,
    timeoutMs: durationMs(way.timeout),
    retry: {
      firstMs: durationMs(way.retry.first),
      factor: way.retry.factor,
      maxMs: durationMs(way.retry.max),
      expiresMs: durationMs(way.retry.expires),
    },
    order,
    // The same FHIR or MLLP message twice is told by its ids; of an HTTP address nothing of the sort is known.
    onUnknown: way.onUnknown ?? (way.type === 'http' ? 'hold' : 'resend'),
    onRefused,
    // What the establishment says of all its systems holds for each, unless the destination says otherwise.
    ackPolicy: { ...one.ackPolicy, ...way.ackPolicy },
    ...(way.charset !== undefined && { charset: way.charset }),
    ...(way.unmappable === 'replace' && { unmappable: way.unmappable }),
  }
}

function target(one: WrittenEstablishment, way: WrittenDestination, read: ReadMaterial): SystemTarget {
  const tls = tlsFiles(way.tls, read)
  if (way.type === 'mllp') {
    if (way.host === undefined || way.port === undefined)
      throw new GatewayError('CONFIG_INVALID', 'mllp: host and port')
    return { type: 'mllp', host: way.host, port: way.port, tls }
  }
  if (way.url === undefined) throw new GatewayError('CONFIG_INVALID', `${way.type}: url`)
  const bearer = way.bearer === undefined ? null : materialText(way.bearer, read).trim()
  // A FHIR base is joined with `/Type`, an archive's with `/studies`; an HTTP address is used as it stands.
  const url = way.type === 'http' ? way.url : way.url.replace(/\/+$/, '')
  if (way.type !== 'dicomweb') return { type: way.type, url, tls, bearer }
  const issuer = way.issuer ?? one.finess.ej ?? one.id
  return { type: way.type, url, tls, bearer, issuer, oid: way.oid ?? null, patientIds: way.patientIds ?? 'issuer' }
}

/** The keys of a JWK set, each as JSON text. @throws {GatewayError} CONFIG_INVALID if the text is no JWK set */
function publicKeys(jwks: string): string[] {
  try {
    return (JSON.parse(jwks) as { keys: object[] }).keys.map((key) => JSON.stringify(key))
  } catch (cause) {
    throw new GatewayError('CONFIG_INVALID', 'a client has no JWK set', { cause })
  }
}

function route(
  { name, when, to, lane, alertAfter, edit, transform, ...own }: WrittenRoute,
  awaitAdmission: string,
): RouteRule {
  const alertAfterMs = alertAfter === undefined ? null : durationMs(alertAfter)
  const awaitAdmissionMs = durationMs(own.awaitAdmission ?? awaitAdmission)
  // Its form was checked when the file was read: exactly one verb, with what it needs.
  return {
    name,
    when,
    to,
    lane,
    alertAfterMs,
    awaitAdmissionMs,
    edit: edit as readonly Edit[],
    ...(transform && { transform }),
  }
}

function service(rule: WrittenService): ServiceRule {
  return { any: rule.any.map(condition), all: rule.all.map(condition), none: rule.none.map(condition) }
}

function condition({ path, in: values }: WrittenCondition): Condition {
  const table = tableName(values)
  return { path, in: table === null ? (values as readonly string[]) : { table } }
}

/** Codes of a table as they are looked up. */
export function codeTable(codes: readonly string[]): CodeTable {
  return {
    codes: new Set(codes.filter((code) => !code.endsWith('*'))),
    prefixes: codes.filter((code) => code.endsWith('*')).map((code) => code.slice(0, -1)),
  }
}
