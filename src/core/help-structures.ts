/** What to do about the codes of the register of establishments, in both languages. */
import type { ErrorCode } from './errors.ts'

type Codes = Extract<ErrorCode, `STRUCTURE_${string}`>

/** In French. */
export const STRUCTURES_HELP_FR: Readonly<Record<Codes, string>> = {
  STRUCTURE_FILE:
    "Le fichier n'est pas une extraction FINESS (lignes séparées par « ; », ou leur archive zip) que profiles/structures/finess.yaml sache lire. Le répertoire reste inchangé.",
  STRUCTURE_COLUMN:
    "Une colonne indispensable (numéro FINESS, raison sociale) n'est pas dans l'en-tête. Si elle a changé de nom, écrivez-le dans profiles/structures/finess.yaml.",
  STRUCTURE_TOO_LARGE: 'Le fichier dépasse 256 Mio, ou son archive se déploie démesurément.',
  STRUCTURE_LINE:
    "La ligne est trop longue, n'a pas assez de colonnes, n'a pas de raison sociale, contient des guillemets mal fermés ou n'est d'aucune section connue : elle est ignorée.",
  STRUCTURE_FINESS: "Le numéro FINESS de la ligne manque ou n'a pas la forme attendue : elle est ignorée.",
  STRUCTURE_KEY: "La clé du numéro FINESS n'est pas la bonne : la ligne est prise, à vérifier.",
  STRUCTURE_BUSY: "Un import du répertoire des établissements est déjà en cours : attendez qu'il se termine.",
  STRUCTURE_CUT: "L'import s'est interrompu avant la fin ; le répertoire reste celui d'avant. Relancez l'import.",
  STRUCTURE_FIELD: "Un champ n'a pas la forme attendue : corrigez-le. Rien n'a été enregistré.",
  STRUCTURE_BROAD: 'La recherche trouve plus de 2 000 structures : précisez-la.',
  STRUCTURE_UNKNOWN:
    "Ce numéro FINESS n'est pas dans le répertoire importé : vérifiez-le, ou importez une extraction récente.",
}

/** In English. */
export const STRUCTURES_HELP_EN: Readonly<Record<Codes, string>> = {
  STRUCTURE_FILE:
    'The file is no extraction of FINESS (lines with ";" between cells, or their zip archive) that profiles/structures/finess.yaml can read. The register stays as it is.',
  STRUCTURE_COLUMN:
    'A column that is needed (FINESS number, name) is not in the header. If it has another name now, write it into profiles/structures/finess.yaml.',
  STRUCTURE_TOO_LARGE: 'The file is larger than 256 MiB, or its archive unpacks beyond all measure.',
  STRUCTURE_LINE:
    'The line is too long, has too few columns or no name, has a quote that is not closed, or is of no known section: it is left out.',
  STRUCTURE_FINESS: 'The FINESS number of the line is missing or has not its form: it is left out.',
  STRUCTURE_KEY: 'The key of the FINESS number is wrong: the line is taken; check it.',
  STRUCTURE_BUSY: 'An import of the register of establishments is under way: wait until it has ended.',
  STRUCTURE_CUT: 'The import ended before the file did; the register is the one from before. Import it again.',
  STRUCTURE_FIELD: 'A field has not the form it must have: correct it. Nothing was kept.',
  STRUCTURE_BROAD: 'More than 2,000 structures are found: ask for less.',
  STRUCTURE_UNKNOWN:
    'This FINESS number is not in the register as it was imported: check it, or import a newer extraction.',
}
