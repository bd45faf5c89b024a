// What measured conformity is told with: TestReport and MeasureReport have no word for what is met in part.

CodeSystem: ConformityVerdicts
Id: conformity-verdict
Title: "Verdicts of measured conformity"
Description: "What measuring a requirement came to. What was not measured never counts as met."
* ^caseSensitive = true
* ^experimental = false
* #met "Conforme"
* #partly "Partiel"
* #unmet "Non conforme"
* #lapsed "Échu"
* #not-applicable "Sans objet"
* #not-measured "Non mesuré"

ValueSet: ConformityVerdictSet
Id: conformity-verdict-set
Title: "Verdict of measured conformity"
Description: "Every verdict."
* include codes from system ConformityVerdicts

Extension: ConformityVerdict
Id: conformity-verdict-code
Title: "Verdict on a requirement"
Description: "The verdict itself, beside the result that a TestReport has for it."
Context: TestReport.test.action.assert
* value[x] 1..1
* value[x] only code
* valueCode from ConformityVerdictSet (required)
