import { imagesForgotten } from '../images/rows.ts'
import { eraseOfCase } from '../photos/rows.ts'

/** What goes along with the content of a closed case: its photos and documents, and what is known of its images. */
export const CASE_FORGETS = [eraseOfCase, imagesForgotten] as const
