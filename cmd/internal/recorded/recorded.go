// Package recorded runs calls of the original tools again with this program in
// their place, and compares what it prints, how it ends and what it writes.
//
// The calls are the records of ../shared/cli, whose README describes them: a tool, its
// arguments, an environment, and the state of a machine: an SDK as /, and the root of
// a board. Each is made in a mount namespace of its own (see stage.go): the state is
// the lower layer of an overlay that becomes the root of the file system, so that
// paths are those of the record and nothing outlives the call.
//
// The package knows the tools' outputs only as text: what is compared as a set, or
// left out because it tells a time or a digest, is in compare.go. Where the original
// is plainly wrong, a list of differences says so (see Differences).
package recorded

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Record is one call of a tool, and what came of it.
type Record struct {
	ID       string            `json:"id"`
	Tool     string            `json:"tool"`
	Args     []string          `json:"args"`
	Shell    string            `json:"shell"` // instead of Args
	Env      map[string]string `json:"env"`
	State    string            `json:"state"`
	Setup    []string          `json:"setup"`
	Cwd      string            `json:"cwd"`
	Stdin    *string           `json:"stdin"`
	Stdout   string            `json:"stdout"`
	Stderr   string            `json:"stderr"`
	Binary   *Binary           `json:"stdout_binary"` // where Stdout is not text
	Exit     int               `json:"exit"`
	Written  map[string]File   `json:"files_written"`
	Unstable Unstable          `json:"unstable"`
	Runs     int               `json:"runs"`
	Form     *string           `json:"form"`
	Note     string            `json:"note"`
}

// Binary is an output that is not text.
type Binary struct {
	Size   int    `json:"size"`
	SHA256 string `json:"sha256"` // hexadecimal
}

// A File is what a call made of a file.
type File struct {
	Mode    string  `json:"mode,omitempty"` // "0644"
	Size    *int64  `json:"size,omitempty"`
	Text    *string `json:"text,omitempty"`
	SHA256  string  `json:"sha256,omitempty"`
	Symlink *string `json:"symlink,omitempty"` // where it points
	Removed bool    `json:"removed,omitempty"`
	Present bool    `json:"present,omitempty"` // nothing but that it is there
}

// Unstable is what differed between two runs, or does by nature.
type Unstable map[string]json.RawMessage

// has says if a part is unstable: "stdout", "stderr", "files_written".
func (u Unstable) has(part string) bool { _, ok := u[part]; return ok }

// paths lists the files that are unstable.
func (u Unstable) paths() []string {
	var out []string
	if json.Unmarshal(u["files_written"], &out) != nil {
		return nil // a text that speaks of them, not a list
	}
	return out
}

// lines lists the lines of an output that are unstable.
func (u Unstable) lines(part string) []string {
	var out map[string][]string
	if json.Unmarshal(u[part], &out) != nil {
		return nil
	}
	return out["lines that differ between two runs"]
}

// Read reads the records of all tools, in the order of tools and records.
func Read(dir string) ([]*Record, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, fmt.Errorf("read recorded calls: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("read recorded calls: there are none in %s", dir)
	}
	var out []*Record
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read recorded calls: %w", err)
		}
		var records []*Record
		if err := json.Unmarshal(text, &records); err != nil {
			return nil, fmt.Errorf("read recorded calls: %s: %w", file, err)
		}
		out = append(out, records...)
	}
	return out, nil
}

// board is the name of the folder in /build of a state: "arm64-usr"; "" for the SDK alone.
func (r *Record) board() string {
	state := strings.TrimPrefix(r.State, "real.")
	name, _, _ := strings.Cut(state, ".")
	if name == "sdk" {
		return ""
	}
	return name
}

// Places of a call. They are those of the records' tokens.
const (
	treesPath = "/mnt/host/source/src/third_party"
	tmpPath   = "/tmp/case"
	toolsPath = "/opt/tumpline"
)

// literally begins paths of the record whose ROOT has a token as it stands, which its
// tool took for a relative path.
const literally = "${TMP}/${TMP}"

// expand puts paths in place of the tokens of a record.
func (r *Record) expand(s string) string {
	s = strings.ReplaceAll(s, literally, tmpPath+"/$"+"{\x00TMP}")
	return strings.ReplaceAll(r.tokens(s), "{\x00TMP}", "{TMP}")
}

// Expected is the recorded standard output, as this machine's calls would print it.
func (r *Record) Expected() string { return r.expand(r.Stdout) }

// literal says if the environment of a record has tokens as they stand.
func (r *Record) literal() bool {
	for path := range r.Written {
		if strings.HasPrefix(path, literally) {
			return true
		}
	}
	return false
}

func (r *Record) tokens(s string) string {
	return strings.NewReplacer("${BOARD_ROOT}", "/build/"+r.board(), "${TREES}", treesPath, "${TMP}", tmpPath).Replace(s)
}
