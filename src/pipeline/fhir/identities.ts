import type { Finding } from '../../core/message.ts'
import { cutsOf } from '../../formats/fhir/cut-json.ts'
import { type IdentityIssue, identityIssues } from '../../formats/fhir/identity-issues.ts'
import { expressionOf, type Identities, identitiesOf, insKey, insOfQuery } from '../../formats/fhir/ins-places.ts'
import { type JsonObject, parseStrict } from '../../formats/fhir/json.ts'
import type { OutcomeIssue } from '../../formats/fhir/outcome.ts'
import { withoutWithheld, writeRanges } from '../withheld.ts'
import type { Under } from './judge.ts'
import { type IndexRow, tokenRow } from './rows.ts'

/** A resource under the INS rule. */
export interface Ruled {
  /** What is stored, indexed, read and sent: without the INS of identities that are not qualified. */
  readonly resource: JsonObject
  /** The same as bytes. */
  readonly bytes: Buffer
  /** What of the bytes given does not leave the gateway, as the journal keeps it; null: all of them may. */
  readonly withheld: string | null
  readonly findings: readonly Finding[]
  /** Told to the caller beside its success. */
  readonly warnings: readonly OutcomeIssue[]
  /** A matter of safety: it refuses the resource, or parks it where the case is urgent. */
  readonly grave: OutcomeIssue | null
  /** Rows by which it is known later that its patients' INS may not travel, each with the place of the INS. */
  readonly denied: readonly { readonly at: string; readonly row: IndexRow }[]
  /** INS that may travel, as `insKey` writes them. */
  readonly proved: ReadonlySet<string>
}

/** A resource of our own making, which was under the rule before. */
export function plain(resource: JsonObject, bytes: Buffer, denied: Ruled['denied'] = []): Ruled {
  return { resource, bytes, withheld: null, findings: [], warnings: [], grave: null, denied, proved: new Set() }
}

/** What is asked of the store about an INS that the resource itself does not prove. */
const PATIENT = 'Patient'
/** Name in the index of an INS that a patient bears and that may not travel; nobody searches by it. */
const DENIED = 'ins-denied'
/** Different INS of one resource that are looked up; the others count as not qualified. */
const MOST_LOOKUPS = 50

/**
 * The identities of a resource: judged, and the INS of those that are not qualified left out. Or why it is refused: for a
 * strict sender what is of class `contract`. `bytes` is what `resource` was read from. */
export async function ruled(
  resource: JsonObject,
  bytes: Buffer,
  under: Under,
): Promise<Ruled | readonly OutcomeIssue[]> {
  const { establishment, config } = under
  const identities = await provedOf(resource, under)
  const issues = identityIssues(resource, identities, config.identities)
  const unsafe = issues.find((one) => one.class === 'safety')
  const grave = unsafe === undefined ? null : outcomeOf(unsafe, 'error')
  const refused = establishment.strict ? issues.filter((one) => one.class === 'contract') : []
  if (grave === null && refused.length > 0) return refused.map((one) => outcomeOf(one, 'error'))
  const paths = identities.ins.filter((one) => one.withheld).map((one) => one.path)
  const findings = issues.map(findingOf)
  const warnings = issues.filter((one) => one.class === 'contract').map((one) => outcomeOf(one, 'warning'))
  const denied = identities.ins
    .filter((one) => one.ofPatient && !one.qualified)
    .map(({ path, authority, id }) => ({
      at: expressionOf(resource, path),
      row: tokenRow(DENIED, `urn:oid:${authority}`, id, under.parts.journal.secret),
    }))
  const proved = new Set(identities.ins.filter((one) => one.qualified).map(insKey))
  if (paths.length === 0) return { resource, bytes, withheld: null, findings, warnings, grave, denied, proved }
  const withheld = writeRanges(cutsOf(bytes, resource, paths))
  const kept = withoutWithheld(bytes, withheld)
  const read = parseStrict(kept)
  if (!read.ok) throw new Error('a resource is no longer one without its INS')
  return { resource: read.value as JsonObject, bytes: kept, withheld, findings, warnings, grave, denied, proved }
}

/** If-None-Exist as it may go on: not when it asks for an INS that no qualified patient bears. */
export async function askedOf(
  ifNoneExist: string | null,
  { proved }: Pick<Ruled, 'proved'>,
  under: Under,
): Promise<string | null> {
  const ins = insOfQuery(ifNoneExist)
  if (ins === null || proved.has(insKey(ins))) return ifNoneExist
  return (await statusOf(ins, under)) === 'qualified' ? ifNoneExist : null
}

/** The identities, with what the store knows of an INS that is only referred to, by the patients whom the sender posted. */
async function provedOf(resource: JsonObject, under: Under): Promise<Identities> {
  const identities = identitiesOf(resource)
  const open = new Map(
    identities.ins.filter((one) => !one.qualified && !one.ofPatient).map((one) => [insKey(one), one]),
  )
  // What a Patient of this very resource says of itself stands.
  for (const one of identities.ins) if (one.ofPatient) open.delete(insKey(one))
  const known = { qualified: new Set<string>(), denied: new Set<string>() }
  for (const [key, one] of [...open].slice(0, MOST_LOOKUPS)) {
    const status = await statusOf(one, under)
    if (status !== null) known[status].add(key)
  }
  return known.qualified.size + known.denied.size === 0 ? identities : identitiesOf(resource, known)
}

/** What the patients say whom the sender posted with this INS; null: there is none. */
async function statusOf(
  { authority, id }: { readonly authority: string; readonly id: string },
  { establishment, parts }: Under,
): Promise<'qualified' | 'denied' | null> {
  const { secret } = parts.journal
  const system = `urn:oid:${authority}`
  const [proof, denial] = [tokenRow('identifier', system, id, secret), tokenRow(DENIED, system, id, secret)]
  const found = await parts.journal.look<{ name: string }>({
    sql: `SELECT DISTINCT i.name FROM resource_index i JOIN resource r ON r.type = i.type AND r.id = i.id
      WHERE i.type = ? AND i.name IN (?, ?) AND i.value = ? AND r.owner = ? AND r.deleted = 0`,
    parameters: [PATIENT, proof.name, denial.name, proof.value, establishment.id],
  })
  if (found.some(({ name }) => name === proof.name)) return 'qualified'
  return found.length > 0 ? 'denied' : null
}

function outcomeOf({ error, code, expression }: IdentityIssue, severity: 'error' | 'warning'): OutcomeIssue {
  return { error, code, expression, severity }
}

function findingOf({ error, class: of, expression, params }: IdentityIssue): Finding {
  return { code: error, class: of, at: expression.slice(0, 200), ...(params === undefined ? {} : { params }) }
}
