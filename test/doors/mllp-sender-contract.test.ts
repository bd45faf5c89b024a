import type { MllpTarget } from '../../src/core/config.ts'
import type { To } from '../../src/senders/attempts.ts'
import { mllpSender } from '../../src/senders/mllp/sender.ts'
import { senderContract } from '../contract/sender.ts'
import { realClock } from '../support/peers/clock.ts'
import { destinationAt } from '../support/peers/destination.ts'
import { hospital } from '../support/peers/hospital.ts'
import { acceptAll, consignmentOf, order } from '../support/peers/messages.ts'
import { notebook } from '../support/peers/notebook.ts'
import { authority } from '../support/peers/pki.ts'

const consign = (name: string, bytes = 0) => consignmentOf(order(name, { fill: bytes }))
const sender = (destination: To<MllpTarget>) => {
  const { log, meter } = notebook()
  return mllpSender(destination, { accept: acceptAll, clock: realClock, log, meter })
}

senderContract('mllp', async (timeoutMs) => {
  const peer = await hospital()
  return { sender: sender(destinationAt(peer.port, { timeoutMs })), peer, consign }
})

const ca = authority('CA ESSAI')
const server = ca.issue('recepteur.chu-angers.test')
const client = ca.issue('passerelle.region.test')

senderContract('mllp over mutual TLS', async (timeoutMs) => {
  const peer = await hospital({ ...server, ca: ca.cert, requestCert: true, rejectUnauthorized: true })
  const tls = { key: client.key, cert: client.cert, ca: ca.cert, crl: [] }
  return { sender: sender(destinationAt(peer.port, { timeoutMs, tls })), peer, consign }
})
