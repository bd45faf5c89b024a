import { Type } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { type CaseViewer, type CaseViews, viewerOf } from '../core/cases.ts'
import { GatewayError } from '../core/errors.ts'
import type { StudyFinder } from '../core/images.ts'
import { Reason } from './acts.ts'
import { describeRoutes } from './api.ts'
import { seenOf } from './cases.ts'
import type { Guards, Server } from './console.ts'
import { patientOf } from './viewer.ts'

/** What the API of studies is made of. */
export interface StudiesParts {
  readonly views: Pick<CaseViews, 'one'>
  readonly finder: StudyFinder
}

const Name = Type.String({ minLength: 1, maxLength: 64 })
const Id = Type.Object({ id: Name })
const As = Type.Object({ as: Type.Optional(Name) }, { additionalProperties: false })
const Chosen = Type.Object(
  { uid: Type.String({ pattern: '^[0-9.]{1,64}$' }), reason: Reason, as: Type.Optional(Name) },
  { additionalProperties: false },
)

/** Studies by patient and day, for programs of the site that asked. */
export function studiesPlugin({
  views,
  finder,
}: StudiesParts): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    const acts = guards.may('cases:act')
    const viewer = async (request: FastifyRequest, id: string, here: string | undefined): Promise<CaseViewer> => {
      const caller = guards.callerOf(request)
      const line = await views.one(id, caller)
      if (line === null) throw new GatewayError('CASE_NOT_FOUND')
      const found = viewerOf(caller, here ?? null)
      if (found === null) throw new GatewayError('CASE_FORBIDDEN')
      guards.about(request, { case: line.case.number, ...patientOf(line.case) })
      return found
    }
    server.get(
      '/api/cases/:id/studies/found',
      { onRequest: acts, schema: { params: Id, querystring: As }, config: { look: 'read-case' } },
      async (request) => {
        const { id } = request.params
        const found = await finder.find(id, await viewer(request, id, request.query.as))
        if (!found.ok) throw new GatewayError(found.error)
        const { from, to, numbers, studies } = found
        return { from, to, numbers, studies }
      },
    )
    server.post(
      '/api/cases/:id/studies',
      { onRequest: acts, schema: { params: Id, body: Chosen } },
      async (request) => {
        const { id } = request.params
        const { as, ...chosen } = request.body
        return seenOf(await finder.attach(id, chosen, await viewer(request, id, as)), request, views, guards)
      },
    )
  }
}
