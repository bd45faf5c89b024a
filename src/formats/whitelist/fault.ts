/** Why a list is not taken: a code of the table, and what exactly was found. */
import type { ErrorCode } from '../../core/errors.ts'

/** What is wrong with a signature that is there. */
export type SignatureFault =
  | 'two-signatures'
  | 'two-signed-info'
  | 'two-references'
  | 'place'
  | 'comment'
  | 'order'
  | 'text'
  | 'attribute'
  | 'reference'
  | 'transforms'
  | 'canonicalisation'
  | 'algorithm'
  | 'digest-algorithm'
  | 'base64'
  | 'size'
  | 'value'

/** What is wrong with whoever signed. */
export type SignerFault =
  | 'no-certificate'
  | 'unreadable'
  | 'issuer'
  | 'subject'
  | 'chain'
  | 'validity'
  | 'authority-validity'
  | 'key'
  | 'revoked'
  | 'crl-missing'
  | 'crl-stale'

/** What is wrong with the form of a list. */
export type FormFault =
  | 'syntax'
  | 'encoding'
  | 'instruction'
  | 'limits'
  | 'root'
  | 'wrapped'
  | 'date'
  | 'two-lists'
  | 'no-list'
  | 'rows'
  | 'field'

/** The codes with which a list is refused. */
export type ListFaultCode = Extract<ErrorCode, `WHITELIST_${string}`>

/** A refusal. `at`: what exactly, a word that never quotes the list. */
export interface ListFault {
  readonly code: ListFaultCode
  readonly at: SignatureFault | SignerFault | FormFault | ''
}

/** Stops reading with this fault; caught where reading began. */
export class ListStop {
  readonly fault: ListFault
  constructor(code: ListFaultCode, at: ListFault['at'] = '') {
    this.fault = { code, at }
  }
}
