/** What an enrolment is paid, part by part. Whole cents throughout. Pure. */
import {
  type EnrolmentState,
  PAYABLE_IN,
  PAYMENT_PARTS,
  type PaymentPart,
  type PaymentShares,
} from '../../core/programmes.ts'

/** Cents of each part. */
export type PartCents = Readonly<Record<PaymentPart, number>>

/** Nothing was paid. */
export const UNPAID: PartCents = { advance: 0, 'start-up': 0, use: 0 }

/**
 * What each part comes to of an amount (cents): its share, half a cent upwards; the last part that has a share is what the others leave, so
 * that the parts are the whole to the cent. Shares are basis points that come to 10 000. */
export function partsOfAmount(cents: number, shares: PaymentShares): PartCents {
  const last = PAYMENT_PARTS.findLast((part) => shares[part] > 0)
  const parts: Record<PaymentPart, number> = { ...UNPAID }
  let left = cents
  for (const part of PAYMENT_PARTS) {
    const own = part === last ? left : Math.min(left, Math.floor((cents * shares[part] + 5_000) / 10_000))
    parts[part] = shares[part] === 0 ? 0 : own
    left -= parts[part]
  }
  return parts
}

/** What is left of each part. */
export function leftOfParts(parts: PartCents, paid: PartCents): PartCents {
  const left = (part: PaymentPart): number => Math.max(0, parts[part] - paid[part])
  return { advance: left('advance'), 'start-up': left('start-up'), use: left('use') }
}

/** All parts together. */
export function sumOfParts(parts: PartCents): number {
  return PAYMENT_PARTS.reduce((sum, part) => sum + parts[part], 0)
}

/** May so much of this part be paid in this state? */
export function mayPay(
  { part, cents }: { readonly part: PaymentPart; readonly cents: number },
  state: EnrolmentState,
  left: PartCents,
): boolean {
  return PAYABLE_IN[part].includes(state) && Number.isSafeInteger(cents) && cents > 0 && cents <= left[part]
}
