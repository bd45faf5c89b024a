import { type Static, Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../../core/ports.ts'
import { type AssertionParts, judgeAssertion } from './assertion.ts'
import { bytesOf, takeBytes } from './media.ts'
import { refuseOtherMethods } from './methods.ts'
import { originOf } from './origin.ts'
import { logged } from './problem.ts'
import { grantable } from './scope.ts'
import type { Doorway, HttpPlugin } from './server.ts'
import { type AccessTokens, TOKEN_LIFE_S } from './tokens.ts'

/** Path of the token endpoint. */
export const TOKEN_PATH = '/oauth/token'
const FORM_BYTES = 16_384
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** What the token endpoint is given. */
export interface TokenParts extends AssertionParts {
  readonly tokens: AccessTokens
  readonly log: Log
}

type Fault = Static<typeof FAULT>['error']
type Granted = { readonly token: string; readonly scope: string }

/**
 * `POST /oauth/token`: client credentials with `private_key_jwt` (RFC 6749 §4.4, SMART Backend Services). Failures count
 * against the caller's address, and the log alone tells which rule the assertion broke. */
export function tokenPlugin(parts: TokenParts): HttpPlugin {
  return (server, doorway) => {
    takeBytes(server, doorway, (type) => type === 'application/x-www-form-urlencoded')
    const options = {
      bodyLimit: FORM_BYTES,
      onRequest: doorway.guards.open,
      schema: SCHEMA,
      validatorCompiler: () => () => true,
    }
    server.post(TOKEN_PATH, options, async (request, reply) => {
      const granted = await grant(request, doorway, parts)
      reply.header('pragma', 'no-cache')
      if (typeof granted === 'string') return refuse(granted, request, reply, doorway)
      const { token, scope } = granted
      return reply.send({ access_token: token, token_type: 'bearer', expires_in: TOKEN_LIFE_S, scope })
    })
    refuseOtherMethods(server, TOKEN_PATH, ['POST'])
  }
}

async function grant(request: FastifyRequest, { door }: Doorway, parts: TokenParts): Promise<Granted | Fault> {
  const form = formOf(bytesOf(request))
  if (form === null) return 'invalid_request'
  if (form.get('grant_type') !== 'client_credentials') return 'unsupported_grant_type'
  const assertion = form.get('client_assertion')
  if (form.get('client_assertion_type') !== JWT_BEARER || assertion === undefined) return 'invalid_client'
  const origin = originOf(request.raw, door)
  const asserted = origin.ours
    ? await judgeAssertion(assertion, origin.url + TOKEN_PATH, parts)
    : ({ ok: false, why: 'the address called is not known to be ours: set publicUrl' } as const)
  if (!asserted.ok) {
    parts.log.warn('token.refused', { code: 'UNAUTHORIZED', ...logged(request), rule: asserted.why })
    return 'invalid_client'
  }
  const scope = grantable(form.get('scope') ?? '')
  if (scope === '') return 'invalid_scope'
  const { establishment } = asserted.client
  parts.log.info('token.issued', { establishment, ...logged(request) })
  return { token: await parts.tokens.issue(asserted.client, scope), scope }
}

/** The fields of a form, or null when it is none or names one twice (RFC 6749 §3.2). */
function formOf(body: Buffer): ReadonlyMap<string, string> | null {
  const fields = [...new URLSearchParams(body.toString('utf8'))]
  const form = new Map(fields)
  return form.size === fields.length ? form : null
}

async function refuse(
  error: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  doorway: Doorway,
): Promise<FastifyReply> {
  if (error === 'invalid_client') await doorway.guards.unrecognised(request, 'UNAUTHORIZED')
  await doorway.guards.failure(request, reply)
  return reply.code(error === 'invalid_client' ? 401 : 400).send({ error })
}

const FAULT = Type.Object({
  error: Type.Union([
    Type.Literal('invalid_request'),
    Type.Literal('invalid_client'),
    Type.Literal('invalid_scope'),
    Type.Literal('unsupported_grant_type'),
  ]),
})
const SCHEMA = {
  summary: 'Gives an access token for FHIR',
  tags: ['Sign-in'],
  consumes: ['application/x-www-form-urlencoded'],
  body: Type.Object({
    grant_type: Type.Literal('client_credentials'),
    client_assertion_type: Type.Literal(JWT_BEARER),
    client_assertion: Type.String({ description: 'JWT signed with RS384 or ES384 by a declared key' }),
    scope: Type.String({ description: 'System scopes: `system/*.cruds`' }),
  }),
  response: {
    200: Type.Object({
      access_token: Type.String(),
      token_type: Type.Literal('bearer'),
      expires_in: Type.Integer({ description: 's' }),
      scope: Type.String(),
    }),
    400: FAULT,
    401: FAULT,
  },
}
