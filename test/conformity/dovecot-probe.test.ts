import { expect, test } from 'vitest'
import { missingDovecot, startDovecot } from '../support/mail/dovecot.ts'
import { authority, type Identity } from '../support/peers/pki.ts'
import { freePort } from '../support/world/ports.ts'
import { asked, endpointOf, words } from './asking.ts'

const why = missingDovecot()
const here = why === null ? '' : ` (skipped: ${why})`

const ca = authority('RACINE ESSAI')
const us = ca.issue('passerelle.region.test')
const host = 'localhost'

test.skipIf(why !== null).each<[name: string, identity: Identity, more: string, faults: readonly string[]]>([
  ['all is well', ca.issue('imap.ch-laval.test', { host }), '', []],
  ['of another authority', authority('RACINE AUTRE', 'AILLEURS').issue('x', { host }), '', ['CHAIN_FOREIGN']],
  ['expired', ca.issue('x', { host, fromDays: -9, toDays: -1 }), '', ['CERTIFICATE_EXPIRED']],
  ['weak suites', ca.issue('x', { host }), 'ssl_cipher_list = ALL\n', ['TLS_WEAK_SUITE']],
])(`Dovecot's IMAPS${here}: %s`, async (_name, { key, cert }, more, faults) => {
  const port = await freePort()
  const dovecot = await startDovecot({
    users: [],
    files: { 'tls.key': key, 'tls.pem': cert },
    more: `ssl = yes
ssl_cert = <$DIR/tls.pem
ssl_key = <$DIR/tls.key
ssl_min_protocol = TLSv1.2
ssl_cipher_list = ECDHE+AESGCM
${more}service imap-login {
  inet_listener imaps {
    address = 127.0.0.1
    port = ${port}
    ssl = yes
  }
}
`,
  })
  try {
    const tls = { key: us.key, cert: us.cert, ca: ca.cert, crl: [] }
    const result = await asked(endpointOf({ type: 'mllp', host, port, tls }, 'production'), 'tls')
    expect(words(result)).toEqual(faults)
    expect(result.outcome).toBe(faults.length === 0 ? 'pass' : 'fail')
  } finally {
    await dovecot.end()
  }
})
