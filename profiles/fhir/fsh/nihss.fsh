// The NIH stroke scale. Facts: LOINC panel 70182-1, total 72089-6, fifteen items whose maxima make 42 (interoperability §3.4).

ValueSet: NihssItem
Id: nihss-item
Title: "Items of the NIH stroke scale"
Description: "In LOINC, in the order of the scale."
* $loinc#70184-7
* $loinc#70185-4
* $loinc#70186-2
* $loinc#70187-0
* $loinc#70188-8
* $loinc#70189-6
* $loinc#70190-4
* $loinc#70967-5
* $loinc#70191-2
* $loinc#70968-3
* $loinc#70192-0
* $loinc#70193-8
* $loinc#70194-6
* $loinc#70195-3
* $loinc#70196-1

ValueSet: NihssTotal
Id: nihss-total
Title: "Total of the NIH stroke scale"
Description: "The total, and the panel's code, under which many systems put it."
* $loinc#72089-6
* $loinc#70182-1

// Where all fifteen items are scored the total is their sum. The place is the value, so that the answer points at the number.
Invariant: pas-nihss-1
Description: "The total of the NIH stroke scale is the sum of its fifteen items"
Severity: #error
Expression: "%resource.value.ofType(integer).empty() or %resource.code.coding.where(code = '72089-6' or code = '70182-1').empty() or %resource.component.where(code.coding.exists(system = 'http://loinc.org' and code.matches('^(70184-7|70185-4|70186-2|70187-0|70188-8|70189-6|70190-4|70967-5|70191-2|70968-3|70192-0|70193-8|70194-6|70195-3|70196-1)$'))).value.ofType(integer).count() < 15 or %resource.component.where(code.coding.exists(system = 'http://loinc.org' and code.matches('^(70184-7|70185-4|70186-2|70187-0|70188-8|70189-6|70190-4|70967-5|70191-2|70968-3|70192-0|70193-8|70194-6|70195-3|70196-1)$'))).value.ofType(integer).aggregate($this + $total, 0) = %resource.value.ofType(integer)"

// An item that cannot be tested has no number, so a sum over fewer items only warns.
Invariant: pas-nihss-2
Description: "The total of the NIH stroke scale is the sum of the items that are scored"
Severity: #warning
Expression: "%resource.value.ofType(integer).empty() or %resource.component.where(code.coding.exists(system = 'http://loinc.org' and code.matches('^(70184-7|70185-4|70186-2|70187-0|70188-8|70189-6|70190-4|70967-5|70191-2|70968-3|70192-0|70193-8|70194-6|70195-3|70196-1)$'))).value.ofType(integer).empty() or %resource.component.where(code.coding.exists(system = 'http://loinc.org' and code.matches('^(70184-7|70185-4|70186-2|70187-0|70188-8|70189-6|70190-4|70967-5|70191-2|70968-3|70192-0|70193-8|70194-6|70195-3|70196-1)$'))).value.ofType(integer).count() >= 15 or %resource.component.where(code.coding.exists(system = 'http://loinc.org' and code.matches('^(70184-7|70185-4|70186-2|70187-0|70188-8|70189-6|70190-4|70967-5|70191-2|70968-3|70192-0|70193-8|70194-6|70195-3|70196-1)$'))).value.ofType(integer).aggregate($this + $total, 0) = %resource.value.ofType(integer)"

Invariant: pas-nihss-3
Description: "The total of the NIH stroke scale is coded 72089-6; 70182-1 is the panel"
Severity: #warning
Expression: "code.coding.exists(code = '72089-6')"

Invariant: pas-nihss-4
Description: "The total of the NIH stroke scale is from 0 to 42"
Severity: #error
Expression: "%resource.value.ofType(integer).empty() or %resource.code.coding.where(code = '72089-6' or code = '70182-1').empty() or %resource.value.ofType(integer).all($this >= 0 and $this <= 42)"

// Any observation; one that is the scale's total is checked as such, whether or not it claims the profile of the scale.
Profile: PasserelleObservation
Parent: Observation
Id: observation
Title: "Observation"
Description: "Any observation of a patient; where it is the total of the NIH stroke scale, its sum and range hold."
* subject 1..1
* value[x] obeys pas-nihss-1 and pas-nihss-4

Profile: NihssObservation
Parent: PasserelleObservation
Id: nihss
Title: "NIH stroke scale"
Description: "The total with its items. An item that cannot be tested has a dataAbsentReason instead of a number."
* obeys pas-nihss-3
* subject only Reference(Patient)
* code from NihssTotal (required)
* effective[x] 1..1
* effective[x] only dateTime
* value[x] 1..1
* value[x] only integer
* value[x] obeys pas-nihss-2
* value[x] ^minValueInteger = 0
* value[x] ^maxValueInteger = 42
* component ^slicing.discriminator.type = #pattern
* component ^slicing.discriminator.path = "code"
* component ^slicing.rules = #open
* component contains
    levelOfConsciousness 0..1 and
    questions 0..1 and
    commands 0..1 and
    gaze 0..1 and
    visual 0..1 and
    facialPalsy 0..1 and
    leftArm 0..1 and
    rightArm 0..1 and
    leftLeg 0..1 and
    rightLeg 0..1 and
    ataxia 0..1 and
    sensory 0..1 and
    language 0..1 and
    dysarthria 0..1 and
    neglect 0..1
* component[levelOfConsciousness] ^short = "1a level of consciousness"
* component[levelOfConsciousness].code = $loinc#70184-7
* component[levelOfConsciousness].value[x] only integer
* component[levelOfConsciousness].value[x] ^minValueInteger = 0
* component[levelOfConsciousness].value[x] ^maxValueInteger = 3
* component[questions] ^short = "1b questions"
* component[questions].code = $loinc#70185-4
* component[questions].value[x] only integer
* component[questions].value[x] ^minValueInteger = 0
* component[questions].value[x] ^maxValueInteger = 2
* component[commands] ^short = "1c commands"
* component[commands].code = $loinc#70186-2
* component[commands].value[x] only integer
* component[commands].value[x] ^minValueInteger = 0
* component[commands].value[x] ^maxValueInteger = 2
* component[gaze] ^short = "2 gaze"
* component[gaze].code = $loinc#70187-0
* component[gaze].value[x] only integer
* component[gaze].value[x] ^minValueInteger = 0
* component[gaze].value[x] ^maxValueInteger = 2
* component[visual] ^short = "3 visual field"
* component[visual].code = $loinc#70188-8
* component[visual].value[x] only integer
* component[visual].value[x] ^minValueInteger = 0
* component[visual].value[x] ^maxValueInteger = 3
* component[facialPalsy] ^short = "4 facial palsy"
* component[facialPalsy].code = $loinc#70189-6
* component[facialPalsy].value[x] only integer
* component[facialPalsy].value[x] ^minValueInteger = 0
* component[facialPalsy].value[x] ^maxValueInteger = 3
* component[leftArm] ^short = "5a left arm"
* component[leftArm].code = $loinc#70190-4
* component[leftArm].value[x] only integer
* component[leftArm].value[x] ^minValueInteger = 0
* component[leftArm].value[x] ^maxValueInteger = 4
* component[rightArm] ^short = "5b right arm"
* component[rightArm].code = $loinc#70967-5
* component[rightArm].value[x] only integer
* component[rightArm].value[x] ^minValueInteger = 0
* component[rightArm].value[x] ^maxValueInteger = 4
* component[leftLeg] ^short = "6a left leg"
* component[leftLeg].code = $loinc#70191-2
* component[leftLeg].value[x] only integer
* component[leftLeg].value[x] ^minValueInteger = 0
* component[leftLeg].value[x] ^maxValueInteger = 4
* component[rightLeg] ^short = "6b right leg"
* component[rightLeg].code = $loinc#70968-3
* component[rightLeg].value[x] only integer
* component[rightLeg].value[x] ^minValueInteger = 0
* component[rightLeg].value[x] ^maxValueInteger = 4
* component[ataxia] ^short = "7 limb ataxia"
* component[ataxia].code = $loinc#70192-0
* component[ataxia].value[x] only integer
* component[ataxia].value[x] ^minValueInteger = 0
* component[ataxia].value[x] ^maxValueInteger = 2
* component[sensory] ^short = "8 sensory"
* component[sensory].code = $loinc#70193-8
* component[sensory].value[x] only integer
* component[sensory].value[x] ^minValueInteger = 0
* component[sensory].value[x] ^maxValueInteger = 2
* component[language] ^short = "9 best language"
* component[language].code = $loinc#70194-6
* component[language].value[x] only integer
* component[language].value[x] ^minValueInteger = 0
* component[language].value[x] ^maxValueInteger = 3
* component[dysarthria] ^short = "10 dysarthria"
* component[dysarthria].code = $loinc#70195-3
* component[dysarthria].value[x] only integer
* component[dysarthria].value[x] ^minValueInteger = 0
* component[dysarthria].value[x] ^maxValueInteger = 2
* component[neglect] ^short = "11 extinction and neglect"
* component[neglect].code = $loinc#70196-1
* component[neglect].value[x] only integer
* component[neglect].value[x] ^minValueInteger = 0
* component[neglect].value[x] ^maxValueInteger = 2
