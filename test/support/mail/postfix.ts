import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { missing } from '../world/needs.ts'
import { freePort } from '../world/ports.ts'
import { until } from '../world/until.ts'

const PROGRAMS = '/usr/lib/postfix/sbin'

/**
 * What to do with a test that needs a Postfix of its own: null to run it, else the sentence to skip it with (its processes
 * change their user, which root alone may).
 * @throws {Error} with that sentence in CI, when it is Postfix that is missing */
export function missingPostfix(): string | null {
  const none = missing('/usr/sbin/postconf', ['-d', 'mail_version'])
  return none ?? (process.getuid?.() === 0 ? null : 'needs root, to run a Postfix of its own')
}

/** How a Postfix is made. */
export interface PostfixSpec {
  readonly lab: string
  /** Whose certificate it shows. */
  readonly operator: string
  /** Addresses that it keeps. */
  readonly boxes: readonly string[]
  /** Where the mail of other domains goes. */
  readonly hosts: Readonly<Record<string, number>>
  /** For other operators; absent: a free one. */
  readonly port?: number
  /** More of main.cf. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** A mail operator that runs Postfix. */
export interface Postfix {
  /** For other operators: STARTTLS with a certificate of the lab. */
  readonly port: number
  /** For its own users: plain, and sends everywhere. */
  readonly localPort: number
  readonly host: string
  /** The mails in a mailbox now as they came over the wire, behind the three lines that the mailbox adds. */
  mails(address: string): readonly string[]
  /** The same once there are `count`. @throws when there are more */
  arrived(address: string, count: number): Promise<readonly string[]>
  log(): string
  /** Resolves when its queue is empty. */
  idle(): Promise<void>
  readonly pid: number
  start(): Promise<void>
  stop(): Promise<void>
  end(): Promise<void>
}

/** Folders of the queue, and whether the group may reach in. */
const QUEUES = 'active bounce corrupt defer deferred flush hold incoming private saved trace'.split(' ')

/** Starts one that ends with the process of the test. */
export async function startPostfix(spec: PostfixSpec): Promise<Postfix> {
  const dir = mkdtempSync(join(tmpdir(), 'postfix-'))
  const host = `mail.${spec.operator}.mssante.test`
  const [port, localPort] = [spec.port ?? (await freePort()), await freePort()]
  const postfix = Number(execFileSync('id', ['-u', 'postfix'], { encoding: 'utf8' }))
  const group = Number(execFileSync('id', ['-g', 'postfix'], { encoding: 'utf8' }))
  const drop = Number(execFileSync('getent', ['group', 'postdrop'], { encoding: 'utf8' }).split(':')[2])
  // Its processes are other users, who must reach what is theirs in it.
  chmodSync(dir, 0o755)
  for (const name of ['conf', 'queue', 'data', 'mail', 'queue/pid']) mkdirSync(join(dir, name))
  const owned = (name: string, gid = group, mode = 0o700): void => {
    mkdirSync(join(dir, name), { recursive: true })
    chownSync(join(dir, name), postfix, gid)
    chmodSync(join(dir, name), mode)
  }
  for (const name of QUEUES) owned(`queue/${name}`)
  owned('queue/maildrop', drop, 0o1730)
  owned('queue/public', drop, 0o2710)
  owned('data')
  owned('mail')
  const log = join(dir, 'log')
  writeFileSync(log, '')
  writeFileSync(join(dir, 'conf/main.cf'), mainCf(dir, host, postfix, group, spec))
  writeFileSync(join(dir, 'conf/master.cf'), masterCf(port, localPort))
  let child: ChildProcess | null = null
  let gone: Promise<unknown> = Promise.resolve()
  const mails = (address: string): readonly string[] => {
    const folder = join(dir, 'mail', address, 'new')
    if (!existsSync(folder)) return []
    return readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .map((text) =>
        text.replaceAll('\n', '\r\n').replace(/^(?:(?:Return-Path|X-Original-To|Delivered-To): .*\r\n)+/, ''),
      )
  }
  const started: Postfix = {
    port,
    localPort,
    host,
    mails,
    async arrived(address, count) {
      const found = await until(`${count} mails for ${address} at Postfix`, async () => {
        const now = mails(address)
        return now.length >= count && now
      })
      if (found.length > count) throw new Error(`${found.length} mails for ${address} at Postfix, not ${count}`)
      return found
    },
    log: () => readFileSync(log, 'utf8'),
    async idle() {
      await until(
        'the queue of Postfix is empty',
        async () => {
          const queued = ['incoming', 'active', 'deferred'].map((name) => readdirSync(join(dir, 'queue', name)).length)
          return queued.every((count) => count === 0)
        },
        { withinMs: 120_000, everyMs: 100 },
      )
    },
    get pid() {
      return child?.pid ?? 0
    },
    async start() {
      // A group of its own: master ends its whole group with itself.
      child = spawn('setpriv', ['--pdeathsig', 'TERM', join(PROGRAMS, 'master'), '-c', join(dir, 'conf'), '-d'], {
        stdio: 'ignore',
        detached: true,
        cwd: '/',
        env: { PATH: process.env['PATH'], LC_ALL: 'C' },
      })
      gone = once(child, 'exit')
      const lines = started.log().length
      await until('Postfix has started', async () => {
        if (child?.exitCode !== null) throw new Error(`Postfix ended: ${started.log().slice(-1_000)}`)
        return started.log().slice(lines).includes('daemon started')
      })
    },
    async stop() {
      child?.kill('SIGTERM')
      await gone
      // The others end a second behind it: until then a queue manager of before would hold mails from the next.
      await until('all of Postfix has ended', async () => child === null || !isThere(-child.pid!))
    },
    async end() {
      await started.stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
  await started.start()
  return started
}

/** Is there such a process, or one of such a group (negative)? */
function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function mainCf(dir: string, host: string, uid: number, gid: number, spec: PostfixSpec): string {
  const { lab, operator, boxes, hosts } = spec
  const table = (rows: readonly (readonly [string, string])[]): string =>
    rows.length === 0 ? '' : `inline:{ ${rows.map(([key, value]) => `{ ${key} = ${value} }`).join(', ')} }`
  const [key, cert, ca] = [`operator-${operator}.key`, `operator-${operator}.pem`, 'ca.pem'].map((name) =>
    join(lab, name),
  )
  const settings: Readonly<Record<string, string | number>> = {
    compatibility_level: '3.6',
    queue_directory: join(dir, 'queue'),
    data_directory: join(dir, 'data'),
    command_directory: '/usr/sbin',
    daemon_directory: PROGRAMS,
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    maillog_file_prefixes: dir,
    maillog_file: join(dir, 'log'),
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    myhostname: host,
    mydestination: '',
    virtual_mailbox_domains: [...new Set(boxes.map((box) => box.split('@')[1]))].join(', '),
    virtual_mailbox_base: join(dir, 'mail'),
    virtual_mailbox_maps: table(boxes.map((box) => [box, `${box}/`])),
    virtual_uid_maps: `static:${uid}`,
    virtual_gid_maps: `static:${gid}`,
    transport_maps: table(Object.entries(hosts).map(([domain, to]) => [domain, `smtp:[127.0.0.1]:${to}`])),
    smtpd_tls_key_file: key!,
    smtpd_tls_cert_file: cert!,
    smtpd_tls_CAfile: ca!,
    smtpd_tls_received_header: 'yes',
    mynetworks: '127.0.0.0/8',
    smtpd_relay_restrictions: 'reject_unauth_destination',
    smtp_tls_key_file: key!,
    smtp_tls_cert_file: cert!,
    smtp_tls_CAfile: ca!,
    smtp_tls_security_level: 'encrypt',
    smtp_line_length_limit: 0,
    message_size_limit: 40 * 2 ** 20,
    mailbox_size_limit: 0,
    virtual_mailbox_limit: 0,
    queue_run_delay: '1s',
    minimal_backoff_time: '1s',
    maximal_backoff_time: '2s',
    // What is found here is wanted at once.
    smtpd_client_connection_rate_limit: 0,
    smtpd_client_connection_count_limit: 0,
    smtpd_error_sleep_time: 0,
    ...spec.settings,
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')
}

function masterCf(port: number, localPort: number): string {
  return `127.0.0.1:${port} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt
  -o smtpd_tls_req_ccert=yes
127.0.0.1:${localPort} inet n - n - - smtpd
  -o smtpd_relay_restrictions=permit_mynetworks,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
pickup unix n - n 60 1 pickup
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
`
}
