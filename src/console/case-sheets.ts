import type { CaseSheets } from '../core/case-sheet.ts'
import { GatewayError } from '../core/errors.ts'
import { describeRoutes } from './api.ts'
import { appointmentJson } from './appointments.ts'
import type { Guards, Server } from './console.ts'
import { Id } from './messages.ts'
import { patientOf } from './viewer.ts'

const iso = (atMs: number): string => new Date(atMs).toISOString()

/** `GET /api/appointments/cases/{id}`: a case for those who look after its appointments, without clinical text. */
export function caseSheetPlugin(sheets: CaseSheets): (server: Server, doorway: { readonly guards: Guards }) => void {
  return (server, { guards }) => {
    describeRoutes(server)
    const route = { onRequest: guards.may('appointments:read'), schema: { params: Id } }
    server.get('/api/appointments/cases/:id', route, async (request) => {
      const sheet = await sheets.of(request.params.id, guards.callerOf(request))
      if (sheet === null) throw new GatewayError('CASE_NOT_FOUND')
      guards.about(request, { case: sheet.number, ...patientOf(sheet) })
      const { openedAtMs, closedAtMs, appointments, documents, ...rest } = sheet
      return {
        ...rest,
        openedAt: iso(openedAtMs),
        closedAt: closedAtMs === null ? null : iso(closedAtMs),
        appointments: appointments.map((one) => ({ ...appointmentJson(one), link: one.link })),
        documents: documents.map(({ atMs, ...one }) => ({ ...one, at: iso(atMs) })),
      }
    })
  }
}
