import { Client } from 'fhir-kit-client'
import type { FhirTarget } from '../../core/config.ts'
import type { Sender } from '../../core/ports.ts'
import { beforehand, type SenderParts, senderOf, type To, tracing } from '../attempts.ts'
import { isAnswer, wire } from '../http/wire.ts'
import { fhirOutcome } from './answer.ts'
import { fhirRequest } from './request.ts'

/**
 * Sends to one FHIR R4 server, plain or over TLS, what was posted to us: a create to its type, an update or patch to its
 * place, a transaction or batch to the base, a message to `$process-message`. A create that is sent again goes with
 * If-None-Exist on the resource's own identifier, so that it makes no double; without an identifier, and for a Bundle whose
 * server does not look at Bundle.identifier, `onUnknown: resend` may make one. */
export function fhirSender(destination: To<FhirTarget>, parts: SenderParts): Sender {
  const connections = wire(destination, parts)
  const { url, bearer } = destination.target
  const base = url.replace(/\/+$/, '')
  const client = new Client({
    baseUrl: base,
    ...(bearer === null ? {} : { bearerToken: bearer }),
    requestOptions: { redirect: 'manual' },
  })
  return senderOf(
    'fhir',
    destination,
    parts.log,
    async (consignment, signal) => {
      const made = await beforehand(() => fhirRequest(consignment))
      if ('kind' in made) return made
      const { method, path, body, condition } = made
      const headers = {
        'content-type': 'application/fhir+json',
        'accept-encoding': 'identity',
        prefer: 'return=minimal',
        'x-request-id': consignment.messageId,
        ...tracing(consignment),
        ...(condition === null ? {} : { 'if-none-exist': condition }),
      }
      const came = await connections.exchange(
        made.bytes,
        // Its own `agent` is ignored by fetch; a dispatcher goes through, and an absolute URL is taken as it is.
        (dispatcher, stop) => {
          const options = { headers, signal: stop, dispatcher } as object
          return client.request(`${base}${path}`, { method, body, options })
        },
        signal,
        consignment.mayBegin,
      )
      if (!isAnswer(came)) return came
      const interaction = consignment.ask?.interaction ?? 'create'
      return fhirOutcome(came, { interaction, conditional: condition !== null }, parts.clock.nowMs())
    },
    connections,
  )
}
