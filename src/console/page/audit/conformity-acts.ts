/** Words of the acts of conformity, in both languages. */
interface Facts {
  readonly detail: string
}

type Act = (facts: Facts) => string

/** In French. */
export const CONFORMITY_ACTS_FR: Readonly<Record<string, Act>> = {
  'file-evidence': ({ detail }) => `a déposé une preuve de conformité${detail}`,
  'read-evidence': ({ detail }) => `a téléchargé le document d'une preuve${detail}`,
  'accept-evidence': ({ detail }) => `a accepté une preuve de conformité${detail}`,
  'reject-evidence': ({ detail }) => `a refusé une preuve de conformité${detail}`,
  'withdraw-evidence': ({ detail }) => `a retiré une preuve de conformité${detail}`,
  'set-verdict': ({ detail }) => `a fixé un verdict de conformité${detail}`,
  'lift-verdict': ({ detail }) => `a levé un verdict fixé${detail}`,
  'publish-framework': ({ detail }) => `a publié un référentiel${detail}`,
  'withdraw-framework': ({ detail }) => `a retiré un référentiel${detail}`,
  'enrol-programme': ({ detail }) => `a inscrit un établissement à un programme${detail}`,
  'import-programme': ({ detail }) => `a importé l'inscription d'un établissement à un programme${detail}`,
  'grant-programme': ({ detail }) => `a fixé le montant d'un soutien financier${detail}`,
  'move-programme': ({ detail }) => `a fait avancer un dossier de programme${detail}`,
  'pay-programme': ({ detail }) => `a noté un versement d'un programme${detail}`,
  'declare-programme': ({ detail }) => `a déclaré la valeur d'une cible de programme${detail}`,
}

/** In English. */
export const CONFORMITY_ACTS_EN: Readonly<Record<string, Act>> = {
  'file-evidence': ({ detail }) => `filed evidence of conformity${detail}`,
  'read-evidence': ({ detail }) => `downloaded the document of evidence${detail}`,
  'accept-evidence': ({ detail }) => `accepted evidence of conformity${detail}`,
  'reject-evidence': ({ detail }) => `rejected evidence of conformity${detail}`,
  'withdraw-evidence': ({ detail }) => `withdrew evidence of conformity${detail}`,
  'set-verdict': ({ detail }) => `set a verdict of conformity${detail}`,
  'lift-verdict': ({ detail }) => `lifted a verdict that was set${detail}`,
  'publish-framework': ({ detail }) => `published a framework${detail}`,
  'withdraw-framework': ({ detail }) => `withdrew a framework${detail}`,
  'enrol-programme': ({ detail }) => `enrolled an establishment in a programme${detail}`,
  'import-programme': ({ detail }) => `imported the enrolment of an establishment in a programme${detail}`,
  'grant-programme': ({ detail }) => `set the amount of a grant${detail}`,
  'move-programme': ({ detail }) => `moved an enrolment in a programme on${detail}`,
  'pay-programme': ({ detail }) => `noted a payment of a programme${detail}`,
  'declare-programme': ({ detail }) => `declared the value of a target of a programme${detail}`,
}
