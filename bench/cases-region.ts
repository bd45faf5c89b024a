/** A region with a stroke service: three hospitals that ask, each in a way of its own, two centres, and senders of ordinary messages. */
import { createHash } from 'node:crypto'
import { message, type Patient } from '../test/support/world/messages.ts'
import { OPERATOR_KEY } from '../test/support/world/region.ts'
import { REQUEST_SYSTEM } from '../test/support/world/resources.ts'
import type { WorldSpec } from '../test/support/world/world.ts'

/** How a request comes to its centre: a route brings it; a rung of the ladder does, in HL7 v2; or in FHIR. */
export const WAYS = ['route', 'ladder', 'fhir'] as const
/** One of them. */
export type Way = (typeof WAYS)[number]

/** Who asks in each way (MSH-4), and the system of the centre that is asked. */
export const ASKED: Readonly<Record<Way, { readonly site: string; readonly centre: string; readonly to: string }>> = {
  route: { site: 'CH-LAVAL', centre: 'chu-angers', to: 'chu-angers/unv' },
  ladder: { site: 'CH-CHOLET', centre: 'chu-angers', to: 'chu-angers/unv' },
  fhir: { site: 'CH-SAUMUR', centre: 'chu-nantes', to: 'chu-nantes/unv' },
}

/** Hospitals that send ordinary messages, and may ask too: to a destination that no request goes to, and to the system of each centre. */
export const BULK = ['CH-A', 'CH-B', 'CH-C'] as const
/** Where they send to, in the same order. */
export const BULK_TO = ['archive/dpi', 'chu-angers/unv', 'chu-nantes/unv'] as const

/** Keys of people: `ROLE-ESTABLISHMENT`. */
const PEOPLE = [
  ['requester', 'ch-laval'],
  ['expert', 'chu-angers'],
  ['expert', 'chu-nantes'],
] as const

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** After the first rung nothing more is told for longer than a bench takes: what is measured is a request. */
const RUNGS = [
  { after: '0 s', tell: ['duty-1'], channels: ['console', 'system'] },
  { after: '3 h', every: '1 h', tell: ['everybody'], channels: ['console'] },
]

/** What the region says of telemedicine. */
export const STROKE_OFFERED = {
  coordination: 'archive',
  coordinationNumber: '02 61 91 00 10',
  services: {
    stroke: {
      ladders: {
        answer: {
          centres: { 'ch-saumur': ['chu-nantes', 'chu-angers'], '*': ['chu-angers', 'chu-nantes'] },
          rungs: RUNGS,
        },
        interventional: { centres: { '*': ['chu-nantes'] } },
      },
    },
  },
}

/** The region. `offered`: whether it offers the service. */
export function casesSpec(offered = true): WorldSpec {
  const options = {
    timeout: '10 min',
    maxInFlight: 4,
    retry: { first: '1 s', factor: 2, max: '5 s', expires: '7 d' },
  }
  const requests = { kinds: ['ORM^O01', 'ServiceRequest'], service: 'stroke' }
  const site = (way: Way): string => ASKED[way].site.toLowerCase()
  return {
    sources: [...WAYS.map((way) => ASKED[way].site), ...BULK],
    destinations: {
      'chu-angers/unv': { options },
      'chu-nantes/unv': { type: 'fhir', options, keeps: true },
      'archive/dpi': { options },
    },
    establishments: {
      'chu-angers': { kind: 'university-hospital', casesTo: 'unv' },
      'chu-nantes': { kind: 'university-hospital', casesTo: 'unv' },
      archive: { kind: 'social' },
    },
    routes: [
      {
        name: 'requests by route',
        when: { ...requests, from: [site('route')] },
        to: ['chu-angers/unv', 'platform'],
        lane: 'urgent',
      },
      {
        name: 'requests by ladder',
        when: { ...requests, from: [site('ladder'), site('fhir')] },
        to: ['platform'],
        lane: 'urgent',
      },
      { name: 'stays', when: { kinds: ['ADT^*'], from: [site('route')] }, to: ['platform'] },
      ...BULK.map((name, n) => ({
        name: `ordinary of ${name}`,
        when: { kinds: ['ORU^R01', 'ADT^*'], from: [name.toLowerCase()] },
        to: [BULK_TO[n]],
        ...(BULK_TO[n] === 'chu-nantes/unv' && { transform: 'fhir' }),
      })),
    ],
    top: {
      signIn: { demo: true },
      operators: [
        { name: 'proof', role: 'admin', keySha256: sha256(OPERATOR_KEY) },
        ...PEOPLE.map(([role, establishment]) => ({
          name: `${role}-${establishment}`,
          role,
          keySha256: sha256(`${role}-${establishment}`),
          establishments: [establishment],
        })),
      ],
      ...(offered && { telemedicine: STROKE_OFFERED }),
    },
  }
}

/** A stroke request whose order number is its control id, so that none joins another. */
export function request(facility: string, { ipp, ins, family, given }: Patient, id: string): Buffer {
  const ids = `${ipp}^^^SIH&1.2.250.1.213.1.99.1&ISO^PI~${ins}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS`
  const obr = ['OBR', '1', `${id}^${facility}`, '', '75496-0^Demande^LN']
  while (obr.length < 31) obr.push('')
  return message(
    `MSH|^~\\&|SIH|${facility}|UNV|REGION|20250301080000+0100||ORM^O01^ORM_O01|${id}|T|2.5|||||FRA|8859/15`,
    `PID|1||${ids}||${family}^${given}^^^^^L||19540312|F${'|'.repeat(24)}VALI`,
    'PV1|1|E|URG^BOX 2',
    `ORC|NW|${id}^${facility}||||||||||||||0261910000`,
    [...obr, 'I63.9^Infarctus^I10'].join('|'),
  )
}

/** The same in FHIR: the patient is known by the number of the site, the request by `id`. */
export function requestInFhir({ ipp, family, given }: Patient, id: string): Buffer {
  const identifier = [{ system: 'urn:oid:1.2.250.1.213.1.99.1', value: ipp }]
  const htest = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }]
  const resource = {
    resourceType: 'ServiceRequest',
    meta: { security: htest },
    contained: [{ resourceType: 'Patient', id: 'p', identifier, name: [{ family, given: [given] }], gender: 'female' }],
    identifier: [{ system: REQUEST_SYSTEM, value: id }],
    status: 'active',
    intent: 'order',
    priority: 'stat',
    code: { coding: [{ system: 'http://loinc.org', code: '75496-0' }] },
    subject: { reference: '#p' },
    authoredOn: '2026-01-05T08:00:00+01:00',
    reasonCode: [{ coding: [{ system: 'http://snomed.info/sct', code: '230690007' }] }],
  }
  return Buffer.from(JSON.stringify(resource))
}

/** The order number of a request as the API shows a case. */
export function orderOf(shown: {
  readonly requests: readonly { readonly placer: { readonly value: string } | null }[]
}): string | null {
  return shown.requests[0]?.placer?.value ?? null
}
