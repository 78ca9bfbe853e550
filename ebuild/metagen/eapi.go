package metagen

import (
	"regexp"
	"strings"
	"sync"
)

// eapiLine is the assignment that PMS (section "The EAPI") wants on the first
// line of an ebuild that is neither blank nor a comment.
var eapiLine = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[ \t]*EAPI=(?:'([A-Za-z0-9+_.-]*)'|"([A-Za-z0-9+_.-]*)"|([A-Za-z0-9+_.-]*))[ \t]*(?:[ \t]#.*)?$`)
})

// ParseEAPI gives the EAPI that the text of an ebuild states, "0" if none, and
// the line that was looked at: the first one that is neither blank nor a
// comment, 0 if there is none.
func ParseEAPI(text string) (name string, line int) {
	for text != "" {
		var s string
		s, text, _ = strings.Cut(text, "\n")
		line++
		if t := strings.TrimLeft(strings.TrimSuffix(s, "\r"), " \t\v\f\r"); t == "" || t[0] == '#' {
			continue
		}
		if m := eapiLine().FindStringSubmatch(s); m != nil {
			return m[1] + m[2] + m[3], line
		}
		return "0", line
	}
	return "0", 0
}
