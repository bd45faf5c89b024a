/** What is known of an establishment by its FINESS number, wherever it is known from. */
import type { EstablishmentKind } from './config.ts'

/** An establishment as a register, or the region's own file, names it. */
export interface KnownEstablishment {
  readonly finess: string
  /** Its id in region.yaml; null: it is none of the region's. */
  readonly id: string | null
  readonly name: string
  /** Null: the register does not tell. */
  readonly kind: EstablishmentKind | null
  /** Code of its department (`53`, `2A`, `974`); null: not known. */
  readonly department: string | null
  /** Who runs it (organisme gestionnaire); null: not known. */
  readonly managingBody: { readonly finess: string; readonly name: string } | null
}

/** Looks an establishment up by FINESS, of a legal or a geographic entity; null: nobody knows it. Never rejects. */
export type FindEstablishment = (finess: string) => Promise<KnownEstablishment | null>
