/** What messages of PAM FR bear in MSH-12 and MSH-21 (PAM FR §6.5: the minor version is not sent). */

/** MSH-12. */
export const PAM_VERSION: readonly string[] = ['2.5', 'FRA', '2.11']
/** MSH-21. */
export const PAM_PROFILE: readonly string[] = ['2.11', 'IHE_FRANCE-2.11-PAM']
