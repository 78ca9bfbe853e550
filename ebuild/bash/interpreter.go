package bash

import (
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// A Version is that of a bash or of what an EAPI wants.
type Version struct{ Major, Minor int }

// String gives "5.3".
func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major, v.Minor) }

// AtLeast says whether v is w or newer.
func (v Version) AtLeast(w Version) bool {
	return v.Major > w.Major || v.Major == w.Major && v.Minor >= w.Minor
}

// ParseVersion reads "5.3" or "5.3.15(1)-release".
func ParseVersion(text string) (Version, error) {
	parts := strings.SplitN(text, ".", 3)
	if len(parts) < 2 {
		return Version{}, fmt.Errorf("bash version %q: expected major.minor", text)
	}
	major, err := strconv.Atoi(parts[0])
	minor, err2 := strconv.Atoi(parts[1])
	if err != nil || err2 != nil {
		return Version{}, fmt.Errorf("bash version %q: expected numbers", text)
	}
	return Version{major, minor}, nil
}

// Least is the oldest bash that the library runs on.
func Least() Version { return Version{4, 4} }

// AskVersion runs a program that may be bash to hear its version.
func AskVersion(program string) (Version, error) {
	cmd := exec.Command(program, "--version")
	cmd.Env = []string{"LC_ALL=C"}
	out, err := cmd.Output()
	if err != nil {
		return Version{}, fmt.Errorf("ask %s: %w", program, err)
	}
	m := regexp.MustCompile(`^GNU bash, version ([0-9]+\.[0-9]+)`).FindSubmatch(out)
	if m == nil {
		return Version{}, fmt.Errorf("%s is not bash: %.40q", program, out)
	}
	return ParseVersion(string(m[1]))
}
