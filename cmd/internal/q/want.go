package q

import (
	"regexp"
	"slices"
	"strings"

	"github.com/tumpline/tumpline/cmd/internal/q/loose"
	"github.com/tumpline/tumpline/cmd/internal/q/tree"
)

// A wanted package is an argument of qlist: a beginning of a name, an expression, or
// an atom with an operator.
type wanted struct {
	text          string
	prefix        string // text without slot and repository
	slot, subslot string
	repo          string
	query         *loose.Atom // for an argument with an operator
	expression    *regexp.Regexp
}

func (c *call) want(text string) *wanted {
	w := &wanted{text: text}
	var rest string
	var found bool
	w.prefix, rest, found = strings.Cut(text, ":")
	if repo, ok := strings.CutPrefix(rest, ":"); ok {
		w.repo = repo
	} else if found {
		w.slot, w.repo, _ = strings.Cut(rest, "::")
		w.slot, w.subslot, _ = strings.Cut(w.slot, "/")
	}
	if text != "" && strings.IndexByte("=<>~", text[0]) >= 0 {
		w.query = loose.Parse(text)
		return w
	}
	var err error
	if w.expression, err = extended(text); err != nil && !c.has("exact") {
		c.warn("invalid regexp: %s -- %s", text, err)
	}
	return w
}

// matches says if a package is wanted.
func (w *wanted) matches(p *tree.Package, exact bool, m masks) bool {
	if w.query != nil {
		return p.Matches(w.query)
	}
	a := p.Atom()
	if w.slot != "" || w.repo != "" {
		a = p.Full()
	}
	if w.slot != "" && (a.Slot != w.slot || w.subslot != "" && a.Subslot != w.subslot && (a.Subslot != "" || a.Slot != w.subslot)) {
		return false
	}
	if w.repo != "" && a.Repo != w.repo || m.cover(p) {
		return false
	}
	if exact {
		return w.names(a)
	}
	cpf := a.Category + "/" + a.PF
	return strings.HasPrefix(cpf, w.prefix) || strings.HasPrefix(a.PF, w.prefix) ||
		w.expression != nil && w.expression.MatchString(cpf)
}

// names says if the text is the whole of a name, with or without category and version.
func (w *wanted) names(a *loose.Atom) bool {
	suffix := w.text[len(w.prefix):]
	return slices.Contains([]string{a.Category + "/" + a.PF, a.PF, a.Category + "/" + a.PN, a.PN}, w.text[:len(w.text)-len(suffix)])
}

// masks are those of package.mask, by name.
type masks map[string][]*loose.Atom

func (c *call) readMasks() masks {
	out := masks{}
	for _, m := range c.conf.Masks() {
		a := loose.Parse(m.Atom)
		out[a.CP()] = append(out[a.CP()], a)
	}
	return out
}

// cover says if a package is masked, and by.. the first that masks it.
func (m masks) by(p *tree.Package) *loose.Atom {
	for _, mask := range m[p.Atom().CP()] {
		if p.Matches(mask) {
			return mask
		}
	}
	return nil
}

func (m masks) cover(p *tree.Package) bool { return m.by(p) != nil }

// isAccount says if a package only makes a user or a group.
func isAccount(a *loose.Atom) bool { return strings.HasPrefix(a.Category, "acct-") }
