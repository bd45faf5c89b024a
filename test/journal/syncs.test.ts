import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scratch } from './rig.ts'

const CHILD = fileURLToPath(new URL('./sync-steps.ts', import.meta.url))
const CALLS = 'write,writev,pwrite64,pwritev,fsync,fdatasync,rename,renameat,renameat2,link,linkat'

/** A call of the system: `fsync mailboxes/op.test`, and the lines of the trace where it began and ended. */
interface Call {
  readonly what: string
  readonly begins: number
  ends: number
}

const traced = spawnSync('strace', ['-V']).status === 0 || Boolean(process.env['CI'])
let dir = ''
let end = async () => {}
let calls: readonly Call[] = []

beforeAll(async () => {
  ;({ dir, end } = await scratch())
  if (!traced) return
  const trace = join(dir, 'trace')
  const args = ['-f', '-qq', '-y', '-s', '256', '-e', `trace=${CALLS}`, '-e', 'signal=none', '-o', trace]
  const { status, stderr } = spawnSync('strace', [...args, process.execPath, CHILD, dir], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  calls = readTrace(readFileSync(trace, 'utf8'))
}, 60_000)
afterAll(() => end())

/** The calls of a trace in the order in which they began, with paths below the test's folder. */
function readTrace(text: string): Call[] {
  const found: Call[] = []
  const open = new Map<string, Call>()
  for (const [at, line] of text.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const call = /^(\w+)\((.*)$/.exec(rest)
    if (call === null) {
      const resumed = open.get(thread)
      if (rest.startsWith('<... ') && resumed !== undefined) resumed.ends = at
      continue
    }
    const [, name = '', argument = ''] = call
    const one: Call = { what: `${nameOf(name)} ${objectOf(argument)}`, begins: at, ends: at }
    found.push(one)
    if (rest.endsWith('<unfinished ...>')) {
      one.ends = Number.POSITIVE_INFINITY
      open.set(thread, one)
    }
  }
  return found
}

function nameOf(call: string): string {
  if (call.includes('write')) return 'write'
  if (call.includes('sync')) return 'sync'
  return call.replace(/at2?$/, '')
}

/** The file of `7</path>`, the last path of a rename, or what is said to the test. */
function objectOf(argument: string): string {
  const said = /^1<[^>]*>, "([^"]*)\\n"/.exec(argument)?.[1]
  if (said !== undefined) return said
  const paths = [...argument.matchAll(/<(\/[^>]*)>|"(\/[^"]*)"/g)].map(([, file, path]) => file ?? path!)
  const last = /^\d/.test(argument) ? paths[0] : paths.at(-1)
  return last === dir ? '.' : (last?.replace(`${dir}/`, '') ?? '')
}

/** What of these steps happened after that was said, each begun when the one before had ended; it ends where one is missing. */
function happened(since: string | null, steps: readonly string[]): readonly string[] {
  let done = since === null ? 0 : calls.find(({ what }) => what === `write ${since}`)!.ends + 1
  const found: string[] = []
  for (const step of steps) {
    const next = calls.find(({ what, begins }) => begins >= done && what === step)
    if (next === undefined) break
    found.push(step)
    done = next.ends + 1
  }
  return found
}

const BOX = 'mailboxes/op.test/anne'
const BODIES = 'store/bodies'
const DAY = `${BODIES}/2026-03-14`
/** The first that a process makes. */
const BODY = `${DAY}/01990000-0000-7000-8000-000000000001`
const MAIL = '1700000000.d1.host,S=5'
const COPY = '1700000001.d2.host,S=1'

describe.skipIf(!traced)(`synced on disk${traced ? '' : ': strace is missing here'}`, () => {
  test.each<[what: string, since: string | null, steps: readonly string[]]>([
    ['the names of a new store', null, ['sync store', 'sync .', 'write opened']],
    [
      'a body, before the commit that names it, before the answer',
      'opened',
      [
        'sync store/bodies',
        'sync store',
        `write ${BODY}`,
        `sync ${BODY}`,
        `sync ${DAY}`,
        'write store/store.db-wal',
        'sync store/store.db-wal',
        'write committed',
      ],
    ],
    [
      'the names of a new mailbox',
      'committed',
      [`sync ${BOX}`, 'sync mailboxes/op.test', 'sync mailboxes', 'sync .', 'write put'],
    ],
    [
      'a mail in a mailbox',
      'committed',
      [
        `write ${BOX}/tmp/${MAIL}`,
        `sync ${BOX}/tmp/${MAIL}`,
        `rename ${BOX}/new/${MAIL}`,
        `sync ${BOX}/new`,
        'write put',
      ],
    ],
    ['a mail that is found where an attempt before put it', 'put', [`sync ${BOX}/cur`, 'write put again']],
    [
      'a copy, with the name of its folder',
      'put again',
      [
        `sync ${BOX}/.Sent`,
        `sync ${BOX}`,
        `write ${BOX}/.Sent/tmp/${COPY}`,
        `sync ${BOX}/.Sent/tmp/${COPY}`,
        `link ${BOX}/.Sent/cur/${COPY}:2,S`,
        `sync ${BOX}/.Sent/cur`,
        'write copied',
      ],
    ],
    [
      'a mail that is moved',
      'copied',
      [
        `sync ${BOX}/.Archive`,
        `sync ${BOX}`,
        `rename ${BOX}/.Archive/cur/${COPY}:2,S`,
        `sync ${BOX}/.Archive/cur`,
        'write moved',
      ],
    ],
  ])('%s', (_what, since, steps) => {
    expect(happened(since, steps)).toEqual(steps)
  })
})
