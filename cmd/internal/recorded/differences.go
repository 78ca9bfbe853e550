package recorded

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// A Difference is where this program is meant to differ from a record.
type Difference struct {
	ID      string
	Aspects []Aspect
	Reason  string
}

// Differences reads a list of them: "ID ASPECT[,ASPECT...] REASON" on a line, # begins
// a comment.
func Differences(file string) (map[string]Difference, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read differences: %w", err)
	}
	out := map[string]Difference{}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		id, rest, _ := strings.Cut(line, " ")
		names, reason, _ := strings.Cut(rest, " ")
		d := Difference{ID: id, Reason: strings.TrimSpace(reason)}
		for name := range strings.SplitSeq(names, ",") {
			at := slices.IndexFunc([]Aspect{Stdout, Exit, Files}, func(a Aspect) bool { return a.String() == name })
			if at < 0 {
				return nil, fmt.Errorf("%s:%d: unknown aspect %q", file, i+1, name)
			}
			d.Aspects = append(d.Aspects, Aspect(at))
		}
		if d.Reason == "" {
			return nil, fmt.Errorf("%s:%d: %s: a reason is missing", file, i+1, id)
		}
		if _, ok := out[id]; ok {
			return nil, fmt.Errorf("%s:%d: %s stands there twice", file, i+1, id)
		}
		out[id] = d
	}
	return out, nil
}

// Judge says what is wrong with a comparison: aspects that differ and are not meant to,
// and aspects that are meant to and do not.
func (d Difference) Judge(c *Comparison) []string {
	var out []string
	for _, a := range []Aspect{Stdout, Exit, Files} {
		diff, differs := c.Diffs[a]
		switch meant := slices.Contains(d.Aspects, a); {
		case differs && !meant:
			out = append(out, fmt.Sprintf("%s differs (-want +got):\n%s", a, diff))
		case !differs && meant:
			out = append(out, fmt.Sprintf("%s is as recorded, though the list of differences names it", a))
		}
	}
	return out
}

// Pending reads a list of records that are not answered yet, or cannot be played with what
// is at hand: "ID REASON" on a line, # begins a comment.
func Pending(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read pending calls: %w", err)
	}
	out := map[string]string{}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		id, reason, _ := strings.Cut(line, " ")
		if reason = strings.TrimSpace(reason); reason == "" {
			return nil, fmt.Errorf("%s:%d: %s: a reason is missing", file, i+1, id)
		}
		out[id] = reason
	}
	return out, nil
}
