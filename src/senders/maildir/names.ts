import { domainOf } from '../../core/mail.ts'

/** The folder of a mailbox below that of all: `domain/local`, as `%d/%n` of Dovecot has it. Nothing leads out of it. Pure. */
export function mailboxFolder(address: string): string {
  const domain = domainOf(address)
  const local = address.slice(0, address.length - domain.length - 1)
  return `${safe(domain)}/${safe(local)}`
}

function safe(part: string): string {
  return encodeURIComponent(part).replace(/^\./, '%2E')
}

/** Name of a mail's file: in order of time, one for each delivery, with its size (Maildir++). Pure. */
export function maildirName(atMs: number, deliveryId: string, bytes: number): string {
  return `${Math.floor(atMs / 1000)}.${deliveryId}.passerelle,S=${bytes}`
}
