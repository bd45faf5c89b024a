import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { scratch } from './rig.ts'
import { type Call, happened, readTrace, TRACED_CALLS } from './trace.ts'

const CHILD = fileURLToPath(new URL('./sync-steps.ts', import.meta.url))

const traced = spawnSync('strace', ['-V']).status === 0 || Boolean(process.env['CI'])
let dir = ''
let end = async () => {}
let calls: readonly Call[] = []

beforeAll(async () => {
  ;({ dir, end } = await scratch())
  if (!traced) return
  const trace = join(dir, 'trace')
  const args = ['-f', '-qq', '-y', '-s', '256', '-e', `trace=${TRACED_CALLS}`, '-e', 'signal=none', '-o', trace]
  const { status, stderr } = spawnSync('strace', [...args, process.execPath, CHILD, dir], { encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  calls = readTrace(readFileSync(trace, 'utf8'), dir)
}, 60_000)
afterAll(() => end())

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
    expect(happened(calls, since, steps)).toEqual(steps)
  })
})
