import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { ask, type Cluster, startCluster } from '../support/postgres/cluster.ts'
import { give, missingPostgres, runProgram } from '../support/postgres/server.ts'
import { until } from '../support/world/until.ts'
import { newIntake } from './made.ts'
import { postgresOptions } from './postgres-rig.ts'
import { listeningLog } from './rig-options.ts'

const need = missingPostgres()

/** A second server that follows the first. */
async function standbyOf(primary: Cluster): Promise<Cluster> {
  const base = mkdtempSync(join(tmpdir(), 'passerelle-standby-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true }))
  give(base)
  const from = primary.adminUrl().replace(/[^/]*$/, '')
  runProgram('pg_basebackup', [`--dbname=${from}`, `--pgdata=${base}`, '--checkpoint=fast', '--write-recovery-conf'])
  const standby = await startCluster({ dataDir: base, password: primary.password })
  onTestFinished(() => standby.end())
  return standby
}

test.skipIf(need !== null)(
  `what no standby has is not said yes to, new or again, though its wait is cancelled${need === null ? '' : `: ${need}`}`,
  async () => {
    const primary = await startCluster()
    onTestFinished(() => primary.end())
    const url = await primary.createDatabase('region')
    const standby = await standbyOf(primary)
    primary.configure({ synchronous_standby_names: '*' })
    const { log, events } = listeningLog()
    const journal = await openPostgresJournal(postgresOptions(url, { log }))
    onTestFinished(() => journal.close())
    expect((await journal.commit([newIntake()])).kind).toBe('committed')

    await standby.stop()
    const cancel = (): Promise<unknown> =>
      until('a commit waits for the standby, and is cancelled', async () => {
        const [row] = await ask(
          primary.adminUrl(),
          "SELECT count(pg_cancel_backend(pid)) AS n FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
        )
        return Number(row?.['n']) > 0
      })
    const intake = newIntake()
    const again = { ...intake, id: newIntake().id }
    for (const one of [intake, again]) {
      const answer = expect(journal.commit([one])).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
      await cancel()
      await answer
    }
    expect(events).toContain('journal.unreplicated')

    const waiting = journal.commit([again])
    await standby.start()
    expect(await waiting).toMatchObject({ kind: 'repeat', receipt: { messageId: intake.id } })
    await primary.kill9()
    await ask(standby.adminUrl(), 'SELECT pg_promote()')
    const rows = await ask(standby.url('region'), 'SELECT id FROM message WHERE id = $1', [intake.id])
    expect(rows).toHaveLength(1)
  },
  120_000,
)
