package bash

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// A Failure is an end that the library has told of.
type Failure struct {
	Kind    string // die, source, eclass, loop, command, forbidden; lazy: Message names the function
	Message string
	Frames  []Frame // the functions that were running, innermost first
}

// A Frame is one function that was running.
type Frame struct {
	Function string
	File     string
	Line     int // in File
}

// A Metadata is what the library tells of an ebuild that was sourced.
type Metadata struct {
	Functions []Frame // functions asked for that exist, and where they are defined
	Jobs      bool    // there were background processes
	IFS       string
	IFSSet    bool
	Inherited []string // eclasses by their completion
	Explicit  []string // arguments of the ebuild's own inherit commands
	Values    map[string]string
}

// valueNames are the variables in the order in which the library tells them.
func valueNames() []string {
	return []string{
		"BDEPEND", "DEPEND", "DESCRIPTION", "EAPI", "HOMEPAGE", "IDEPEND", "IUSE", "KEYWORDS", "LICENSE",
		"PDEPEND", "PROPERTIES", "RDEPEND", "REQUIRED_USE", "RESTRICT", "SLOT", "SRC_URI",
	}
}

// Reasons that callers may ask for with errors.Is.
var (
	// ErrNoResult reports that the ebuild ended without the library knowing.
	ErrNoResult = errors.New("no result")
	// ErrForged reports a result that the library did not write.
	ErrForged = errors.New("result is not as the library writes it")
)

// ParseResult reads what was written to the result descriptor during one request
// with that nonce: either metadata or a failure. The error wraps ErrNoResult or
// ErrForged.
func ParseResult(text, nonce string) (*Metadata, *Failure, error) {
	if text == "" {
		return nil, nil, ErrNoResult
	}
	if rest, ok := strings.CutPrefix(text, nonce+" failure\n"); ok {
		// A die in a subshell may be followed by another one outside it.
		rest, _, _ = strings.Cut(rest, "\n"+nonce+"\n")
		f, err := parseFailure(rest)
		return nil, f, err
	}
	if rest, ok := strings.CutPrefix(text, nonce+" lazy\n"); ok {
		rest, _, _ = strings.Cut(rest, "\n"+nonce+"\n")
		words, err := netstrings(rest)
		if err != nil || len(words) != 2 {
			return nil, nil, fmt.Errorf("%w: it is cut short", ErrForged)
		}
		return nil, &Failure{Kind: "lazy", Message: words[0], Frames: []Frame{{words[0], words[1], 0}}}, nil
	}
	rest, ok := strings.CutPrefix(text, nonce+" metadata\n")
	if !ok {
		return nil, nil, fmt.Errorf("%w: it begins with %.40q", ErrForged, text)
	}
	functions, rest, ok1 := strings.Cut(rest, nonce+"\n")
	jobs, rest, ok2 := strings.Cut(rest, nonce+"\n")
	values, ok3 := strings.CutSuffix(rest, "\n"+nonce+"\n")
	if !ok1 || !ok2 || !ok3 {
		return nil, nil, fmt.Errorf("%w: it is cut short", ErrForged)
	}
	m, err := parseMetadata(values)
	if err != nil {
		return nil, nil, err
	}
	m.Jobs = jobs != ""
	for _, line := range strings.Split(strings.TrimSuffix(functions, "\n"), "\n") {
		if line != "" {
			m.Functions = append(m.Functions, parseFunction(line))
		}
	}
	return m, nil, nil
}

// parseFunction reads a line "name line file" of declare -F.
func parseFunction(text string) Frame {
	name, rest, _ := strings.Cut(text, " ")
	number, file, _ := strings.Cut(rest, " ")
	line, _ := strconv.Atoi(number) // 0 if there is none
	return Frame{Function: name, File: file, Line: line}
}

func parseFailure(text string) (*Failure, error) {
	words, err := netstrings(text)
	if err != nil {
		return nil, err
	}
	if len(words) < 2 || len(words)%3 != 2 {
		return nil, fmt.Errorf("%w: failure of %d words", ErrForged, len(words))
	}
	f := &Failure{Kind: words[0], Message: words[1]}
	for i := 2; i < len(words); i += 3 {
		line, _ := strconv.Atoi(words[i+2]) // 0 if there is none
		f.Frames = append(f.Frames, Frame{words[i], words[i+1], line})
	}
	return f, nil
}

func parseMetadata(text string) (*Metadata, error) {
	words, err := netstrings(text)
	if err != nil {
		return nil, err
	}
	names := valueNames()
	const before = 4 // words that are no values
	if len(words) != before+len(names) {
		return nil, fmt.Errorf("%w: metadata of %d words", ErrForged, len(words))
	}
	m := &Metadata{
		IFSSet: words[0] != "", IFS: words[1], Inherited: strings.Fields(words[2]), Explicit: strings.Fields(words[3]),
		Values: make(map[string]string, len(names)),
	}
	for i, name := range names {
		m.Values[name] = words[before+i]
	}
	return m, nil
}

// netstrings reads "5:hello,3:you,".
func netstrings(text string) ([]string, error) {
	var words []string
	for text != "" {
		size, rest, ok := strings.Cut(text, ":")
		n, err := strconv.Atoi(size)
		if !ok || err != nil || n < 0 || n >= len(rest) || rest[n] != ',' {
			return nil, fmt.Errorf("%w: expected a netstring: %.40q", ErrForged, text)
		}
		words, text = append(words, rest[:n]), rest[n+1:]
	}
	return words, nil
}
