import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { putBackup } from '../../src/app/backup/put.ts'

/** Folders that may lie on two disks: temporary files, and the one that tests keep on a real disk. */
const [here, there] = [tmpdir(), process.env['TEST_DISK'] ?? (existsSync('/dev/shm') ? '/dev/shm' : tmpdir())]
const isOne = statSync(here).dev === statSync(there).dev

function folders(): [string, string] {
  const made = [here, there].map((one) => mkdtempSync(join(one, 'put-'))) as [string, string]
  onTestFinished(() => {
    for (const one of made) rmSync(one, { recursive: true })
  })
  return made
}

describe(`a backup goes to another disk${isOne ? ' (there is none here: TEST_DISK)' : ''}`, () => {
  test('whole, and leaves nothing behind', async () => {
    const [from, to] = folders()
    writeFileSync(join(from, 'one.tar'), 'sauvegarde')
    await putBackup(join(from, 'one.tar'), join(to, 'kept.tar'))
    expect([readdirSync(from), readdirSync(to)]).toEqual([[], ['kept.tar']])
    expect(readFileSync(join(to, 'kept.tar'), 'utf8')).toBe('sauvegarde')
  })

  test('or stays where it is, and nothing bears its name', async () => {
    const [from, to] = folders()
    writeFileSync(join(from, 'one.tar'), 'sauvegarde')
    const full = join(to, 'none', 'kept.tar')
    await expect(putBackup(join(from, 'one.tar'), full)).rejects.toMatchObject({ code: 'ENOENT' })
    expect([readdirSync(from), readdirSync(to)]).toEqual([['one.tar'], []])
  })
})
