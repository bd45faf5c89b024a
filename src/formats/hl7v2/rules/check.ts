/** A message against the rules in force. */
import type { ErrorCode } from '../../../core/errors.ts'
import type { Finding, FindingClass } from '../../../core/message.ts'
import type { Header } from '../header.ts'
import type { Hl7Message } from '../message.ts'
import type { Told } from './assertion.ts'
import type { CompiledRule, CompiledStructure } from './compile.ts'
import { Look } from './look.ts'
import { type Place, placeText } from './place.ts'
import type { Hl7Profiles } from './profiles.ts'
import { type Misfit, matchStructure } from './structure.ts'

/** Places told of one rule, and in all: enough to act on; what a hostile message could bring would be a load. */
const MOST_PLACES = 20
const MOST_FINDINGS = 50

/** What each misfit of a structure is, where the region says nothing else. */
const MISFITS: Readonly<Record<Misfit['what'], readonly [FindingClass, ErrorCode]>> = {
  missing: ['contract', 'SEGMENT_MISSING'],
  repeated: ['contract', 'CARDINALITY'],
  order: ['form', 'SEGMENT_ORDER'],
  unexpected: ['form', 'SEGMENT_UNEXPECTED'],
}

/**
 * What the rules find in a message, in the order of its segments; `params.rule` is the rule's id. Linear in the message;
 * at most 50 findings, 20 of one rule. Never throws. */
export function checkRules(message: Hl7Message, header: Header, profiles: Hl7Profiles): readonly Finding[] {
  const look = new Look(message, header)
  const plan = profiles.planFor(header, look)
  if (plan === null) return []
  const findings = new Findings(look)
  for (const structures of plan.structures) {
    const chosen = structures.find(({ holds }) => holds === null || holds(look, -1, 0))
    if (chosen !== undefined) compare(look, chosen, findings)
  }
  for (const rule of plan.whole) rule.judge(look, -1, findings.of(rule, 0))
  for (const [name, rules] of plan.bySegment) {
    const segments = look.named(name)
    for (let i = 0; i < segments.length && !findings.full; i++) {
      for (const rule of rules) rule.judge(look, segments[i]!, (told) => findings.add(rule, told, i + 1))
    }
  }
  return findings.list
}

class Findings {
  readonly list: Finding[] = []
  readonly #look: Look
  readonly #counts = new Map<string, number>()

  constructor(look: Look) {
    this.#look = look
  }

  get full(): boolean {
    return this.list.length >= MOST_FINDINGS
  }

  of(rule: CompiledRule, occurrence: number): (told: Told) => void {
    return (told) => this.add(rule, told, occurrence)
  }

  add(rule: CompiledRule, told: Told, occurrence: number): void {
    const at = told.at ?? this.#placeOf(rule.told, rule.place, told, occurrence)
    this.push(rule.id, told.code ?? rule.code, rule.class, at)
  }

  #placeOf(told: Place, own: Place, { segment, repetition }: Told, occurrence: number): string {
    const here = told.segment === own.segment && told.occurrence === null
    const n = occurrence > 0 ? occurrence : segment < 0 ? 1 : this.#look.occurrence(segment)
    return placeText(told, here ? n : (told.occurrence ?? 1), told === own ? repetition : (told.repetition ?? 1))
  }

  push(rule: string, code: ErrorCode, cls: FindingClass, at: string): void {
    const count = this.#counts.get(rule) ?? 0
    if (count >= MOST_PLACES || this.full) return
    this.#counts.set(rule, count + 1)
    this.list.push({ code, class: cls, at, params: { rule } })
  }
}

function compare(look: Look, { id, structure, class: chosen }: CompiledStructure, findings: Findings): void {
  const { segmentIndex } = look.message
  const names = Array.from({ length: segmentIndex.starts.length }, (_, i) => segmentIndex.nameOf(i))
  for (const { what, segment, index } of matchStructure(names, structure)) {
    const [usual, code] = MISFITS[what]
    const occurrence = what === 'missing' ? 1 : look.occurrence(index)
    findings.push(id, code, chosen ?? usual, occurrence > 1 ? `${segment}(${occurrence})` : segment)
  }
}
