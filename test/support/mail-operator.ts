import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { authority } from './peers/pki.ts'

/**
 * `mail` of a region that is a mail operator of these domains (name to establishment); its key and certificates go into the
 * folder. Its white list is a file that is not there, unless `more` says otherwise. */
export function mailOf(dir: string, domains: Readonly<Record<string, string>>, more: object = {}): object {
  const ca = authority('CA ESSAI')
  const { key, cert } = ca.issue('mail.passerelle.test')
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text)
    return join(dir, name)
  }
  const tls = {
    key: file('mail.key', key),
    cert: file('mail.pem', cert),
    ca: file('mail-ca.pem', ca.cert),
  }
  return {
    whiteList: { file: join(dir, 'no-list.xml'), ca: tls.ca },
    ...more,
    operator: {
      host: 'mail.passerelle.test',
      domains: Object.entries(domains).map(([name, establishment]) => ({ name, establishment })),
      tls,
    },
  }
}
