package metagen

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tumpline/tumpline/atoms/eapi"
	"github.com/tumpline/tumpline/ebuild/bash"
	"github.com/tumpline/tumpline/ebuild/md5cache"
)

// phaseFunctions lists the phase functions of an EAPI in the order in which
// DEFINED_PHASES lists them.
func phaseFunctions(f *eapi.Features) []string {
	names := []string{"src_compile", "pkg_config"}
	if f.SrcConfigure {
		names = append(names, "src_configure")
	}
	names = append(names, "pkg_info", "src_install", "pkg_nofetch", "pkg_postinst", "pkg_postrm", "pkg_preinst")
	if f.SrcPrepare != eapi.SrcPrepareNone {
		names = append(names, "src_prepare")
	}
	names = append(names, "pkg_prerm")
	if f.PkgPretend {
		names = append(names, "pkg_pretend")
	}
	return append(names, "pkg_setup", "src_test", "src_unpack")
}

// entry makes the cache entry of what the shell has told.
func (t *task) entry(m *bash.Metadata) (*md5cache.Entry, error) {
	values, err := t.values(m)
	if err != nil {
		return nil, err
	}
	var eclasses []md5cache.Eclass
	set := t.repo.Eclasses()
	for _, name := range m.Inherited {
		name = baseName(name)
		sum, ok := set.MD5(name)
		if !ok {
			return nil, t.fail(KindEclassMissing, name+".eclass cannot be read", nil)
		}
		eclasses = append(eclasses, md5cache.Eclass{Name: name, MD5: sum})
	}
	e, err := md5cache.Make(values, eclasses, t.digest)
	if err != nil {
		return nil, t.fail(KindValue, "no cache entry", err)
	}
	return e, nil
}

// values makes the values of the entry.
func (t *task) values(m *bash.Metadata) (map[string]string, error) {
	split := newIFS(m.IFS, m.IFSSet)
	values := make(map[string]string, len(m.Values)+2)
	for name, raw := range m.Values {
		v := split.normalise(raw)
		if name != "EAPI" && strings.ContainsAny(v, "\n\v\f\r\x1c\x1d\x1e\u0085\u2028\u2029") {
			return nil, t.fail(KindValue, name+" holds a line break or control character", nil)
		}
		if !utf8.ValidString(v) {
			return nil, t.fail(KindText, name+" is not UTF-8", nil)
		}
		values[name] = v
	}
	if name := values["EAPI"]; name != t.eapi.Name && !(name == "" && t.eapi.Name == "0") {
		e := t.fail(KindEAPI, "EAPI is "+strconv.Quote(name)+" after sourcing and "+strconv.Quote(t.eapi.Name)+" by the first line (PMS 7.3.1)", nil)
		e.Line = t.line
		return nil, e
	}
	values["EAPI"] = t.eapi.Name
	if !t.eapi.BDEPEND {
		delete(values, "BDEPEND")
	}
	if !t.eapi.IDEPEND {
		delete(values, "IDEPEND")
	}
	values["INHERIT"] = strings.Join(m.Explicit, " ")
	phases, err := t.phases(m)
	values["DEFINED_PHASES"] = phases
	return values, err
}

// phases makes DEFINED_PHASES and finds functions that must not be redefined.
func (t *task) phases(m *bash.Metadata) (string, error) {
	var phases []string
	known := phaseFunctions(t.eapi)
	for _, f := range m.Functions {
		if slices.Contains(known, f.Function) {
			_, phase, _ := strings.Cut(f.Function, "_")
			phases = append(phases, phase)
			continue
		}
		if f.File != bash.SourceName {
			e := t.fail(KindRedefined, f.Function+" must not be redefined", nil)
			e.File, e.Line = f.File, f.Line
			return "", e
		}
	}
	if phases == nil {
		return "-", nil
	}
	return strings.Join(phases, " "), nil
}

// baseName is the name of an eclass as inherit takes it: without folders.
func baseName(arg string) string { return arg[strings.LastIndexByte(arg, '/')+1:] }

// failure makes the error of a failure that the library has told of.
func (t *task) failure(f *bash.Failure) error {
	e := t.fail(KindDie, f.Message, nil)
	switch f.Kind {
	case "source":
		if s := t.told(); s != nil {
			return s
		}
		e.Kind, e.File, e.Msg = KindSource, f.Message, "the last command failed"
		return e
	case "eclass":
		e.Kind, e.Msg = KindEclassMissing, f.Message+".eclass does not exist"
	case "loop":
		e.Kind, e.Msg = KindInheritLoop, f.Message+".eclass inherits itself"
	case "command":
		e.Kind, e.Msg = KindCommand, "external command "+f.Message+" in global scope"
	case "forbidden":
		e.Kind, e.Msg = KindForbidden, f.Message+" is not allowed in global scope"
	}
	for _, frame := range f.Frames {
		if frame.File != bash.SourceName && frame.File != "" {
			e.File, e.Line = frame.File, frame.Line
			break
		}
	}
	return e
}

// bashMessage is how bash tells of an error in a file.
var bashMessage = regexp.MustCompile(`(?m)^(/.*|` + bash.SourceName + `): line ([0-9]+): (.*)$`)

// told finds an error that bash has told of in the output: one of syntax, or an
// assignment to a readonly variable, by the ebuild or by the library.
func (t *task) told() *Error {
	for _, m := range bashMessage.FindAllStringSubmatch(t.output, -1) {
		k := KindSyntax
		switch {
		case strings.HasSuffix(m[3], ": readonly variable"):
			k = KindReadonly
		case !strings.HasPrefix(m[3], "syntax error") && !strings.HasPrefix(m[3], "unexpected EOF"):
			continue
		}
		e := t.fail(k, m[3], nil)
		if m[1] != bash.SourceName {
			e.File = m[1]
			e.Line, _ = strconv.Atoi(m[2]) // digits by the expression
		}
		return e
	}
	return nil
}

// silent makes the error of an ebuild that ended without the library knowing.
func (t *task) silent(r bash.Reply) error {
	if s := t.told(); s != nil {
		return s
	}
	if strings.Contains(t.output, ": cannot allocate ") {
		return t.fail(KindKilled, "needs more memory than it may have", nil)
	}
	return t.fail(KindExit, "ended the shell in global scope", nil)
}
