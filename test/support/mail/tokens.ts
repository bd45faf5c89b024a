import { createHash, randomBytes } from 'node:crypto'
import { signInAt } from '../../sign-in/provider.ts'

/** Where the provider sends people back to; nobody listens there. */
export const BACK = 'http://127.0.0.1:9/retour'

/**
 * An access token that a person is given by a provider (`launchProvider([BACK])`). `resource`: whom it is meant for, and
 * then it is a signed one; null: one that only the provider can read. @throws when it gives none */
export async function tokenOf(issuer: string, login: string, resource: string | null): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const meant = resource === null ? {} : { resource }
  const asked = new URLSearchParams({
    client_id: 'passerelle',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: BACK,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...meant,
  })
  const back = new URL(await signInAt(issuer, `${issuer}/auth?${asked}`, login))
  const answer = await fetch(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: 'passerelle',
      client_secret: 'secret',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: BACK,
      code_verifier: verifier,
      ...meant,
    }),
  })
  const { access_token: token } = (await answer.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`no token: ${answer.status} ${back.search}`)
  return token
}

/** The same claims without a signature (`alg: none`). */
export function unsigned(token: string): string {
  const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'at+jwt' })).toString('base64url')
  return `${header}.${token.split('.')[1]}.`
}

/** The same token, of another person: its signature does not fit any more. */
export function altered(token: string, claims: Readonly<Record<string, unknown>>): string {
  const [header, payload = '', signature] = token.split('.')
  const before = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  return `${header}.${Buffer.from(JSON.stringify({ ...before, ...claims })).toString('base64url')}.${signature}`
}
