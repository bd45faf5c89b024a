import { readFile, stat } from 'node:fs/promises'
import type { FileChecked } from '../../formats/conformity/check-file.ts'
import { type Bilingual, type Call, type ExitCode, plain, text, UsageError } from './command.ts'
import { bytesIn, unreadable } from './input.ts'

/** A statement of a large framework is some hundreds of KiB. */
const MOST_BYTES = 32 * 1024 * 1024

const FAULTS: Readonly<Record<NonNullable<FileChecked['fault']>, Bilingual>> = {
  'no-statement': {
    en: 'it holds no signed statement of conformity',
    fr: 'il ne contient pas de constat de conformité signé',
  },
  'other-key': {
    en: 'it was signed by another key than the one given',
    fr: 'il a été signé par une autre clé que celle qui est donnée',
  },
  changed: {
    en: 'it was changed after it was signed',
    fr: 'il a été modifié après sa signature',
  },
}
const OTHER_PAGES: Bilingual = {
  en: 'the statement inside is good, but these pages are not the ones that this release makes of it: read the JSON',
  fr: 'le constat joint est bon, mais ces pages ne sont pas celles que cette version en fait : lire le JSON',
}

/**
 * `conformity verify FILE --key PEM`: is this statement, as JSON or PDF, what the region signed? The key is the public key of the
 * region's audit, got from the region and not from whoever showed the file. */
export async function verifyStatement(files: readonly string[], call: Call): Promise<ExitCode> {
  const keyFile = text(call, 'key')
  const [file] = files
  if (file === undefined || files.length > 1 || keyFile === undefined) {
    throw new UsageError('passerelle conformity verify FILE --key PUBLIC-KEY.pem')
  }
  const [{ publicKeyOf }, { checkStatementFile }] = await Promise.all([
    import('../../formats/audit/head.ts'),
    import('../../formats/conformity/check-file.ts'),
  ])
  const key = publicKeyOf(await readFile(keyFile, 'utf8').catch(() => ''))
  if (key === null) {
    throw new UsageError(
      {
        en: `${plain(keyFile)} holds no public key (Ed25519, PEM).`,
        fr: `${plain(keyFile)} ne contient pas de clé publique (Ed25519, PEM).`,
      }[call.language],
    )
  }
  const checked = await checkStatementFile(await bytesOf(file, call), key)
  return tell(file, checked, call)
}

async function bytesOf(file: string, call: Call): Promise<Buffer> {
  const size = (await stat(file).catch(() => null))?.size ?? 0
  if (size > MOST_BYTES) throw unreadable(file, { code: 'EFBIG' }, call)
  return bytesIn(file, call)
}

function tell(file: string, checked: FileChecked, { io, json, language }: Call): ExitCode {
  const good = checked.fault === null && checked.pages !== 'other'
  if (json) {
    const { statement = null, pages = null } = checked.fault === null ? checked : {}
    io.out(`${JSON.stringify({ ok: good, fault: checked.fault, pages, statement })}\n`)
    return good ? 0 : 1
  }
  if (checked.fault !== null) {
    io.err(`${plain(file)}: ${FAULTS[checked.fault][language]}\n`)
    return 1
  }
  const { establishment, framework, madeAt, share } = checked.statement
  io.out(`${plain(`${establishment.name}, ${framework.name}, ${madeAt}: ${share.met}/${share.of}`)}\n`)
  if (!good) io.err(`${plain(file)}: ${OTHER_PAGES[language]}\n`)
  return good ? 0 : 1
}
