package portageq

import "github.com/tumpline/tumpline/cmd/internal/argparse"

// options are what stands on the command line. As in portageq an option may stand
// anywhere before "--", and what is none stays where it is.
type options struct {
	verbose, help, version bool // -v -h --version

	noFilters, noRegex, orphaned, noVersion bool
	repo                                    *string
	maintainers                             []string

	words []string
	json  []string // --json and --json-version as given
}

// parse reads the command line.
func parse(args []string) (*options, error) {
	w, err := argparse.Parse([]argparse.Option{
		{Long: "-v", Short: "-v"},
		{Long: "--help", Short: "-h"},
		{Long: "--version"},
		{Long: "--no-filters"},
		{Long: "--repo", Takes: argparse.Text},
		{Long: "--maintainer-email", Takes: argparse.Text},
		{Long: "--no-regex"},
		{Long: "--orphaned"},
		{Long: "--no-version", Short: "-n"},
		{Long: "--json"},
		{Long: "--json-version", Takes: argparse.Text},
	}, args)
	if err != nil {
		return nil, err
	}
	o := &options{
		verbose: w.Has("-v"), help: w.Has("--help"), version: w.Has("--version"),
		noFilters: w.Has("--no-filters"), noRegex: w.Has("--no-regex"), orphaned: w.Has("--orphaned"), noVersion: w.Has("--no-version"),
		repo: w.Text("--repo"), maintainers: w.All("--maintainer-email"),
		words: w.Rest,
	}
	if w.Has("--json") {
		o.json = append(o.json, "--json")
	}
	for _, v := range w.All("--json-version") {
		o.json = append(o.json, "--json-version="+v)
	}
	return o, nil
}
