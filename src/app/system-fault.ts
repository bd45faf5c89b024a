import { type CliLanguage, plain } from './cli/command.ts'

/** What the system says of an error, as Node gives it: which call, on what. */
type SystemFault = NodeJS.ErrnoException & { readonly address?: string; readonly port?: number; readonly dest?: string }

/** Words behind the place that it is about. */
const WORDS: Readonly<Record<string, Readonly<Record<CliLanguage, string>>>> = {
  EADDRINUSE: {
    en: 'is in use by another process: end that one, or give the door another port',
    fr: 'est déjà pris par un autre processus : arrêtez-le, ou donnez un autre port à l’entrée',
  },
  EADDRNOTAVAIL: {
    en: 'is no address of this machine: mend the host of the door',
    fr: 'n’est pas une adresse de cette machine : corrigez le host de l’entrée',
  },
  EACCES: { en: 'may not be used by this account', fr: 'n’est pas permis à ce compte' },
  EPERM: { en: 'may not be used by this account', fr: 'n’est pas permis à ce compte' },
  EROFS: { en: 'is on a disk that can only be read', fr: 'est sur un disque en lecture seule' },
  ENOSPC: { en: 'is on a disk that is full', fr: 'est sur un disque plein' },
  EDQUOT: { en: 'is on a disk whose quota is used up', fr: 'est sur un disque dont le quota est épuisé' },
  EEXIST: { en: 'is there already, and is something else', fr: 'existe déjà, et est autre chose' },
  ENOENT: { en: 'does not exist', fr: 'n’existe pas' },
  EISDIR: { en: 'is a folder and no file', fr: 'est un dossier et non un fichier' },
  ENOTDIR: { en: 'lies below a file that is no folder', fr: 'est sous un fichier qui n’est pas un dossier' },
}

/** Sentences where no place is told, as of a write to a file that was opened before. */
const ALONE: Readonly<Record<string, Readonly<Record<CliLanguage, string>>>> = {
  ENOSPC: {
    en: 'The disk is full: make room, then try again',
    fr: 'Le disque est plein : faites de la place, puis recommencez',
  },
  EDQUOT: { en: 'The quota of the disk is used up', fr: 'Le quota du disque est épuisé' },
  EFBIG: {
    en: 'A file would be larger than this process may write',
    fr: 'Un fichier dépasserait la taille permise à ce processus',
  },
  EIO: {
    en: 'The disk does not read or write: see the log of the system',
    fr: 'Le disque ne lit ou n’écrit plus : voir le journal du système',
  },
}

/** What only where it is written to can be meant by, of a copy or a move. */
const OF_TARGET = ['ENOSPC', 'EDQUOT', 'EROFS', 'EEXIST', 'EFBIG']

/**
 * One sentence for an error of the system, with the address or the path that it is about where it names one; null where
 * nothing can be said, or it is no such error. Those are the gateway's and its operator's own: never what a message holds. */
export function systemSentence(error: unknown, language: CliLanguage): string | null {
  const { code, syscall, address, port, path, dest } = error as SystemFault
  if (code === undefined || syscall === undefined) return null
  const file = OF_TARGET.includes(code) ? (dest ?? path) : path
  const at = port === undefined ? file : `${address ?? ''}:${port}`
  if (at === undefined) return code in ALONE ? `${ALONE[code]?.[language]} (${code}).` : null
  const words = WORDS[code]?.[language]
  return words === undefined ? `${plain(at)}: ${code}` : `${plain(at)} ${words} (${code}).`
}
