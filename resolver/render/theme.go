package render

import "strings"

// A Theme maps the names of colours and styles to escape sequences. The nil
// Theme leaves text as it is. A Theme is immutable once in use; NewTheme gives
// Portage's, ParseColorMap changes one as /etc/portage/color.map says.
type Theme struct {
	codes map[string]string // colours and attributes: "green", "bold", "0x55FF55"
	style map[string][]string
}

const escape = "\x1b["

// rgb are the sixteen colours of terminals in the order of their codes, dark
// and bright in turn, with the names Portage gives them.
func rgb() [16][]string {
	return [16][]string{
		{"0x000000", "black"}, {"0x555555", "darkgray"},
		{"0xAA0000", "darkred"}, {"0xFF5555", "red"},
		{"0x00AA00", "darkgreen"}, {"0x55FF55", "green"},
		{"0xAA5500", "brown", "0xAAAA00", "darkyellow"}, {"0xFFFF55", "yellow"},
		{"0x0000AA", "darkblue"}, {"0x5555FF", "blue"},
		{"0xAA00AA", "purple"}, {"0xFF55FF", "fuchsia"},
		{"0x00AAAA", "teal"}, {"0x55FFFF", "turquoise", "darkteal"},
		{"0xAAAAAA", "lightgray"}, {"0xFFFFFF", "white"},
	}
}

// NewTheme returns the colours that Portage uses without a color.map.
func NewTheme() *Theme {
	t := &Theme{codes: map[string]string{
		"normal": escape + "0m", "reset": escape + "39;49;00m",
		"bold": escape + "01m", "faint": escape + "02m", "standout": escape + "03m",
		"underline": escape + "04m", "blink": escape + "05m", "overline": escape + "06m",
		"reverse": escape + "07m", "invisible": escape + "08m", "no-attr": escape + "22m",
		"no-standout": escape + "23m", "no-underline": escape + "24m", "no-blink": escape + "25m",
		"no-overline": escape + "26m", "no-reverse": escape + "27m",
		"bg_black": escape + "40m", "bg_darkred": escape + "41m", "bg_darkgreen": escape + "42m",
		"bg_brown": escape + "43m", "bg_darkyellow": escape + "43m", "bg_darkblue": escape + "44m",
		"bg_purple": escape + "45m", "bg_teal": escape + "46m", "bg_lightgray": escape + "47m",
		"bg_default": escape + "49m",
	}}
	for i, names := range rgb() {
		code := escape + "3" + string(rune('0'+i/2)) + "m"
		if i%2 == 1 {
			code = escape + "3" + string(rune('0'+i/2)) + ";01m"
		}
		for _, name := range names {
			t.codes[name] = code
		}
	}
	t.style = styles()
	return t
}

// styles are Portage's classes of text and the colour of each.
func styles() map[string][]string {
	m := map[string]string{
		"BAD": "red", "BRACKET": "blue", "ERR": "red", "GOOD": "green", "HILITE": "teal",
		"INFO": "darkgreen", "LOG": "green", "NORMAL": "normal", "QAWARN": "brown", "WARN": "yellow",
		"INFORM": "darkgreen", "UNMERGE_WARN": "red", "SECURITY_WARN": "red",
		"MERGE_LIST_PROGRESS": "yellow", "PKG_BLOCKER": "red", "PKG_BLOCKER_SATISFIED": "teal",
		"PKG_MERGE": "darkgreen", "PKG_MERGE_SYSTEM": "darkgreen", "PKG_MERGE_WORLD": "green",
		"PKG_BINARY_MERGE": "purple", "PKG_BINARY_MERGE_SYSTEM": "purple", "PKG_BINARY_MERGE_WORLD": "fuchsia",
		"PKG_UNINSTALL": "red",
		"PKG_NOMERGE":   "teal", "PKG_NOMERGE_SYSTEM": "teal", "PKG_NOMERGE_WORLD": "blue",
		"PROMPT_CHOICE_DEFAULT": "green", "PROMPT_CHOICE_OTHER": "red",
	}
	out := make(map[string][]string, len(m))
	for style, colour := range m {
		out[style] = []string{colour}
	}
	return out
}

// Paint returns text in a colour or style, or as it is if the theme is nil or
// does not know the name. Empty text is painted too, as Portage does.
func (t *Theme) Paint(name, text string) string {
	code, ok := t.Code(name)
	if !ok {
		return text
	}
	return code + text + t.codes["reset"]
}

// Code returns the escape sequence that begins a colour or style; ok is false if
// the theme is nil or does not know the name.
func (t *Theme) Code(name string) (code string, ok bool) {
	if t == nil {
		return "", false
	}
	if code, ok := t.codes[name]; ok {
		return code, true
	}
	parts, ok := t.style[name]
	var b strings.Builder
	for _, part := range parts {
		if code, ok := t.codes[part]; ok {
			b.WriteString(code)
		} else {
			b.WriteString(part)
		}
	}
	return b.String(), ok
}
