import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Identity } from './pki.ts'

const CONFIG = (dir: string) => `[ca]
default_ca = essai
[essai]
database = ${dir}/index.txt
crlnumber = ${dir}/number
default_md = sha256
`

/** `YYMMDDHHMMSSZ`, as openssl writes and takes times. */
function stamp(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+/, '').replace(/[-:T]/g, '').slice(2)
}

/** A revocation list made by openssl: signed by `ca`, with these certificates on it, due to be renewed at `nextMs`. */
export function revocationList(ca: Identity, revoked: readonly Identity[], nextMs: number): string {
  const dir = mkdtempSync(join(tmpdir(), 'crl-'))
  try {
    const rows = revoked.map(({ cert }) => {
      const { serialNumber } = new X509Certificate(cert)
      return `R\t${stamp(Date.now() + 86_400_000)}\t${stamp(Date.now() - 60_000)}\t${serialNumber}\tunknown\t/CN=x\n`
    })
    writeFileSync(join(dir, 'index.txt'), rows.join(''))
    writeFileSync(join(dir, 'number'), '01\n')
    writeFileSync(join(dir, 'openssl.cnf'), CONFIG(dir))
    writeFileSync(join(dir, 'ca.pem'), ca.cert)
    writeFileSync(join(dir, 'ca.key'), ca.key)
    const times = ['-crl_lastupdate', stamp(nextMs - 86_400_000), '-crl_nextupdate', stamp(nextMs)]
    const files = ['-config', join(dir, 'openssl.cnf'), '-cert', join(dir, 'ca.pem'), '-keyfile', join(dir, 'ca.key')]
    return execFileSync('openssl', ['ca', '-gencrl', ...files, ...times], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  } finally {
    rmSync(dir, { recursive: true })
  }
}
