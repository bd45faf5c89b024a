import { createHash } from 'node:crypto'
import { createServer as createWebServer, type Server as WebServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { connect } from '../support/world/client.ts'
import { block, blocks, controlIdOf, field } from '../support/world/frame.ts'
import { acknowledgementOf } from '../support/world/receiver.ts'
import { makeWorld, type World } from './gateway.ts'

/** What far sides received, and who waits for it. */
class Inbox {
  readonly #waiting: ((text: string) => void)[] = []
  readonly #here: string[] = []

  put(text: string): void {
    const take = this.#waiting.shift()
    if (take) take(text)
    else this.#here.push(text)
  }

  next(): Promise<string> {
    const here = this.#here.shift()
    return here === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(here)
  }
}

const hl7 = new Inbox()
const fhir = new Inbox()
let far: Server
let farWeb: WebServer
const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port

beforeAll(async () => {
  far = createServer((socket) => {
    socket.on(
      'data',
      blocks((content) => {
        hl7.put(content.toString('latin1'))
        socket.write(block(Buffer.from(acknowledgementOf('AA', controlIdOf(content)))))
      }),
    )
  })
  farWeb = createWebServer((incoming, reply) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      fhir.put(`${incoming.headers['if-none-exist'] ?? ''}\n${Buffer.concat(chunks).toString()}`)
      reply.writeHead(201, { 'content-type': 'application/fhir+json' }).end()
    })
  })
  for (const server of [far, farWeb]) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  far.close()
  farWeb.close()
})

const hash = (key: string): string => createHash('sha256').update(key).digest('hex')
const hospital = (id: string, more: object = {}): object => ({
  id,
  name: `${id} (fictif)`,
  kind: 'hospital',
  senders: { facilities: [id.toUpperCase()], keys: [{ keySha256: hash(`key-${id}`) }] },
  ...more,
})

/** A plain sender, a strict one, a shared engine that sends for `b`, and `b` and `c`; everything goes to `far`. */
async function opened(): Promise<World> {
  const world = makeWorld()
  const to = (n: number) => ({ type: 'mllp', host: '127.0.0.1', port: n, use: 'qualification' })
  const web = { type: 'fhir', url: `http://127.0.0.1:${portOf(farWeb)}/fhir`, use: 'qualification' }
  world.write(
    {},
    {
      establishments: [
        hospital('plain'),
        hospital('strict', { strict: true }),
        hospital('engine', { sendsFor: ['b'] }),
        hospital('b', { finess: { ej: '440000289' } }),
        hospital('c', { finess: { ej: '490000031' } }),
        hospital('far', { destinations: { gam: to(portOf(far)), dpi: web } }),
      ],
      routes: [
        {
          name: 'of b',
          when: { kinds: ['ADT^*', 'ORU^*'], from: ['b'] },
          to: ['far/gam'],
          edit: [{ set: 'MSH-5', to: 'B' }],
        },
        { name: 'adt', when: { kinds: ['ADT^*', 'ORU^*'] }, to: ['far/gam'] },
        {
          name: 'fhir',
          when: { kinds: ['Patient', 'ServiceRequest', 'Encounter', 'Bundle:transaction', 'Bundle:message'] },
          to: ['far/dpi', 'platform'],
        },
      ],
    },
  )
  await world.start()
  return world
}

const IPP = '0001^^^CH&440000289&M^PI'
const ins = (arc: number, id = '279035121518989') => `${id}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.${arc}&ISO^INS`
let made = 0

interface Written {
  readonly event?: string
  readonly from?: string
  readonly pid3?: string
  readonly status?: string
  readonly more?: string
}

function adt({
  event = 'A28^ADT_A05',
  from = 'PLAIN',
  pid3 = `${IPP}~${ins(10)}`,
  status = 'VALI',
  more = '',
}: Written): string {
  const id = `ID${++made}`
  const pid = `PID|||${pid3}||PAT-TROIS (FICTIF)^DOMINIQUE^^^^^L||19790328|F${'|'.repeat(24)}${status}`
  const kind = event.includes('^') ? `ADT^${event}` : event
  return `MSH|^~\\&|GAM|${from}|DPI|FAR|20260310||${kind}|${id}|T|2.5^FRA^2.11||||||8859/15\r${pid}\r${more}PV1||N\r`
}

async function post(world: World, text: string): Promise<string> {
  const client = await connect(world.port('mllp'))
  onTestFinished(() => client.close())
  const answer = await client.post(Buffer.from(text, 'latin1'))
  if (answer === null) return 'closed'
  const { raw } = answer
  return [field(raw, 'MSA', 1), field(raw, 'ERR', 3).split('^')[0], field(raw, 'ERR', 2)].join(' ').trim()
}

/** The only message with this MSH-10, as the API tells it. */
async function told(world: World, text: string): Promise<{ id: string; establishment: string; findings: string[] }> {
  const controlId = text.split('|')[9]
  const list = (await world.call(`/api/messages?controlId=${controlId}`)).json['messages'] as { id: string }[]
  const detail = (await world.call(`/api/messages/${list[0]!.id}`)).json as {
    id: string
    from: string
    findings: { code: string; at: string }[]
  }
  return { id: detail.id, establishment: detail.from, findings: detail.findings.map(({ code, at }) => `${code} ${at}`) }
}

async function bodyFor(world: World, id: string, who: string): Promise<string> {
  const answer = await fetch(`${world.url()}/api/messages/${id}/body`, {
    headers: { authorization: `Bearer key-${who}` },
  })
  return Buffer.from(await answer.arrayBuffer()).toString('latin1')
}

describe('MLLP', () => {
  const cases: [
    name: string,
    written: Written,
    plain: string,
    strict: string,
    findings: string[],
    left: string | null,
  ][] = [
    ['11: an INS of a provisional identity', { status: 'PROV' }, 'AA', 'AA', ['INS_STRIPPED PID-3'], IPP],
    [
      '12: a wrong key of a real person',
      { pid3: ins(8, '260058815400244') },
      'AA',
      'AE 102 PID^1^3',
      ['INS_KEY PID-3'],
      ins(8, '260058815400244'),
    ],
    [
      '12: a wrong key of a test',
      { pid3: ins(10, '260058815400244') },
      'AA',
      'AA',
      ['INS_KEY PID-3'],
      ins(10, '260058815400244'),
    ],
    [
      '13: validated and doubtful',
      { pid3: IPP, status: 'VALI~DOUT' },
      'AA',
      'AE 207 PID^1^32',
      ['STATUS_CONTRADICTED PID-32'],
      IPP,
    ],
    [
      '14: a temporary and a permanent one',
      { event: 'A31^ADT_A05', pid3: `${ins(9)}~${ins(8)}` },
      'AA',
      'AA',
      [],
      `${ins(9)}~${ins(8)}`,
    ],
    [
      '15: a deletion: MRG-1 keeps the old INS',
      {
        event: 'A47^ADT_A30',
        status: 'PROV',
        pid3: `${IPP}~""^^^X&1.2.250.1.213.1.4.8&ISO^INS`,
        more: `MRG|${ins(8)}\r`,
      },
      'AA',
      'AA',
      [],
      `${IPP}~""^^^X&1.2.250.1.213.1.4.8&ISO^INS`,
    ],
    [
      '16: Corsica',
      { event: 'A01^ADT_A01', pid3: ins(8, '185052A00412356') },
      'AA',
      'AA',
      [],
      ins(8, '185052A00412356'),
    ],
    [
      'two of one authority: refused for everybody',
      { pid3: `${ins(10)}~${ins(10, '260058815400233')}` },
      'AE 207 PID^1^3',
      'AE 207 PID^1^3',
      [],
      null,
    ],
    [
      'a document of an identity that is not qualified goes as it came',
      {
        event: 'ORU^R01^ORU_R01',
        status: 'PROV',
        more: `OBX|1|ED|D||^text^XML^Base64^${Buffer.from(ins(10)).toString('base64')}\r`,
      },
      'AA',
      'AA',
      ['INS_STRIPPED PID-3', 'INS_IN_DOCUMENT PID-3'],
      IPP,
    ],
  ]

  test('each identity is judged and answered, and leaves as it may', async () => {
    const world = await opened()
    for (const [name, written, plain, strict, findings, left] of cases) {
      const sent = adt(written)
      expect([name, await post(world, sent)]).toEqual([name, plain])
      expect([name, await post(world, adt({ ...written, from: 'STRICT' }))]).toEqual([name, strict])
      if (left === null) continue
      const [before, after] = sent.split(written.pid3 ?? `${IPP}~${ins(10)}`)
      expect([name, await hl7.next()]).toEqual([name, before + left + after])
      if (strict === 'AA') await hl7.next()
      const known = await told(world, sent)
      expect([name, known.findings]).toEqual([name, findings])
      // Who sent it reads it as it came, who received it as it left.
      expect([name, await bodyFor(world, known.id, 'plain')]).toEqual([name, sent])
      expect([name, await bodyFor(world, known.id, 'far')]).toEqual([name, before + left + after])
    }
  })
})

interface Said {
  readonly status: number
  readonly location: string
  readonly json: Record<string, unknown>
}

/** A call of the FHIR door by an establishment. */
async function ask(
  world: World,
  who: string,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Said> {
  const answer = await fetch(`${world.url()}/fhir${path}`, {
    method,
    headers: { authorization: `Bearer key-${who}`, 'content-type': 'application/fhir+json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await answer.text()
  const location = new URL(answer.headers.get('location') ?? 'http://none/').pathname
    .replace('/fhir', '')
    .split('/_')[0]!
  return { status: answer.status, location, json: text === '' ? {} : JSON.parse(text) }
}

/** `severity code expression` of each issue. */
function issuesOf({ json }: Said): string[] {
  const issues = (json['issue'] ?? []) as { severity: string; code: string; expression?: string[] }[]
  return issues.map(({ severity, code, expression }) => `${severity} ${code} ${expression?.[0]}`)
}

const status = (code: string) => ({
  url: 'https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability',
  extension: [{ url: 'identityStatus', valueCoding: { code } }],
})
const NIR = { system: 'urn:oid:1.2.250.1.213.1.4.10', value: '279035121518989' }
const LOCAL = { system: 'https://ch-exemple.test/ipp', value: '0001' }
const person = (code: string, identifier: object[] = [NIR, LOCAL]) => ({
  resourceType: 'Patient',
  extension: [status(code)],
  meta: { security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'HTEST' }] },
  identifier,
  name: [{ use: 'official', family: 'PAT-TROIS (FICTIF)' }],
  gender: 'female',
  birthDate: '1979-03-28',
})
const request = (subject: object, more: object = {}) => ({
  resourceType: 'ServiceRequest',
  meta: person('PROV').meta,
  status: 'active',
  intent: 'order',
  subject,
  ...more,
})

describe('FHIR', () => {
  test('36: the INS of an identity that is not qualified is not sent, read, found nor told', async () => {
    const world = await opened()
    const text = JSON.stringify(person('PROV'), null, 2)
    const made = await ask(world, 'plain', 'POST', '/Patient', text)
    expect([made.status, issuesOf(made)]).toEqual([201, ['warning invariant Patient.identifier[0]']])
    const cut = text.indexOf('{', text.indexOf('"identifier"'))
    const left = text.slice(0, cut) + text.slice(text.indexOf('{', cut + 1))
    expect((await fhir.next()).split(/^[^\n]*\n/)[1]).toBe(left)
    for (const path of [made.location, `${made.location}/_history/1`]) {
      expect((await ask(world, 'plain', 'GET', path)).json['identifier']).toEqual([LOCAL])
    }
    const found = async (system: string, value: string) =>
      (await ask(world, 'plain', 'GET', `/Patient?identifier=${system}|${value}`)).json['total']
    expect([await found(NIR.system, NIR.value), await found(LOCAL.system, LOCAL.value)]).toEqual([0, 1])
    const shown = await ask(world, 'plain', 'POST', '/Patient', text, { prefer: 'return=representation' })
    expect(shown.json['identifier']).toEqual([LOCAL])
    await fhir.next()
    const strict = await ask(world, 'strict', 'POST', '/Patient', text)
    expect([strict.status, issuesOf(strict)]).toEqual([422, ['error invariant Patient.identifier[0]']])
  })

  test('a qualified identity keeps its INS, until it no longer is one', async () => {
    const world = await opened()
    const made = await ask(world, 'plain', 'POST', '/Patient', person('QUAL'))
    expect([made.status, issuesOf(made)]).toEqual([201, []])
    expect(await fhir.next()).toContain(NIR.value)
    expect((await ask(world, 'plain', 'GET', made.location)).json['identifier']).toEqual([NIR, LOCAL])
    // Who refers to it by its INS may: a qualified patient of the sender bears it.
    expect(issuesOf(await ask(world, 'plain', 'POST', '/ServiceRequest', request({ identifier: NIR })))).toEqual([])
    expect(await fhir.next()).toContain(NIR.value)
    const patch = [{ op: 'replace', path: '/extension/0', value: status('PROV') }]
    const patched = await ask(world, 'plain', 'PATCH', made.location, patch, {
      'content-type': 'application/json-patch+json',
    })
    expect([patched.status, issuesOf(patched)]).toEqual([200, ['warning invariant Patient.identifier[0]']])
    expect(await fhir.next()).not.toContain(NIR.value)
    expect((await ask(world, 'plain', 'GET', made.location)).json['identifier']).toEqual([LOCAL])
    const refers = await ask(world, 'plain', 'POST', '/ServiceRequest', request({ identifier: NIR, display: 'X' }))
    expect(issuesOf(refers)).toEqual(['warning invariant ServiceRequest.subject.identifier'])
    expect(await fhir.next()).not.toContain(NIR.value)
  })

  test('a transaction is ruled as a whole, and its entries are stored without what is withheld', async () => {
    const world = await opened()
    const bundle = (code: string) => ({
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        {
          fullUrl: 'urn:uuid:0b7a2f3c-0000-4000-8000-000000000002',
          resource: person(code),
          request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=${NIR.system}|${NIR.value}` },
        },
        {
          resource: request({ reference: 'urn:uuid:0b7a2f3c-0000-4000-8000-000000000002', identifier: NIR }),
          request: { method: 'POST', url: 'ServiceRequest' },
        },
      ],
    })
    const stored = async (said: Said): Promise<string> => {
      const entries = said.json['entry'] as { response: { location: string } }[]
      const read = entries.map(async ({ response }) => {
        const path = new URL(response.location).pathname.replace('/fhir', '')
        return JSON.stringify((await ask(world, 'plain', 'GET', path)).json)
      })
      return (await Promise.all(read)).join()
    }
    const prov = await ask(world, 'plain', 'POST', '', bundle('PROV'))
    expect(prov.status).toBe(200)
    expect(await fhir.next()).not.toContain(NIR.value)
    expect(await stored(prov)).not.toContain(NIR.value)
    const entries = prov.json['entry'] as { response: { outcome?: Record<string, unknown> } }[]
    expect(
      entries.map(({ response: { outcome } }) => issuesOf({ status: 0, location: '', json: outcome ?? {} })),
    ).toEqual([
      [
        'warning invariant Bundle.entry[0].resource.identifier[0]',
        'warning invariant Bundle.entry[0].request.ifNoneExist',
      ],
      ['warning invariant Bundle.entry[1].resource.subject.identifier'],
    ])
    const qual = await ask(world, 'plain', 'POST', '', bundle('QUAL'))
    expect((await fhir.next()).split(NIR.value).length - 1).toBe(3)
    expect((await stored(qual)).split(NIR.value).length - 1).toBe(2)
  })

  test('a condition that asks for an INS which nobody proved does not go on', async () => {
    const world = await opened()
    const asked = { 'if-none-exist': `identifier=${NIR.system}|${NIR.value}` }
    expect((await ask(world, 'plain', 'POST', '/Patient', person('PROV'), asked)).status).toBe(201)
    expect((await fhir.next()).split('\n')[0]).not.toContain(NIR.value)
    expect((await ask(world, 'plain', 'POST', '/Patient', person('QUAL'), asked)).status).toBe(201)
    expect((await fhir.next()).split('\n')[0]).toBe(asked['if-none-exist'])
    expect((await ask(world, 'plain', 'POST', '/Patient', person('QUAL'), asked)).status).toBe(200)
  })

  test('two INS of one authority are refused for everybody', async () => {
    const world = await opened()
    const two = await ask(
      world,
      'plain',
      'POST',
      '/Patient',
      person('QUAL', [NIR, { ...NIR, value: '260058815400233' }]),
    )
    expect([two.status, issuesOf(two)]).toEqual([422, ['error business-rule Patient.identifier']])
  })
})

describe('a shared engine', () => {
  const post7 = async (world: World, who: string, text: string): Promise<string> => {
    const answer = await fetch(`${world.url()}/hl7`, {
      method: 'POST',
      headers: { authorization: `Bearer key-${who}`, 'content-type': 'application/hl7-v2' },
      body: text,
    })
    const raw = Buffer.from(await answer.arrayBuffer())
    return [field(raw, 'MSA', 1), field(raw, 'ERR', 2)].join(' ').trim()
  }

  test('sends HL7 v2 for those it may send for, and for nobody else', async () => {
    const world = await opened()
    const text = adt({ from: 'B' })
    expect(await post7(world, 'engine', text)).toBe('AA')
    expect(await hl7.next()).toBe(text.replace('|DPI|', '|B|'))
    // The same message is a repeat, whoever of the two brings it.
    expect([await post7(world, 'b', text), await post(world, text)]).toEqual(['AA', 'AA'])
    expect((await told(world, text)).establishment).toBe('b')
    expect(await post7(world, 'engine', adt({ from: 'ENGINE' }))).toBe('AA')
    await hl7.next()
    expect(await post7(world, 'engine', adt({ from: 'C' }))).toBe('AE MSH^1^4')
    expect(await post7(world, 'b', adt({ from: 'ENGINE' }))).toBe('AE MSH^1^4')
  })

  const finess = (value: string) => ({ identifier: { system: 'https://finess.esante.gouv.fr', value } })
  test('sends FHIR for them, reads and changes what it sent, and is itself where nothing says otherwise', async () => {
    const world = await opened()
    const owners: [subject: object, owner: string][] = [
      [{ requester: finess('440000289') }, 'b'],
      [{ requester: { identifier: { system: 'urn:oid:1.2.250.1.71.4.2.2', value: '1440000289' } } }, 'b'],
      [{ requester: finess('490000031') }, 'engine'],
      [{}, 'engine'],
    ]
    for (const [more, owner] of owners) {
      const made = await ask(world, 'engine', 'POST', '/ServiceRequest', request({ reference: 'Patient/1' }, more))
      await fhir.next()
      const sees = async (who: string) => (await ask(world, who, 'GET', made.location)).status
      expect([owner, await sees('engine'), await sees('b'), await sees('c')]).toEqual([
        owner,
        200,
        owner === 'b' ? 200 : 404,
        404,
      ])
      const changed = { ...request({ reference: 'Patient/2' }, more), id: made.location.split('/').at(-1) }
      expect((await ask(world, 'engine', 'PUT', made.location, changed)).status).toBe(200)
      await fhir.next()
      expect((await ask(world, 'c', 'PUT', made.location, changed)).status).toBe(404)
      expect(await sees('b')).toBe(owner === 'b' ? 200 : 404)
    }
  })

  test('a message names its sender, as MSH-4 does', async () => {
    const world = await opened()
    const message = (number: string) => ({
      resourceType: 'Bundle',
      type: 'message',
      entry: [
        {
          resource: {
            resourceType: 'MessageHeader',
            id: `m${++made}`,
            meta: person('PROV').meta,
            eventUri: 'urn:x',
            source: { endpoint: 'urn:y' },
            sender: finess(number),
          },
        },
      ],
    })
    for (const [who, number, expected] of [
      ['engine', '440000289', 200],
      ['engine', '490000031', 403],
      ['plain', '440000289', 403],
      ['b', '440000289', 200],
      ['b', '750100125', 200],
    ] as const) {
      expect([who, number, (await ask(world, who, 'POST', '/$process-message', message(number))).status]).toEqual([
        who,
        number,
        expected,
      ])
      if (expected === 200) await fhir.next()
    }
  })
})
