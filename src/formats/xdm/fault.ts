/** Why an archive is not taken: a code of the table, and what exactly was found. */
import type { ErrorCode } from '../../core/errors.ts'
import type { Finding } from '../../core/message.ts'

/** What is wrong with the archive itself. */
export type ZipFault =
  | 'not-zip'
  | 'zip64'
  | 'directory'
  | 'header'
  | 'encrypted'
  | 'method'
  | 'inflate'
  | 'checksum'
  | 'overlap'
/** Which limit was passed. */
export type LimitFault = 'entries' | 'size' | 'ratio' | 'metadata'
/** What is wrong with a name in the archive. */
export type NameFault = 'absolute' | 'outside' | 'link' | 'character' | 'twice'
/** What is wrong with METADATA.XML. */
export type MetadataFault =
  | 'none'
  | 'several'
  | 'doctype'
  | 'syntax'
  | 'limits'
  | 'encoding'
  | 'root'
  | 'no-set'
  | 'several-sets'
  | 'no-documents'
  | 'file-twice'

/** The codes with which an archive is refused. */
export type XdmFaultCode = Extract<ErrorCode, 'XDM_UNREADABLE' | 'XDM_LIMITS' | 'XDM_NAME' | 'XDM_METADATA'>

/** A refusal. `fault`: what exactly, a word that never quotes the archive. */
export interface XdmFault {
  readonly code: XdmFaultCode
  readonly fault: ZipFault | LimitFault | NameFault | MetadataFault
}

/** The finding that tells of it. */
export function faultFinding({ code, fault }: XdmFault): Finding {
  return { code, class: 'contract', params: { fault } }
}

/** Stops reading with this fault; caught where reading began. */
export class XdmStop {
  readonly fault: XdmFault
  constructor(code: XdmFaultCode, fault: XdmFault['fault']) {
    this.fault = { code, fault }
  }
}
