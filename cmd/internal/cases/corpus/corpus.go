// Package corpus replays recorded requests of a Flatcar SDK against an emerge
// front and compares its answers with those of real Portage.
//
// The corpus is a folder with two ebuild repositories (trees), configurations
// with the tokens ${TREES} and ${BOARD_ROOT} (config), databases of installed
// packages (states), requests and answers; its README describes them. The package
// lays out the roots that a request speaks of, has the caller run the front
// in them, and compares aspect by aspect. It knows neither the front nor the
// resolver, only plan documents.
package corpus

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// A Corpus is a folder of requests and recorded answers.
type Corpus struct {
	Dir      string // absolute
	Requests []Request
}

// A Request is a command line with the state it is given in.
type Request struct {
	ID         string              `json:"id"`
	Target     string              `json:"target"` // "sdk" or a board
	Args       []string            `json:"args"`
	BoardState string              `json:"board_state"` // "" for empty
	SDKState   string              `json:"sdk_state"`   // "" for sdk.full
	Env        map[string]string   `json:"env"`
	Config     map[string][]string `json:"config"` // files below etc/portage, lines added
	World      []string            `json:"world"`  // replaces the world file; nil: it stays
}

// Board says if the request is for a board, not for the SDK itself.
func (r *Request) Board() bool { return r.Target != "sdk" }

// Open reads the requests of the corpus in a folder.
func Open(dir string) (*Corpus, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open corpus: %w", err)
	}
	c := &Corpus{Dir: dir}
	return c, readJSON(filepath.Join(dir, "requests.json"), &c.Requests)
}

// Answer reads the recorded answer to a request.
func (c *Corpus) Answer(id string) (*Answer, error) {
	a := &Answer{}
	return a, readJSON(filepath.Join(c.Dir, "answers", id+".json"), a)
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read corpus: %w", err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read corpus: %s: %w", path, err)
	}
	return nil
}

// An Answer is what real Portage answered.
type Answer struct {
	ReturnCode int       `json:"returncode"`
	Output     string    `json:"output"` // standard output and error, paths as tokens
	Resolve    *Resolve  `json:"resolve"`
	Depclean   *Depclean `json:"depclean"`
	Unmerge    *Unmerge  `json:"unmerge"`
	Seconds    struct {
		Process float64 `json:"process"`
	} `json:"seconds"`
	PeakRSS float64 `json:"peak_rss_mib"`
	Runs    int     `json:"depgraph_runs"` // 1 and the number of restarts
}

// A Resolve is the answer of the resolver; absent if Portage stopped before it.
type Resolve struct {
	Success     bool            `json:"success"`
	Mergelist   []Task          `json:"mergelist"` // nil if there is no order
	Blockers    []Blocker       `json:"blockers"`
	UseChanges  []Change        `json:"use_changes"`
	Keywords    []Change        `json:"keyword_changes"`
	Masks       []Change        `json:"mask_changes"`
	Licenses    []Change        `json:"license_changes"`
	Unsatisfied []Unsatisfied   `json:"unsatisfied_deps"`
	Provided    []string        `json:"pprovided_args"`
	Circular    json.RawMessage `json:"circular"` // absent unless there is no order
	// SlotConflicts holds the conflicts that are left.
	SlotConflicts []json.RawMessage `json:"slot_conflicts"`
}

// A Task is one entry of the merge list.
type Task struct {
	Operation  string   `json:"operation"` // merge, uninstall, nomerge
	Type       string   `json:"type"`      // ebuild, binary, installed
	CPV        string   `json:"cpv"`
	Slot       string   `json:"slot"`
	Subslot    string   `json:"sub_slot"`
	Repo       string   `json:"repo"`
	Root       string   `json:"root"` // "/" or "board"
	EAPI       string   `json:"eapi"`
	Use        []string `json:"use"`
	Status     string   `json:"status"`
	Replaces   []string `json:"replaces"`
	OtherSlots []string `json:"other_slots"`
	OldSubslot *string  `json:"old_sub_slot"`
}

// A Blocker is a blocker in the merge list.
type Blocker struct {
	Atom      string   `json:"atom"`
	Root      string   `json:"root"`
	Satisfied bool     `json:"satisfied"`
	Hard      bool     `json:"hard"`
	Parents   []string `json:"parents"`
}

// A Change is a change of configuration that is asked for.
type Change struct {
	CPV      string          `json:"cpv"`
	Root     string          `json:"root"`
	Changes  map[string]bool `json:"changes"`
	Licenses []string        `json:"licenses"`
}

// An Unsatisfied is a dependency that nothing satisfies.
type Unsatisfied struct {
	Atom        string `json:"atom"`
	Root        string `json:"root"`
	RequiredUse bool   `json:"required_use"`
}

// A Depclean is the answer to a removal of what is not needed.
type Depclean struct {
	Cleanlist []struct {
		CPV string `json:"cpv"`
	} `json:"cleanlist"`
	Ordered  bool `json:"ordered"`
	Required int  `json:"required_packages"`
}

// An Unmerge is the answer to a removal.
type Unmerge struct {
	Pkgmap []struct {
		Selected []string `json:"selected"`
	} `json:"pkgmap"`
}
