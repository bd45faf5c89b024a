import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { GatewayError } from '../../core/errors.ts'
import type { MailOperator } from '../../core/mail.ts'
import { type DocumentSettings, readDocumentSettings } from '../../formats/documents/settings.ts'

const FILE = join('documents', 'mail.yaml')

/**
 * What mails with documents say, and codes of their metadata: `documents/mail.yaml` of the first folder that has it.
 * @throws {GatewayError} CONFIG_INVALID when it cannot be used, naming the place */
export function documentSettings(folders: readonly string[], operator: MailOperator): DocumentSettings {
  for (const folder of folders) {
    const text = textOf(join(folder, FILE))
    if (text === null) continue
    const read = readDocumentSettings(parse(text), operator)
    if (!read.ok) throw new GatewayError('CONFIG_INVALID', `profiles/${FILE}: ${read.at}`)
    return read.settings
  }
  throw new GatewayError('CONFIG_INVALID', `there is no profiles/${FILE}`)
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
