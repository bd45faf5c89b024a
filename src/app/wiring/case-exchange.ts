import type { Case, ReadCase } from '../../core/cases.ts'
import type { Config } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Journal } from '../../core/journal.ts'
import type { Ids, Log } from '../../core/ports.ts'
import { CDA_PROFILE } from '../../formats/bridge/documents.ts'
import { readFhirCase } from '../../formats/case/fhir.ts'
import { neededLinks } from '../../formats/case/fhir-links.ts'
import { readHl7Case } from '../../formats/case/hl7.ts'
import type { CaseFacts } from '../../formats/case/reading.ts'
import { valuesAt } from '../../formats/fhir/facts.ts'
import { type JsonObject, object, parseStrictAsync } from '../../formats/fhir/json.ts'
import { contentOf, WITHHELD } from '../../pipeline/fhir/reads.ts'
import { createRows, updateRows } from '../../pipeline/fhir/rows.ts'
import { newDelivery } from '../../pipeline/intake.ts'
import { searchKey } from '../../pipeline/keys.ts'
import { CASE_WAY, ownIntake } from '../../pipeline/own-message.ts'
import { plan } from '../../pipeline/route.ts'
import { contextOf } from '../../pipeline/transform.ts'
import { bytesOf, withoutWithheld } from '../../pipeline/withheld.ts'
import { answerProjection } from '../../telemedicine/exchange/answers.ts'
import { doctorProjection } from '../../telemedicine/exchange/doctors.ts'
import { letterProjection } from '../../telemedicine/exchange/letters.ts'
import type { ExchangeParts, RoutedSaying } from '../../telemedicine/exchange/parts.ts'
import { requestProjection } from '../../telemedicine/exchange/requests.ts'
import { sheltered } from '../../telemedicine/exchange/shelter.ts'
import { taskProjection } from '../../telemedicine/exchange/task.ts'
import type { CaseProjection } from '../../telemedicine/projection.ts'
import { reportProjection } from '../../telemedicine/report/projection.ts'
import { CASE_OBSERVATIONS } from '../config/profiles.ts'

/** What the exchange of cases is made over. */
export interface CaseExchangeParts {
  readonly journal: Journal
  readonly config: () => Config
  readonly ids: Ids
  readonly log: Log
}

/** How messages say what they mean to cases, and what messages and resources cases make. */
export interface CaseExchange {
  readonly readCase: ReadCase
  readonly projections: readonly CaseProjection[]
}

/** References lead on this often: a request to a role, the role to a professional. */
const ROUNDS = 3
const NONE: ReadonlyMap<string, string> = new Map()

/** Wires readers of messages, and what follows of changes of cases for other systems. */
export function caseExchange(parts: CaseExchangeParts): CaseExchange {
  const exchange = exchangeParts(parts)
  return {
    readCase: caseReader(parts),
    // The request goes before the Task: a centre's system then knows what the Task is about.
    projections: [
      ...[requestProjection, taskProjection, answerProjection, doctorProjection, letterProjection].map((made) =>
        sheltered(made(exchange), parts.log),
      ),
      // A report that could not be written was not made: the act is undone.
      reportProjection(exchange),
    ],
  }
}

/** As if the centre had sent it itself: to production, or to qualification for tests. */
const routed: RoutedSaying = ({ kind, establishment, test, resource, fields = {} }, config) => {
  const about = { kinds: [kind], establishment, receivers: [], profiles: kind === 'MDM^T02' ? [CDA_PROFILE] : [], test }
  const { planned } = plan({ ...about, values: (path) => fields[path] ?? valuesAt(resource, path) }, config)
  return planned
    .map(({ destination }) => destination)
    .filter((id) => REPORT_TARGETS.has(config.destinations.get(id)?.target.type ?? ''))
}
const REPORT_TARGETS: ReadonlySet<string> = new Set(['mllp', 'http', 'fhir'])

function caseReader({ journal, config }: CaseExchangeParts): ReadCase {
  return async (bytes, message, service) => {
    const { establishments, region, maps } = config()
    const facts: CaseFacts = {
      message: message.id,
      service: service ?? '',
      site: message.establishment,
      receivedAtMs: message.receivedAtMs,
      test: message.test,
      charset: establishments.get(message.establishment)?.charset ?? 'ASCII',
      timeZone: region.timeZone,
      key: (authority, value) => searchKey(journal.secret, authority, value),
      codes: maps.get(CASE_OBSERVATIONS) ?? NONE,
      kept: new Map(),
    }
    if (message.kind.includes('^')) return readHl7Case(bytes, facts)
    const read = await parseStrictAsync(bytes)
    const root = read.ok ? object(read.value) : null
    if (root === null) return { request: null, acts: [], cancels: null }
    return readFhirCase(root, { ...facts, kept: await keptFor(root, message.establishment, journal) })
  }
}

/** What a message leads to among the resources of its sender; what belongs to others is not read for it. */
async function keptFor(
  root: JsonObject,
  owner: string,
  journal: Pick<Journal, 'look' | 'body'>,
): Promise<ReadonlyMap<string, JsonObject>> {
  const kept = new Map<string, JsonObject>()
  const asked = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    const links = neededLinks({ root, kept }).filter((link) => !asked.has(link))
    if (links.length === 0) break
    for (const link of links) {
      asked.add(link)
      const [type = '', id = ''] = link.split('/')
      const [row] = await journal.look<{ message: string; withheld: string | null }>({
        sql: `SELECT r.message, ${WITHHELD} FROM resource r WHERE r.type = ? AND r.id = ? AND r.owner = ? AND r.deleted = 0`,
        parameters: [type, id, owner],
      })
      const resource = row === undefined ? null : await contentOf(journal, row.message, row.withheld)
      if (resource !== null) kept.set(link, resource)
    }
  }
  return kept
}

function exchangeParts({ journal, ids }: CaseExchangeParts): ExchangeParts {
  const { secret } = journal
  return {
    journal,
    routed,
    uuid: () => ids.uuid(),
    body: (message) => bodyOf(message, journal),
    intake: (made, config) => ownIntake(made, CASE_WAY, config, ids),
    delivery: (destination, alertAfterMs, config, nowMs) =>
      newDelivery({ ...CASE_WAY, destination, alertAfterMs }, { config, ids, nowMs }),
    created: (version) => createRows({ ...version, secret }, null),
    updated: (version, from) => updateRows({ ...version, secret }, from),
    writing: (destination, { key, atMs, sender, test }, config) =>
      contextOf({ config, destination, key, atMs, sender }, test),
    patientKeys: (of: Case) => [
      ...new Set(of.patient.identifiers.map(({ authority, value }) => searchKey(secret, authority, value))),
    ],
  }
}

async function bodyOf(message: string, journal: Journal): Promise<Buffer | null> {
  try {
    const [row] = await journal.look<{ withheld: string | null }>({
      sql: 'SELECT withheld FROM message WHERE id = ?',
      parameters: [message],
    })
    const bytes = await bytesOf(await journal.body(message))
    return row?.withheld == null ? bytes : withoutWithheld(bytes, row.withheld)
  } catch (fault) {
    if (fault instanceof GatewayError && ['NOT_FOUND', 'BODY_DAMAGED'].includes(fault.code)) return null
    throw fault
  }
}
