import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Journal } from '../../src/core/journal.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { bytesOf } from '../contract/journal-keeping.ts'
import { newIntake, newMove } from '../journal/made.ts'
import { postgresOptions } from '../journal/postgres-rig.ts'
import { ask, startCluster } from '../support/postgres/cluster.ts'
import { give, missingPostgres, runProgram } from '../support/postgres/server.ts'
import { until } from '../support/world/until.ts'

const need = missingPostgres()
const page = readFileSync('docs/operating.md', 'utf8')

/** The value of a setting as docs/operating.md has it, with the archive at `archiveDir`. */
function documented(name: string, archiveDir: string): string {
  const found = new RegExp(`^${name} = '?(.*?)'?$`, 'm').exec(page)?.[1]
  if (found === undefined) throw new Error(`docs/operating.md does not say ${name}`)
  return found.replaceAll('/srv/archive', archiveDir)
}

/** Commits so many messages, one after the other, each acknowledged; every third is delivered and some are large. */
async function take(journal: Journal, many: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < many; i += 1) {
    const one = newIntake(i % 10 === 0 ? { bytes: Buffer.alloc(100_000, `ESSAI${i}`) } : {})
    expect((await journal.commit([one])).kind).toBe('committed')
    const id = one.deliveries[0]!.id
    if (i % 3 === 0) {
      await journal.record(newMove(id))
      await journal.record(newMove(id, { from: ['sending'], to: 'delivered' }))
    }
    ids.push(one.id)
  }
  return ids
}

test.skipIf(need !== null)(
  `base backup, more messages, a time, more messages, the server destroyed: back at the time are exactly those acknowledged until then${
    need === null ? '' : `: ${need}`
  }`,
  async () => {
    const cluster = await startCluster({ archive: true })
    onTestFinished(() => cluster.end())
    cluster.configure({ archive_command: documented('archive_command', cluster.archiveDir) })
    const url = await cluster.createDatabase('region')
    const journal = await openPostgresJournal(postgresOptions(url))
    const early = await take(journal, 20)

    const base = mkdtempSync(join(tmpdir(), 'passerelle-base-'))
    onTestFinished(() => rmSync(base, { recursive: true, force: true }))
    give(base)
    const command = /^pg_basebackup (.*)$/m.exec(page)![1]!.replace('/srv/base', base).split(' ')
    const admin = new URL(cluster.adminUrl())
    const place = [`--host=${admin.hostname}`, `--port=${admin.port}`, '--username=postgres']
    runProgram('pg_basebackup', [...command, ...place], { PGPASSWORD: cluster.password })

    const until1 = [...early, ...(await take(journal, 40))]
    const counts = await journal.counts()
    const [now] = await ask(url, 'SELECT clock_timestamp()::text AS at')
    const late = await take(journal, 20)
    await journal.close()
    const [last] = await ask(cluster.adminUrl(), 'SELECT pg_walfile_name(pg_switch_wal()) AS wal')
    await until('the log is archived', async () => {
      const [row] = await ask(cluster.adminUrl(), 'SELECT last_archived_wal AS wal FROM pg_stat_archiver')
      return String(row?.['wal']) >= String(last?.['wal'])
    })
    await cluster.kill9()
    rmSync(cluster.dataDir, { recursive: true })

    writeFileSync(join(base, 'recovery.signal'), '')
    const restored = await startCluster({
      dataDir: base,
      password: cluster.password,
      settings: {
        restore_command: documented('restore_command', cluster.archiveDir),
        recovery_target_time: String(now?.['at']),
        recovery_target_action: documented('recovery_target_action', ''),
      },
    })
    onTestFinished(() => restored.end())
    const asked = openPostgresJournal(postgresOptions(restored.url('region')))
    await expect(asked, 'while it only reads').rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
    await ask(restored.adminUrl('region'), /"(SELECT pg_wal_replay_resume\(\))"/.exec(page)![1]!)
    await until('it takes writes', async () => {
      const [row] = await ask(restored.adminUrl(), 'SELECT pg_is_in_recovery() AS recovering')
      return row?.['recovering'] === false
    })
    const there = await openPostgresJournal(postgresOptions(restored.url('region')))
    const rows = await there.read<{ id: string }>({ sql: 'SELECT id FROM message ORDER BY seq', parameters: [] })
    expect(rows.map(({ id }) => id)).toEqual(until1)
    for (const id of late) expect(await there.state(id)).toBeNull()
    expect(await there.counts()).toEqual(counts)
    const { received, closed, inFlight, parked } = counts
    expect(received).toBe(closed + inFlight + parked)
    expect(await there.verify(null)).toEqual({ checked: until1.length, damaged: [] })
    expect((await bytesOf(there, until1[20]!)).length).toBe(100_000)
    expect((await there.commit([newIntake()])).kind).toBe('committed')
    await there.close()
  },
  120_000,
)
