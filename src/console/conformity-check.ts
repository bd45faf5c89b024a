import { Type } from '@fastify/type-provider-typebox'
import { reaches, reachOf } from '../core/caller.ts'
import type { Config } from '../core/config.ts'
import { GatewayError } from '../core/errors.ts'
import { CHECK_BYTES, type Checked, type CheckMessage } from '../core/self-check.ts'
import { describeRoutes } from './api.ts'
import type { Guards, Server } from './console.ts'
import { refusedOr, typedOf } from './page/conformity/acts-parts.ts'
import { CHECK_PATH, checkPage, PASTED_LENGTH } from './page/conformity/check-page.ts'
import { CHECK_WORDS } from './page/conformity/check-words.ts'
import { toldAdvice, toldFindings } from './page/conformity/checked.ts'
import type { FormRoute, KnownVisit, PageParts } from './page/shell/pages.ts'
import { servePages } from './page/shell/pages.ts'

/** What trying messages out is shown with. */
export interface ConformityCheckParts extends PageParts {
  readonly check: CheckMessage
}

const PERMISSION = 'conformity:read'
/** A form around a message (bytes). */
const FORM_BYTES = CHECK_BYTES + PASTED_LENGTH + 65_536
/** Types under which bytes are taken; which format they are, they say themselves. */
const TYPES = [
  'application/hl7-v2',
  'application/hl7-v2+er7',
  'application/fhir+json',
  'application/zip',
  'application/xml',
  'text/xml',
  'application/octet-stream',
]
const Asked = Type.Object(
  { establishment: Type.String({ minLength: 1, maxLength: 64, description: 'Whose message it is' }) },
  { additionalProperties: false },
)

/** A page and an API by which a message is tried out: judged as live traffic is, and kept nowhere. */
export function conformityCheckPlugin(
  parts: ConformityCheckParts,
): (server: Server, doorway: { readonly guards: Guards }) => void {
  const { check, config } = parts
  return (server, { guards }) => {
    describeRoutes(server)
    servePages(server, guards, parts, {
      pages: [
        {
          path: CHECK_PATH,
          permission: PERMISSION,
          look: null,
          show: async (visit) => checkPage(visit, { establishment: visit.query.get('establishment') ?? '' }, null),
        },
      ],
      forms: [form(check)],
    })
    server.addContentTypeParser(TYPES, { parseAs: 'buffer', bodyLimit: CHECK_BYTES }, (_request, body, done) =>
      done(null, body),
    )
    server.post(
      '/api/conformity/check',
      { onRequest: guards.may(PERMISSION), bodyLimit: CHECK_BYTES, schema: { querystring: Asked, consumes: TYPES } },
      async (request) => {
        const { establishment } = request.query
        const caller = guards.callerOf(request)
        if (!Buffer.isBuffer(request.body)) throw new GatewayError('MEDIA_TYPE')
        if (!reaches(reachOf(caller, PERMISSION), establishment)) throw new GatewayError('NOT_FOUND')
        return checkedJson(await check({ bytes: request.body, establishment, who: caller.who }), config())
      },
    )
  }
}

function form(check: CheckMessage): FormRoute {
  return {
    path: CHECK_PATH,
    permission: PERMISSION,
    files: true,
    maxBytes: FORM_BYTES,
    async act(visit, fields, _params, files) {
      const typed = typedOf(fields, PASTED_LENGTH)
      const sent = files.find(({ field, bytes }) => field === 'file' && bytes.length > 0)
      const pasted = typed['message'] ?? ''
      if (sent === undefined && pasted === '') {
        return checkPage(visit, typed, { fault: CHECK_WORDS[visit.language].nothing })
      }
      const bytes = sent?.bytes ?? bytesOf(pasted)
      const said = await refusedOr(visit, () => check({ bytes, ...whose(visit, typed['establishment'] ?? '') }))
      return checkPage(visit, typed, 'done' in said ? { checked: said.done } : said)
    },
  }
}

/** @throws {GatewayError} NOT_FOUND */
function whose({ caller }: KnownVisit, establishment: string) {
  if (!reaches(reachOf(caller, PERMISSION), establishment)) throw new GatewayError('NOT_FOUND')
  return { establishment, who: caller.who }
}

/** A text box ends its lines as the browser likes: HL7 v2 ends segments by CR alone. */
function bytesOf(pasted: string): Buffer {
  const isHl7 = /^(?:MSH|FHS|BHS)/.test(pasted)
  return Buffer.from(isHl7 ? `${pasted.replaceAll(/\r?\n/g, '\r')}\r` : pasted, 'utf8')
}

function checkedJson(checked: Checked, config: Config) {
  const { establishment, format, answer, refused, messages, requirements } = checked
  return {
    ...{ establishment, format, answer, refused },
    messages: messages.map(({ kind, application, profiles }) => ({ kind, application, profiles })),
    findings: toldFindings(checked, config),
    requirements: requirements.map(({ frameworkName: _, failing, ...one }) => ({
      ...one,
      counts: failing.length === 0 ? 'for' : 'against',
      failing,
    })),
    advice: toldAdvice(checked, config),
  }
}
