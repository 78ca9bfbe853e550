package glsacheck

// A painter colours words. Like glsa-check it does so even if nobody looks, unless
// it was told to be plain.
type painter struct{ plain bool }

func (p painter) with(code, text string) string {
	if p.plain {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[39;49;00m"
}

func (p painter) red(text string) string   { return p.with("31;01", text) }
func (p painter) green(text string) string { return p.with("32;01", text) }
func (p painter) white(text string) string { return p.with("37;01", text) }
