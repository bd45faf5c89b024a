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
}
