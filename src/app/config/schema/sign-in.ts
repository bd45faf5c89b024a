import { ROLES } from '../../../core/roles.ts'
import { count, duration, keyed, material, NAME, type Piece } from './piece.ts'

/** A password's hash: `scrypt$N$r$p$salt$hash`. */
export const PASSWORD_HASH =
  '^scrypt\\$[0-9]{1,8}\\$[0-9]{1,2}\\$[0-9]{1,2}\\$[A-Za-z0-9_-]{22,86}\\$[A-Za-z0-9_-]{43,86}$'
const TEXT: Piece = { type: 'string', minLength: 1, maxLength: 255 }
const CLAIM: Piece = { type: 'string', minLength: 1, maxLength: 100 }
const TOKENS: Piece = {
  type: 'string',
  pattern: '^[\\x21\\x23-\\x5b\\x5d-\\x7e]{1,200}$',
  what: 'a word without spaces',
}

/** What a role is given with it, where it does not reach the whole region. */
export const GRANTED: Readonly<Record<string, Piece>> = {
  establishments: {
    type: 'array',
    items: NAME,
    uniqueItems: true,
    description: 'Establishments that it reaches, for a role that does not reach the whole region.',
  },
  applications: {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 227 },
    uniqueItems: true,
    description: 'For an editor: MSH-3 of its product, at the establishments that agreed.',
  },
  units: {
    type: 'array',
    items: { type: 'string', minLength: 1, maxLength: 100 },
    minItems: 1,
    uniqueItems: true,
    description:
      'Units whose cases and appointments it sees, of its establishments; absent: every unit. A secretariat that has units sees what these ask for, and not what its establishment answers.',
  },
  content: {
    type: 'boolean',
    description: 'May reveal the content of messages with a reason, though the role alone may not.',
  },
}

const providerPiece: Piece = keyed(
  'One identity provider (OpenID Connect): authorization code, PKCE, state and nonce; no token reaches the browser.',
  {
    id: { ...NAME, description: 'Name in addresses: the redirect address to declare is `ORIGIN/connexion/ID/retour`.' },
    name: { ...TEXT, description: 'Name for people, on the page.' },
    issuer: {
      type: 'string',
      minLength: 1,
      maxLength: 1024,
      description: 'Its issuer, whose `/.well-known/openid-configuration` is read at first use: https, or loopback.',
    },
    clientId: { ...TEXT, description: 'Our name there.' },
    clientSecret: material('Our secret there. Absent: a public client, by PKCE alone.'),
    clientAuthentication: {
      type: 'string',
      enum: ['basic', 'post'],
      default: 'post',
      description: 'How the secret is shown at the token address: header, or form.',
    },
    scopes: {
      type: 'array',
      items: TOKENS,
      uniqueItems: true,
      default: ['openid'],
      description: 'Scopes asked for; `openid` is always among them.',
    },
    acrValues: {
      type: 'array',
      items: TOKENS,
      uniqueItems: true,
      default: [],
      description:
        'Assurance asked for (`acr_values`); an `acr` that comes back must be one of these. Empty: none is asked.',
    },
    signatures: {
      type: 'array',
      items: { type: 'string', enum: ['RS256', 'PS256', 'ES256', 'ES384', 'RS384', 'RS512', 'EdDSA'] },
      minItems: 1,
      uniqueItems: true,
      default: ['RS256', 'ES256'],
      what: 'a list of algorithms',
      description: 'Algorithms in which its id_tokens may be signed.',
    },
    claims: {
      ...keyed('Which of its claims say who somebody is.', {
        subject: {
          ...CLAIM,
          default: 'sub',
          description: 'Claim that `people[].subject` is compared with; `email` counts only with `email_verified`.',
        },
        name: {
          type: 'array',
          items: CLAIM,
          default: ['given_name', 'family_name'],
          description: 'Claims that make the name shown, for people whose name is not written here.',
        },
      }),
      default: {},
    },
    userinfo: {
      type: 'boolean',
      default: false,
      description: 'Claims are read from the userinfo address too.',
    },
  },
  ['id', 'name', 'issuer', 'clientId'],
)

const personPiece: Piece = keyed(
  'One person, or everybody whose claims match.',
  {
    name: { ...TEXT, description: 'Name written beside each act. Absent: from the claims, with provider and subject.' },
    provider: { ...NAME, description: 'By which provider.' },
    subject: { ...TEXT, description: "Value of the provider's claim for people; also `user` of a launch." },
    match: {
      type: 'object',
      propertyNames: CLAIM,
      additionalProperties: TEXT,
      minProperties: 1,
      description: 'Other claims that must have, or hold, these values: `{ groups: passerelle-exploitation }`.',
    },
    grants: {
      type: 'array',
      minItems: 1,
      what: 'at least one role',
      description: 'Roles that may be taken, one at a time.',
      items: keyed(
        'One role.',
        { role: { type: 'string', enum: [...ROLES], description: 'docs/roles.md tells what each may.' }, ...GRANTED },
        ['role'],
      ),
    },
  },
  ['provider', 'grants'],
)

const administratorPiece: Piece = keyed(
  'One administrator for emergencies (break-glass), when no provider answers; each use is an alert.',
  {
    name: { ...NAME, description: 'Account name, written beside each act.' },
    password: {
      type: ['string', 'object'],
      pattern: PASSWORD_HASH,
      maxLength: 300,
      properties: { file: { type: 'string', minLength: 1 }, env: { type: 'string', minLength: 1 } },
      additionalProperties: false,
      minProperties: 1,
      maxProperties: 1,
      what: 'what `passerelle account hash` prints, { file: PATH } or { env: NAME }',
      description: 'Hash of the password, or where to read it: `passerelle account hash` makes it.',
    },
    totp: material('Secret of the one-time codes (RFC 6238), base32.'),
  },
  ['name', 'password', 'totp'],
)

/** How people sign in. */
export const signInPiece: Piece = {
  ...keyed('How people sign in to the console. Absent: nobody does; keys open the API.', {
    demo: {
      type: 'boolean',
      default: false,
      description:
        'One click per role, on this machine only, for an invented region; no door may listen beyond loopback.',
    },
    providers: { type: 'array', items: providerPiece, default: [], description: 'Identity providers, side by side.' },
    people: { type: 'array', items: personPiece, default: [], description: 'Who may sign in, and in which roles.' },
    localAdministrators: {
      type: 'array',
      items: administratorPiece,
      default: [],
      description: 'Administrators for emergencies. Empty: that way is closed.',
    },
    limits: {
      ...keyed('Limits of sessions and of attempts.', {
        idle: duration('A session that is not used for this long ends.', '30 min', '2 min', '12 h', 'UNAUTHORIZED'),
        absolute: duration('A session ends after this, used or not.', '10 h', '5 min', '24 h', 'UNAUTHORIZED'),
        attempts: count(
          'Failures to sign in within a minute, per address and per account.',
          10,
          1,
          1000,
          'RATE_LIMITED',
        ),
      }),
      default: {},
    },
  }),
  default: {},
}

/** Keys of an establishment's launches. */
export const launchPiece: Piece = keyed(
  'Launches of the console from its patient record (docs/launch.md), beside those signed by `clients`.',
  {
    jwks: {
      ...material('Its public keys, a JWK set (RFC 7517): P-256 for ES256, RSA for RS256. `iss` is then its id.'),
      maxLength: 65_536,
    },
  },
  ['jwks'],
)
