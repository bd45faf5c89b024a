import { createHmac } from 'node:crypto'
import type { ImagePatient } from '../../core/images.ts'
import { type Against, type Judgement, judge } from './gate.ts'
import { dicomName } from './name.ts'

/** An identity that an instance bears, and what the gate says of it. */
export interface Judged {
  /** HMAC of what was compared: two lists, or a list and a file, that name the same patient give the same. */
  readonly identity: string
  readonly judgement: Judgement
  /** Whom the instance names. */
  readonly image: ImagePatient
}

/** Judges whom an instance names. The issuer is part of the identity only where it is what differs: lists often lack it. */
export function judged(image: ImagePatient, against: Against, secret: Uint8Array): Judged {
  const judgement = judge(image, against)
  const name = dicomName(image.name ?? '')
  const issuer = judgement.is !== 'ok' && judgement.which.includes('issuer') ? [image.issuer, image.issuerEntity] : []
  const told = [image.id, name.family.join(' '), name.given.join(' '), image.birthDate, ...issuer]
  const identity = createHmac('sha256', secret)
    .update(`image-identity|${JSON.stringify(told)}`)
    .digest('base64url')
  return { identity, judgement, image }
}
