import type { TlsOptions } from 'node:tls'
import type { TlsFiles } from '../../src/core/config.ts'
import { fhirSender } from '../../src/senders/fhir/sender.ts'
import { httpSender } from '../../src/senders/http/sender.ts'
import { senderContract } from '../contract/sender.ts'
import { realClock } from '../support/peers/clock.ts'
import { urlDestination } from '../support/peers/destination.ts'
import { consignmentOf, order } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { authority } from '../support/peers/pki.ts'
import { webServer } from '../support/peers/web-server.ts'
import { askOf, fhirConsignment, fhirWords, hl7Words, serviceRequest } from '../support/peers/web-words.ts'

const parts = () => ({ clock: realClock, ...notebook() })

const hl7 = (tls: TlsFiles | null, server?: TlsOptions) => async (timeoutMs: number) => {
  const peer = await webServer(hl7Words, server)
  return {
    sender: httpSender(urlDestination('http', peer.port, { timeoutMs, tls }), parts()),
    peer,
    consign: (name: string, bytes = 0) => consignmentOf(order(name, { fill: bytes })),
  }
}

const fhir = (tls: TlsFiles | null, server?: TlsOptions) => async (timeoutMs: number) => {
  const peer = await webServer(fhirWords, server)
  return {
    sender: fhirSender(urlDestination('fhir', peer.port, { timeoutMs, tls }), parts()),
    peer,
    consign: (name: string, bytes = 0) =>
      fhirConsignment(serviceRequest(name, bytes), askOf('create', 'ServiceRequest')),
  }
}

const ca = authority('CA ESSAI')
const client = ca.issue('passerelle.region.test')
const files: TlsFiles = { key: client.key, cert: client.cert, ca: ca.cert, crl: [] }
const mutual: TlsOptions = {
  ...ca.issue('recepteur.chu-angers.test'),
  ca: ca.cert,
  requestCert: true,
  rejectUnauthorized: true,
}

senderContract('http', hl7(null))
senderContract('http over mutual TLS', hl7(files, mutual))
senderContract('fhir', fhir(null), { namedAnswers: false })
senderContract('fhir over mutual TLS', fhir(files, mutual), { namedAnswers: false })
