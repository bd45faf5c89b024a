/** What an order control code says (ORC-1, table 0119; ORC-5, table 0038), and the statuses of ServiceRequest and Task. */
import type { JsonObject } from '../fhir/json.ts'
import { text } from '../fhir/json.ts'

/** How an order stands. */
export interface OrderStanding {
  /** ServiceRequest.status. */
  readonly request: string
  /** Task.status. */
  readonly task: string
  /** A new order: created unless it is there. Anything else is written over it. */
  readonly isNew: boolean
}

const CONTROLS: Readonly<Record<string, readonly [request: string, task: string]>> = {
  NW: ['active', 'requested'],
  XO: ['active', 'requested'],
  RO: ['active', 'requested'],
  PA: ['active', 'requested'],
  RL: ['active', 'requested'],
  OK: ['active', 'accepted'],
  HD: ['on-hold', 'on-hold'],
  CA: ['revoked', 'cancelled'],
  DC: ['revoked', 'cancelled'],
  OC: ['revoked', 'rejected'],
  OD: ['revoked', 'cancelled'],
  CR: ['revoked', 'cancelled'],
  DR: ['revoked', 'cancelled'],
  UA: ['active', 'rejected'],
}
const STATUSES: Readonly<Record<string, readonly [request: string, task: string]>> = {
  CM: ['completed', 'completed'],
  CA: ['revoked', 'cancelled'],
  DC: ['revoked', 'cancelled'],
  RP: ['revoked', 'cancelled'],
  ER: ['active', 'failed'],
  HD: ['on-hold', 'on-hold'],
  IP: ['active', 'in-progress'],
  A: ['active', 'in-progress'],
  SC: ['active', 'accepted'],
}

/** The standing that ORC-1 tells, and with SC or without it ORC-5; null for a code that is no order's. */
export function standingOf(control: string, status: string): OrderStanding | null {
  const isNew = control === 'NW' || control === ''
  const told = control === 'SC' || control === '' ? STATUSES[status] : undefined
  const found = told ?? CONTROLS[control === '' || control === 'SC' ? 'NW' : control]
  return found === undefined ? null : { request: found[0], task: found[1], isNew: isNew && told === undefined }
}

const BY_TASK: Readonly<Record<string, readonly [control: string, status: string | null]>> = {
  requested: ['NW', null],
  received: ['SC', 'SC'],
  ready: ['SC', 'SC'],
  accepted: ['SC', 'SC'],
  'in-progress': ['SC', 'IP'],
  completed: ['SC', 'CM'],
  'on-hold': ['HD', null],
  rejected: ['UA', null],
  failed: ['SC', 'ER'],
  cancelled: ['CA', null],
  'entered-in-error': ['CA', null],
}
const BY_REQUEST: Readonly<Record<string, readonly [control: string, status: string | null]>> = {
  active: ['NW', null],
  'on-hold': ['HD', null],
  revoked: ['CA', null],
  'entered-in-error': ['CA', null],
  completed: ['SC', 'CM'],
}

/**
 * ORC-1 and ORC-5 of an order: by its Task, unless the request itself is revoked or held; null: it is a draft, which is
 * sent to nobody. */
export function controlOf(
  request: JsonObject,
  task: JsonObject | null,
): readonly [control: string, status: string | null] | null {
  const own = BY_REQUEST[text(request['status']) ?? 'active'] ?? null
  if (own === null || own[0] !== 'NW' || task === null) return own
  return BY_TASK[text(task['status']) ?? ''] ?? null
}
