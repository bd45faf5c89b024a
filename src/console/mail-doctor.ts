import { Type } from '@fastify/type-provider-typebox'
import type { AskDoctor } from '../core/mail-doctor.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'

const Ask = Type.Object(
  { domain: Type.String({ minLength: 1, maxLength: 255, description: 'Domain of the recipient' }) },
  { additionalProperties: false },
)

/** The way to another mail operator over the API, tried without a mail. */
export function mailDoctorPlugin(ask: AskDoctor): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    const act = { onRequest: guards.may('mail:act') }
    server.post('/api/mail/doctor', { ...act, schema: { body: Ask } }, async (request) => ask(request.body.domain))
  }
}
