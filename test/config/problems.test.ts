import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRegion } from '../../src/app/config/index.ts'
import { writeRegion } from '../support/region.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'config-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const HASH = 'a'.repeat(64)
const CERT = '{ issuer: "CN=AC", subject: "CN=x,C=FR" }'

/** The problems of a file as `severity line:column at CODE`. */
async function problemsOf(text: string, env: Record<string, string> = {}): Promise<string[]> {
  const { problems, node, shared } = await readRegion(writeRegion(folder, text), env)
  const errors = problems.filter(({ severity }) => severity === 'error')
  expect(node === null).toBe(errors.length > 0)
  expect(shared === null).toBe(errors.length > 0)
  return problems.map((p) => `${p.severity} ${p.line}:${p.column} ${p.at} ${p.code}`)
}

// Lines 1 to 6 of every file below; what a case adds begins at line 7.
const BASE = `region: { name: Essai }
establishments:
  - { id: a, name: A, kind: hospital, senders: { facilities: [A] } }
  - id: b
    name: B
    kind: hospital
`

const cases: [name: string, added: string, problems: string[]][] = [
  ['nothing wrong', '', []],
  ['an unknown key at the top', 'routs: []\n', ['error 7:1 routs UNKNOWN_KEY']],
  ['an unknown key inside', '    stict: true\n', ['error 7:5 establishments[1].stict UNKNOWN_KEY']],
  ['a key twice', '    kind: samu\n', ['error 7:5  YAML']],
  ['broken YAML', '    name: [\n', ['error 7:5  YAML', 'error 8:1  YAML']],
  ['a tab as indent', '\tx: 1\n', ['error 7:1  YAML']],
  ['a wrong type', '    strict: oui\n', ['error 7:13 establishments[1].strict WRONG_TYPE']],
  ['a FINESS without quotes', '    finess: { ej: 530000371 }\n', ['error 7:19 establishments[1].finess.ej WRONG_TYPE']],
  [
    'a FINESS of wrong form',
    '    finess: { eg: ["53000037"] }\n',
    ['error 7:20 establishments[1].finess.eg[0] BAD_VALUE'],
  ],
  [
    'a FINESS with a wrong key',
    '    finess: { ej: "530000372" }\n',
    ['warning 7:19 establishments[1].finess.ej FINESS_KEY'],
  ],
  ['a FINESS of Corsica', '    finess: { ej: "2A0000014" }\n', ['warning 7:19 establishments[1].finess.ej FINESS_KEY']],
  [
    'agreed, and nothing is published',
    '    publicConformity: true\n',
    ['warning 7:23 establishments[1].publicConformity MISSING'],
  ],
  [
    'published, and nobody agreed',
    'conformity: { public: { frameworks: [ci-sis@2026.1] } }\n',
    ['warning 7:23 conformity.public MISSING'],
  ],
  ['published of all', 'conformity: { public: { frameworks: [a@1], establishments: all } }\n', []],
  [
    'no framework',
    'conformity: { public: { frameworks: [ci-sis], establishments: all } }\n',
    ['error 7:38 conformity.public.frameworks[0] BAD_VALUE'],
  ],
  ['an unknown charset', '    charset: latin1\n', ['error 7:14 establishments[1].charset BAD_VALUE']],
  [
    'a facility of another',
    '    senders: { facilities: [B, A] }\n',
    ['error 7:32 establishments[1].senders.facilities[1] FACILITY_TWICE'],
  ],
  [
    'a certificate named twice, in another spelling',
    `    senders: { certificates: [${CERT}, { issuer: "cn=AC", subject: "CN=x, C=FR" }] }\n`,
    ['error 7:74 establishments[1].senders.certificates[1] CERTIFICATE_TWICE'],
  ],
  [
    'no distinguished name',
    '    senders: { certificates: [{ issuer: "the usual", subject: "CN=x" }] }\n',
    ['error 7:41 establishments[1].senders.certificates[0].issuer DISTINGUISHED_NAME'],
  ],
  [
    'a key that is no hash',
    '    senders: { keys: [{ keySha256: demo-b }] }\n',
    ['error 7:36 establishments[1].senders.keys[0].keySha256 BAD_VALUE'],
  ],
  [
    'a key of another',
    `    senders: { keys: [{ keySha256: ${HASH} }] }\noperators: [{ name: o, role: admin, keySha256: ${HASH} }]\n`,
    ['error 7:36 establishments[1].senders.keys[0].keySha256 KEY_TWICE'],
  ],
  [
    'a reference to nothing',
    'operators: [{ name: o, role: admin, keySha256: { env: NO_SUCH } }]\n',
    ['error 7:48 operators[0].keySha256 REFERENCE_EMPTY'],
  ],
  [
    'an unknown role',
    `operators: [{ name: o, role: nurse, keySha256: ${HASH} }]\n`,
    ['error 7:30 operators[0].role BAD_VALUE'],
  ],
  [
    'an ackPolicy of no kind',
    '    ackPolicy: { default: ans, ORU-R01: ans }\n',
    ['error 7:32 establishments[1].ackPolicy.ORU-R01 BAD_VALUE'],
  ],
  ['cases to nowhere', '    casesTo: gam\n', ['error 7:14 establishments[1].casesTo UNKNOWN_DESTINATION']],
  ['answers to nowhere', '    answersTo: gam\n', ['error 7:16 establishments[1].answersTo UNKNOWN_DESTINATION']],
  [
    'a form of matricules that is no pattern',
    "identities: { matricule: '(' }\n",
    ['error 7:26 identities.matricule BAD_VALUE'],
  ],
  ['sending for nobody', '    sendsFor: [a, c]\n', ['error 7:19 establishments[1].sendsFor[1] UNKNOWN_ESTABLISHMENT']],
  [
    'a destination without port',
    '    destinations: { gam: { type: mllp, host: h } }\n',
    ['error 7:26 establishments[1].destinations.gam MISSING'],
  ],
  [
    'a destination of a later release',
    '    destinations: { gam: { type: smtp, host: h } }\n',
    ['error 7:34 establishments[1].destinations.gam.type NOT_IN_RELEASE'],
  ],
  [
    'a FHIR server without an address, with what is for MLLP',
    '    destinations: { dpi: { type: fhir, host: h, port: 1 } }\n',
    [
      'error 7:26 establishments[1].destinations.dpi MISSING',
      'error 7:40 establishments[1].destinations.dpi.host UNKNOWN_KEY',
      'error 7:49 establishments[1].destinations.dpi.port UNKNOWN_KEY',
    ],
  ],
  [
    'an address for MLLP',
    '    destinations: { gam: { type: mllp, host: h, port: 1, url: "https://h", allowPlain: true } }\n',
    [
      'error 7:58 establishments[1].destinations.gam.url UNKNOWN_KEY',
      'error 7:76 establishments[1].destinations.gam.allowPlain UNKNOWN_KEY',
    ],
  ],
  ...[
    ['no address', 'fhir', 'BAD_URL'],
    ['of another sort', 'ftp://h/', 'BAD_URL'],
    ['with a password', 'https://u:p@h/', 'BAD_URL'],
    ['with a query', 'https://h/?key=1', 'BAD_URL'],
    ['with an empty query', 'https://h/?', 'BAD_URL'],
    ['plain, beyond this machine', 'http://dpi.example/fhir', 'PLAIN_DESTINATION'],
  ].map(([name, url, code]): [string, string, string[]] => [
    `an address ${name}`,
    `    destinations: { dpi: { type: fhir, url: "${url}" } }\n`,
    [`error 7:45 establishments[1].destinations.dpi.url ${code}`],
  ]),
  [
    'plain addresses that may be',
    '    destinations: { a: { type: http, url: "http://127.0.0.1/" }, b: { type: http, url: "http://[::1]:1/" }, c: { type: http, url: "http://h/", allowPlain: true } }\n',
    [],
  ],
  [
    'a key of ours written in full, one that is nowhere, and one that is none',
    '    destinations: { a: { type: http, url: "https://h", bearer: s3cret }, b: { type: http, url: "https://h", bearer: { env: NO_SUCH } }, c: { type: http, url: "https://h", bearer: { env: TWO } } }\n',
    [
      'error 7:64 establishments[1].destinations.a.bearer SECRET_INLINE',
      'error 7:117 establishments[1].destinations.b.bearer FILE_MISSING',
      'error 7:180 establishments[1].destinations.c.bearer BAD_VALUE',
    ],
  ],
  [
    'clients without keys, and of one name',
    '    clients: [{ clientId: c, jwks: { file: nowhere } }, { clientId: c, jwks: { env: PEM } }]\n',
    [
      'error 7:36 establishments[1].clients[0].jwks BAD_JWKS',
      'error 7:69 establishments[1].clients[1].clientId ID_TWICE',
      'error 7:78 establishments[1].clients[1].jwks BAD_JWKS',
    ],
  ],
  [
    'a destination of no release',
    '    destinations: { gam: { type: ftp, host: h, port: 21 } }\n',
    ['error 7:34 establishments[1].destinations.gam.type BAD_VALUE'],
  ],
  [
    'a duration without unit',
    '    destinations: { gam: { type: mllp, host: h, port: 1, timeout: 30 } }\n',
    ['error 7:67 establishments[1].destinations.gam.timeout WRONG_TYPE'],
  ],
  ['a duration of no unit known', 'drain: 10 sec\n', ['error 7:8 drain BAD_VALUE']],
  ['a duration out of bounds', 'drain: 11 min\n', ['error 7:8 drain OUT_OF_BOUNDS']],
  ['a size beyond counting', `store: { minFree: ${'9'.repeat(40)} GiB }\n`, ['error 7:19 store.minFree OUT_OF_BOUNDS']],
  [
    'retries that shrink',
    '    destinations: { gam: { type: mllp, host: h, port: 1, retry: { first: 10 min } } }\n',
    ['error 7:65 establishments[1].destinations.gam.retry RETRY_ORDER'],
  ],
  [
    'missing TLS files',
    '    destinations: { gam: { type: mllp, host: h, port: 1, tls: { key: k, cert: { file: c }, ca: { env: CA } } } }\n',
    [
      'error 7:70 establishments[1].destinations.gam.tls.key FILE_MISSING',
      'error 7:79 establishments[1].destinations.gam.tls.cert FILE_MISSING',
      'error 7:96 establishments[1].destinations.gam.tls.ca FILE_MISSING',
    ],
  ],
  [
    'a key written in full',
    '    destinations: { gam: { type: mllp, host: h, port: 1, tls: { key: "-----BEGIN PRIVATE KEY-----", cert: { env: PEM }, ca: { env: PEM } } } }\n',
    [
      'error 7:70 establishments[1].destinations.gam.tls.key SECRET_INLINE',
      'error 7:107 establishments[1].destinations.gam.tls.cert TLS_MATERIAL',
      'error 7:125 establishments[1].destinations.gam.tls.ca TLS_MATERIAL',
    ],
  ],
  ['an id twice', '  - { id: a, name: A2, kind: samu }\n', ['error 7:11 establishments[2].id ID_TWICE']],
  [
    'the reserved id',
    '  - { id: platform, name: P, kind: platform }\n',
    ['error 7:11 establishments[2].id NAME_RESERVED'],
  ],
  ['an empty establishment', '  -\n', ['error 7:4 establishments[2] WRONG_TYPE']],
  ['a door of no release', 'entrances: { mlp: { port: 2575 } }\n', ['error 7:14 entrances.mlp UNKNOWN_KEY']],
  [
    'two doors on one port',
    'entrances: { mllp: { port: 80 }, http: { port: 80 } }\n',
    ['error 7:48 entrances.http.port PORT_TWICE'],
  ],
  [
    'two doors on one port by way of everywhere',
    'entrances: { mllp: { port: 80 }, http: { port: 80, host: "::", allowPlain: true } }\n',
    ['error 7:48 entrances.http.port PORT_TWICE'],
  ],
  ['two doors that take any port', 'entrances: { mllp: { port: 0 }, http: { port: 0 } }\n', []],
  [
    'one port on two addresses',
    'entrances: { mllp: { port: 80, host: 127.0.0.1 }, http: { port: 80, host: 127.0.0.2 } }\n',
    [],
  ],
  [
    'plain doors to the world',
    'entrances: { mllp: { host: 0.0.0.0, port: 1 }, http: { host: 10.0.0.1, port: 2 } }\n',
    ['error 7:28 entrances.mllp.host PLAIN_DOOR', 'error 7:62 entrances.http.host PLAIN_DOOR'],
  ],
  [
    'a plain door to the world that was meant',
    'entrances: { mllp: { host: 0.0.0.0, port: 1, allowPlain: true } }\n',
    [],
  ],
  ...['ftp://h/', 'https://u:p@h/', 'https://h/fhir', 'https://h/?a'].map((url): [string, string, string[]] => [
    `a public address such as ${url}`,
    `entrances: { http: { port: 1, publicUrl: "${url}" } }\n`,
    ['error 7:42 entrances.http.publicUrl BAD_URL'],
  ]),
  ['a public address', 'entrances: { http: { port: 1, publicUrl: "https://fhir.region.example" } }\n', []],
  [
    'a budget no message fits in',
    'entrances: { mllp: { port: 1, budget: 1 MiB } }\n',
    ['error 7:39 entrances.mllp.budget BUDGET_BELOW_FRAME'],
  ],
  ['mutual TLS without TLS', 'entrances: { mllps: { port: 1 } }\n', ['error 7:21 entrances.mllps MISSING']],
  [
    'a route to nowhere',
    'routes: [{ name: r, when: {}, to: [b/gam, platform] }]\n',
    ['error 7:36 routes[0].to[0] UNKNOWN_DESTINATION'],
  ],
  ['a route without destination', 'routes: [{ name: r, when: {}, to: [] }]\n', ['error 7:35 routes[0].to BAD_VALUE']],
  [
    'a route from nobody',
    'routes: [{ name: r, when: { from: [c] }, to: [platform] }]\n',
    ['error 7:36 routes[0].when.from[0] UNKNOWN_ESTABLISHMENT'],
  ],
  [
    'a route of an unknown service',
    'routes: [{ name: r, when: { service: burns }, to: [platform] }]\n',
    ['error 7:38 routes[0].when.service UNKNOWN_SERVICE'],
  ],
  ['a route of a shipped service', 'routes: [{ name: r, when: { service: stroke }, to: [platform] }]\n', []],
  [
    'a route by a bad path',
    'routes: [{ name: r, when: { paths: { OBX5: [x] } }, to: [platform] }]\n',
    ['error 7:38 routes[0].when.paths.OBX5 BAD_PATH'],
  ],
  [
    'a route by good paths',
    'routes: [{ name: r, when: { paths: { "OBX(1)-3.1": [x], ServiceRequest.code: [y] } }, to: [platform] }]\n',
    [],
  ],
  [
    'a route by no kind',
    'routes: [{ name: r, when: { kinds: ["oru^r01"] }, to: [platform] }]\n',
    ['error 7:37 routes[0].when.kinds[0] BAD_VALUE'],
  ],
  [
    'two routes of one name',
    'routes: [{ name: r, when: {}, to: [platform] }, { name: r, when: {}, to: [platform] }]\n',
    ['error 7:57 routes[1].name NAME_TWICE'],
  ],
  ...(
    [
      ['with a conversion', 'fhir', '"ADT^A01", "SIU^*", Patient', 'fhir', '', []],
      ['the other way', 'hl7v2', 'Appointment, "Bundle:transaction", "ADT^A08"', 'gam', '', []],
      ['without a conversion', 'fhir', '"ADT^A01", "BAR^P01"', 'fhir', '', ['error when.kinds[1] NO_CONVERSION']],
      ['of a batch', 'hl7v2', '"Bundle:batch"', 'gam', '', ['error when.kinds[0] NO_CONVERSION']],
      ['of whatever comes', 'fhir', '', 'fhir', '', ['warning transform NO_CONVERSION']],
      [
        'to what speaks the other format',
        'fhir',
        '"ADT^A01"',
        'gam',
        '',
        ['warning to NO_TAKER', 'error to[0] BAD_TRANSFORM'],
      ],
      [
        'with edits of what is gone',
        'fhir',
        '"ADT^A01"',
        'fhir',
        ', edit: [{ drop: ZXX }]',
        ['error edit BAD_TRANSFORM'],
      ],
      ['with edits of what is made', 'hl7v2', 'Patient', 'gam', ', edit: [{ drop: ZFD }]', []],
      ['to another format', 'cda', 'Patient', 'gam', '', ['warning to NO_TAKER', 'error transform BAD_VALUE']],
    ] as const
  ).map(([name, transform, kinds, to, more, faults]): [string, string, string[]] => [
    `a transform ${name}`,
    `    destinations: { gam: { type: mllp, host: h, port: 1 }, fhir: { type: fhir, url: "https://h" } }\nroutes: [{ name: r, when: {${kinds === '' ? '' : ` kinds: [${kinds}] `}}, to: [b/${to}], transform: ${transform}${more} }]\n`,
    faults.map((fault) => `routes[0].${fault.replace(/^\w+ /, '')}`),
  ]),
  ...(
    [
      ['nothing', '{ to: x }', ['BAD_EDIT']],
      ['two things', '{ set: MSH-5, drop: ZXX, to: x }', ['BAD_EDIT']],
      ['set without a text', '{ set: MSH-5 }', ['MISSING']],
      ['set with a table', '{ set: MSH-5, to: x, table: t }', ['table UNKNOWN_KEY']],
      ['map without a table', '{ map: MSH-5 }', ['MISSING']],
      ['map by a table that is nowhere', '{ map: MSH-5, table: nowhere }', ['table UNKNOWN_TABLE']],
      ['map by a table of codes', '{ map: MSH-5, table: stroke }', ['table BAD_TABLE']],
      ['a field that is none', '{ set: MSH5, to: x }', ['set BAD_PATH']],
      ['a copy to nowhere', '{ copy: PID-3, to: PID }', ['to BAD_PATH']],
      ['a text of two lines', '{ set: MSH-5, to: "a\\nb" }', ['to BAD_VALUE']],
      ['the delimiters', '{ set: MSH-2, to: "^~" }', ['set BAD_EDIT']],
      ['the control id', '{ copy: PID-3, to: MSH-10 }', ['to BAD_EDIT']],
      ['a part of the control id', '{ drop: MSH-10.1 }', ['drop BAD_EDIT']],
      ['the header', '{ drop: MSH }', ['drop BAD_EDIT']],
      ['a condition on no field', '{ drop: ZXX, when: { path: ZXX, in: [a] } }', ['when.path BAD_PATH']],
      ['what may be: the control id read, a segment dropped', '{ copy: MSH-10, to: ZXX-1 }, { drop: NTE }', []],
    ] as const
  ).map(([name, edit, faults]): [string, string, string[]] => [
    `an edit of ${name}`,
    `routes: [{ name: r, when: {}, to: [platform], edit: [${edit}] }]\n`,
    faults.map((fault) => `routes[0].edit[0]${fault.includes(' ') ? `.${fault}` : ` ${fault}`}`),
  ]),
  [
    'HL7 v2 to a FHIR server',
    '    destinations: { dpi: { type: fhir, url: "https://h" } }\nroutes: [{ name: r, when: { kinds: ["ADT^*"] }, to: [b/dpi] }]\n',
    ['warning 8:53 routes[0].to NO_TAKER'],
  ],
  [
    'FHIR to a destination of HL7 v2',
    '    destinations: { gam: { type: mllp, host: h, port: 1 } }\nroutes: [{ name: r, when: { kinds: [ServiceRequest] }, to: [b/gam] }]\n',
    ['warning 8:60 routes[0].to NO_TAKER'],
  ],
  ...(
    [
      ['an operator of the whole region', 'operator', '', []],
      ['an operator who is meant to be bound', 'operator', 'establishments: [a]', ['.establishments USELESS_REACH']],
      ['somebody bound to nothing', 'establishment-it', '', [' NO_REACH']],
      ['somebody bound to an empty list', 'requester', 'establishments: []', [' NO_REACH']],
      ['somebody bound to two', 'establishment-it', 'establishments: [a, b]', []],
      [
        'an unknown establishment',
        'establishment-it',
        'establishments: [a, c]',
        ['.establishments[1] UNKNOWN_ESTABLISHMENT'],
      ],
      ['an editor without a product', 'editor', 'establishments: [a]', [' NO_REACH']],
      ['an editor', 'editor', 'establishments: [a], applications: [DPI]', []],
      [
        'a product of who is no editor',
        'establishment-it',
        'establishments: [a], applications: [DPI]',
        ['.applications USELESS_REACH'],
      ],
      ['content for an operator', 'operator', 'content: true', []],
      [
        'content for an editor',
        'editor',
        'establishments: [a], applications: [DPI], content: true',
        ['.content NO_CONTENT'],
      ],
      ['content for who sees no messages', 'dpo', 'content: true', ['.content NO_CONTENT']],
    ] as const
  ).map(([name, role, given, faults]): [string, string, string[]] => [
    `a grant: ${name}`,
    `operators:\n- { name: o, role: ${role}, keySha256: ${HASH}${given === '' ? '' : `, ${given}`} }\n`,
    faults.map((fault) => `operators[0]${fault}`),
  ]),
  [
    'a service in an unknown table',
    'services: { burns: { any: [{ path: OBR-31, in: table:burns }] } }\n',
    ['error 7:48 services.burns.any[0].in UNKNOWN_TABLE'],
  ],
  [
    'a service by a bad path',
    'services: { burns: { all: [{ path: reason, in: [x] }] } }\n',
    ['error 7:36 services.burns.all[0].path BAD_PATH'],
  ],
  ['a service without conditions', 'services: { burns: {} }\n', ['error 7:20 services.burns BAD_VALUE']],
  ['a retention of nothing', 'retention: { closed: 0 s }\n', ['error 7:22 retention.closed OUT_OF_BOUNDS']],
  [
    'two problems in two places, both told',
    'routes: [{ name: r, when: {}, to: [c/d] }]\ndrain: soon\n',
    ['error 7:36 routes[0].to[0] UNKNOWN_DESTINATION', 'error 8:8 drain BAD_VALUE'],
  ],
  [
    'a broken establishment does not hide what refers to it',
    '    strict: 1\n    destinations: { gam: { type: mllp, host: h, port: 1 } }\nroutes: [{ name: r, when: {}, to: [b/gam, b/x] }]\n',
    ['error 7:13 establishments[1].strict WRONG_TYPE', 'error 9:43 routes[0].to[1] UNKNOWN_DESTINATION'],
  ],
]

test.each(cases)('%s', async (_name, added, expected) => {
  const found = await problemsOf(BASE + added, { PEM: 'nonsense', TWO: 'two words' })
  // Places inside an edit are told without line and column.
  const placed = expected.every((one) => /^(error|warning) /.test(one))
  expect(placed ? found : found.map((one) => one.replace(/^\w+ \S+ /, ''))).toEqual(expected)
})

const wholes: [name: string, text: string, problems: string[]][] = [
  ['an empty file', '', ['error 1:1  WRONG_TYPE']],
  ['a list', '- a\n', ['error 1:1  WRONG_TYPE']],
  ['two documents', 'a: 1\n---\nb: 2\n', ['error 2:1  YAML']],
  ['no region', 'establishments: []\n', ['error 1:1  MISSING']],
  [
    'no such time zone',
    'region: { name: R, timeZone: Europe/Nantes }\nestablishments: []\n',
    ['error 1:30 region.timeZone BAD_VALUE'],
  ],
  [
    '__proto__ as a key',
    'region: { name: R }\nestablishments: []\n__proto__: { x: 1 }\n',
    ['error 3:1 __proto__ UNKNOWN_KEY'],
  ],
  [
    'aliases that multiply',
    `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefgh'
      .split('')
      .map((c, i) => `${c}: &${c} [${Array(10).fill(`*${'abcdefgh'[i]}`)}]`)
      .join('\n')}\n`,
    ['error 1:1  YAML'],
  ],
]
test.each(wholes)('whole file: %s', async (_name, text, expected) => {
  expect(await problemsOf(text)).toEqual(expected)
})

describe('what messages say', () => {
  const messages: [name: string, added: string, part: string][] = [
    ['a near miss', '    stict: true\n', 'did you mean strict?'],
    ['a number for text', '    name2: x\n    finess: { ej: 530000371 }\n', 'nine digits in quotes'],
    ['who holds the port', 'entrances: { mllp: { port: 80 }, http: { port: 80 } }\n', '80 is the port of mllp'],
    ['who holds the facility', '    senders: { facilities: [A] }\n', 'establishments[0].senders.facilities[0] (a)'],
  ]
  test.each(messages)('%s', async (_name, added, part) => {
    const { problems } = await readRegion(writeRegion(folder, BASE + added), {})
    expect(problems.map(({ message }) => message).join('\n')).toContain(part)
  })

  test('never what may be a secret', async () => {
    const canary = 'canary-5e3f'
    const text = `${BASE}    senders: { keys: [{ keySha256: ${canary} }, { keySha256: { env: KEY } }] }
    destinations: { gam: { type: mllp, host: h, port: 1, tls: { key: "-----BEGIN ${canary}", cert: { env: KEY }, ca: { env: KEY } } } }
`
    const { problems } = await readRegion(writeRegion(folder, text), { KEY: canary })
    expect(problems.length).toBeGreaterThanOrEqual(4)
    expect(JSON.stringify(problems)).not.toContain(canary)
  })
})

test('a file that is not there is a problem, not an exception', async () => {
  const { problems, shared } = await readRegion(join(folder, 'nowhere.yaml'), {})
  expect(problems).toMatchObject([{ code: 'UNREADABLE', line: 1, column: 1 }])
  expect(shared).toBeNull()
})
