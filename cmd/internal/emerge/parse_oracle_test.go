package emerge

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// An answer is what the reference package manager makes of a command line.
type answer struct {
	Action  string
	Options map[string]any
	Args    []string
	Exit    int
	Error   string
}

// TestParseAsPortage compares with answers that Portage gave; the file's first
// line says which Portage and how. TUMPLINE_OPTION_ANSWERS names another file.
func TestParseAsPortage(t *testing.T) {
	name := "testdata/parse_opts.jsonl"
	if other := os.Getenv("TUMPLINE_OPTION_ANSWERS"); other != "" {
		name = other
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	n := 0
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		n++
		var c struct {
			Args            []string
			Strict, Lenient answer
		}
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		compareAnswer(t, c.Args, Strict, c.Strict)
		// The first look is for roots only: what it makes of bad numbers for
		// options that it does not use is left out of the comparison.
		if c.Strict.Exit == 0 || c.Lenient.Exit != 0 && !strings.HasPrefix(c.Lenient.Error, "Invalid") {
			compareAnswer(t, c.Args, Lenient, c.Lenient)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d command lines", n)
}

func compareAnswer(t *testing.T, args []string, mode Mode, want answer) {
	t.Helper()
	line, err := Parse(args, mode)
	if err != nil {
		status := 2
		if errors.Is(err, ErrActions) {
			status = 1
		}
		// Portage lists actions, and so what a prefix could mean, in no order.
		same := sameWords(err.Error(), want.Error) || errors.Is(err, ErrActions)
		if want.Exit != status || !same {
			t.Errorf("Parse(%q, %d) = %d %q; want %+v", args, mode, status, err, want)
		}
		return
	}
	got := answer{Action: line.Action, Options: map[string]any{}, Args: line.Args}
	for name, v := range line.Options {
		got.Options[name] = v.plain()
	}
	// Portage always has it.
	if _, ok := got.Options["--regex-search-auto"]; !ok {
		got.Options["--regex-search-auto"] = "y"
	}
	if want.Exit != 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("Parse(%q, %d)\n got %+v\nwant %+v", args, mode, got, want)
	}
}

func sameWords(a, b string) bool {
	x, y := strings.Fields(strings.ReplaceAll(a, ",", " ")), strings.Fields(strings.ReplaceAll(b, ",", " "))
	sort.Strings(x)
	sort.Strings(y)
	return reflect.DeepEqual(x, y)
}

// plain is the value as it stands in the answers.
func (v Value) plain() any {
	switch v.Kind {
	case KindTrue:
		return true
	case KindFalse:
		return false
	case KindInteger:
		return float64(v.Int)
	case KindNumber:
		text := strconv.FormatFloat(v.Float, 'g', -1, 64)
		if !strings.ContainsAny(text, ".eNI") {
			text += ".0"
		}
		return map[string]any{"float": strings.ToLower(strings.TrimPrefix(text, "+"))}
	case KindList:
		list := make([]any, len(v.List))
		for i, w := range v.List {
			list[i] = w
		}
		return list
	default:
		return v.Text
	}
}
