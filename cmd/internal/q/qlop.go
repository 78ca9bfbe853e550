package q

import (
	"context"

	"github.com/tumpline/tumpline/cmd/internal/cli"
)

const dateForms = `The --date option can take a few forms:
  -d '# <day|week|month|year>[s] [ago]'  (e.g. '3 days ago')
Or using strptime(3) formats:
  -d '2015-12-25'           (detected as %Y-%m-%d)
  -d '1459101740'           (detected as %s)
  -d '%d.%m.%Y|25.12.2015'  (format is specified)`

func qlop() applet {
	more := dateForms
	return applet{name: "qlop", args: "<pkgname>", about: "emerge log analyzer", more: &more, options: []option{
		{letter: 'c', name: "summary", about: "Print summary of average merges (implies -a)"},
		{letter: 't', name: "time", about: "Print time taken to complete action"},
		{letter: 'a', name: "average", about: "Print average time taken to complete action"},
		{letter: 'p', name: "predict", about: "Print prediction of time it takes to complete action"},
		{letter: 'H', name: "human", about: "Print elapsed time in human readable format (use with -t or -a)"},
		{letter: 'M', name: "machine", about: "Print start/elapsed time as seconds with no formatting"},
		{letter: 'm', name: "merge", about: "Show merge history"},
		{letter: 'u', name: "unmerge", about: "Show unmerge history"},
		{letter: 'U', name: "autoclean", about: "Show autoclean unmerge history"},
		{letter: 's', name: "sync", about: "Show sync history"},
		{letter: 'E', name: "emerge", about: "Show last merge similar to how emerge(1) -v would show it"},
		{letter: 'e', name: "endtime", about: "Report time at which the operation finished (iso started)"},
		{letter: 'r', name: "running", about: "Show current emerging packages"},
		{letter: 'd', name: "date=", about: "Limit selection to this time (1st -d is start, 2nd -d is end)"},
		{letter: 'l', name: "lastmerge", about: "Limit selection to last Portage emerge action"},
		{letter: 'f', name: "logfile=", about: "Read emerge logfile instead of $EMERGE_LOG_DIR/emerge.log"},
		{letter: 'w', name: "atoms=", about: "Read package atoms to report from file"},
		formatOption(),
	}, letters: "ctapHMmuUsElerd:f:w:F:", run: func(context.Context, *call) error {
		return &cli.RefusedError{Program: "qlop", What: "reading emerge.log", Why: "emerge.log itself has a line for each step, with its time"}
	}}
}

func qmanifest() applet {
	return applet{name: "qmanifest", args: "<misc args>", about: "verify or generate thick Manifest files", options: []option{
		{letter: 'g', name: "generate", about: "Generate thick Manifests"},
		{letter: 's', name: "signas=", about: "Sign generated Manifest using GPG key"},
		{letter: 'p', name: "passphrase", about: "Ask for GPG key password (instead of relying on gpg-agent)"},
		{letter: 'd', name: "dir", about: "Treat arguments as directories"},
		{letter: 'o', name: "overlay", about: "Treat arguments as overlay names"},
	}, run: func(context.Context, *call) error {
		return &cli.RefusedError{Program: "qmanifest", What: "qmanifest", Why: "tumpline manifest makes Manifests, and with --verify checks them"}
	}}
}
