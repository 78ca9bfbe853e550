package vdb

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Saved reads variables from the environment that the package of an entry was
// built in, environment.bz2 in its directory: those for whose name want is true.
// Values are as bash wrote them between the quotes, escapes included, as Portage
// takes them. Without such a file there are none.
func Saved(dir string, want func(name string) bool) (map[string]string, error) {
	path := filepath.Join(dir, "environment.bz2")
	packed, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var text []byte
	if err == nil {
		text, err = io.ReadAll(bzip2.NewReader(bytes.NewReader(packed)))
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return saved(text, want), nil
}

// saved finds assignments outside functions.
func saved(text []byte, want func(name string) bool) map[string]string {
	assignment := regexp.MustCompile(`^(?:declare\s+(?:-\S+\s+)?|export\s+)?([^=\s]+)=(["']?)(.*)$`)
	function := regexp.MustCompile(`^[^\s=()]+ ?\(\)\s*$`)
	out := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, len(text)+1)
	inside := false
	for lines.Scan() {
		line := lines.Text()
		if inside {
			inside = line != "}"
			continue
		}
		if function.MatchString(line) {
			inside = true
			continue
		}
		m := assignment.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name, quote, value := m[1], m[2], m[3]
		if quote != "" {
			for !endsQuoted(value, quote) && lines.Scan() {
				value += "\n" + lines.Text()
			}
			value = strings.TrimSuffix(strings.TrimRight(value, " \t\n"), quote)
		} else {
			value = strings.TrimRight(value, " \t")
		}
		if want(name) {
			out[name] = value
		}
	}
	return out
}

// endsQuoted says if a text ends with a quote that is not escaped.
func endsQuoted(text, quote string) bool {
	text, ok := strings.CutSuffix(strings.TrimRight(text, " \t"), quote)
	return ok && (quote == "'" || (len(text)-len(strings.TrimRight(text, `\`)))%2 == 0)
}
