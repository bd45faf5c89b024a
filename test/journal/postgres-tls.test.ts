import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GatewayError } from '../../src/core/errors.ts'
import { openPostgresJournal } from '../../src/pipeline/journal/postgres/open.ts'
import { ask, type Cluster, startCluster } from '../support/postgres/cluster.ts'
import { giveAll, missingPostgres } from '../support/postgres/server.ts'
import { newIntake } from './made.ts'
import { postgresOptions } from './postgres-rig.ts'

const need = missingPostgres()

/** A certificate that signs itself, for one address: `cert` and `key` in the folder. */
function makeCertificate(folder: string, name: string, address: string): void {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)]
  const about = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${address}`]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...kind, ...about, '-days', '2', '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  chmodSync(key, 0o600)
}

describe.skipIf(need !== null)(`a database server with TLS${need === null ? '' : `: ${need}`}`, () => {
  let folder = ''
  let cluster: Cluster
  let url = ''
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'passerelle-tls-'))
    makeCertificate(folder, 'server', '127.0.0.1')
    makeCertificate(folder, 'other', '127.0.0.1')
    giveAll(folder)
    const files = { ssl_cert_file: join(folder, 'server.pem'), ssl_key_file: join(folder, 'server.key') }
    cluster = await startCluster({ settings: { ssl: 'on', ...files } })
    url = await cluster.createDatabase('region')
  })
  afterAll(async () => {
    await cluster?.end()
    rmSync(folder, { recursive: true, force: true })
  })

  test('its authority in the address: every connection is TLS', async () => {
    const address = `${url}?sslmode=verify-full&sslrootcert=${join(folder, 'server.pem')}`
    const journal = await openPostgresJournal(postgresOptions(address))
    try {
      expect((await journal.commit([newIntake()])).kind).toBe('committed')
      const connections = await ask(
        cluster.adminUrl(),
        "SELECT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid) WHERE a.application_name LIKE 'passerelle%'",
      )
      expect(connections.length).toBeGreaterThan(1)
      expect(new Set(connections.map(({ ssl }) => ssl))).toEqual(new Set([true]))
    } finally {
      await journal.close()
    }
  })

  const unbelieved: [name: string, more: () => string, code: string][] = [
    ['no authority is named', () => '', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    ['another is', () => `&sslrootcert=${join(folder, 'other.pem')}`, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ]
  test.each(unbelieved)('%s: the sentence says what to write', async (_, more, code) => {
    const fault = await openPostgresJournal(postgresOptions(`${url}?sslmode=verify-full${more()}`)).then(
      () => null,
      (error: unknown) => error as GatewayError,
    )
    expect(fault).toMatchObject({ code: 'STORE_UNREACHABLE', message: expect.stringContaining(`(${code})`) })
    expect(fault?.message).toContain('sslrootcert')
  })
})
