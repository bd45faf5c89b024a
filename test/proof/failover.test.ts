import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cluster, startCluster } from '../support/postgres/cluster.ts'
import { missingPostgres } from '../support/postgres/server.ts'
import { seedOfRun } from '../support/world/random.ts'
import { type Blow, failoverRun } from './failover.ts'

const need = missingPostgres()

describe.skipIf(need !== null)(`several nodes under load${need === null ? '' : `: ${need}`}`, () => {
  let cluster: Cluster
  beforeAll(async () => {
    cluster = await startCluster()
  })
  afterAll(() => cluster?.end())

  const runs: [name: string, names: readonly string[], blows: readonly Blow[]][] = [
    [
      'two nodes: killed, stopped, cut off; the database restarted',
      ['a', 'b'],
      ['kill', 'pause', 'freeze', 'restart database', 'cut'],
    ],
    [
      'three nodes: one falls silent, one is killed; the database is killed',
      ['a', 'b', 'c'],
      ['stall', 'apply', 'kill database', 'kill'],
    ],
  ]
  test.each(runs)('%s', { timeout: 240_000 }, async (_name, names, blows) => {
    const report = await failoverRun({
      ...{ seed: seedOfRun(), cluster, names, blows, tell: (line) => console.log(line) },
      // Always something under way, and not so much that nodes and judges of two processors are busy with that alone.
      paceMs: 15,
    })
    const { acknowledged, repeats, alerts, takeoverMs } = report
    console.log(`fail-over: ${JSON.stringify({ acknowledged, repeats, alerts, takeoverMs })}`)
    expect(report.faults).toEqual([])
    expect(alerts).toBeGreaterThan(0)
  })
})
