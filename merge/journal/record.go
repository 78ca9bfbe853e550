package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/tumpline/tumpline/merge/inroot"
)

// A State is how far a transaction has come.
type State string

const (
	Begun     State = "begin"     // files are staged
	Planned   State = "planned"   // the steps before the commit are being made
	Committed State = "committed" // the steps after the commit are being made
	Done      State = "done"      // every step is made and durable
	Undoing   State = "undoing"   // steps are being taken back
	Undone    State = "undone"    // every step has been taken back
)

// unfinished says if the next run has to do something.
func (s State) unfinished() bool { return s != Done && s != Undone }

// A record is one line of a journal.
type record struct {
	State  State    `json:"state,omitempty"`
	Title  string   `json:"title,omitempty"`
	Time   int64    `json:"time,omitempty"`  // seconds since the epoch
	Stage  string   `json:"stage,omitempty"` // a folder for files, about to be made
	Sum    string   `json:"sum,omitempty"`   // digest of the plan
	Script string   `json:"script,omitempty"`
	Ended  bool     `json:"ended,omitempty"` // of Script
	Failed string   `json:"failed,omitempty"`
	Pruned bool     `json:"pruned,omitempty"`
	Facts  []string `json:"facts,omitempty"`
}

// room is what a new journal reserves of the disk, so that a full one does not
// keep a transaction from ending.
const room = 16 << 10

// A file is a journal being written.
type file struct {
	f    *os.File
	name string
}

func createFile(f *inroot.FS, name string) (*file, error) {
	out, err := f.Create(name, 0o644)
	if err != nil {
		return nil, err
	}
	err = unix.Fallocate(int(out.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, room)
	if err != nil && !errors.Is(err, unix.ENOTSUP) && !errors.Is(err, unix.ENOSYS) {
		out.Close() // the other error is told
		return nil, &fs.PathError{Op: "reserve", Path: name, Err: err}
	}
	return &file{out, name}, nil
}

// reopenFile opens a journal to add to it; what a crash left of a last line goes.
func reopenFile(f *inroot.FS, name string) (*file, error) {
	text, err := f.ReadFile(name)
	if err != nil {
		return nil, err
	}
	_, good := parseRecords(text)
	host, err := f.Host(path.Dir(name))
	if err != nil {
		return nil, err
	}
	out, err := os.OpenFile(path.Join(host, path.Base(name)), os.O_RDWR|unix.O_NOFOLLOW, 0)
	if err != nil {
		return nil, err
	}
	if err = out.Truncate(int64(good)); err == nil {
		_, err = out.Seek(0, 2)
	}
	if err != nil {
		out.Close() // the other error is told
		return nil, err
	}
	return &file{out, name}, nil
}

// write appends a record.
func (w *file) write(r record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	if _, err := fmt.Fprintf(w.f, "%08x %s\n", crc32.ChecksumIEEE(line), line); err != nil {
		return fmt.Errorf("write journal: %w", err)
	}
	return nil
}

// sync makes the records so far durable.
func (w *file) sync() error {
	if err := unix.Fdatasync(int(w.f.Fd())); err != nil {
		return fmt.Errorf("write journal %s: %w", w.name, err)
	}
	return nil
}

// parseRecords reads the records up to the first that is damaged, and tells where
// they end.
func parseRecords(text []byte) (list []record, end int) {
	for line := range strings.Lines(string(text)) {
		sum, body, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		var r record
		if !ok || !strings.HasSuffix(line, "\n") || sum != fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(body))) || json.Unmarshal([]byte(body), &r) != nil {
			return list, end
		}
		list = append(list, r)
		end += len(line)
	}
	return list, end
}

// A Script is a script that ran within a transaction.
type Script struct {
	Name   string
	Ended  bool
	Failed string // why, if it did
}

// An Entry is a transaction as its journal tells of it.
type Entry struct {
	ID      int
	Title   string
	Time    int64 // seconds since the epoch, when it began
	State   State
	Facts   []string
	Scripts []Script
	Pruned  bool // its saved files are gone: it cannot be taken back

	stages []string
	sum    string
}

// entryOf adds up the records of a journal. No records at all are those of a
// transaction that has hardly begun.
func entryOf(id int, list []record) *Entry {
	e := &Entry{ID: id, State: Begun}
	for _, r := range list {
		if r.State != "" {
			e.State = r.State
		}
		if r.Title != "" {
			e.Title, e.Time, e.Facts = r.Title, r.Time, r.Facts
		}
		if r.Stage != "" {
			e.stages = append(e.stages, r.Stage)
		}
		if r.Sum != "" {
			e.sum = r.Sum
		}
		e.Pruned = e.Pruned || r.Pruned
		if r.Script != "" {
			e.note(r)
		}
	}
	return e
}

// note adds what a record tells of a script.
func (e *Entry) note(r record) {
	for i := range e.Scripts {
		if e.Scripts[i].Name == r.Script {
			e.Scripts[i].Ended, e.Scripts[i].Failed = r.Ended, r.Failed
			return
		}
	}
	e.Scripts = append(e.Scripts, Script{r.Script, r.Ended, r.Failed})
}
