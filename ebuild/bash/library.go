package bash

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// A Mode is what a shell is for.
type Mode uint8

const (
	// Depend is the reading of metadata.
	Depend Mode = iota
	// Phase is the running of one phase function.
	Phase
)

// String names the folder of the library that the mode has for itself.
func (m Mode) String() string {
	switch m {
	case Depend:
		return "depend"
	case Phase:
		return "phase"
	}
	return fmt.Sprintf("Mode(%d)", uint8(m))
}

// lib is the library. Folder core is for everything, folder feature has one file
// for each feature of an EAPI that adds commands, and each mode has its folder.
//
//go:embed lib
var lib embed.FS

// FirstLine begins the text of every library: by it a shell of ours is known.
const FirstLine = "unset BASH_SOURCE GLIBC_TUNABLES"

// SourceName is the name of the library in BASH_SOURCE and in messages of bash.
const SourceName = "tumpline"

// Library gives the text of the library for ebuilds of an EAPI in a mode. The
// main part of the mode (main.bash) is left out: it is no definition.
func Library(f *eapi.Features, m Mode) (string, error) {
	names := featureNames(f)
	var b strings.Builder
	// The first line: what it evaluates begins with line 1 too.
	fmt.Fprintf(&b, FirstLine+"; declare -a BASH_SOURCE=(%s); ___at_first_line() { BASH_SOURCE[0]=${2-%s}; eval \"$1\"; }\n", SourceName, SourceName)
	fmt.Fprintf(&b, "BASH_COMPAT=%s\ndeclare -A ___features=(", f.BashVersion)
	for _, name := range names {
		b.WriteString("[" + name + "]=1 ")
	}
	b.WriteString(")\n")
	for _, dir := range []string{"core", "feature", m.String()} {
		entries, err := fs.ReadDir(lib, path.Join("lib", dir))
		if err != nil {
			return "", fmt.Errorf("internal error: %w", err)
		}
		for _, e := range entries {
			feature, _ := strings.CutSuffix(e.Name(), ".bash")
			if e.Name() == mainPart || dir == "feature" && !slices.Contains(names, feature) {
				continue
			}
			text, err := lib.ReadFile(path.Join("lib", dir, e.Name()))
			if err != nil {
				return "", fmt.Errorf("internal error: %w", err)
			}
			b.Write(text)
		}
	}
	return b.String(), nil
}

// mainPart is the file of a mode that is no definition.
const mainPart = "main.bash"

// featureNames lists the features of an EAPI that are there, by the names of
// the fields of eapi.Features, and what its default phases do (SrcPrepare8 and
// the like), sorted.
func featureNames(f *eapi.Features) []string {
	var names []string
	for _, field := range reflect.VisibleFields(reflect.TypeOf(*f)) {
		if field.Type.Kind() == reflect.Bool && reflect.ValueOf(f).Elem().FieldByIndex(field.Index).Bool() {
			names = append(names, field.Name)
		}
	}
	names = append(names, f.SrcPrepare.String(), f.SrcCompile.String(), f.SrcInstall.String())
	slices.Sort(names)
	return names
}

// Program gives all that a shell for one request runs: the library and the main
// part of the mode.
func Program(f *eapi.Features, m Mode) (string, error) {
	text, err := Library(f, m)
	if err != nil {
		return "", err
	}
	main, err := lib.ReadFile(path.Join("lib", m.String(), mainPart))
	if err != nil {
		return "", fmt.Errorf("internal error: %w", err)
	}
	return text + string(main), nil
}

// Quote gives text as a word of the shell that means just this text.
func Quote(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
