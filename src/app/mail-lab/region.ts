/** The region files of the two operators of a lab, as a person would write them. Pure. */
import { createHash } from 'node:crypto'
import { LAB_SIGNER } from '../white-list/lab.ts'

/** Ports of one operator, on 127.0.0.1. */
export interface OperatorPorts {
  readonly http: number
  readonly smtp: number
  readonly submission: number
}

/** One operator of a lab, by its letter. */
export interface LabOperator {
  readonly name: 'a' | 'b'
  readonly ports: OperatorPorts
}

/** Key of the administrator of both, which no door beyond loopback takes. */
export const LAB_KEY = 'demo-admin'
/** Name and password of a mail program. */
export const LAB_USER = 'demo-requester'

/** Domain of an operator's mailboxes. */
export function labDomain({ name }: Pick<LabOperator, 'name'>): string {
  return `${name}.mssante.example`
}

/** The address of its user. */
export function labAddress(operator: Pick<LabOperator, 'name'>): string {
  return `${LAB_USER}@${labDomain(operator)}`
}

/** FINESS of the invented establishments (99 behind the department). */
const FINESS = { a: '449990837', b: '499990836' } as const

/** region.yaml of an operator; `other`: the one it exchanges mail with; `publisher`: port of the list. Paths are relative to its folder. */
export function labRegion({ name, ports }: LabOperator, other: LabOperator, publisher: number): string {
  const letter = name.toUpperCase()
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
  const trust = '../trust'
  return `# Operator ${letter} of a mail lab, written anew at each start. Everything here is invented.
region: { name: Opérateur ${letter} (fictif), timeZone: Europe/Paris, locale: fr }

entrances:
  http: { host: 127.0.0.1, port: ${ports.http} }
  smtp: { host: 127.0.0.1, port: ${ports.smtp}, tls: &mail { key: ${trust}/operator-${name}.key, cert: ${trust}/operator-${name}.pem, ca: ${trust}/ca.pem, crl: [${trust}/root.crl, ${trust}/issuing.crl] } }
  submission: { host: 127.0.0.1, port: ${ports.submission}, tls: *mail }

operators:
  # The key is ${LAB_KEY}.
  - { name: demo-admin, role: admin, keySha256: ${sha256(LAB_KEY)} }
signIn: { demo: true }

establishments:
  - { id: etablissement-${name}, name: Établissement ${letter} (fictif), kind: hospital, finess: { ej: "${FINESS[name]}" } }
routes: []
drain: 2 s

mail:
  whiteList:
    url: https://localhost:${publisher}/list.xml
    ca: ${trust}/ca.pem
    signer: { issuer: "${LAB_SIGNER.issuer}", commonName: ${LAB_SIGNER.commonName} }
    every: 5 s
    # One row of few is a large part of the list: a real region keeps 20, and a list that shrinks waits for a person.
    shrink: 100
    stale: 1 min
    old: 5 min
    closed: 15 min
  operator:
    host: mail.${labDomain({ name })}
    domains: [{ name: ${labDomain({ name })}, establishment: etablissement-${name} }]
    hosts: [{ domain: ${labDomain(other)}, host: 127.0.0.1, port: ${other.ports.smtp} }]
    tls: *mail
    retry: { steps: [5 s, 15 s, 1 min], delayed: 2 min, expires: 10 min }
    # Name and password of a mail program: ${LAB_USER}.
    passwords: [{ name: ${LAB_USER}, passwordSha256: ${sha256(LAB_USER)}, addresses: [${labAddress({ name })}] }]
`
}
