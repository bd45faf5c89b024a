import { copyFile, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { syncFolder } from '../../pipeline/journal/folder.ts'

/**
 * Moves a backup to where it was asked for, another disk as well: it has its name there once it is whole and synced, and the one
 * at `from` stays until then. @throws what the system says; `from` is then as it was */
export async function putBackup(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error
    await copyWhole(from, to)
    await rm(from)
  }
}

async function copyWhole(from: string, to: string): Promise<void> {
  const part = `${to}.part`
  try {
    await copyFile(from, part)
    const file = await open(part, 'r+')
    await file.sync().finally(() => file.close())
    await rename(part, to)
  } finally {
    await rm(part, { force: true })
  }
  await syncFolder(dirname(to))
}
