import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { freeRun } from '../../src/app/mail-lab/ports.ts'
import { expectFree, groupAlive, type Gateway as Process, start, sweep } from '../ground/gateway.ts'
import { missingPython, pythonSends } from '../support/mail/programs.ts'
import { freePort } from '../support/world/ports.ts'
import { until } from '../support/world/until.ts'
import { passerelle } from './terminal.ts'

const dir = mkdtempSync(join(tmpdir(), 'passerelle-lab-'))
let running: Process | null = null
afterAll(() => {
  if (running !== null) sweep(running)
  rmSync(dir, { recursive: true, force: true })
})

interface Told {
  readonly operators: readonly { readonly address: string; readonly submission: number; readonly http: number }[]
  readonly user: string
  readonly password: string
  readonly rows: string
  readonly revoked: string
  readonly directory: string
  readonly trust: string
}

async function freeSeven(): Promise<readonly number[]> {
  for (;;) {
    const ports = await freeRun(await freePort(), 7)
    if (ports !== null) return ports
  }
}

/** Starts the lab; what it told. */
async function startLab(ports: readonly number[]): Promise<Told> {
  const command = [process.execPath, 'bin/passerelle.js', 'mail', 'lab', dir, '--json', '--port', String(ports[0])]
  running = await start(command, ports[4]!)
  const line = running
    .output()
    .split('\n')
    .find((one) => one.startsWith('{'))
  return JSON.parse(line ?? '{}') as Told
}

async function codeOfDoctor({ operators }: Told): Promise<string | null> {
  const answer = await fetch(`http://127.0.0.1:${operators[0]!.http}/api/mail/doctor`, {
    method: 'POST',
    headers: { authorization: 'Bearer demo-admin', 'content-type': 'application/json' },
    body: JSON.stringify({ domain: 'b.mssante.example' }),
  })
  return ((await answer.json()) as { code: string | null }).code
}

const noPython = missingPython()
test.skipIf(noPython !== null)(
  `a mail goes from A to B by Python’s smtplib ${noPython ?? ''}; a certificate is revoked, a domain taken off; SIGTERM and Ctrl-C leave nothing behind`,
  async () => {
    const ports = await freeSeven()
    const told = await startLab(ports)
    const [a, b] = told.operators as [Told['operators'][0], Told['operators'][0]]

    const mail = {
      port: a.submission,
      ca: join(told.trust, 'ca.pem'),
      mechanism: 'PLAIN' as const,
      response: `\0${told.user}\0${told.password}`,
      initial: true,
      from: a.address,
      to: b.address,
      text: `From: <${a.address}>\r\nTo: <${b.address}>\r\nSubject: Essai\r\nMessage-ID: <lab@a.mssante.example>\r\n\r\nBonjour\r\n`,
    }
    expect(await pythonSends([mail])).toEqual([{ auth: 235, sent: 250 }])
    const folder = join(dir, 'b/store/mailboxes/b.mssante.example/demo-requester/new')
    await until('the mail is there', async () => existsSync(folder) && readdirSync(folder).length === 1)

    expect(await codeOfDoctor(told)).toBe(null)
    writeFileSync(told.revoked, 'b\n')
    await until('the certificate counts no more', async () => (await codeOfDoctor(told)) === 'TLS_FAILED')
    writeFileSync(told.revoked, '')
    writeFileSync(told.rows, readFileSync(told.rows, 'utf8').replace(/^b\..*\n/m, ''))
    await until('the domain is not listed', async () => (await codeOfDoctor(told)) === 'MAIL_DOMAIN_UNLISTED')

    const lines = readFileSync(told.directory, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => line.split('|').length)).toEqual([31, 31, 31, 31, 31])

    running!.child.kill('SIGTERM')
    expect(await running!.ended).toBe(0)
    expect(groupAlive(running!.child)).toBe(false)
    for (const port of ports) await expectFree(port)

    // Again in the same folder: its authorities stay, and a terminal tells the whole group.
    const sha256 = (): string =>
      createHash('sha256')
        .update(readFileSync(join(told.trust, 'ca.pem')))
        .digest('hex')
    const before = sha256()
    await startLab(ports)
    expect(sha256()).toBe(before)
    process.kill(-running!.child.pid!, 'SIGINT')
    expect(await running!.ended).toBe(0)
    expect(groupAlive(running!.child)).toBe(false)
  },
  120_000,
)

test.each([
  ['no folder', ['lab'], 2],
  ['no port', ['lab', dir, '--port', 'x'], 2],
  ['another word', ['labs', dir], 2],
])('%s', async (_name, argv, code) => {
  expect((await passerelle(['mail', ...argv])).code).toBe(code)
})
