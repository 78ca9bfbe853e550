package gentoolkit

import (
	"regexp"
	"slices"
	"strings"
)

// Variables lists what a format can name.
func Variables() []string {
	return []string{
		"$location", "$mask", "$mask2", "$cp", "$cpv", "$category", "$name", "$version", "$revision",
		"$fullversion", "$slot", "$repo", "$keywords",
	}
}

// A Format prints packages by a template in which $name or ${name} stands for what is
// known of the package, and $$ for a dollar. Other names stay as they are.
type Format struct {
	Template string
	Style    Style
	// Plain leaves names, slots and keywords unpainted whatever the style.
	Plain bool
}

// NewFormat gives the format of a template; without one that of equery: verbose is the
// form for people.
func NewFormat(template string, verbose bool, style Style) *Format {
	f := &Format{Template: template, Style: style, Plain: !verbose}
	switch {
	case template != "":
	case verbose:
		f.Template = "[$location] [$mask] $cpv:$slot"
	default:
		f.Template = "$cpv"
	}
	return f
}

var variable = regexp.MustCompile(`\$(?:\$|([_a-zA-Z][_a-zA-Z0-9]*)|\{([_a-zA-Z][_a-zA-Z0-9]*)\})`)

// Text gives the text of a package.
func (f *Format) Text(p *Package) string {
	var b strings.Builder
	at := 0
	for _, m := range variable.FindAllStringSubmatchIndex(f.Template, -1) {
		b.WriteString(f.Template[at:m[0]])
		at = m[1]
		whole := f.Template[m[0]:m[1]]
		name := strings.Trim(whole, "${}")
		if whole == "$$" {
			b.WriteByte('$')
		} else if value, ok := f.value(p, name); ok {
			b.WriteString(value)
		} else {
			b.WriteString(whole)
		}
	}
	b.WriteString(f.Template[at:])
	return b.String()
}

func (f *Format) value(p *Package, name string) (string, bool) {
	plain := f.Style
	if f.Plain {
		plain = Style{}
	}
	switch name {
	case "location":
		return p.Location(), true
	case "mask":
		return p.MaskSign(f.Style), true
	case "mask2":
		return p.MaskText(f.Style), true
	case "cpv":
		return plain.CPV(p.CPV), true
	case "cp":
		return plain.CPV(p.CP()), true
	case "category":
		return plain.CPV(p.Category), true
	case "name":
		return plain.CPV(p.Package), true
	case "version":
		return plain.CPV(p.Version), true
	case "revision":
		return plain.CPV(p.Revision), true
	case "fullversion":
		return plain.CPV(p.FullVersion()), true
	case "slot":
		return plain.Slot(p.Slot()), true
	case "repo":
		return p.Repo(), true
	case "keywords":
		return plain.Keyword(p.Value("KEYWORDS"), KeywordStable), true
	}
	return "", false
}

// MaskLevel says how a package is masked: 0 not, 1 by a testing keyword, 2 by a missing
// one, 3 by package.mask, or the sum; 6 if there is no ebuild.
func (p *Package) MaskLevel() int {
	masks, ok := p.Masks()
	if !ok {
		return 6
	}
	level := 0
	if slices.Contains(masks, "~"+p.system.Arch()+" keyword") {
		level++
	}
	if slices.Contains(masks, "missing keyword") {
		level += 2
	}
	if slices.Contains(masks, "package.mask") || slices.Contains(masks, "profile") {
		level += 3
	}
	return level
}

// MaskSign is the sign of MaskLevel, of two characters.
func (p *Package) MaskSign(s Style) string {
	sign := []string{"  ", " ~", " -", "M ", "M~", "M-", "??"}[p.MaskLevel()]
	sort := KeywordTesting
	if strings.TrimSpace(sign) == "" {
		sort = KeywordStable
	} else if strings.ContainsAny(sign, "M?-") {
		sort = KeywordBad
	}
	return s.Keyword(sign, sort)
}

// MaskText says why the package is masked, or by which keyword it is visible.
func (p *Package) MaskText(s Style) string {
	masks, _ := p.Masks()
	if len(masks) == 0 {
		masks = []string{p.system.keyword(p.Value("KEYWORDS"))}
	}
	if slices.Contains(masks, "package.mask") || slices.Contains(masks, "profile") {
		return s.Paint("red", "M["+masks[0]+"]")
	}
	for _, m := range masks {
		switch {
		case strings.Contains(m, "keyword"):
			return s.Paint("blue", "["+m+"]")
		case p.system.IsArch(m):
			return s.Paint("green", m)
		case strings.Contains(m, "unknown"):
			return s.Paint("yellow", m)
		}
	}
	return s.Paint("red", masks[len(masks)-1])
}

// keyword is the word of KEYWORDS that a package is accepted by.
func (s *System) keyword(text string) string {
	if text == "" {
		return ""
	}
	words := strings.Fields(text)
	arch := s.Arch()
	for _, w := range []string{arch, "~" + arch} {
		if slices.Contains(words, w) {
			return w
		}
	}
	var found []string
	for _, w := range s.Root.Config.Words("ACCEPT_KEYWORDS") {
		if slices.Contains(words, w) && !slices.Contains(found, w) {
			found = append(found, w)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return "unknown"
}
