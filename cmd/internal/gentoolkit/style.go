package gentoolkit

import (
	"os"
	"path/filepath"

	"github.com/tumpline/tumpline/resolver/render"
)

// A Style paints text as gentoolkit does. The zero Style leaves it as it is.
type Style struct{ theme *render.Theme }

// Colours is the style with Portage's colours, changed by the color.map of a
// configuration root if there is one. What is wrong in that file is passed over, as it
// is a matter of taste.
func Colours(configRoot string) Style {
	theme := render.NewTheme()
	name := filepath.Join(configRoot, "etc/portage/color.map")
	if f, err := os.Open(name); err == nil {
		theme, _ = theme.ReadColorMap(name, f)
		_ = f.Close() // it was only read
	}
	return Style{theme}
}

// Paint gives text in a colour of Portage's name.
func (s Style) Paint(colour, text string) string { return s.theme.Paint(colour, text) }

// Command paints the name of a module or command.
func (s Style) Command(text string) string { return s.Paint("green", text) }

// CPV paints the name of a package.
func (s Style) CPV(text string) string { return s.Paint("green", text) }

// Emph paints what stands out.
func (s Style) Emph(text string) string { return s.Paint("bold", text) }

// GlobalOption paints options of a tool.
func (s Style) GlobalOption(text string) string { return s.Paint("yellow", text) }

// LocalOption paints options of a module.
func (s Style) LocalOption(text string) string { return s.Paint("green", text) }

// Number paints a number.
func (s Style) Number(text string) string { return s.Paint("turquoise", text) }

// Path paints a folder.
func (s Style) Path(text string) string { return s.Paint("bold", text) }

// Symlink paints a symbolic link.
func (s Style) Symlink(text string) string { return s.Paint("turquoise", text) }

// Product paints the name of a tool.
func (s Style) Product(text string) string { return s.Paint("turquoise", text) }

// Section paints a heading or a repository.
func (s Style) Section(text string) string { return s.Paint("turquoise", text) }

// Slot paints a slot.
func (s Style) Slot(text string) string { return s.Paint("bold", text) }

// Flag paints a USE flag by its state.
func (s Style) Flag(text string, enabled bool) string {
	if enabled {
		return s.Paint("red", text)
	}
	return s.Paint("blue", text)
}

// Error is the text of an error, with its line's end.
func (s Style) Error(text string) string { return s.Paint("red", "!!! ") + text + "\n" }

// Warn is the text of a warning, with its line's end.
func (s Style) Warn(text string) string { return "!!! " + text + "\n" }

// A KeywordSort is how good a keyword is.
type KeywordSort uint8

const (
	KeywordStable  KeywordSort = iota // arch
	KeywordTesting                    // ~arch
	KeywordBad                        // -arch, or masked
)

// String names the sort.
func (k KeywordSort) String() string {
	switch k {
	case KeywordStable:
		return "stable"
	case KeywordTesting:
		return "testing"
	default:
		return "bad"
	}
}

// Keyword paints a keyword.
func (s Style) Keyword(text string, sort KeywordSort) string {
	switch sort {
	case KeywordStable:
		return s.Paint("green", text)
	case KeywordBad:
		return s.Paint("red", text)
	default:
		return s.Paint("blue", text)
	}
}
