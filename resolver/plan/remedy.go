package plan

// A Remedy tells which changes of configuration would help where there is no plan.
type Remedy struct {
	// Status is what is known about changes that would help; null if they were not looked for, or are beside the point.
	Status RemedyStatus `json:"status" plan:"null" since:"1.2.0"`
	// Lines are what to write into files of etc/portage, all of it at once; empty unless the status is "least" or "helps".
	Lines []RemedyLine `json:"lines" since:"1.2.0"`
	// Merges lists the packages (cpv) that the request would merge with these lines, in order.
	Merges []string `json:"merges" since:"1.2.0"`
	// Proof holds reasons that no change can get around, if the status is "useless"; empty if they could not be worked out.
	Proof []ProofReason `json:"proof" since:"1.2.0"`
}

// A RemedyLine is one line to be added to a file.
type RemedyLine struct {
	// Kind says what the line changes.
	Kind RemedyKind `json:"kind" since:"1.2.0"`
	// File is the file that the line belongs at the end of, absolute; it may not be there yet.
	File string `json:"file" since:"1.2.0"`
	// Line is the line.
	Line string `json:"line" since:"1.2.0"`
	// CPV is the package concerned.
	CPV string `json:"cpv" since:"1.2.0"`
	// Root is the root whose configuration changes.
	Root Root `json:"root" since:"1.2.0"`
	// RequiredBy is what asks for the package: a package (cpv), a set or an argument.
	RequiredBy Maybe `json:"required_by" plan:"null" since:"1.2.0"`
	// Message tells in one line what the line lifts or switches.
	Message string `json:"message" since:"1.2.0"`
	// Places are the files, with their lines where known, that say otherwise today: "file:line".
	Places []string `json:"places" since:"1.2.0"`
}

// RemedyStatus is what is known about changes that would help. The empty one is written as null.
type RemedyStatus string

// What can be known about changes that would help.
const (
	RemedyLeast   RemedyStatus = "least"   // the lines help, and nothing that changes less does
	RemedyHelps   RemedyStatus = "helps"   // the lines help; whether less would do is not known
	RemedyUseless RemedyStatus = "useless" // no change of USE, keywords, licences or masks helps
	RemedyUnknown RemedyStatus = "unknown" // the search was given up
)

// MarshalJSON writes null for the empty value.
func (s RemedyStatus) MarshalJSON() ([]byte, error) { return text(string(s)) }

// RemedyKind says what a RemedyLine changes.
type RemedyKind string

// The kinds of lines.
const (
	RemedyUse        RemedyKind = "use"        // package.use: USE flags
	RemedyKeyword    RemedyKind = "keyword"    // package.accept_keywords: a keyword is accepted
	RemedyMask       RemedyKind = "mask"       // package.unmask: package.mask is lifted
	RemedyLicense    RemedyKind = "license"    // package.license: licences are accepted
	RemedyProperties RemedyKind = "properties" // package.properties: PROPERTIES are accepted
	RemedyRestrict   RemedyKind = "restrict"   // package.accept_restrict: RESTRICT is accepted
)
