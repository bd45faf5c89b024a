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

/** Of more than can be told the graver are: they decide whether the message is taken. */
const WEIGHT: Readonly<Record<FindingClass, number>> = { form: 0, contract: 1, safety: 2 }

/** What each misfit of a structure is, where the region says nothing else. */
const MISFITS: Readonly<Record<Misfit['what'], readonly [FindingClass, ErrorCode]>> = {
  missing: ['contract', 'SEGMENT_MISSING'],
  repeated: ['contract', 'CARDINALITY'],
  order: ['form', 'SEGMENT_ORDER'],
  unexpected: ['form', 'SEGMENT_UNEXPECTED'],
}

/**
 * What the rules find in a message, in the order of its segments; `params.rule` is the rule's id. Linear in the message;
 * at most 50 findings, 20 of one rule; of more the graver are told. Never throws. */
export function checkRules(message: Hl7Message, header: Header, profiles: Hl7Profiles): readonly Finding[] {
  const look = new Look(message, header)
  const plan = profiles.planFor(header, look)
  if (plan === null) return []
  const findings = new Findings(look)
  for (const structures of plan.structures) {
    const chosen = structures.find(({ holds }) => holds === null || holds(look, -1, 0))
    if (chosen !== undefined) compare(look, chosen, findings)
  }
  const tell = (told: Told): void => findings.add(told)
  findings.occurrence = 0
  for (const rule of plan.whole) {
    findings.rule = rule
    rule.judge(look, -1, tell)
  }
  for (const [name, rules] of plan.bySegment) {
    const segments = look.named(name)
    for (let i = 0; i < segments.length && !findings.closed; i++) {
      findings.occurrence = i + 1
      for (const rule of rules) {
        findings.rule = rule
        rule.judge(look, segments[i]!, tell)
      }
    }
  }
  return findings.list
}

class Findings {
  readonly list: Finding[] = []
  /** The rule that is looked at, and in which of the segments of its name (0: in all). Set, as a closure each is dear. */
  rule: CompiledRule | null = null
  occurrence = 0
  readonly #look: Look
  readonly #counts = new Map<string, number>()

  constructor(look: Look) {
    this.#look = look
  }

  /** Can nothing be added any more, however grave? */
  get closed(): boolean {
    return this.list.length >= MOST_FINDINGS && this.list.every((one) => one.class === 'safety')
  }

  /** Has as much been told of this rule as is told of one? */
  isSpent(rule: string): boolean {
    return (this.#counts.get(rule) ?? 0) >= MOST_PLACES
  }

  add(told: Told): void {
    const { told: place, place: own, id, code, class: cls } = this.rule!
    this.push(id, told.code ?? code, cls, told.at ?? this.#placeOf(place, own, told, this.occurrence))
  }

  #placeOf(told: Place, own: Place, { segment, repetition }: Told, occurrence: number): string {
    const here = told.segment === own.segment && told.occurrence === null
    const n = occurrence > 0 ? occurrence : segment < 0 ? 1 : this.#look.occurrence(segment)
    return placeText(told, here ? n : (told.occurrence ?? 1), told === own ? repetition : (told.repetition ?? 1))
  }

  push(rule: string, code: ErrorCode, cls: FindingClass, at: string): void {
    if (this.isSpent(rule)) return
    if (this.list.length >= MOST_FINDINGS) {
      const least = Math.min(...this.list.map((one) => WEIGHT[one.class]))
      if (least >= WEIGHT[cls]) return
      this.list.splice(
        this.list.findLastIndex((one) => WEIGHT[one.class] === least),
        1,
      )
    }
    this.#counts.set(rule, (this.#counts.get(rule) ?? 0) + 1)
    this.list.push({ code, class: cls, at, params: { rule } })
  }
}

function compare(look: Look, { id, structure, class: chosen }: CompiledStructure, findings: Findings): void {
  const { segmentIndex } = look.message
  const names: string[] = []
  for (let i = 0; i < segmentIndex.starts.length; i++) names.push(segmentIndex.nameOf(i))
  for (const { what, segment, index } of matchStructure(names, structure)) {
    if (findings.isSpent(id)) return
    const [usual, code] = MISFITS[what]
    const occurrence = what === 'missing' ? 1 : look.occurrence(index)
    findings.push(id, code, chosen ?? usual, occurrence > 1 ? `${segment}(${occurrence})` : segment)
  }
}
