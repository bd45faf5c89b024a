import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { machineIds } from '../../src/app/cli/machine.ts'
import { senderFor } from '../../src/app/wiring/senders.ts'
import type { Destination } from '../../src/core/config.ts'
import { GatewayError } from '../../src/core/errors.ts'
import type { Follower } from '../../src/core/follower.ts'
import type { Counts, Journal, QueueEntry } from '../../src/core/journal.ts'
import { acts } from '../../src/pipeline/acts.ts'
import { alertFollower } from '../../src/pipeline/alerts.ts'
import type { Prepare } from '../../src/pipeline/deliver.ts'
import { Dispatcher } from '../../src/pipeline/dispatch.ts'
import { following } from '../../src/pipeline/follow.ts'
import { type ManualClock, manualClock } from '../support/peers/clock.ts'
import { type Hospital, hospital } from '../support/peers/hospital.ts'
import { openStage, oru, quiet, type Stage, uncounted } from './stage.ts'

const DPI = 'receiver/dpi'
let clock: ManualClock
let stage: Stage
let peer: Hospital
let running: Dispatcher | null = null

async function open(change: Record<string, unknown> = {}): Promise<void> {
  clock = manualClock()
  peer = await hospital()
  stage = await openStage(
    {
      establishments: [
        { id: 'sender', name: 'Sender (fictif)', kind: 'hospital', senders: { facilities: ['SENDER'] } },
        {
          id: 'receiver',
          name: 'Receiver (fictif)',
          kind: 'hospital',
          destinations: { dpi: { type: 'mllp', host: '127.0.0.1', port: peer.port, use: 'qualification', ...change } },
        },
      ],
      routes: [
        { name: 'all', when: { kinds: ['ORU^R01', 'ADT^A40'] }, to: [DPI] },
        { name: 'stroke', when: { kinds: ['ORM^O01'] }, to: [DPI], lane: 'urgent', alertAfter: '2 min' },
      ],
    },
    clock,
  )
}
beforeEach(() => open())
afterEach(async () => {
  await halt()
  await peer.close()
  await stage.end()
})

/** Stops the dispatcher without letting attempts end. */
async function halt(): Promise<void> {
  const stopping = running?.stop(0)
  running = null
  clock.advance(1)
  await stopping
}

/** Starts the destination's dispatcher over the stage's store and the real sender. */
async function start(
  journal: Journal = stage.journal,
  prepare: Prepare | null = null,
  freed: (entry: QueueEntry) => boolean = () => false,
  stepsMs?: readonly number[],
): Promise<Dispatcher> {
  const found = stage.config.destinations.get(DPI) as Destination
  const destination = stepsMs === undefined ? found : { ...found, retry: { ...found.retry, stepsMs } }
  const sender = senderFor(destination, {
    accept: () => Promise.reject(new Error()),
    clock,
    log: quiet,
    meter: uncounted,
  })
  running = new Dispatcher({
    destination,
    lease: { fence: { lease: `destination:${DPI}`, epoch: 0 }, held: () => true },
    journal,
    sender,
    prepare,
    freed,
    clock,
    ids: machineIds,
    log: quiet,
    meter: uncounted,
  })
  journal.watch(({ entries }) => running?.put(entries))
  await running.start()
  return running
}
const controls = (): string[] => peer.received().map((text) => text.split('|')[9] ?? '')
const post = (control: string, patient: string, kind = 'ORU^R01'): Promise<unknown> =>
  stage.post(oru({ 9: kind, 10: control }, `${patient}^^^SENDER^PI`))
/** Resolves when the journal's counts are as asked. */
async function until(wanted: Partial<Counts>, journal = stage.journal): Promise<void> {
  for (;;) {
    const counts = await journal.counts()
    if (Object.entries(wanted).every(([key, value]) => counts[key as keyof typeof counts] === value)) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
const rows = (): Promise<readonly { state: string; attempts: number; last_code: string | null }[]> =>
  stage.journal.read({ sql: 'SELECT state, attempts, last_code FROM delivery ORDER BY seq', parameters: [] })

test('what waited in the store goes out in order, far beyond one page of it (museum 4)', async () => {
  await Promise.all(Array.from({ length: 1_200 }, (_, i) => post(`C${i}`, `P${i % 7}`)))
  await start()
  await until({ closed: 1_200 })
  expect(new Set(controls()).size).toBe(1_200)
  for (let p = 0; p < 7; p++) {
    const mine = controls()
      .map((c) => Number(c.slice(1)))
      .filter((n) => n % 7 === p)
    expect(mine).toEqual([...mine].sort((a, b) => a - b))
  }
})

test('what piles up beyond the window while the far side is silent goes out once each, in order', async () => {
  await start()
  peer.behave('late')
  await post('FIRST', 'P0')
  await peer.message(1)
  await Promise.all(Array.from({ length: 2_600 }, (_, i) => post(`C${i}`, 'P1')))
  peer.behave('accept')
  peer.release()
  await until({ closed: 2_601 })
  expect(controls()).toEqual(['FIRST', ...Array.from({ length: 2_600 }, (_, i) => `C${i}`)])
})

test('a stuck message of a patient, a merge behind it: the urgent one goes at 5 s, after the merge', async () => {
  await start()
  peer.behave('silent')
  await post('STUCK', 'X')
  await peer.message(1)
  peer.behave('accept')
  clock.advance(1_000)
  await stage.post(oru({ 9: 'ADT^A40', 10: 'MERGE' }, 'X^^^SENDER^PI~Y^^^SENDER^PI'))
  await post('OTHER', 'Z')
  await post('URGENT', 'Y', 'ORM^O01')
  clock.advance(3_900)
  expect(controls()).toEqual(['STUCK'])
  clock.advance(100)
  await until({ closed: 2 })
  expect(controls()).toEqual(['STUCK', 'MERGE', 'URGENT'])
  const findings = await stage.journal.read<{ control_id: string; findings: string }>({
    sql: 'SELECT control_id, findings FROM message ORDER BY seq',
    parameters: [],
  })
  const overtook = findings.filter((row) => row.findings.includes('ORDER_OVERTAKEN')).map((row) => row.control_id)
  expect(overtook).toEqual(['MERGE'])
})

test('one stuck patient holds nobody else where two may be in flight', async () => {
  await stage.end()
  await peer.close()
  await open({ maxInFlight: 2 })
  await start()
  peer.behave('silent')
  await post('STUCK', 'X')
  await peer.message(1)
  peer.behave('accept')
  await post('BEHIND', 'X')
  await post('OTHER', 'Z')
  await until({ closed: 1 })
  expect(controls()).toEqual(['STUCK', 'OTHER'])
})

test('what waited for one reason alone is tried once more when that is gone, here and at a start; time stands still', async () => {
  await peer.close()
  let isGone = false
  const freed = ({ lastCode }: QueueEntry): boolean => isGone && lastCode === 'CONNECT_FAILED'
  const tried = async (attempts: number): Promise<void> => {
    while ((await rows())[0]?.attempts !== attempts || running?.inFlight !== 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(await rows()).toMatchObject([{ state: 'queued', attempts, last_code: 'CONNECT_FAILED' }])
  }
  await post('C1', 'P1')
  await start(stage.journal, null, freed)
  await tried(1)
  running?.free()
  await tried(1)
  isGone = true
  running?.free()
  await tried(2)

  await halt()
  await start(stage.journal, null, freed)
  await tried(3)
})

test('a destination that is down is tried once per back-off, whatever waits, and everything goes when it is back', async () => {
  const port = peer.port
  await peer.close()
  await start()
  await Promise.all([post('A', 'P1'), post('B', 'P2'), post('C', 'P3')])
  const tried = async (n: number): Promise<void> => {
    while ((await rows()).reduce((sum, row) => sum + row.attempts, 0) < n || running?.inFlight !== 0) {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await tried(1)
  clock.advance(700)
  expect((await rows()).map((r) => [r.state, r.attempts, r.last_code])[0]).toEqual(['queued', 1, 'CONNECT_FAILED'])
  clock.advance(600)
  await tried(2)
  expect(port).toBe(peer.port)
  clock.advance(60_000)
  await tried(3)
  expect((await rows()).map((r) => r.state)).toEqual(['queued', 'queued', 'queued'])
})

describe('when the process stops in the middle of an attempt', () => {
  test('sending becomes unknown, and goes again at once: the declared double', async () => {
    await start()
    peer.behave('silent')
    await post('A', 'P1')
    await peer.message(1)
    await halt()
    peer.behave('accept')
    const reopened = await stage.reopen()
    await start(reopened)
    await until({ closed: 1 }, reopened)
    expect(controls()).toEqual(['A', 'A'])
  })
})

test('an unknown outcome: again at once, then four times 30 s apart, then a person', async () => {
  await start()
  peer.behave('cut-after')
  await post('A', 'P1')
  await peer.message(2)
  for (let n = 3; n <= 6; n++) {
    await settled()
    clock.advance(29_000)
    expect(controls()).toHaveLength(n - 1)
    clock.advance(1_000)
    await peer.message(n)
  }
  await until({ parked: 1 })
  clock.advance(3_600_000)
  await settled()
  expect([controls().length, (await rows())[0]?.state]).toEqual([6, 'unknown'])
})

test('an unknown outcome of a way that waits by steps: one copy a step, and its limit ends it', async () => {
  await stage.end()
  await peer.close()
  await open({ retry: { expires: '3 h' } })
  await start(stage.journal, null, () => false, [60_000, 3_600_000])
  peer.behave('cut-after')
  await post('A', 'P1')
  for (const [n, leastMs, mostMs] of [
    [1, 0, 0],
    [2, 44_000, 31_000],
    [3, 2_690_000, 1_811_000],
  ] as const) {
    clock.advance(leastMs)
    await settled()
    if (n > 1) expect(controls()).toHaveLength(n - 1)
    clock.advance(mostMs)
    await peer.message(n)
    await settled()
  }
  expect(await rows()).toMatchObject([{ state: 'unknown', attempts: 3 }])
  for (let minute = 0; minute < 180; minute += 1) {
    clock.advance(60_000)
    await settled()
  }
  await until({ parked: 1 })
  expect((await rows()).map((r) => [r.state, r.last_code])).toEqual([['expired', 'DELIVERY_EXPIRED']])
})

/** Waits until no attempt is on its way. */
async function settled(): Promise<void> {
  while (running?.inFlight !== 0) await new Promise((resolve) => setImmediate(resolve))
}

test('a delivery whose limit passes is parked as expired, and resend gives it a new one', async () => {
  await stage.end()
  await peer.close()
  await open({ retry: { expires: '1 h' } })
  peer.behave('busy')
  await post('A', 'P1')
  await start()
  await attempted(1)
  clock.advance(3_600_000)
  await until({ parked: 1 })
  expect((await rows()).map((r) => [r.state, r.last_code])).toEqual([['expired', 'DELIVERY_EXPIRED']])
  peer.behave('accept')
  const [entry] = await stage.journal.queue(DPI, 0, 1)
  await acts({ journal: stage.journal, config: () => stage.config, clock, ids: machineIds }).resend(
    entry!.id,
    'anne',
    'back',
  )
  await until({ closed: 1 })
})

describe('acts of a person', () => {
  const commands = () => acts({ journal: stage.journal, config: () => stage.config, clock, ids: machineIds })
  const parked = async (): Promise<string> => {
    await start()
    peer.behave('refuse')
    await post('A', 'P1')
    await until({ parked: 1 })
    peer.behave('accept')
    return (await stage.journal.deliveriesOf((await stage.journal.follow(null, 1))[0]!.id))[0]!.id
  }
  const events = () =>
    stage.journal.read({ sql: "SELECT who, what, why FROM event WHERE who <> 'gateway'", parameters: [] })
  test('resend', async () => {
    const id = await parked()
    expect(await commands().resend(id, 'anne', 'mended')).toMatchObject({ state: 'queued' })
    await until({ closed: 1, parked: 0 })
    expect([controls(), await events()]).toEqual([['A', 'A'], [{ who: 'anne', what: 'resend', why: 'mended' }]])
  })
  test('close', async () => {
    await commands().close(await parked(), 'anne', 'by telephone')
    expect(await stage.journal.counts()).toMatchObject({ closed: 1, parked: 0, inFlight: 0 })
  })
  test('what is delivered cannot be touched; what is not there is not found', async () => {
    await start()
    await post('A', 'P1')
    await until({ closed: 1 })
    const id = (await stage.journal.deliveriesOf((await stage.journal.follow(null, 1))[0]!.id))[0]!.id
    await expect(commands().resend(id, 'anne', 'x')).rejects.toMatchObject({ code: 'WRONG_STATE' })
    await expect(commands().close('nothing', 'anne', 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
  test('replay makes a new delivery that names the old one; a dry run makes none', async () => {
    await start()
    await post('A', 'P1')
    await until({ closed: 1 })
    const message = (await stage.journal.follow(null, 1))[0]!.id
    const dry = await commands().replay(message, { to: null, dryRun: true, reason: 'lost' }, 'anne')
    expect(dry.deliveries).toMatchObject([{ id: null, destination: DPI }])
    const made = await commands().replay(message, { to: null, dryRun: false, reason: 'lost' }, 'anne')
    await peer.message(2)
    await until({ closed: 1, inFlight: 0 })
    const all = await stage.journal.deliveriesOf(message)
    expect([all.length, made.deliveries[0]?.replayOf]).toEqual([2, all[0]?.id])
    const gone = commands().replay(message, { to: 'receiver/none', dryRun: true, reason: 'x' }, 'anne')
    await expect(gone).rejects.toMatchObject({ code: 'DESTINATION_GONE' })
  })
  test('skip lets later messages of the patient pass a parked one, which stays', async () => {
    await stage.end()
    await peer.close()
    await open({ onRefused: 'hold' })
    const id = await parked()
    await post('B', 'P1')
    await settled()
    expect(controls()).toEqual(['A'])
    await commands().skip(id, 'anne', 'not urgent')
    await until({ closed: 1, parked: 1 })
    expect(controls()).toEqual(['A', 'B'])
  })
})

describe('our own processing', () => {
  test('a body that is not what was kept never leaves: poisoned after five tries', async () => {
    const big = oru({ 10: 'BIG' }, 'P1^^^SENDER^PI', 'x'.repeat(100_000))
    await stage.post(big)
    const [{ file }] = (await stage.journal.read<{ file: string }>({
      sql: 'SELECT file FROM body WHERE file IS NOT NULL',
      parameters: [],
    })) as [{ file: string }]
    const path = join(stage.dir, 'store', file)
    writeFileSync(path, readFileSync(path, 'latin1').replace('Normal', 'Abnorm'), 'latin1')
    await start()
    for (let n = 1; n < 5; n++) {
      await attempted(n)
      clock.advance(400_000)
    }
    await until({ parked: 1 })
    expect([(await rows())[0], controls()]).toEqual([{ state: 'poisoned', attempts: 5, last_code: 'BODY_DAMAGED' }, []])
  })

  test('that fails five times poisons the message, and only it', async () => {
    await start(stage.journal, async (entry) => async (body) => {
      if (entry.seq === 1) throw new GatewayError('PROCESSING_FAILED')
      return { body, findings: [], ask: null, kind: entry.kind }
    })
    await post('BAD', 'P1')
    for (let n = 1; n < 5; n++) {
      await attempted(n)
      clock.advance(400_000)
    }
    await until({ parked: 1 })
    await post('GOOD', 'P2')
    await until({ closed: 1 })
    expect((await rows()).map((r) => [r.state, r.attempts])).toEqual([
      ['poisoned', 5],
      ['delivered', 1],
    ])
  })
  test('that ends the process twice in a row poisons the one message under way', async () => {
    await post('A', 'P1')
    await post('B', 'P2')
    const [bad] = await stage.journal.queue(DPI, 0, 1)
    for (let crash = 1; crash <= 2; crash++) {
      expect((await rows())[0]?.state).toBe('queued')
      await stage.journal.processing(bad!.id, true)
      await stage.reopen()
    }
    expect((await rows()).map((r) => [r.state, r.last_code])).toEqual([
      ['poisoned', 'POISONED'],
      ['queued', null],
    ])
  })
})

async function attempted(n: number): Promise<void> {
  while (((await rows())[0]?.attempts ?? 0) < n || running?.inFlight !== 0)
    await new Promise((resolve) => setImmediate(resolve))
}

test('alertAfter: an urgent delivery that has not arrived is told once, and goes on', async () => {
  await post('A', 'P1', 'ORM^O01')
  const runner = following({
    journal: stage.journal,
    followers: [alertFollower({ journal: stage.journal, clock, log: quiet, meter: uncounted })],
    clock,
    log: quiet,
  })
  const alerts = () => stage.journal.read({ sql: "SELECT code FROM event WHERE what = 'alert'", parameters: [] })
  clock.advance(119_000)
  runner.start()
  await runner.stop()
  expect(await alerts()).toEqual([])
  clock.advance(1_000)
  for (let round = 0; round < 2; round++) {
    const again = following({
      journal: stage.journal,
      followers: [alertFollower({ journal: stage.journal, clock, log: quiet, meter: uncounted })],
      clock,
      log: quiet,
    })
    again.start()
    await again.stop()
  }
  expect(await alerts()).toEqual([{ code: 'ALERT_AFTER' }])
  await start()
  await until({ closed: 1 })
})

test('a timer that fails holds up no other, and is tried again', async () => {
  const fired: string[] = []
  const follower: Follower = {
    name: 'clocks',
    reads: false,
    entries: async () => ({}),
    async timer({ id }) {
      fired.push(id)
      if (id === 'bad' && fired.length === 1) throw new Error('of itself')
      return {}
    },
  }
  const timer = (id: string, dueAtMs: number) => ({ id, follower: 'clocks', dueAtMs, payload: '{}' })
  await stage.journal.apply({ timers: [timer('bad', 1), timer('good', 2)] })
  const round = async () => {
    const runner = following({ journal: stage.journal, followers: [follower], clock, log: quiet })
    runner.start()
    await runner.stop()
  }
  await round()
  expect(fired).toEqual(['bad', 'good'])
  clock.advance(1_000)
  await round()
  expect(fired).toEqual(['bad', 'good', 'bad'])
  expect(await stage.journal.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
})

test('paused: nothing begins, what is under way ends, what comes waits; resumed, all goes in order', async () => {
  const dispatcher = await start()
  await post('C1', 'P1')
  await until({ closed: 1 })
  dispatcher.pause()
  await post('C2', 'P1')
  await post('C3', 'P2')
  await post('C4', 'P1', 'ORM^O01')
  clock.advance(60_000)
  await until({ inFlight: 3 })
  expect(dispatcher.inFlight).toBe(0)
  expect(controls()).toEqual(['C1'])
  dispatcher.resume()
  await until({ closed: 4 })
  expect(controls().filter((c) => c !== 'C3')).toEqual(['C1', 'C2', 'C4'])
})

test('paused, a delivery still expires', async () => {
  const dispatcher = await start()
  dispatcher.pause()
  await post('C1', 'P1')
  await until({ inFlight: 1 })
  clock.advance(7 * 86_400_000 + 60_000)
  await until({ parked: 1 })
  expect(await rows()).toMatchObject([{ state: 'expired', last_code: 'DELIVERY_EXPIRED' }])
})
