import type { Config } from '../../core/config.ts'
import { GatewayError } from '../../core/errors.ts'
import type { Clock } from '../../core/ports.ts'
import { securityText } from '../../formats/http/security-text.ts'
import { refuseOtherMethods } from './methods.ts'
import type { HttpPlugin } from './server.ts'

/** Where whoever found a weakness looks for whom to tell (RFC 9116 §3). */
export const SECURITY_TEXT_PATH = '/.well-known/security.txt'

/** `GET /.well-known/security.txt`, open to all: `region.securityContact` of region.yaml; NOT_FOUND where it names nobody. */
export function securityTextPlugin(parts: { readonly config: () => Config; readonly clock: Clock }): HttpPlugin {
  return (server, { guards }) => {
    server.get(SECURITY_TEXT_PATH, { onRequest: guards.open, schema: { hide: true } }, async (_request, reply) => {
      const { securityContact = [] } = parts.config().region
      if (securityContact.length === 0) throw new GatewayError('NOT_FOUND')
      return reply
        .header('content-type', 'text/plain; charset=utf-8')
        .send(securityText(securityContact, parts.clock.nowMs()))
    })
    refuseOtherMethods(server, SECURITY_TEXT_PATH, ['GET'])
  }
}
