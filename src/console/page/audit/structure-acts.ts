/** Words of the acts on the register of establishments, in both languages. */
interface Facts {
  readonly detail: string
}

type Act = (facts: Facts) => string

/** In French. */
export const STRUCTURE_ACTS_FR: Readonly<Record<string, Act>> = {
  'import-structures': ({ detail }) => `a importé un fichier du répertoire des établissements${detail}`,
  'take-structures': ({ detail }) => `a pris en service un répertoire des établissements${detail}`,
  'place-structure': ({ detail }) => `a noté le GHT et l'organisme gestionnaire d'une structure${detail}`,
  'add-contact': ({ detail }) => `a ajouté un contact d'une structure${detail}`,
  'change-contact': ({ detail }) => `a modifié un contact d'une structure${detail}`,
  'remove-contact': ({ detail }) => `a retiré un contact d'une structure${detail}`,
  'declare-software': ({ detail }) => `a déclaré un logiciel d'une structure${detail}`,
  'change-software': ({ detail }) => `a modifié un logiciel déclaré d'une structure${detail}`,
  'remove-software': ({ detail }) => `a retiré un logiciel déclaré d'une structure${detail}`,
}

/** In English. */
export const STRUCTURE_ACTS_EN: Readonly<Record<string, Act>> = {
  'import-structures': ({ detail }) => `imported a file of the register of establishments${detail}`,
  'take-structures': ({ detail }) => `took a register of establishments into use${detail}`,
  'place-structure': ({ detail }) => `noted the GHT and managing body of a structure${detail}`,
  'add-contact': ({ detail }) => `added a contact of a structure${detail}`,
  'change-contact': ({ detail }) => `changed a contact of a structure${detail}`,
  'remove-contact': ({ detail }) => `removed a contact of a structure${detail}`,
  'declare-software': ({ detail }) => `declared software of a structure${detail}`,
  'change-software': ({ detail }) => `changed declared software of a structure${detail}`,
  'remove-software': ({ detail }) => `removed declared software of a structure${detail}`,
}
