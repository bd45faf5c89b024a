/**
 * An identity provider that nobody here wrote (`oidc-provider`), as a process of its own on a free port of this machine, under another name of it: another site. It is
 * told its clients by PROVIDER_CLIENTS (JSON) and prints its issuer. Whoever types a name of `ACCOUNTS` is let in.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair } from 'jose'
// @ts-expect-error: it brings no types
import Provider from 'oidc-provider'

const ACCOUNTS: Readonly<Record<string, object>> = {
  camille: {
    SubjectNameID: '899700000017',
    given_name: 'Camille',
    family_name: 'EXEMPLE (FICTIF)',
    email: 'camille@exemple.test',
    email_verified: true,
    groups: ['passerelle-exploitation'],
  },
  dominique: { SubjectNameID: '899700000025', given_name: 'Dominique', family_name: 'EXEMPLE (FICTIF)' },
  sacha: { SubjectNameID: '899700000033', email: 'camille@exemple.test', email_verified: false },
}

const server = createServer()
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const issuer = `http://localhost:${(server.address() as AddressInfo).port}`
const key = async (alg: string) => ({
  ...(await exportJWK((await generateKeyPair(alg, { extractable: true })).privateKey)),
  alg,
  use: 'sig',
  kid: alg,
})
const provider = new Provider(issuer, {
  clients: JSON.parse(process.env.PROVIDER_CLIENTS ?? '[]'),
  jwks: { keys: [await key('RS256'), await key('ES256')] },
  cookies: { keys: ['only for tests'] },
  conformIdTokenClaims: false,
  claims: { openid: ['sub', 'SubjectNameID', 'given_name', 'family_name', 'email', 'email_verified', 'groups'] },
  acrValues: ['eidas1'],
  features: {
    // Whoever asks for one of these is given a signed token (RFC 9068) that is meant for it; of `urn:late` one that is over.
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_context: unknown, resource: string) => ({
        scope: 'openid',
        audience: resource,
        accessTokenTTL: 600,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
  extraTokenClaims: (_context: unknown, token: { accountId?: string }) => ACCOUNTS[token.accountId ?? ''],
  formats: {
    customizers: {
      jwt(_context: unknown, _token: unknown, jwt: { payload: { aud: string; exp: number } }) {
        if (jwt.payload.aud === 'urn:late') jwt.payload.exp -= 1_200
      },
    },
  },
  findAccount: (_context: unknown, id: string) =>
    ACCOUNTS[id] === undefined ? undefined : { accountId: id, claims: async () => ({ sub: id, ...ACCOUNTS[id] }) },
  // biome-ignore lint/suspicious/noExplicitAny: it brings no types
  async loadExistingGrant(context: any) {
    const grant = new context.oidc.provider.Grant({
      clientId: context.oidc.client?.clientId,
      accountId: context.oidc.session?.accountId,
    })
    grant.addOIDCScope('openid')
    const { resource } = context.oidc.params
    if (resource !== undefined) grant.addResourceScope(resource, 'openid')
    await grant.save()
    return grant
  },
})
server.on('request', provider.callback())
process.stdout.write(`${issuer}\n`)
process.once('disconnect', () => process.exit(0))
