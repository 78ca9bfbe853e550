package verify

import (
	"fmt"
	"strings"

	"github.com/tumpline/tumpline/resolver/plan"
)

// A Finding is one thing that does not hold.
type Finding struct {
	Kind     Kind
	Severity Severity
	Step     plan.StepID // the step at fault; 0 for none
	Package  string      // cpv of the package at fault; empty for none
	Root     plan.Root   // the root concerned; empty for none
	Atom     string      // the dependency, argument or member concerned; empty for none
	Message  string      // one line, lower case, for people
}

// String gives the finding on one line: severity, kind, place, message.
func (f Finding) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: ", f.Severity, f.Kind)
	if f.Step != 0 {
		fmt.Fprintf(&b, "step %d: ", f.Step)
	}
	if f.Package != "" {
		b.WriteString(f.Package)
		switch f.Root {
		case plan.RootBuild:
			b.WriteString(" (build root)")
		case plan.RootSysroot:
			b.WriteString(" (sysroot)")
		}
		b.WriteString(": ")
	}
	b.WriteString(f.Message)
	return b.String()
}

// Severity says how bad a finding is.
type Severity uint8

const (
	Error Severity = iota // the plan breaks something
	Weak                  // PMS asks for more, but Portage accepts it
	Info                  // it was so before the plan, or was asked for
)

// String names the severity.
func (s Severity) String() string {
	return [...]string{"error", "weak", "info"}[min(s, Info)]
}

// Kind is the rule that a finding is about.
type Kind uint8

const (
	KindForm        Kind = iota // the document contradicts itself
	KindPackage                 // the package of a step does not exist
	KindMetadata                // slot, sub-slot or EAPI are not those of the package
	KindUse                     // use, disabled or fixed are not those of package and configuration
	KindInstalled               // status, installed or replaces disagree with what is installed
	KindMasked                  // a masked package is merged
	KindRequiredUse             // REQUIRED_USE of a merged ebuild does not hold
	KindBuild                   // a build-time dependency is not merged when a package is built
	KindClosure                 // a build-time dependency is merged, but not what it needs to run
	KindCycle                   // the same, or an IDEPEND, where a cycle leaves no better order
	KindInstall                 // an IDEPEND is not merged when a package is merged
	KindRun                     // a run-time dependency of a merged package does not hold at the end
	KindBroken                  // a run-time dependency of an installed package held before and does not at the end
	KindBinding                 // a package is bound by := to a slot or sub-slot that is gone at the end
	KindBlocker                 // a blocker is in force
	KindSlot                    // a slot is merged to twice
	KindNeed                    // a need of the plan is not met by what it names
	KindWorld                   // an atom of @world held before and does not at the end
	KindArgument                // an argument, a member of one, or a world entry is not met at the end
)

// String names the kind, as in the JSON report.
func (k Kind) String() string {
	names := [...]string{
		"form", "package", "metadata", "use", "installed", "masked", "required-use", "build-dependency", "closure",
		"cycle", "install-dependency", "runtime-dependency", "broken-installed", "binding", "blocker", "slot", "need",
		"world", "argument",
	}
	if int(k) >= len(names) {
		return "unknown"
	}
	return names[k]
}
