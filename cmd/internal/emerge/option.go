package emerge

import "slices"

// Takes says what follows an option.
type Takes uint8

const (
	TakesNothing Takes = iota // --pretend
	TakesWord                 // --root DIR: the next word, whatever it is; later ones win
	TakesList                 // --exclude ATOMS: words add up over repetitions
)

// Words says which next word an option with an optional value takes for it.
// Any other next word is left alone, and the option stands for "True".
type Words uint8

const (
	WordsNone           Words = iota // the value is not optional
	WordsYN                          // y, n
	WordsInteger                     // a whole number from 0
	WordsIntegerOrYN                 // either
	WordsFloat                       // a number from 0
	WordsRDeps                       // rdeps
	WordsClusteredYN                 // y, n; also as a short option inside a cluster
	WordsClusteredInt                // a whole number; also as a short option in a cluster, -D1
	WordsClusteredIntYN              // --jobs: y, n too, but -j takes a whole number only
	WordsClusteredFloat              // a number; also as a short option in a cluster, -l2.5
)

// Becomes says what the words of a value become in the result, where "True"
// stands for an option without a value.
type Becomes uint8

const (
	BecomesText       Becomes = iota // the word as it is
	BecomesTrueOrGone                // y: true; n: as if not given
	BecomesTrueFalse                 // y: true; n: given, and false
	BecomesTrueOrText                // y: true; n: the word n
	BecomesYN                        // y: the word y; n: the word n
	BecomesInteger                   // a whole number from 0
	BecomesDepth                     // true, or a whole number from 0
	BecomesJobs                      // true, gone, or a whole number; 0 is the number of processors
	BecomesRoom                      // a whole number; the empty word as it is
	BecomesLoad                      // gone, or a number above 0; the empty word as it is
	BecomesTime                      // a whole number from 0; the empty word as it is
	BecomesPercent                   // a number from 0 to 100; the empty word as it is
)

// Support says what this program does with an option.
type Support uint8

const (
	NotYet Support = iota // refused
	Done                  // has its effect
	// Inert options act on what happens after the plan, or on something this
	// program does without; they are accepted, and Note says why that is right.
	Inert
)

// An Option is one row of emerge's option table.
type Option struct {
	Long    string // "--ask"
	Short   string // "-a", or empty
	Takes   Takes
	Words   Words
	Choices string  // permitted values, separated by blanks; empty: any
	Becomes Becomes // for TakesWord
	Support Support
	Note    string // one line for --help; for Inert options why nothing is to be done
}

// An Action is what emerge is asked to do instead of merging its arguments.
type Action struct {
	Name    string // "depclean", given as --depclean
	Support Support
	Note    string
}

const (
	yesNo     = "y n"
	trueYesNo = "True y n"
)

// options is the whole table. It is built anew on each call, so that nobody
// can change it under others.
func options() []Option {
	var all []Option
	for _, part := range [][]Option{
		requestOptions(), reachOptions(), rebuildOptions(), binaryOptions(),
		autounmaskOptions(), displayOptions(), executionOptions(), otherOptions(),
	} {
		all = append(all, part...)
	}
	return all
}

// ownOptions are tumpline's additions. They have no abbreviations, so that
// those of emerge's options stay what they are.
func ownOptions() []Option {
	return append(slices.Concat(explainOptions(), stageOptions(), beyondOptions(), eventOptions()), []Option{
		{Long: "--json", Support: Done, Note: "print the plan as one JSON object, and nothing else"},
		{Long: "--json-version", Takes: TakesWord, Support: Done, Note: "refuse if the JSON object does not satisfy this constraint: '^1'"},
		{Long: "--build-root", Takes: TakesWord, Support: Done, Note: "the root of the machine that builds, instead of / (TUMPLINE_BUILD_ROOT)"},
	}...)
}

// longAliases are other spellings of long options.
func longAliases() map[string]string {
	return map[string]string{"--cols": "--columns", "--skip-first": "--skipfirst"}
}

// separateShorts are short options that the reference parser declares apart
// from their long form; it matters for the wording of errors only.
func separateShorts() map[string]string {
	return map[string]string{
		"-1": "--oneshot", "-B": "--buildpkgonly", "-c": "--depclean", "-C": "--unmerge", "-d": "--debug",
		"-e": "--emptytree", "-f": "--fetchonly", "-F": "--fetch-all-uri", "-h": "--help", "-n": "--noreplace",
		"-N": "--newuse", "-o": "--onlydeps", "-O": "--nodeps", "-p": "--pretend", "-P": "--prune",
		"-r": "--resume", "-s": "--search", "-S": "--searchdesc", "-t": "--tree", "-u": "--update",
		"-U": "--changed-use", "-V": "--version",
	}
}

func actions() []Action {
	return []Action{
		{"check-news", Done, "say if there is unread news"},
		{"clean", Done, "remove all but what was merged last in each slot"},
		{"config", NotYet, "run a package's configuration phase"},
		{"depclean", Done, "remove packages that nothing needs"},
		{"help", Done, "this text"},
		{"info", NotYet, "print settings and versions"},
		{"list-sets", Done, "list the package sets"},
		{"metadata", NotYet, "copy a repository's metadata cache"},
		{"moo", NotYet, "moo"},
		{"prune", Done, "remove all but the highest version"},
		{"rage-clean", Done, "unmerge at once"},
		{"regen", NotYet, "generate metadata caches"},
		{"search", Done, "search package names"},
		{"status", NotYet, "say what running emerges build"},
		{"sync", NotYet, "update repositories"},
		{"unmerge", Done, "remove the given packages"},
		{"version", Done, "print the version"},
	}
}

// Refuses says if an option (with its dashes) is known and refused, as not being
// implemented.
func Refuses(option string) bool {
	for _, o := range options() {
		if o.Long == option {
			return o.Support == NotYet
		}
	}
	return false
}
