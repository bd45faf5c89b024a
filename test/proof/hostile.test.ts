import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, connect } from '../support/world/client.ts'
import { answerOf, block, field } from '../support/world/frame.ts'
import type { Gateway } from '../support/world/gateway.ts'
import { adt, merge, orm, oru, patient } from '../support/world/messages.ts'
import { random, seedOfRun } from '../support/world/random.ts'
import { within } from '../support/world/until.ts'
import { makeWorld, type World } from '../support/world/world.ts'
import { malformed } from './mutate.ts'

const MIB = 2 ** 20
/** Resident memory that no input may push the process beyond. */
const MEMORY_BOUND = 700 * MIB
const SLOW_SOCKETS = 300

let world: World
let gateway: Gateway
beforeAll(async () => {
  world = await makeWorld({
    destinations: { 'chu/dpi': {} },
    routes: [{ name: 'all', when: { from: ['ch-a'] }, to: ['chu/dpi'] }],
    door: { gap: '3 s', maxConnectionsPerPeer: 400, maxFrame: '16 MiB' },
  })
  gateway = await world.start()
})
afterAll(async () => {
  await world.close()
})

let made = 0
function parts(): { facility: string; patient: ReturnType<typeof patient>; controlId: string } {
  return { facility: 'CH-A', patient: patient(++made % 100), controlId: `H${made}` }
}

/** The gateway is up, its memory is bounded, and it takes a good message. */
async function serves(): Promise<void> {
  const client = await connect(world.mllpPort)
  expect((await client.post(oru(parts())))?.code).toBe('AA')
  client.close()
  expect(gateway.running()).toBe(true)
  expect(gateway.memory().peak).toBeLessThan(MEMORY_BOUND)
}

const base = (): string => oru({ ...parts(), patient: patient(7) }).toString('latin1')
const inPid5 = (value: string) => (): string => base().replace('ESSAI7 (FICTIF)', value)
const withMsh = (change: (header: string) => string) => (): string => {
  const [header = '', ...rest] = base().split('\r')
  return [change(header), ...rest].join('\r')
}

/** What comes back: codes allowed in MSA-1, or `closed`. */
const ANY = ['AA', 'AE', 'AR', 'closed']
const NO = ['AE', 'AR', 'closed']
const contents: [name: string, make: () => string, allowed: string[]][] = [
  ['a million segments', () => base() + 'ZZZ|1\r'.repeat(1_000_000), ANY],
  ['100,000 field separators in PID', inPid5('|'.repeat(100_000)), ANY],
  ['100,000 field separators in MSH', withMsh((h) => h + '|'.repeat(100_000)), ANY],
  ['1 MB of repetition separators', inPid5('~'.repeat(MIB)), ANY],
  ['1 MB of component separators', inPid5('^'.repeat(MIB)), ANY],
  ['1 MB of sub-component separators', inPid5('&'.repeat(MIB)), ANY],
  ['1 MB of escaped escapes', inPid5('\\E\\'.repeat(MIB / 3)), ANY],
  ['1 MB of escape characters', inPid5('\\'.repeat(MIB)), ANY],
  ['a hexadecimal escape of 1 MB', inPid5(`\\X${'41'.repeat(MIB / 2)}\\`), ANY],
  ['MSH-18 that names no charset', withMsh((h) => h.replace('8859/15', 'KLINGON')), ANY],
  [
    'MSH-18 that the bytes contradict',
    () => inPid5('H\u00e9l\u00e8ne (FICTIF)')().replace('8859/15', 'UNICODE UTF-8'),
    NO,
  ],
  ['MSH-2 empty', withMsh((h) => h.replace('^~\\&', '')), ANY],
  ['MSH-2 of one character', withMsh((h) => h.replace('^~\\&', '^')), ANY],
  ['MSH-2 of five characters', withMsh((h) => h.replace('^~\\&', '^~\\&#')), ANY],
  ['MSH-2 of four equal characters', withMsh((h) => h.replace('^~\\&', '^^^^')), ANY],
  ['MSH-2 that holds the field separator', withMsh((h) => h.replace('^~\\&', '^~|&')), ANY],
  ['MSH-1 a space', withMsh((h) => h.replaceAll('|', ' ')), ANY],
  ['nothing at all', () => '', NO],
  ['MSH and no more', () => 'MSH', NO],
  ['MSH| and no more', () => 'MSH|', NO],
  ['no MSH', () => base().slice(base().indexOf('\r') + 1), NO],
  ['zero bytes', () => '\0'.repeat(10_000), NO],
  ['no control id', withMsh((h) => h.split('|').with(9, '').join('|')), NO],
  ['a control id of 64 KiB', withMsh((h) => h.split('|').with(9, 'C'.repeat(65_536)).join('|')), ANY],
  ['a sender nobody knows', withMsh((h) => h.replace('CH-A', 'CH-Z')), NO],
  ['__proto__ for a sender', withMsh((h) => h.replace('CH-A', '__proto__')), NO],
]

test.each(contents)('content: %s', async (_name, make, allowed) => {
  const content = make()
  const client = await connect(world.mllpPort)
  const answer = await client.post(content, 20_000)
  expect(allowed).toContain(answer?.code ?? 'closed')
  // MSA-2 is MSH-10 as received; only a refusal may leave out one that is absurdly long.
  const sent = field(Buffer.from(content.slice(0, 200_000), 'latin1'), 'MSH', 10)
  const readable = content.startsWith('MSH|^~\\&|') && (answer?.code === 'AA' || sent.length < 200)
  if (answer && readable) expect(answer.controlId === sent, 'MSA-2 is MSH-10').toBe(true)
  client.close()
  await serves()
})

test('content: MSH-1 a letter gets an answer or a closed connection', async () => {
  const client = await connect(world.mllpPort)
  await client.write(block(withMsh((h) => h.replaceAll('|', 'x'))()))
  const content = await client.next()
  if (content !== null) expect(content.toString('latin1')).toMatch(/^MSH.*\rMSA/s)
  client.close()
  await serves()
})

test('content: a batch that never says how many it holds is answered as a batch, message by message', async () => {
  const one = parts()
  const client = await connect(world.mllpPort)
  await client.write(block(`BHS|^~\\&|A|CH-A\r${oru(one).toString('latin1')}`))
  const [header = '', ...rest] = ((await client.next())?.toString('latin1') ?? '').split('\r')
  expect(header).toMatch(/^BHS\|/)
  expect(rest).toContain(`MSA|AA|${one.controlId}`)
  client.close()
  await serves()
})

test('wire: a stream without end is cut at the limit', async () => {
  const client = await connect(world.mllpPort)
  await client.write(Buffer.from([0x0b]))
  for (let n = 0; n < 20 && !client.closed; n++) await client.write(Buffer.alloc(MIB, 'x'))
  await within(10_000, 'the connection is closed', client.gone)
  expect(client.waiting.every((content) => answerOf(content)?.code !== 'AA')).toBe(true)
  await serves()
})

test('wire: byte by byte', async () => {
  const client = await connect(world.mllpPort)
  for (const byte of block(oru(parts()))) await client.write(Buffer.from([byte]))
  expect(answerOf((await client.next()) ?? Buffer.alloc(0))?.code).toBe('AA')
  client.close()
})

test('wire: a start byte inside a message abandons the first, and the second is taken', async () => {
  const client = await connect(world.mllpPort)
  const { controlId, ...rest } = parts()
  await client.write(Buffer.concat([Buffer.from('\x0bMSH|^~\\&|LOST|CH-A|'), block(oru({ ...rest, controlId }))]))
  const answer = answerOf((await client.next()) ?? Buffer.alloc(0))
  expect(answer).toMatchObject({ code: 'AA', controlId })
  client.close()
})

test('wire: an end byte without its CR does not end a message, and silence after it is cut', async () => {
  const client = await connect(world.mllpPort)
  await client.write(Buffer.concat([block(oru(parts())).subarray(0, -1), Buffer.from('OBX|99')]))
  await within(15_000, 'the connection is closed', client.gone)
  expect(client.waiting.every((content) => answerOf(content)?.code !== 'AA')).toBe(true)
  await serves()
})

test('wire: line ends between messages are borne', async () => {
  const client = await connect(world.mllpPort)
  await client.write(Buffer.concat([block(oru(parts())), Buffer.from('\r\n'), block(oru(parts())), Buffer.from('\n')]))
  const answers = [await client.next(), await client.next()]
  expect(answers.map((content) => answerOf(content ?? Buffer.alloc(0))?.code)).toEqual(['AA', 'AA'])
  client.close()
})

test(`wire: ${SLOW_SOCKETS} sockets that stop inside a message hold nobody up and are cut`, async () => {
  const slow = await Promise.all(Array.from({ length: SLOW_SOCKETS }, () => connect(world.mllpPort)))
  await Promise.all(slow.map((client) => client.write('\x0bMSH|^~\\&|')))
  await serves()
  await within(20_000, 'all are cut', Promise.all(slow.map((client) => client.gone)))
  await serves()
})

/** MSH-10 as an answer can repeat it: without control characters. */
function controlIdWithoutControls(mutant: Buffer): string {
  const header = mutant.toString('latin1').split(/[\r\n]/)[0] ?? ''
  return (header.split(header[3] ?? '|')[9] ?? '').replace(/[\x00-\x1f\x7f]/g, '')
}

const MALFORMED = 10_000
const AT_ONCE = 16

test(`${MALFORMED} malformed messages: each gets a valid answer or a closed connection`, {
  timeout: 240_000,
}, async () => {
  const seed = seedOfRun()
  console.log(`malformed messages: PROOF_SEED=${seed}`)
  const tally: Record<string, number> = {}
  const misnamed: string[] = []
  const one = async (index: number): Promise<void> => {
    const dice = random(seed + index)
    let client: Client | null = null
    for (let n = 0; n < MALFORMED / AT_ONCE; n++) {
      if (client === null || client.closed) client = await connect(world.mllpPort)
      const valid = dice.pick([oru, adt, orm, (p: Parameters<typeof oru>[0]) => merge(p, patient(99))])(parts())
      const mutant = malformed(valid, dice)
      await client.write(block(mutant))
      const content = await client.next(15_000)
      // With a letter or digit for a separator, no answer can be read by anybody.
      const readable = !/[0-9A-Za-z]/.test(String.fromCharCode(mutant[3] ?? 0))
      const answer = content && answerOf(content)
      if (content !== null && answer === null && readable) {
        throw new Error(`no valid answer to ${JSON.stringify(mutant.toString('latin1').slice(0, 300))}`)
      }
      if (answer?.code === 'AA' && answer.controlId !== controlIdWithoutControls(mutant)) {
        misnamed.push(
          `${JSON.stringify(answer.controlId).slice(0, 60)} to ${JSON.stringify(mutant.toString('latin1').slice(0, 160))}`,
        )
      }
      const what = content === null ? 'closed' : (answer?.code ?? 'unreadable')
      tally[what] = (tally[what] ?? 0) + 1
    }
    client?.close()
  }
  await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => one(index)))
  console.log('malformed messages:', JSON.stringify(tally))
  expect(misnamed, 'positive answers whose MSA-2 is not MSH-10').toEqual([])
  // All of one kind would mean that the mutations test nothing.
  expect(tally['AA'] ?? 0).toBeGreaterThan(MALFORMED / 100)
  expect((tally['AE'] ?? 0) + (tally['AR'] ?? 0) + (tally['closed'] ?? 0)).toBeGreaterThan(MALFORMED / 100)
  await serves()
  expect(await gateway.status()).toMatchObject({ difference: 0 })
})
