/** Address of the page of a case, before its id: on screens, and in the links of notices. */
export const CASE_PATH = '/dossiers/'
