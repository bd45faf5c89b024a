import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LAB_SIGNER, type LabRow, publishLab } from '../../../src/app/white-list/lab.ts'
import type { Journal } from '../../../src/core/journal.ts'
import type { Mailbox } from '../../../src/core/mail.ts'
import { parseDistinguishedName } from '../../../src/formats/x509/distinguished-name.ts'
import { finess, OPERATOR_KEY } from '../world/region.ts'

/** Domains and operators of a lab: `b` has a good certificate and stands on no list. */
export const LAB_ROWS: readonly LabRow[] = [
  { domain: 'op.mssante.test', operator: 'op' },
  { domain: 'autre.mssante.test', operator: 'op' },
  { domain: 'a.mssante.test', operator: 'a' },
  { domain: 'a2.mssante.test', operator: 'a' },
  { domain: 'c.mssante.test', operator: 'c' },
  { domain: 'patient.exemple.test', operator: 'p' },
]

/**
 * Publishes the lab: certificates of all operators, and a list without `b`. A gateway that runs sees no list but this one:
 * two of the same time would be one too many. */
export async function publishMailLab(dir: string, rows = LAB_ROWS, nowMs = Date.now()): Promise<void> {
  const all = [...LAB_ROWS, { domain: 'b.mssante.test', operator: 'b' }]
  if (!existsSync(join(dir, 'operator-b.pem'))) await publishLab(dir, all, nowMs)
  await publishLab(dir, rows, nowMs)
}

/** What a mail region may differ in. */
export interface MailRegionSpec {
  readonly lab: string
  readonly httpPort: number
  readonly smtpPort: number
  readonly submissionPort: number
  /** Absent: no MLLP door. */
  readonly mllpPort?: number
  /** Who it is. */
  readonly operator?: string
  readonly host?: string
  readonly domains?: readonly Readonly<Record<string, unknown>>[]
  /** More of `mail.operator`, and of doors. */
  readonly mail?: Readonly<Record<string, unknown>>
  readonly whiteList?: Readonly<Record<string, unknown>>
  readonly doors?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly top?: Readonly<Record<string, unknown>>
}

/** The region file of a mail operator, as JSON, which is YAML. */
export function mailRegion(spec: MailRegionSpec): string {
  const { lab, operator = 'op', host = 'mail.op.mssante.test' } = spec
  const tls = {
    key: join(lab, `operator-${operator}.key`),
    cert: join(lab, `operator-${operator}.pem`),
    ca: join(lab, 'ca.pem'),
  }
  const { commonName, email, issuer } = LAB_SIGNER
  return JSON.stringify(
    {
      region: { name: 'Région du courrier (fictive)', timeZone: 'Europe/Paris', locale: 'fr' },
      entrances: {
        http: { host: '127.0.0.1', port: spec.httpPort },
        ...(spec.mllpPort === undefined ? {} : { mllp: { host: '127.0.0.1', port: spec.mllpPort } }),
        smtp: { host: '127.0.0.1', port: spec.smtpPort, tls, ...spec.doors?.['smtp'] },
        submission: { host: '127.0.0.1', port: spec.submissionPort, tls, ...spec.doors?.['submission'] },
      },
      operators: [{ name: 'proof', role: 'admin', keySha256: createHash('sha256').update(OPERATOR_KEY).digest('hex') }],
      establishments: [
        { id: 'ch-exemple', name: 'CH Exemple (fictif)', finess: { ej: finess(1), eg: [finess(2)] }, kind: 'hospital' },
      ],
      routes: [],
      mail: {
        whiteList: {
          file: join(lab, 'list.xml'),
          ca: join(lab, 'ca.pem'),
          signer: { issuer, commonName, email },
          every: '1 s',
          ...spec.whiteList,
        },
        operator: {
          host,
          domains: spec.domains ?? [
            { name: 'op.mssante.test', establishment: 'ch-exemple' },
            { name: 'autre.mssante.test', establishment: 'ch-exemple' },
          ],
          tls,
          patientDomain: 'patient.exemple.test',
          ...spec.mail,
        },
      },
      ...spec.top,
    },
    null,
    2,
  )
}

/** A mailbox to be, and the persons who may send as it beside its owner. */
export type BoxSpec = Partial<Mailbox> & { readonly address: string; readonly delegates?: readonly string[] }

/** Puts mailboxes into a store that no gateway has open. */
export async function putMailboxes(journal: Pick<Journal, 'apply'>, boxes: readonly BoxSpec[]): Promise<void> {
  const rows = boxes.map((box) => ({
    sql: `INSERT INTO mailbox (address, domain, kind, name, state, establishment, owner, red_list, quota, certificate,
      certificate_key, created_at_ms, version) VALUES (?, ?, ?, ?, ?, 'ch-exemple', ?, 0, ?, ?, ?, 0, 1)`,
    parameters: [
      box.address,
      box.address.split('@')[1]!,
      box.kind ?? 'ORG',
      box.name ?? box.address,
      box.state ?? 'active',
      box.owner ?? null,
      box.quota ?? null,
      box.certificate ?? null,
      box.certificate == null ? null : parseDistinguishedName(box.certificate).key,
    ],
  }))
  const delegates = boxes.flatMap(({ address, delegates = [] }) =>
    delegates.map((person) => ({
      sql: 'INSERT INTO mailbox_delegate (address, person, since_ms) VALUES (?, ?, 0)',
      parameters: [address, person],
    })),
  )
  if (!(await journal.apply({ rows: [...rows, ...delegates] }))) throw new Error('the mailboxes were not written')
}
