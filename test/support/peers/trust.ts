import type { TrustSpace } from '../../../src/core/mail.ts'

/** A trust space in which every certificate and domain is listed. */
export const everybodyListed: TrustSpace = {
  closed: () => null,
  carries: () => null,
  serves: () => null,
  speaksFor: () => null,
  reaches: () => null,
  lacks: () => false,
}
