/** Services of telemedicine as they are written. Durations are still text. */
import type { EstablishmentKind } from '../../core/config.ts'
import type { Texts } from '../../core/onboarding.ts'
import type {
  Channel,
  Coded,
  DelayName,
  FormField,
  ServiceKind,
  TimeName,
  Told,
  WindowRule,
} from '../../core/services.ts'
import type { Reference } from './material.ts'

/** Centres by site. */
export type WrittenCentres = Readonly<Record<string, readonly string[]>>

/** One rung of a ladder. */
export interface WrittenRung {
  readonly after: string
  readonly every?: string
  readonly tell: readonly Told[]
  readonly channels: readonly Channel[]
  readonly number?: string
}

/** One ladder. */
export interface WrittenLadder {
  readonly name: string
  readonly title: Texts
  readonly centres?: WrittenCentres
  readonly rungs: readonly WrittenRung[]
}

/** One clinical window. */
export interface WrittenWindow {
  readonly id: string
  readonly name: Texts
  readonly from: WindowRule['from']
  readonly unless?: readonly TimeName[]
  readonly length: string
  readonly source: string
  readonly date: string
  readonly off: boolean
}

/** One delay. */
export interface WrittenDelay {
  readonly after: string
  readonly tell: readonly Told[]
  readonly next: string
}

/** One field of a form. */
export interface WrittenField {
  readonly id: string
  readonly name: Texts
  readonly type: FormField['type']
  readonly required: boolean
  readonly step: number
  readonly choices?: readonly (Texts & { readonly id: string })[]
}

/** One type of report. */
export interface WrittenReport {
  readonly id: string
  readonly code: Coded
  readonly name: Texts
  readonly template?: string
  readonly default: boolean
}

/** Who may ask. */
export interface WrittenAskers {
  readonly kinds?: readonly EstablishmentKind[]
  readonly establishments?: readonly string[]
}

/** What a service has beside its rule. `kind` absent: a rule alone, and nothing else is there (check/care.ts). */
export interface WrittenCare {
  readonly kind?: ServiceKind
  readonly title?: Texts
  readonly prefix?: string
  readonly code?: Coded
  readonly specialities?: readonly Coded[]
  readonly askers?: WrittenAskers
  readonly opens?: readonly string[]
  readonly join?: string
  readonly form?: readonly WrittenField[]
  readonly ladders?: readonly WrittenLadder[]
  readonly windows?: readonly WrittenWindow[]
  readonly delays?: Readonly<Partial<Record<DelayName, WrittenDelay>>>
  readonly reports?: readonly WrittenReport[]
  readonly consent?: 'required' | 'recorded'
  readonly appointment?: { readonly length: string; readonly reminders?: readonly string[] }
  readonly joinUrl?: string
  readonly imagingUnits?: readonly string[]
  readonly report?: { readonly atFinish: boolean }
  readonly decisions?: readonly { readonly id: string; readonly name: Texts; readonly code?: Coded }[]
  readonly old?: string
  readonly kept?: string
}

/** A service that is offered, with what the region says otherwise. */
export interface WrittenOffer {
  readonly askers?: WrittenAskers
  readonly ladders?: Readonly<
    Record<string, { readonly centres?: WrittenCentres; readonly rungs?: readonly WrittenRung[] }>
  >
  readonly windows?: Readonly<Record<string, 'on' | 'off'>>
  readonly delays?: Readonly<Partial<Record<DelayName, string>>>
  readonly joinUrl?: string
  readonly imagingUnits?: readonly string[]
  readonly report?: { readonly atFinish: boolean }
  readonly kept?: string
}

/** An HTTP service that tells people. */
export interface WrittenNoticeTarget {
  readonly url: string
  readonly body: string
  readonly contentType: 'application/json' | 'application/x-www-form-urlencoded'
  readonly bearer?: Reference
  readonly timeout: string
  readonly allowPlain: boolean
  readonly allowPrivate: boolean
  readonly reports?: {
    readonly secret: Reference
    readonly id: string
    readonly status: string
    readonly delivered: readonly string[]
    readonly failed: readonly string[]
  }
}

/** An address that takes notices. */
export interface WrittenCareWebhook {
  readonly name: string
  readonly url: string
  readonly secret: Reference
  readonly services?: readonly string[]
  readonly establishments?: readonly string[]
  readonly allowPlain: boolean
  readonly allowPrivate: boolean
}

/** `telemedicine` of the region file. */
export interface WrittenTelemedicine {
  readonly services: Readonly<Record<string, WrittenOffer>>
  readonly consoleUrl?: string
  readonly joinUrl?: string
  readonly coordination?: string
  readonly coordinationNumber?: string
  readonly centre15: Readonly<Record<string, string>>
  readonly sms?: WrittenNoticeTarget
  readonly voice?: WrittenNoticeTarget
  readonly webhooks: readonly WrittenCareWebhook[]
}
