import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missing } from '../world/needs.ts'
import { freePort } from '../world/ports.ts'
import { until } from '../world/until.ts'

/**
 * What to do with a test that needs a Dovecot of its own: null to run it, else the sentence to skip it with (its processes
 * change their user, which root alone may).
 * @throws {Error} with that sentence in CI, when it is Dovecot that is missing */
export function missingDovecot(): string | null {
  const none = missing('/usr/sbin/dovecot', ['--version']) ?? missing('test', ['-x', '/usr/lib/dovecot/lmtp'])
  return none ?? (process.getuid?.() === 0 ? null : 'needs root, to run a Dovecot of its own')
}

/** A user of Dovecot: password, and what else the line of the password file says (`userdb_…`). */
export interface DovecotUser {
  readonly name: string
  readonly more?: readonly string[]
}

/** How a Dovecot is made. */
export interface DovecotSpec {
  /** Absent: a free one. */
  readonly lmtpPort?: number
  readonly users: readonly DovecotUser[]
  /** More of dovecot.conf. */
  readonly more?: string
  /** More files beside it, by name. */
  readonly files?: Readonly<Record<string, string>>
}

/** A mail store of an establishment. */
export interface Dovecot {
  readonly lmtpPort: number
  readonly imapPort: number
  /** Whom its mail belongs to. */
  readonly uid: number
  readonly gid: number
  readonly dir: string
  log(): string
  end(): Promise<void>
}

/** Password of all its users. */
export const DOVECOT_SECRET = 'lab-secret'

/** Starts one that ends with the process of the test: LMTP and IMAP, plain, on loopback. */
export async function startDovecot({ users, more = '', files = {}, ...spec }: DovecotSpec): Promise<Dovecot> {
  const dir = mkdtempSync(join(tmpdir(), 'dovecot-'))
  chmodSync(dir, 0o755)
  const id = (what: string): number => Number(execFileSync('id', [what, 'dovecot'], { encoding: 'utf8' }))
  const [uid, gid] = [id('-u'), id('-g')]
  const [lmtpPort, imapPort] = [spec.lmtpPort ?? (await freePort()), await freePort()]
  mkdirSync(join(dir, 'mail'))
  chownSync(join(dir, 'mail'), uid, gid)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  const lines = users.map(({ name, more: fields = [] }) =>
    [
      name,
      `{PLAIN}${DOVECOT_SECRET}`,
      uid,
      gid,
      '',
      join(dir, 'mail', name),
      '',
      fields.join(' ').replaceAll('$DIR', dir),
    ].join(':'),
  )
  writeFileSync(join(dir, 'users'), `${lines.join('\n')}\n`)
  const conf = join(dir, 'dovecot.conf')
  writeFileSync(conf, configuration(dir, lmtpPort, imapPort, uid) + more.replaceAll('$DIR', dir))
  const log = join(dir, 'log')
  writeFileSync(log, '')
  const child: ChildProcess = spawn('setpriv', ['--pdeathsig', 'TERM', '/usr/sbin/dovecot', '-F', '-c', conf], {
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
    cwd: '/',
  })
  const gone = once(child, 'exit')
  await until('Dovecot has started', async () => {
    if (child.exitCode !== null) throw new Error(`Dovecot ended: ${readFileSync(log, 'utf8').slice(-1_000)}`)
    return existsSync(join(dir, 'run/master.pid')) && readFileSync(log, 'utf8').includes('starting up')
  })
  return {
    lmtpPort,
    imapPort,
    uid,
    gid,
    dir,
    log: () => readFileSync(log, 'utf8'),
    async end() {
      child.kill('SIGTERM')
      await gone
      rmSync(dir, { recursive: true, force: true })
    },
  }
}

function configuration(dir: string, lmtpPort: number, imapPort: number, uid: number): string {
  return `
base_dir = ${dir}/run
state_dir = ${dir}/state
log_path = ${dir}/log
protocols = lmtp imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = ${uid}
mail_location = maildir:~/Maildir
mail_plugins = quota
auth_mechanisms = plain
auth_failure_delay = 0
auth_username_format = %Lu
lmtp_save_to_detail_mailbox = no
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtpPort}
  }
}
# Whoever was refused is not made to wait.
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
passdb {
  driver = passwd-file
  args = ${dir}/users
}
userdb {
  driver = passwd-file
  args = ${dir}/users
}
plugin {
  quota = count:User
  quota_vsizes = yes
  quota_grace = 0
}
`
}
