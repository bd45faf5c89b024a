/**
 * A case as a FHIR Task (R4 task.html), readable by everybody who takes part: what it stands at, who has it, and what was
 * said. `status` is FHIR's word, `businessStatus` the case's own. Pure: the same case gives the same Task. */
import type { Case, CaseRequest, CaseState } from '../../core/cases.ts'
import type { CareService, Coded } from '../../core/services.ts'
import { type Loose, resource } from '../bridge/bundle.ts'
import type { JsonObject } from '../fhir/json-value.ts'
import { systemOf as hdSystem } from '../identifiers/authority.ts'
import { FINESS_SYSTEM } from '../identifiers/fhir-form.ts'
import { CASE_MARKS } from './fhir.ts'
import { inputsOf, outputsOf } from './task-parts.ts'

const OURS = 'https://passerelle.example/fhir'
/** Profile of such a Task. */
export const CASE_TASK = `${OURS}/StructureDefinition/case-task`
/** Code system of `businessStatus`: the states of a case. */
export const CASE_STATE = `${OURS}/CodeSystem/case-state`
/** System of the numbers of cases. */
export const CASE_NUMBER = 'urn:passerelle:case'
const ACT_REASON = 'http://terminology.hl7.org/CodeSystem/v3-ActReason'

/** Task.status of each state. */
export const TASK_STATUS: Readonly<Record<CaseState, string>> = {
  requested: 'requested',
  seen: 'received',
  accepted: 'accepted',
  refused: 'rejected',
  planned: 'accepted',
  arrived: 'in-progress',
  advised: 'in-progress',
  'advice-read': 'in-progress',
  decided: 'in-progress',
  done: 'completed',
  cancelled: 'cancelled',
}

/** States in words, for `businessStatus`. */
export const STATE_WORDS: Readonly<Record<CaseState, string>> = {
  requested: 'Demandé',
  seen: 'Vu',
  accepted: 'Accepté',
  refused: 'Refusé',
  planned: 'Planifié',
  arrived: 'Patient arrivé',
  advised: 'Avis rendu',
  'advice-read': 'Avis lu',
  decided: 'Décision enregistrée',
  done: 'Terminé',
  cancelled: 'Annulé',
}

/** What an establishment is called, and its FINESS number (null: it has none). */
export interface Structure {
  readonly name: string
  readonly finess: string | null
}

/** What a Task is made of beside its case. */
export interface TaskContext {
  readonly service: CareService
  readonly structure: (establishment: string) => Structure
  /** Id of the ServiceRequest that the gateway keeps; null: the request came otherwise. */
  readonly request: string | null
  /** Why it was refused or cancelled; null: it was not, or nobody said. */
  readonly reason: string | null
}

/** The Task of a case, without id and version, which are the store's. */
export function taskOf(one: Case, context: TaskContext): JsonObject {
  const { service } = context
  const first = one.requests[0]
  const until = untilOf(one, service)
  const task = resource('Task', CASE_TASK, {
    contained: [patientOf(one)],
    identifier: [{ system: CASE_NUMBER, value: one.number }, ...placersOf(one)],
    groupIdentifier: { system: `${CASE_NUMBER}:id`, value: one.id },
    basedOn: [focusOf(one, context)],
    status: TASK_STATUS[one.state],
    statusReason: context.reason === null ? null : { text: context.reason },
    businessStatus: { coding: [{ system: CASE_STATE, code: one.state }], text: businessWords(one) },
    intent: 'order',
    priority: one.kind === 'stroke' ? 'stat' : 'routine',
    code: conceptOf(service.code),
    description: first?.reason,
    focus: focusOf(one, context),
    for: forOf(one),
    executionPeriod: { start: iso(one.owner?.atMs ?? null), end: iso(one.closedAtMs) },
    authoredOn: iso(one.openedAtMs),
    requester: { ...referenceOf(context.structure(one.site)), display: requesterName(one, context) },
    performerType: service.specialities.map(conceptOf),
    owner: ownerOf(one, context),
    reasonCode: first?.coded[0] === undefined ? null : conceptOf(first.coded[0]),
    restriction: { repetitions: null, period: { start: iso(one.openedAtMs), end: iso(until) } },
    input: inputsOf(one),
    output: outputsOf(one, service),
  })
  return marked(task, one)
}

/** HTEST for a test, which a drill is too, and the mark of a drill. */
function marked(task: JsonObject, { test, drill }: Case): JsonObject {
  const { resourceType, meta, ...rest } = task
  const marks: JsonObject = {
    ...(meta as JsonObject),
    ...(test || drill ? { security: [{ system: ACT_REASON, code: 'HTEST' }] } : {}),
    ...(drill ? { tag: [{ system: CASE_MARKS, code: 'drill', display: 'EXERCICE' }] } : {}),
  }
  return { resourceType: resourceType!, meta: marks, ...rest }
}

function conceptOf({ system, code, display }: Coded): Loose {
  return { coding: [{ system, code, display }] }
}

function iso(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString()
}

/** The state, then images and biology beside it. */
function businessWords(one: Case): string {
  const received = one.studies.reduce((sum, study) => sum + study.received, 0)
  // Of a study whose number nobody told the sum is not known.
  const isTold = one.studies.every(({ expected }) => expected !== null)
  const expected = isTold ? one.studies.reduce((sum, study) => sum + (study.expected ?? 0), 0) : 0
  return [
    `${one.drill ? 'EXERCICE ' : ''}${STATE_WORDS[one.state]}`,
    ...(one.studies.length === 0 ? [] : [`images ${received}/${expected === 0 ? '?' : expected}`]),
    ...(one.biology === null ? [] : ['biologie']),
  ].join(' · ')
}

function patientOf({ patient, requests }: Case): Loose {
  const via = requests[0]?.via ?? 'form'
  return {
    resourceType: 'Patient',
    id: 'patient',
    identifier: patient.identifiers.map(({ authority, value }) => ({ system: systemOf(authority, via), value })),
    name: [{ family: patient.family, given: [patient.given] }],
    gender: patient.sex,
    birthDate: patient.birthDate,
  }
}

const OID = /^[0-2](\.(0|[1-9]\d*))+$/

/**
 * The system of an authority as a case keeps it, as whoever asked knows it: FHIR's own, or what HL7 v2 named by an OID, a
 * FINESS number or a name. */
export function systemOf(authority: string | null, via: CaseRequest['via']): string | null {
  if (authority === null || authority === '') return null
  if (OID.test(authority) || (via === 'fhir' && /^[\d.]+$/.test(authority))) return `urn:oid:${authority}`
  if (/^\d{9}$/.test(authority)) return hdSystem({ namespace: '', id: authority, idType: 'N' })
  return authority.includes(':') ? authority : `urn:passerelle:authority::${encodeURIComponent(authority)}`
}

/** The contained patient, with its first identifier beside so that a search finds the Task by it. */
function forOf({ patient, requests }: Case): Loose {
  const via = requests[0]?.via ?? 'form'
  const [first] = patient.identifiers
  const identifier = first === undefined ? null : { system: systemOf(first.authority, via), value: first.value }
  return { reference: '#patient', type: 'Patient', identifier }
}

/** Numbers of the orders at those who asked, each once. */
function placersOf(one: Case): Loose[] {
  const found = new Map<string, Loose>()
  for (const { placer, via } of one.requests) {
    if (placer === null) continue
    const { authority, value } = placer
    found.set(`${authority}|${value}`, { type: PLACER, system: systemOf(authority, via), value })
  }
  return [...found.values()]
}

const PLACER = { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0203', code: 'PLAC' }] }

/** The request: where it is kept, or by its number, or by that of the case. */
function focusOf(one: Case, { request }: TaskContext): Loose {
  if (request !== null) return { reference: `ServiceRequest/${request}`, type: 'ServiceRequest' }
  const asked = one.requests.find(({ placer }) => placer !== null)
  const identifier =
    asked === undefined
      ? { system: CASE_NUMBER, value: one.number }
      : { system: systemOf(asked.placer!.authority, asked.via), value: asked.placer!.value }
  return { type: 'ServiceRequest', identifier }
}

/** An establishment as a logical reference. */
export function referenceOf({ name, finess }: Structure): { readonly [name: string]: Loose } {
  const identifier = finess === null ? null : { system: FINESS_SYSTEM, value: finess }
  return { type: 'Organization', identifier, display: name }
}

function requesterName(one: Case, { structure }: TaskContext): string {
  const asker = one.requests[0]?.asker
  const site = structure(one.site).name
  return asker === undefined || asker.name === '' || asker.role === 'establishment' ? site : `${asker.name}, ${site}`
}

/** The centre that accepted, else the one that is asked now. */
function ownerOf(one: Case, { structure }: TaskContext): Loose {
  const [climb] = one.climbs
  const centre = one.owner?.establishment ?? climb?.centres[climb.at]
  if (centre === undefined) return null
  const where = structure(centre)
  const expert = one.owner?.expert.name ?? ''
  return { ...referenceOf(where), display: expert === '' ? where.name : `${expert}, ${where.name}` }
}

/** Until when an answer is of use: the delay of an answer, else the first window that counts from a told time. */
function untilOf(one: Case, { delays, windows }: CareService): number | null {
  const due = delays.find(({ name }) => name === 'answer-due')
  if (due !== undefined) return one.openedAtMs + due.afterMs
  for (const { from, unless, lengthMs, off } of windows) {
    if (off || unless.some((name) => one.times[name] !== undefined)) continue
    for (const name of from) {
      const atMs = name === 'requested' ? one.openedAtMs : one.times[name]?.atMs
      if (atMs !== undefined) return atMs + lengthMs
    }
  }
  return null
}
