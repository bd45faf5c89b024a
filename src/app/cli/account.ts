import { type Call, type Command, ProblemError, plain, text, UsageError } from './command.ts'
import { textIn } from './input.ts'

/** `account hash NAME`: what region.yaml needs of an administrator for emergencies. */
export const accountCommand: Command = {
  name: 'account',
  positionals: ['hash', 'NAME'],
  summary: {
    en: 'makes password hash and one-time code of an administrator for emergencies',
    fr: "fabrique l'empreinte du mot de passe et le code à usage unique d'un accès d'urgence",
  },
  options: {
    password: {
      type: 'string',
      value: 'FILE',
      help: {
        en: 'file with the password (14 characters or more); absent: one is made',
        fr: 'fichier du mot de passe (14 caractères ou plus) ; absent : il est tiré au sort',
      },
    },
  },
  async run(call) {
    const [verb = '', name = ''] = call.positionals
    if (verb !== 'hash') {
      throw new UsageError(
        { en: `account does not know ${plain(verb)}`, fr: `account ne connaît pas ${plain(verb)}` }[call.language],
      )
    }
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name)) {
      throw new UsageError(
        {
          en: 'a name has lower-case letters, digits and hyphens',
          fr: "un nom n'a que des minuscules, chiffres et tirets",
        }[call.language],
      )
    }
    const [{ randomBytes }, { hashPassword }, { base32, otpauth }] = await Promise.all([
      import('node:crypto'),
      import('../sign-in/password.ts'),
      import('../../formats/totp.ts'),
    ])
    const given = await passwordOf(call)
    const password = given ?? base32(randomBytes(20)).toLowerCase().match(/.{8}/g)!.join('-')
    const hash = await hashPassword(password)
    const secret = randomBytes(20)
    const made = {
      name,
      ...(given === null ? { password } : {}),
      hash,
      totp: base32(secret),
      otpauth: otpauth('Passerelle', name, secret),
    }
    call.io.out(call.json ? `${JSON.stringify(made)}\n` : said(made, call))
    return 0
  },
}

async function passwordOf(call: Call): Promise<string | null> {
  const file = text(call, 'password')
  if (file === undefined) return null
  const { LEAST_LENGTH } = await import('../sign-in/password.ts')
  const password = (await textIn(file, call)).replace(/\r?\n$/, '')
  if ([...password].length >= LEAST_LENGTH) return password
  throw new ProblemError(
    {
      en: `the password has fewer than ${LEAST_LENGTH} characters`,
      fr: `le mot de passe a moins de ${LEAST_LENGTH} caractères`,
    }[call.language],
  )
}

interface Made {
  readonly name: string
  readonly password?: string
  readonly hash: string
  readonly totp: string
  readonly otpauth: string
}

/** The lines for region.yaml; what is secret goes elsewhere, and is shown once. */
function said({ name, password, hash, totp, otpauth }: Made, { language }: Call): string {
  const words = {
    en: {
      file: 'in region.yaml, under signIn:',
      secret: `secrets/${name}.totp holds this (mode 0400):`,
      app: 'for the authenticator application:',
      password: 'password, shown only now:',
    },
    fr: {
      file: 'dans region.yaml, sous signIn :',
      secret: `secrets/${name}.totp contient ceci (mode 0400) :`,
      app: "pour l'application d'authentification :",
      password: 'mot de passe, montré une seule fois :',
    },
  }[language]
  const lines = [
    `# ${words.file}`,
    'localAdministrators:',
    `  - { name: ${name}, password: "${hash}", totp: { file: secrets/${name}.totp } }`,
    `# ${words.secret}`,
    totp,
    `# ${words.app}`,
    otpauth,
    ...(password === undefined ? [] : [`# ${words.password}`, password]),
  ]
  return `${lines.join('\n')}\n`
}
