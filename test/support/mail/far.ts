import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

/** What another mail operator was given. */
export interface FarMail {
  readonly from: string
  readonly to: readonly string[]
  readonly bytes: Buffer
}

/** A mail operator played by another library. */
export interface FarSide {
  readonly mails: readonly FarMail[]
  readonly server: SMTPServer
  close(): Promise<void>
}

/** Starts one that shows the certificate of an operator of the lab, and takes what it is given. `took`: told of each mail. */
export async function farSide(
  lab: string,
  operator: string,
  port: number,
  options: SMTPServerOptions = {},
  took: (mail: FarMail) => void = () => {},
): Promise<FarSide> {
  const mails: FarMail[] = []
  const server = new SMTPServer({
    key: readFileSync(join(lab, `operator-${operator}.key`)),
    cert: readFileSync(join(lab, `operator-${operator}.pem`)),
    ca: readFileSync(join(lab, 'ca.pem')),
    requestCert: true,
    rejectUnauthorized: true,
    authOptional: true,
    disabledCommands: ['AUTH'],
    hideDSN: false,
    disableReverseLookup: true,
    closeTimeout: 100,
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope
        const mail = {
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          bytes: Buffer.concat(parts),
        }
        mails.push(mail)
        took(mail)
        done()
      })
    },
    ...options,
  })
  server.on('error', () => {})
  await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
  return { mails, server, close: () => new Promise<void>((resolve) => server.close(resolve)) }
}
