import { answerBytes, type FhirAnswer, type FhirAsk } from '../../core/fhir.ts'
import type { Intake } from '../../core/journal.ts'
import { type JsonObject, parseStrictAsync, writeJson } from '../../formats/fhir/json.ts'
import type { OutcomeIssue } from '../../formats/fhir/outcome.ts'
import { fhirpathPatch, jsonPatch } from '../../formats/fhir/patch.ts'
import { readResourceAsync } from '../../formats/fhir/resource.ts'
import { ifNoneExistQuery, readToken } from '../../formats/fhir/search-parameters.ts'
import { versioned, type Written, writtenAnswer } from './answers.ts'
import { conforming } from './conform.ts'
import { askedOf, plain, type Ruled, ruled } from './identities.ts'
import { fhirIntake, type Judged, type Under } from './judge.ts'
import { contentOf, WITHHELD } from './reads.ts'
import { createRows, type IndexRow, type ResourceWrite, tokenRow, updateRows } from './rows.ts'
import { mayActFor } from './speaker.ts'

/** What one interaction comes to: something to commit, an answer that needs no commit, or why not. */
export type Step =
  | { readonly kind: 'commit'; readonly intake: Intake; readonly written: Written }
  | {
      readonly kind: 'unchanged'
      readonly answer: FhirAnswer
      readonly at: { readonly type: string; readonly id: string }
    }
  | { readonly kind: 'refused'; readonly issues: readonly OutcomeIssue[] }

const refused = (...issues: OutcomeIssue[]): Step => ({ kind: 'refused', issues })

/** The current version of a resource. */
export interface Current {
  readonly version: number
  readonly message: string
  readonly updated_at_ms: number
  readonly owner: string
  readonly withheld: string | null
}

/** The body of an update or patch as a resource, or why it is none. */
async function resourceOf(bytes: Buffer): Promise<JsonObject | readonly OutcomeIssue[]> {
  const read = await readResourceAsync(bytes)
  return read.ok ? read.resource : read.problems
}

/** The rows of a version: what the INS rule left of the resource, under its owner, found by what it says. */
function writeOf(
  { type, id, updatedAtMs }: Written,
  intake: Intake,
  rule: Ruled,
  { arrival, establishment, parts }: Under,
): ResourceWrite {
  return {
    type,
    id,
    owner: establishment.id,
    message: intake.id,
    atMs: updatedAtMs,
    resource: rule.resource,
    secret: parts.journal.secret,
    ...(arrival.fhir && { base: arrival.fhir.base }),
    more: rule.denied.map(({ row }) => row),
  }
}

/** Has the caller's If-None-Exist a match among what it created? One: 200 unchanged; more: 412 (http.html §3.1.0.8.1). */
export async function existing(
  type: string,
  unless: IndexRow,
  { establishment, parts }: Under,
): Promise<readonly (Current & { id: string })[]> {
  return parts.journal.look({
    sql: `SELECT r.id, r.version, r.message, r.updated_at_ms, r.owner, ${WITHHELD} FROM resource_index i
      JOIN resource r ON r.type = i.type AND r.id = i.id
      WHERE i.type = ? AND i.name = ? AND i.value = ? AND r.owner = ? AND r.deleted = 0 LIMIT 2`,
    parameters: [type, unless.name, unless.value, establishment.id],
  })
}

/**
 * The identifier that an If-None-Exist names, with a value (`system` null: any, '': none). Null: something else was asked.
 * @throws {GatewayError} BAD_REQUEST for what is no search */
export function unlessToken(header: string): { readonly system: string | null; readonly value: string } | null {
  const [first, ...more] = ifNoneExistQuery(header)
  if (first?.name !== 'identifier' || first.modifier !== null || first.values.length !== 1 || more.length > 0)
    return null
  const { system, value } = readToken(first.values[0]!)
  return value === null ? null : { system, value }
}

/** The row of the index that it stands for. */
function unlessRow(header: string, secret: Uint8Array): IndexRow | null {
  const token = unlessToken(header)
  return token === null ? null : tokenRow('identifier', token.system, token.value, secret)
}

/** What a transaction says of an entry: it goes where its Bundle goes, and was under the INS rule with it. */
export interface Inside {
  readonly judged: Judged
  readonly denied: Ruled['denied']
}

/** What is to be created, and where: `id` is new, or chosen before by a transaction. */
export interface Creation {
  /** As it came: it says where it goes, and by what it is known. */
  readonly resource: JsonObject
  readonly bytes: Uint8Array
  /** What is stored and read of it. */
  readonly rule: Ruled
  readonly ask: FhirAsk
  readonly id: string
  /** Null: judged here. An entry of a transaction goes where its Bundle goes. */
  readonly judged: Judged | null
}

/** A create (http.html §3.1.0.8). */
export async function create({ resource, bytes, rule, ask, id, judged }: Creation, under: Under): Promise<Step> {
  const { config, parts } = under
  const { secret } = parts.journal
  const type = String(resource['resourceType'])
  if (ask.type !== null && type !== ask.type)
    return refused({ error: 'RESOURCE_MALFORMED', code: 'value', expression: type })
  const unless = ask.ifNoneExist === null ? null : unlessRow(ask.ifNoneExist, secret)
  if (ask.ifNoneExist !== null && unless === null) return refused({ error: 'BAD_REQUEST', code: 'not-supported' })
  const found = unless === null ? [] : await existing(type, unless, under)
  if (found.length > 1) return refused({ error: 'CONDITION_FAILED', code: 'multiple-matches' })
  const [match] = found
  if (match !== undefined) {
    const kept = (await contentOf(parts.journal, match.message, match.withheld)) ?? rule.resource
    const written: Written = {
      status: 200,
      type,
      id: match.id,
      version: match.version,
      updatedAtMs: match.updated_at_ms,
      resource: kept,
    }
    return { kind: 'unchanged', answer: writtenAnswer(written, ask, config.region.locale), at: { type, id: match.id } }
  }
  const where = judged ?? (await conforming(resource, under, rule.grave))
  if ('refused' in where) return refused(...where.refused)
  const atMs = parts.clock.nowMs()
  const written: Written = { status: 201, type, id, version: 1, updatedAtMs: atMs, ...told(rule, where) }
  const intake = fhirIntake(under, resource, bytes, where, id, rule)
  const write = writeOf(written, intake, rule, under)
  const sent: FhirAsk = { ...ask, ifNoneExist: await askedOf(ask.ifNoneExist, rule, under) }
  return {
    kind: 'commit',
    written,
    intake: {
      ...intake,
      answer: answerBytes(writtenAnswer(written, ask, config.region.locale)),
      ask: JSON.stringify(sent),
      rows: createRows(write, unless),
    },
  }
}

/**
 * An update (http.html §3.1.0.7) or patch (§3.1.0.6) of a resource that the caller created, or somebody for whom it may
 * send, who then is the sender; an unknown one is a 404. */
export async function change(bytes: Buffer, ask: FhirAsk, under: Under, inside: Inside | null = null): Promise<Step> {
  const { caller, config, parts } = under
  const { type, id } = ask
  if (type === null || id === null) return refused({ error: 'BAD_REQUEST', code: 'required' })
  const [current] = await parts.journal.look<Current>({
    sql: `SELECT r.version, r.message, r.updated_at_ms, r.owner, ${WITHHELD} FROM resource r
      WHERE r.type = ? AND r.id = ? AND r.deleted = 0`,
    parameters: [type, id],
  })
  const owner = current === undefined ? undefined : config.establishments.get(current.owner)
  if (current === undefined || owner === undefined || !mayActFor(caller, owner.id))
    return refused({ error: 'NOT_FOUND', code: 'not-found' })
  return changed(bytes, ask, current, { ...under, establishment: owner }, inside)
}

/** What a resource is to become, from the body of an update or patch of its current version; or why it cannot. */
export async function asked(
  bytes: Buffer,
  ask: FhirAsk,
  current: Current,
  { parts }: Under,
): Promise<{ readonly resource: JsonObject } | readonly OutcomeIssue[]> {
  const { type, id } = ask
  if (ask.ifMatch !== null && versionOf(ask.ifMatch) !== current.version) {
    return [{ error: 'CONDITION_FAILED', code: 'conflict' }]
  }
  const made = ask.interaction === 'patch' ? await patched(bytes, ask, current, parts.journal) : await resourceOf(bytes)
  if (Array.isArray(made)) return made
  const resource = made as JsonObject
  if (resource['resourceType'] !== type || (resource['id'] ?? id) !== id) {
    return [{ error: 'RESOURCE_MALFORMED', code: 'value', expression: `${type}.id` }]
  }
  return { resource }
}

async function changed(
  bytes: Buffer,
  ask: FhirAsk,
  current: Current,
  under: Under,
  inside: Inside | null,
): Promise<Step> {
  const { config, parts } = under
  const type = ask.type!
  const id = ask.id!
  const made = await asked(bytes, ask, current, under)
  if (!('resource' in made)) return { kind: 'refused', issues: made }
  const { resource } = made
  const isPatch = ask.interaction === 'patch'
  const came = isPatch ? Buffer.from(writeJson(resource), 'utf8') : bytes
  // An entry of a transaction was under the rule with its Bundle.
  const rule = inside === null ? await ruled(resource, came, under) : plain(resource, came, inside.denied)
  if (!('resource' in rule)) return refused(...rule)
  const where = inside?.judged ?? (await conforming(resource, under, rule.grave))
  if ('refused' in where) return refused(...where.refused)
  const atMs = parts.clock.nowMs()
  const version = current.version + 1
  const written: Written = { status: 200, type, id, version, updatedAtMs: atMs, ...told(rule, where) }
  // A destination takes a whole resource, not a patch to one it may not have.
  const sent: FhirAsk = isPatch ? { ...ask, interaction: 'update', patch: null } : ask
  const kept = isPatch ? { ...rule, withheld: null } : rule
  const intake = fhirIntake(under, resource, isPatch ? rule.bytes : bytes, where, id, kept)
  const write = writeOf(written, intake, rule, under)
  return {
    kind: 'commit',
    written,
    intake: {
      ...intake,
      answer: answerBytes(writtenAnswer(written, ask, config.region.locale)),
      ask: JSON.stringify(sent),
      rows: updateRows(write, current.version),
    },
  }
}

/** What is kept and answered of a resource under the INS rule. */
function told(
  { resource, warnings, withheld }: Ruled,
  { issues }: Pick<Judged, 'issues'>,
): Pick<Written, 'resource' | 'issues' | 'tell'> {
  return { resource, issues: [...warnings, ...issues], tell: withheld !== null }
}

/** The version of an If-Match: `W/"3"`, or `"3"`; null when it is neither, which matches nothing. */
function versionOf(ifMatch: string): number | null {
  const match = /^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch.trim())
  return match === null ? null : Number(match[1])
}

async function patched(
  bytes: Buffer,
  ask: FhirAsk,
  current: Current,
  journal: Under['parts']['journal'],
): Promise<JsonObject | readonly OutcomeIssue[]> {
  const kept = await contentOf(journal, current.message, current.withheld)
  if (kept === null) return [{ error: 'NOT_FOUND', code: 'not-found' }]
  const before = versioned(kept, ask.id ?? '', current.version, current.updated_at_ms)
  if (ask.patch === 'fhirpath') {
    const parameters = await resourceOf(bytes)
    if (Array.isArray(parameters)) return parameters
    const made = await fhirpathPatch(before, parameters as JsonObject)
    return made.ok ? made.resource : made.problems
  }
  const document = await parseStrictAsync(bytes)
  if (!document.ok) return [{ error: 'NOT_JSON', code: 'invalid' }]
  const made = jsonPatch(before, document.value)
  return made.ok ? made.resource : made.problems
}
