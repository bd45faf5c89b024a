/** Sentences of help for the codes of the directory of mailboxes. */
import type { ErrorCode } from './errors.ts'

type Codes = Extract<ErrorCode, `DIRECTORY_${string}`>

/** In French. */
export const DIRECTORY_HELP_FR: Readonly<Record<Codes, string>> = {
  DIRECTORY_FILE:
    "Le fichier n'est pas une extraction de l'annuaire : texte UTF-8, une ligne d'en-tête, des colonnes séparées par « | », au moins une BAL ; ou l'archive zip d'un tel fichier. L'annuaire reste inchangé.",
  DIRECTORY_COLUMN_MISSING:
    "Une colonne indispensable n'est pas dans l'en-tête. Si elle a changé de nom, écrivez-le sous mail.directory.columns.",
  DIRECTORY_COLUMN_TWICE:
    "Deux colonnes de l'en-tête portent le même nom : indiquez sous mail.directory.columns laquelle lire.",
  DIRECTORY_TOO_LARGE:
    'Le fichier dépasse la taille admise (mail.directory.maxSize), ou son archive se déploie démesurément.',
  DIRECTORY_LINE:
    "La ligne est trop longue, n'est pas en UTF-8, ou n'a pas autant de colonnes que l'en-tête : elle est ignorée.",
  DIRECTORY_ADDRESS: "La ligne ne contient pas d'adresse de messagerie valable : elle est ignorée.",
  DIRECTORY_KIND: "Le type de BAL de la ligne n'est ni PER, ni ORG, ni APP, ni CAB : elle est ignorée.",
  DIRECTORY_BUSY: "Un import de l'annuaire est déjà en cours : attendez qu'il se termine.",
  DIRECTORY_CUT: "L'import s'est interrompu avant la fin ; l'annuaire reste celui d'avant. Relancez l'import.",
  DIRECTORY_BROAD: 'La recherche trouve plus de 2 000 BAL : précisez-la.',
}

/** In English. */
export const DIRECTORY_HELP_EN: Readonly<Record<Codes, string>> = {
  DIRECTORY_FILE:
    'The file is no extraction of the directory: text in UTF-8, a header line, columns apart by "|", one mailbox at least; or the zip archive of such a file. The directory stays as it is.',
  DIRECTORY_COLUMN_MISSING:
    'A column that is needed is not in the header. If it has another name now, write it under mail.directory.columns.',
  DIRECTORY_COLUMN_TWICE:
    'Two columns of the header have the same name: say under mail.directory.columns which one is read.',
  DIRECTORY_TOO_LARGE: 'The file is larger than mail.directory.maxSize, or its archive unpacks beyond all measure.',
  DIRECTORY_LINE: 'The line is too long, not UTF-8, or has not as many columns as the header: it is left out.',
  DIRECTORY_ADDRESS: 'The line has no mail address: it is left out.',
  DIRECTORY_KIND: 'The kind of mailbox of the line is none of PER, ORG, APP and CAB: it is left out.',
  DIRECTORY_BUSY: 'An import of the directory is under way: wait until it has ended.',
  DIRECTORY_CUT: 'The import ended before the file did; the directory is the one from before. Import it again.',
  DIRECTORY_BROAD: 'More than 2,000 mailboxes are found: ask for less.',
}
