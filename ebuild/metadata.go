package ebuild

import (
	"errors"
	"strconv"
	"strings"

	"github.com/tumpline/tumpline/atoms/eapi"
)

// Metadata gives the raw metadata values of one package by the names that PMS
// and Portage give them: "DEPEND", "SLOT", "repository", "BUILD_TIME", ... A
// missing key gives "". It must be safe for concurrent use and never change.
type Metadata interface {
	Get(key string) string
}

// Map is Metadata made of a map.
type Map map[string]string

// Get gives the value of a key, or "".
func (m Map) Get(key string) string { return m[key] }

// noMetadata stands for metadata that could not be had.
type noMetadata struct{}

func (noMetadata) Get(string) string { return "" }

// An IUSEFlag is one word of IUSE.
type IUSEFlag struct {
	Name    string
	Default int8 // +1 for "+flag", -1 for "-flag", 0 for "flag"
}

// String gives the word as written.
func (f IUSEFlag) String() string {
	switch {
	case f.Default > 0:
		return "+" + f.Name
	case f.Default < 0:
		return "-" + f.Name
	}
	return f.Name
}

func parseIUSE(text string) []IUSEFlag {
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil
	}
	flags := make([]IUSEFlag, len(words))
	for i, w := range words {
		switch w[0] {
		case '+':
			flags[i] = IUSEFlag{Name: w[1:], Default: 1}
		case '-':
			flags[i] = IUSEFlag{Name: w[1:], Default: -1}
		default:
			flags[i] = IUSEFlag{Name: w}
		}
	}
	return flags
}

// eapiName gives the EAPI of a package; none is "0" (PMS, section "EAPI").
func eapiName(text string) string {
	if name := strings.TrimSpace(text); name != "" {
		return name
	}
	return "0"
}

// errSlot is the reason for a SLOT that is none.
var errSlot = errors.New("invalid value")

// parseSlot splits SLOT. An invalid one counts as "0", as in Portage.
func parseSlot(text string, f *eapi.Features) (slot, subslot string, err error) {
	slot, subslot, both := strings.Cut(text, "/")
	if !both {
		subslot = slot
	}
	if both && !f.SubSlots || !validSlot(slot) || !validSlot(subslot) {
		return "0", "0", errSlot
	}
	return slot, subslot, nil
}

// validSlot checks PMS section "Slot names".
func validSlot(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '_':
		case i > 0 && (c == '+' || c == '-' || c == '.'):
		default:
			return false
		}
	}
	return s != ""
}

// parseInt reads a number of the package databases: absent gives what is given
// for that, text that is no number gives bad.
func parseInt(text string, absent, bad int64) int64 {
	text = strings.TrimSpace(text)
	if text == "" {
		return absent
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return bad
	}
	return n
}
