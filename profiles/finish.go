package profiles

import (
	"maps"
	"slices"
	"strings"
)

// finish computes all that needs the whole configuration.
func (l *loader) finish() error {
	c, v := l.config, l.vars
	for _, text := range l.o.Features {
		c.moreFeatures = append(c.moreFeatures, Word{Text: text})
	}
	l.setDefaults()
	v.stackAll(c.moreFeatures)
	l.checkFeatures()
	c.features = make(map[string]bool)
	for _, name := range strings.Fields(v.Get("FEATURES")) {
		c.features[name] = true
	}
	c.expand = newUseExpand(v)
	l.readUSEOrder()
	c.defaults = c.defaultsSegments()
	for _, layer := range c.useOrder {
		c.layerOps[layer] = c.expand.layerOps(v.layers[layer])
	}
	flags := c.globalUSE()
	v.lists["USE"] = setValue(flags)
	c.setExpanded(flags)
	l.checkSigns()
	l.checkWords()
	for _, name := range lowerCased {
		if value, ok := v.plain(name); ok {
			value.Text = strings.ToLower(value.Text)
			v.lists[name] = value
		}
	}
	c.warnings = l.warn.list
	return nil
}

// setDefaults gives variables that must have a value one.
func (l *loader) setDefaults() {
	fixed := l.vars.layers[LayerFixed]
	ensure := func(name, value string) {
		if _, ok := l.vars.plain(name); !ok && value != "" {
			fixed.set(name, part{text: value})
		}
	}
	ensure("USE_ORDER", defaultUSEOrder)
	ensure("CBUILD", l.vars.plainText("CHOST"))
	ensure("USERLAND", "GNU")
	ensure("PORTAGE_USERNAME", "portage")
	ensure("PORTAGE_GRPNAME", "portage")
	ensure("PORTAGE_INST_UID", "0")
	ensure("PORTAGE_INST_GID", "0")
	ensure("PORTAGE_DEPCACHEDIR", l.roots.broot+"/var/cache/edb/dep")
}

func (v *Vars) plainText(name string) string {
	value, _ := v.plain(name)
	return value.Text
}

// stackAll computes the variables that are sets or lists of words.
func (v *Vars) stackAll(features []Word) {
	for _, name := range incrementalNames {
		var more []Word
		if name == "FEATURES" {
			more = features
		}
		if value, ok := v.stack(name, more); ok {
			v.lists[name] = value
		}
	}
	for _, name := range acceptNames {
		ifEmpty := ""
		if name == "ACCEPT_LICENSE" {
			ifEmpty = "* -@EULA"
		}
		v.lists[name] = v.accept(name, ifEmpty)
	}
}

// checkFeatures warns of unknown words, or drops them, if FEATURES wants it.
func (l *loader) checkFeatures() {
	value := l.vars.lists["FEATURES"]
	has := func(name string) bool {
		return slices.ContainsFunc(value.Words, func(w Word) bool { return w.Text == name })
	}
	if has("unknown-features-warn") {
		for _, w := range value.Words {
			if !knownFeature(w.Text) {
				l.warn.at(w.Pos, w.Text, "unknown word in FEATURES")
			}
		}
	}
	if has("unknown-features-filter") {
		value.Words = slices.DeleteFunc(value.Words, func(w Word) bool { return !knownFeature(w.Text) })
		value.Text = strings.Join(texts(value.Words), " ")
		l.vars.lists["FEATURES"] = value
	}
}

// readUSEOrder turns USE_ORDER round. Unknown words have no meaning.
func (l *loader) readUSEOrder() {
	for name := range strings.SplitSeq(l.vars.Get("USE_ORDER"), ":") {
		if layer, ok := layerNamed(name); ok {
			l.config.useOrder = append(l.config.useOrder, layer)
		}
	}
	slices.Reverse(l.config.useOrder)
}

// checkSigns warns of signs where they have no meaning.
func (l *loader) checkSigns() {
	for layer, s := range l.vars.layers {
		for _, name := range l.config.expand.prefixed {
			for _, w := range s.words(name) {
				if signed := w.Text[0] == '+' || w.Text[0] == '-'; signed && Layer(layer) != LayerDefaults && !incremental(name) {
					l.warn.at(w.Pos, w.Text, "%s is not incremental here, the word is ignored", name)
				}
			}
		}
		for _, name := range incrementalNames {
			l.warnPlus(name, s.words(name))
		}
		l.warnPlus("USE", s.words("USE"))
	}
}

// checkWords warns of words that nothing can mean: keywords of no architecture,
// licence groups of no repository.
func (l *loader) checkWords() {
	arches := strings.Fields(l.vars.Get("PORTAGE_ARCHLIST"))
	for _, w := range l.vars.lists["ACCEPT_KEYWORDS"].Words {
		bare := strings.TrimPrefix(strings.TrimPrefix(w.Text, "-"), "~")
		if len(arches) > 0 && !slices.Contains(arches, bare) && bare != "*" && bare != "**" {
			l.warn.at(w.Pos, w.Text, "unknown word in ACCEPT_KEYWORDS")
		}
	}
	if l.config.Arch() == "" && len(l.nodes) > 0 {
		l.warn.at(Pos{File: l.config.ProfilePath}, "", "profile does not set ARCH")
	}
	groups := l.config.Accept.LicenseGroups
	check := func(words []Word) {
		for _, w := range words {
			group, ok := strings.CutPrefix(strings.TrimPrefix(w.Text, "-"), "@")
			if _, known := groups[group]; ok && !known && len(groups) > 0 {
				l.warn.at(w.Pos, w.Text, "unknown licence group")
			}
		}
	}
	check(l.vars.lists["ACCEPT_LICENSE"].Words)
	for _, e := range l.config.Accept.Licenses.Entries() {
		check(e.Words)
	}
}

func (l *loader) warnPlus(name string, words []Word) {
	for _, w := range words {
		if strings.HasPrefix(w.Text, "+") {
			l.warn.at(w.Pos, w.Text, "words of %s do not start with +", name)
		}
	}
}

// globalUSE computes USE as it is without any package. With FEATURES=test
// Portage computes it twice and forgets "-flag" of the environment; here it
// does not.
func (c *Config) globalUSE() map[string]Word {
	set := make(map[string]Word)
	for _, s := range c.USE.Use("") {
		if s.Stable {
			continue
		}
		if s.Hook == HookFeatures && c.features["test"] {
			set["test"] = Word{Text: "test"}
		}
		applyOps(set, s.Ops)
	}
	maps.Copy(set, global(c.USE.Force("")))
	if arch := c.Arch(); arch != "" {
		set[arch] = Word{Text: arch, Pos: c.Vars.layers[LayerDefaults]["ARCH"][0].pos}
	}
	for flag := range global(c.USE.Mask("")) {
		delete(set, flag)
	}
	return set
}

// global applies what a stack says about every package.
func global(stack FlagStack) map[string]Word {
	set := make(map[string]Word)
	for _, s := range stack {
		if !s.Stable {
			applyOps(set, s.Ops)
		}
	}
	return set
}

// applyOps applies operations without knowing any IUSE: "prefix_*" stays a
// word, as emerge --info shows it.
func applyOps(set map[string]Word, ops []Op) {
	for _, op := range ops {
		switch op.Kind {
		case OpOn:
			set[op.Flag] = Word{op.Flag, op.Pos}
		case OpOff:
			delete(set, op.Flag)
		case OpClear:
			clear(set)
		case OpClearPrefix:
			maps.DeleteFunc(set, func(flag string, _ Word) bool { return strings.HasPrefix(flag, op.Flag) })
		case OpOnPrefix:
			set[op.Flag+"*"] = Word{op.Flag + "*", op.Pos}
		}
	}
}

func setValue(set map[string]Word) Value {
	var value Value
	for _, text := range slices.Sorted(maps.Keys(set)) {
		value.Words = append(value.Words, set[text])
	}
	value.Text = strings.Join(texts(value.Words), " ")
	return value
}

// setExpanded makes the variables of USE_EXPAND agree with USE. Words that the
// variable itself has come first, in its order.
func (c *Config) setExpanded(flags map[string]Word) {
	for i, name := range c.expand.prefixed {
		prefix := c.expand.prefixes[i]
		group := make(map[string]Word)
		for flag, w := range flags {
			if short, ok := strings.CutPrefix(flag, prefix); ok {
				group[short] = Word{short, w.Pos}
			}
		}
		c.setGroup(name, group)
	}
	for _, name := range c.expand.bare {
		group := make(map[string]Word)
		for _, text := range strings.Fields(c.Vars.plainText(name)) {
			if w, ok := flags[text]; ok {
				group[text] = w
			}
		}
		c.setGroup(name, group)
	}
}

func (c *Config) setGroup(name string, group map[string]Word) {
	plain, known := c.Vars.plain(name)
	if !known && len(group) == 0 {
		return
	}
	value := Value{Origin: plain.Origin}
	rest := maps.Clone(group)
	for _, text := range strings.Fields(plain.Text) {
		if w, ok := group[text]; ok {
			value.Words = append(value.Words, w)
			delete(rest, text)
		}
	}
	value.Words = append(value.Words, setValue(rest).Words...)
	value.Text = strings.Join(texts(value.Words), " ")
	c.Vars.lists[name] = value
}
