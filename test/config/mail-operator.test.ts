import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readRegion } from '../../src/app/config/index.ts'
import { mailRegion, publishMailLab } from '../support/mail/region.ts'

let dir: string
let lab: string
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'mail-config-'))
  lab = join(dir, 'lab')
  await publishMailLab(lab)
})
afterAll(() => rmSync(dir, { recursive: true, force: true }))

/** What the tests change of a region. */
interface Region {
  readonly mail: { whiteList?: unknown; operator: Operator }
  readonly entrances: { readonly submission: { host: string } }
  readonly establishments: Record<string, unknown>[]
}
interface Operator {
  readonly domains: Record<string, unknown>[]
  readonly tls: Record<string, string>
  hosts?: unknown
  nameServers?: unknown
  tokens?: unknown
  passwords?: unknown
  retry?: unknown
  indicators?: unknown
  documents?: unknown
}

const ports = { httpPort: 8080, smtpPort: 2525, submissionPort: 2587 }

async function problems(change: (region: Region) => void): Promise<readonly string[]> {
  const region = JSON.parse(mailRegion({ lab, ...ports })) as Region
  change(region)
  const file = join(dir, 'region.yaml')
  writeFileSync(file, JSON.stringify(region, null, 2))
  const read = await readRegion(file, {})
  return read.problems.map(({ severity, at, code }) => `${severity} ${at} ${code}`)
}

test('a mail operator as the lab has it', async () => {
  expect(await problems(() => {})).toEqual([])
})

describe('what is wrong with one', () => {
  test.each<[string, (region: Region) => void, readonly string[]]>([
    ['no white list', ({ mail }) => void delete mail.whiteList, ['warning mail.operator MISSING']],
    [
      'doors without an operator',
      ({ mail }) => void Reflect.deleteProperty(mail, 'operator'),
      ['warning entrances.smtp MISSING', 'warning entrances.submission MISSING'],
    ],
    [
      'a domain twice, of nobody',
      ({ mail }) => mail.operator.domains.push({ name: 'op.mssante.test', establishment: 'nobody' }),
      [
        'error mail.operator.domains[2].name NAME_TWICE',
        'error mail.operator.domains[2].establishment UNKNOWN_ESTABLISHMENT',
      ],
    ],
    [
      'the domain of patients',
      ({ mail }) => mail.operator.domains.push({ name: 'patient.exemple.test', establishment: 'ch-exemple' }),
      ['error mail.operator.domains[2].name BAD_VALUE'],
    ],
    [
      'documents of an establishment that takes no answers',
      ({ mail }) => {
        mail.operator.documents = [{ establishment: 'ch-exemple', mailbox: 'documents@op.mssante.test' }]
      },
      ['warning mail.operator.documents[0].establishment MISSING'],
    ],
    [
      'documents of one that does',
      ({ mail, establishments }) => {
        mail.operator.documents = [{ establishment: 'ch-exemple', mailbox: 'documents@op.mssante.test' }]
        const way = { type: 'mllp', host: '127.0.0.1', port: 2576, use: 'qualification' }
        Object.assign(establishments.find(({ id }) => id === 'ch-exemple')!, {
          answersTo: 'gam',
          destinations: { gam: way },
        })
      },
      [],
    ],
    [
      'a number of a patient among the codes, a column that is none',
      ({ mail }) => {
        mail.operator.indicators = { xMss: { ins: ['O', '279035121518989'] }, columns: [{ column: 'subject' }] }
      },
      [
        'error mail.operator.indicators.xMss.ins[1] BAD_VALUE',
        'error mail.operator.indicators.columns[0].column BAD_VALUE',
      ],
    ],
    [
      'a server beyond loopback in the clear',
      ({ mail }) => {
        mail.operator.domains[0]!['server'] = { host: 'mail.exemple.test', port: 24 }
      },
      ['error mail.operator.domains[0].server PLAIN_DESTINATION'],
    ],
    [
      'a host for a domain of ours',
      ({ mail }) => {
        mail.operator.hosts = [{ domain: 'op.mssante.test', host: '10.0.0.1' }]
      },
      ['error mail.operator.hosts[0].domain BAD_VALUE'],
    ],
    [
      'a name server that is none',
      ({ mail }) => {
        mail.operator.nameServers = ['127.0.0.1:5353', '[::1]:53', 'dns.exemple.test']
      },
      ['error mail.operator.nameServers[2] BAD_VALUE'],
    ],
    [
      'a provider in the clear',
      ({ mail }) => {
        mail.operator.tokens = [{ issuer: 'http://psc.exemple.test' }, { issuer: 'http://127.0.0.1:8081' }]
      },
      ['error mail.operator.tokens[0].issuer BAD_URL'],
    ],
    [
      'passwords beyond the lab, and of another domain',
      ({ mail, entrances }) => {
        entrances.submission.host = '0.0.0.0'
        mail.operator.passwords = [{ name: 'x', passwordSha256: '0'.repeat(64), addresses: ['u@a.mssante.test'] }]
      },
      ['error mail.operator.passwords DEMO_REACHABLE', 'error mail.operator.passwords[0].addresses[0] BAD_VALUE'],
    ],
    [
      'a delay behind the end',
      ({ mail }) => {
        mail.operator.retry = { delayed: '48 h' }
      },
      ['error mail.operator.retry.expires RETRY_ORDER'],
    ],
    [
      'a key that is not there',
      ({ mail }) => {
        mail.operator.tls['key'] = 'nowhere.key'
      },
      ['error mail.operator.tls.key FILE_MISSING'],
    ],
  ])('%s', async (_what, change, expected) => {
    expect([...(await problems(change))].sort()).toEqual([...expected].sort())
  })
})
