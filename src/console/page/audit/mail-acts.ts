/** Words of the acts of secure mail, in both languages. */
interface Facts {
  readonly detail: string
}

type Act = (facts: Facts) => string

/** In French. */
export const MAIL_ACTS_FR: Readonly<Record<string, Act>> = {
  'list-mail': ({ detail }) => `a consulté les courriers d’une BAL déléguée${detail}`,
  'create-mailbox': ({ detail }) => `a créé une BAL${detail}`,
  'change-mailbox': ({ detail }) => `a modifié une BAL${detail}`,
  'suspend-mailbox': ({ detail }) => `a suspendu une BAL${detail}`,
  'resume-mailbox': ({ detail }) => `a repris une BAL suspendue${detail}`,
  'close-mailbox': ({ detail }) => `a clos définitivement une BAL${detail}`,
  'delegate-mailbox': ({ detail }) => `a délégué une BAL${detail}`,
  'undelegate-mailbox': ({ detail }) => `a retiré une délégation de BAL${detail}`,
  'take-white-list': () => 'a pris en service une liste blanche',
  'confirm-white-list': () => 'a confirmé et pris en service une liste blanche réduite',
  'extend-white-list': ({ detail }) => `a prolongé la liste blanche${detail}`,
  'refuse-white-list': () => 'a refusé une liste blanche',
  'import-directory': ({ detail }) => `a importé un fichier de l’annuaire${detail}`,
  'take-directory': ({ detail }) => `a pris en service un annuaire${detail}`,
}

/** In English. */
export const MAIL_ACTS_EN: Readonly<Record<string, Act>> = {
  'list-mail': ({ detail }) => `looked at the mails of a delegated mailbox${detail}`,
  'create-mailbox': ({ detail }) => `created a mailbox${detail}`,
  'change-mailbox': ({ detail }) => `changed a mailbox${detail}`,
  'suspend-mailbox': ({ detail }) => `suspended a mailbox${detail}`,
  'resume-mailbox': ({ detail }) => `resumed a mailbox${detail}`,
  'close-mailbox': ({ detail }) => `closed a mailbox for ever${detail}`,
  'delegate-mailbox': ({ detail }) => `delegated a mailbox${detail}`,
  'undelegate-mailbox': ({ detail }) => `took back a delegation of a mailbox${detail}`,
  'take-white-list': () => 'took a white list into use',
  'confirm-white-list': () => 'confirmed a white list that shrank, and took it into use',
  'extend-white-list': ({ detail }) => `extended the white list${detail}`,
  'refuse-white-list': () => 'refused a white list',
  'import-directory': ({ detail }) => `imported a file of the directory${detail}`,
  'take-directory': ({ detail }) => `took a directory into use${detail}`,
}
