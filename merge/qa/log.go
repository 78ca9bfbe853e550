package qa

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Expected are messages of a build log that the ebuild has declared to be no news.
type Expected struct {
	ConfigureOptions []string // QA_CONFIGURE_OPTIONS: regular expressions
	MaintainerMode   []string // QA_AM_MAINTAINER_MODE: likewise, for whole lines
}

var (
	maintainerLine = regexp.MustCompile(`\bcd\b.*&&.*/missing( --run|'|) (automake|autoconf|autoheader|aclocal)`)
	automakeLine   = regexp.MustCompile(`^\s*Automake:\s`)
	bashMissing    = regexp.MustCompile(`^.*: line \d*: .*: command not found$`)
	dashMissing    = regexp.MustCompile(`^.*: \d+: .*: not found$`)
	fileMissing    = regexp.MustCompile(`^!!! (do|new).*: .* does not exist$`)
	unrecognized   = regexp.MustCompile(`^configure: WARNING: [Uu]nrecognized options: (.*)`)
	noJobserver    = regexp.MustCompile(`^g?make\[\d+\]: warning: jobserver unavailable:`)
	setuptools     = regexp.MustCompile(`^.*/setuptools/.*: .*Warning: (.*)`)
	setuptoolsSkip = regexp.MustCompile(`^(Normalizing |setup.py install is deprecated)`)
)

// maxLogLine bounds what is looked at of one line.
const maxLogLine = 64 << 10

// ScanLog looks through a build log for signs of trouble that did not end the build.
func ScanLog(r io.Reader, e Expected) ([]Finding, error) {
	options, err := anyOf("QA_CONFIGURE_OPTIONS", e.ConfigureOptions, "^(?:%s)$")
	if err != nil {
		return nil, err
	}
	mode, err := anyOf("QA_AM_MAINTAINER_MODE", e.MaintainerMode, "^(?:%s)$")
	if err != nil {
		return nil, err
	}
	found := make(map[string][]string)
	note := func(check, line string) {
		if !slices.Contains(found[check], line) {
			found[check] = append(found[check], line)
		}
	}
	in := bufio.NewReaderSize(r, maxLogLine)
	for {
		text, err := in.ReadSlice('\n')
		if len(text) > 0 && err != bufio.ErrBufferFull {
			scanLine(strings.TrimSuffix(string(text), "\n"), options, mode, note)
		}
		if err != nil && err != bufio.ErrBufferFull {
			if err != io.EOF && err != io.ErrUnexpectedEOF { // of a compressed log that is being written
				return nil, fmt.Errorf("read the build log: %w", err)
			}
			break
		}
	}
	return logFindings(found), nil
}

func scanLine(line string, options, mode *regexp.Regexp, note func(check, line string)) {
	if strings.Contains(line, "missing") && maintainerLine.MatchString(line) && !automakeLine.MatchString(line) && (mode == nil || !mode.MatchString(line)) {
		note("maintainer-mode", line)
	}
	switch {
	case strings.HasSuffix(line, "not found") && (bashMissing.MatchString(line) || dashMissing.MatchString(line)):
		note("command-not-found", line)
	case strings.HasPrefix(line, "!!! ") && fileMissing.MatchString(line):
		note("file-missing", line)
	case strings.HasPrefix(line, "configure: ") && unrecognized.MatchString(line):
		for _, option := range strings.Split(unrecognized.FindStringSubmatch(line)[1], ", ") {
			if options == nil || !options.MatchString(option) {
				note("configure-options", option)
			}
		}
	case strings.Contains(line, "jobserver unavailable") && noJobserver.MatchString(line):
		note("jobserver", line)
	case strings.Contains(line, "/setuptools/") && setuptools.MatchString(line):
		if text := setuptools.FindStringSubmatch(line)[1]; !setuptoolsSkip.MatchString(text) {
			note("setuptools", text)
		}
	}
}

func logFindings(found map[string][]string) []Finding {
	var out []Finding
	for _, c := range []struct{ check, text string }{
		{"maintainer-mode", "the build ran automake or its kin again (\"maintainer mode\"); eautoreconf belongs into src_prepare"},
		{"command-not-found", "commands were not found"},
		{"file-missing", "files to install were not there"},
		{"configure-options", "configure does not know these options"},
		{"jobserver", "make could not share its jobs: a rule runs make by another name than $(MAKE)"},
		{"setuptools", "setuptools warns"},
	} {
		if len(found[c.check]) > 0 {
			out = append(out, Finding{Severity: Notice, Check: c.check, Text: c.text, Paths: found[c.check]})
		}
	}
	return out
}

// anyOf joins regular expressions; nil if there are none.
func anyOf(name string, list []string, form string) (*regexp.Regexp, error) {
	if len(list) == 0 {
		return nil, nil
	}
	re, err := regexp.Compile(fmt.Sprintf(form, "(?:"+strings.Join(list, ")|(?:")+")"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return re, nil
}
