/** Addresses of patients, `<matricule INS>@patient…`: what is looked at in them, and how they are kept out of sight. Pure. */
import type { IdentifierFault } from '../identifiers/fault.ts'
import { matriculeFault } from '../identifiers/ins.ts'
import { type MailAddress, written } from './address.ts'

/** Is it a patient's? `patientDomain` as in region.yaml, in any case. */
export function isPatientAddress({ domain }: MailAddress, patientDomain: string): boolean {
  return domain.toLowerCase() === patientDomain.toLowerCase()
}

/** What is odd in the matricule of a patient's address: a warning only, never a refusal; null: nothing. */
export function patientAddressFault({ local }: MailAddress): IdentifierFault | null {
  return matriculeFault(local.toUpperCase())
}

/** A run of digits this long may be a person's number, wherever it stands. */
const NUMBER = /\d{10}|\d{5}2[AB]\d{6}/i

/**
 * An address for logs, traces and timelines. The local part of a patient's is never shown: `*@patient.mssante.fr`, and
 * so is none that could hold a person's number. Without `patientDomain`, domains called `patient` are patients'. */
export function maskedAddress(address: MailAddress, patientDomain?: string): string {
  const called = /(^|\.)patient\./i.test(address.domain)
  const patient = called || (patientDomain !== undefined && isPatientAddress(address, patientDomain))
  return patient || NUMBER.test(address.local) ? `*@${address.domain}` : written(address)
}
