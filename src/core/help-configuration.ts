/** What to do about the codes of a configuration and its changes, in both languages. */
import type { ErrorCode } from './errors.ts'

type Codes = Extract<ErrorCode, `CONFIG_${string}`>

/** In French. */
export const CONFIGURATION_HELP_FR: Readonly<Record<Codes, string>> = {
  CONFIG_INVALID:
    'La configuration contient des erreurs : passerelle check liste celles de region.yaml, passerelle plan celles d’un changement.',
  CONFIG_ORPHANS:
    'Le changement retire un destinataire que des remises attendent encore : gardez ce destinataire jusqu’à leur fin, ou mettez-les de côté (passerelle apply --park).',
  CONFIG_FIRST: 'Aucune configuration n’a précédé celle-ci : il n’y a rien à quoi revenir.',
  CONFIG_BEHIND:
    "Une autre configuration s'applique que celle connue ici : réessayez. Si cela dure, un fichier manque ici : voir le journal.",
}

/** In English. */
export const CONFIGURATION_HELP_EN: Readonly<Record<Codes, string>> = {
  CONFIG_INVALID:
    'The configuration has errors: passerelle check lists those of region.yaml, passerelle plan those of a change.',
  CONFIG_ORPHANS:
    'The change takes a destination away that deliveries still wait for: keep that destination until they end, or park them (passerelle apply --park).',
  CONFIG_FIRST: 'No configuration ran before this one: there is nothing to go back to.',
  CONFIG_BEHIND:
    'Another configuration runs than this node knows: try again. If it stays so, a file is missing here: its log says which.',
}
