package explain

import (
	"github.com/tumpline/tumpline/resolver/plan"
)

// An Explanation is the answer to one question. WriteJSON sets schema and
// schema_version.
type Explanation struct {
	// Schema is the constant "tumpline.explanation".
	Schema string `json:"schema"`
	// SchemaVersion is the semantic version of the document's form.
	SchemaVersion string `json:"schema_version"`
	// Question is what was asked.
	Question Question `json:"question"`
	// Success is whether the request itself can be met; if not, the answers are about what was found until then.
	Success bool `json:"success"`
	// Answers are the answers, one for each package that the question is about; none if no package matches it.
	Answers []Answer `json:"answers"`
	// Similar lists names (cp) like the one asked for, if no package has that name.
	Similar []string `json:"similar"`
	// Requirements are those on the name asked for that nothing satisfies, if no package matches the question.
	Requirements []Requirement `json:"requirements"`
	// Changes are the smallest changes of configuration with which the whole request could be met, all of them together; empty if it can be met, or none are known.
	Changes []Change `json:"changes"`
	// Least is whether changes are proved to be the smallest.
	Least bool `json:"least"`
}

// A Question is what was asked.
type Question struct {
	// Kind says whether the question is why or why not.
	Kind QuestionKind `json:"kind"`
	// Text is the package or atom as asked.
	Text string `json:"text"`
	// Atoms lists the atoms that the text stands for, with their categories.
	Atoms []string `json:"atoms"`
}

// A Change is a line to be added to a file of etc/portage.
type Change struct {
	// File is the file that the line belongs at the end of, absolute.
	File string `json:"file"`
	// Text is the line.
	Text string `json:"text"`
}

// An Answer is what there is to say about one package.
type Answer struct {
	// Package is the package.
	Package Package `json:"package"`
	// Outcome says what becomes of the package.
	Outcome Outcome `json:"outcome"`
	// Status compares a package that is merged with what is installed; null for others.
	Status plan.Status `json:"status" explain:"null"`
	// Replaces lists the installed packages (cpv) that a merge replaces.
	Replaces []string `json:"replaces"`
	// Chain is a shortest way from an argument or set to the package: each link asks for the next one, the last for the package.
	Chain []Link `json:"chain"`
	// Requirements are all requirements on the package, of its version, slot, flags or only of its name.
	Requirements []Requirement `json:"requirements"`
	// Because holds the reasons why the package is merged where another version or the same one is installed.
	Because []Reason `json:"because"`
	// Others are the packages that would have been better, and why each was not taken: higher versions, and binary packages of this one.
	Others []Other `json:"others"`
	// Flags are the USE flags of the package, sorted.
	Flags []Flag `json:"flags"`
	// Reasons say why the package is not in the plan, those that cannot be got around first; of a package that was chosen, what keeps the request from being met.
	Reasons []Reason `json:"reasons"`
	// NeededBy are requirements of installed packages that the package satisfies although nothing in the plan asks for it.
	NeededBy []Requirement `json:"needed_by"`
}

// A Package names a package.
type Package struct {
	// CPV is category/PF.
	CPV string `json:"cpv"`
	// Slot is the slot.
	Slot string `json:"slot"`
	// Subslot is the sub-slot; the slot if the package names none.
	Subslot string `json:"subslot"`
	// Repo is the name of the repository the package comes from.
	Repo string `json:"repo"`
	// Origin says whether the package is an ebuild, a binary package or installed.
	Origin plan.Origin `json:"origin"`
	// BuildID tells binary packages of one cpv apart; null if there is none.
	BuildID plan.BuildID `json:"build_id" explain:"null"`
	// Root is the root that the package belongs to or would be merged to.
	Root plan.Root `json:"root"`
	// File is the ebuild, binary package or database entry; null if unknown.
	File plan.Maybe `json:"file" explain:"null"`
}

// A Link is one member of a chain: what asks for the next member.
type Link struct {
	// Name is a package with its repository ("cat/pkg-1::repo"), a set or an argument.
	Name string `json:"name"`
	// Kind says which of these it is.
	Kind plan.LinkKind `json:"kind"`
	// Class is the class of the dependency on the next member; null for arguments and sets.
	Class plan.Class `json:"class" explain:"null"`
	// Atom is what the link asks for, conditional USE dependencies decided; null if a set asks for another set.
	Atom plan.Maybe `json:"atom" explain:"null"`
	// File is where the requirement stands: the ebuild, database entry, or file of a set; null if unknown.
	File plan.Maybe `json:"file" explain:"null"`
	// Line is the line of the file; null if unknown.
	Line Line `json:"line" explain:"null"`
}

// A Requirement is an atom by which something asks for a package.
type Requirement struct {
	// By is what asks: a package with its repository ("cat/pkg-1::repo"), a set or an argument.
	By string `json:"by"`
	// Kind says which of these it is.
	Kind plan.LinkKind `json:"kind"`
	// Class is the class of the dependency; null for arguments and sets.
	Class plan.Class `json:"class" explain:"null"`
	// Atom is the atom in force: conditional USE dependencies are decided.
	Atom string `json:"atom"`
	// Constrains lists what the atom says about more than the name.
	Constrains []Constraint `json:"constrains"`
	// Flags lists the flags that decide whether the requirement is in force, with "-" before those that are off, sorted.
	Flags []string `json:"flags"`
	// File is where the requirement stands; null if unknown.
	File plan.Maybe `json:"file" explain:"null"`
	// Line is the line of the file; null if unknown.
	Line Line `json:"line" explain:"null"`
}

// An Other is a package that could have been taken.
type Other struct {
	// Package is the package.
	Package Package `json:"package"`
	// Reasons say why it was not taken.
	Reasons []Reason `json:"reasons"`
}

// A Reason is one thing that spoke for or against a package.
type Reason struct {
	// Kind is the sort of reason.
	Kind ReasonKind `json:"kind"`
	// Text is the reason in words, without full stop; it may change between releases.
	Text string `json:"text"`
	// By is the package, set or argument concerned; null if none is.
	By plan.Maybe `json:"by" explain:"null"`
	// Class is the class of a dependency of by; null if it is about none.
	Class plan.Class `json:"class" explain:"null"`
	// Atom is the atom concerned, as written; null if there is none.
	Atom plan.Maybe `json:"atom" explain:"null"`
	// Constrains lists the parts of the atom that the package does not satisfy.
	Constrains []Constraint `json:"constrains"`
	// Words are the flags, keywords, licences or options concerned.
	Words []string `json:"words"`
	// File is the file that says so; null if none does.
	File plan.Maybe `json:"file" explain:"null"`
	// Line is the line of the file; null if unknown.
	Line Line `json:"line" explain:"null"`
	// Comment holds the comment lines above that line, without "#".
	Comment []string `json:"comment"`
	// Places are all files, with their lines where known, that had a say in a mask, or in what is accepted: "file:line".
	Places []string `json:"places"`
}

// A Flag is the state of one USE flag.
type Flag struct {
	// Name is the flag.
	Name string `json:"name"`
	// Enabled is whether the flag is on.
	Enabled bool `json:"enabled"`
	// Origin says in a few words what decided: "IUSE default", "conf", "masked", ...
	Origin string `json:"origin"`
	// Fixed is whether the profile forces or masks the flag.
	Fixed bool `json:"fixed"`
	// Proposed is whether the plan assumes a change of configuration that switches the flag.
	Proposed bool `json:"proposed"`
	// File is the file that decided; null if none did.
	File plan.Maybe `json:"file" explain:"null"`
	// Line is the line of the file; null if unknown.
	Line Line `json:"line" explain:"null"`
	// Requirements are the USE dependencies that ask for this state.
	Requirements []Requirement `json:"requirements"`
}
