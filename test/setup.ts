import { tmpdir } from 'node:os'
import { expect } from 'vitest'

// The tests run on the Node the gateway runs on, or not at all.
const major = Number(process.versions.node.split('.')[0])
if (major !== 26) {
  throw new Error(`Passerelle needs Node 26; this is ${process.versions.node}. Run "npm ci", then "npm test".`)
}

// A run may have its files in memory, as `.ci/run` does; `TEST_DISK` is then a folder on a disk. What is killed in the
// middle of commits has its files there, whose fsync takes the time in which it is killed.
const { TEST_DISK } = process.env
if (TEST_DISK !== undefined) {
  process.env['TEST_MEMORY'] ??= tmpdir()
  const onDisk = /\/(proof\/(mail-)?|images\/)crash[-.]/.test(expect.getState().testPath ?? '')
  process.env['TMPDIR'] = onDisk ? TEST_DISK : process.env['TEST_MEMORY']
}
