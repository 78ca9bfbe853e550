package fetch

import (
	"fmt"

	"github.com/tumpline/tumpline/atoms"
)

// An EventKind is something that happens to a file.
type EventKind uint8

const (
	EventStart    EventKind = iota // a place is asked; URI, and From if a partial file is continued
	EventProgress                  // bytes have arrived; Bytes of Size
	EventTry                       // a place did not give the file; URI, Err
	EventSetAside                  // a wrong file was renamed; Path
	EventWait                      // another process has the lock
	EventDone                      // nothing more happens; Result
)

// String names the kind.
func (k EventKind) String() string {
	switch k {
	case EventStart:
		return "start"
	case EventProgress:
		return "progress"
	case EventTry:
		return "try"
	case EventSetAside:
		return "set aside"
	case EventWait:
		return "wait"
	case EventDone:
		return "done"
	}
	return fmt.Sprintf("EventKind(%d)", uint8(k))
}

// An Event tells what happens to a file. Those of one file come in order, those of
// several mixed.
type Event struct {
	Kind   EventKind
	Name   string
	CPV    atoms.CPV
	URI    string // without password
	From   int64  // bytes that were there before
	Bytes  int64  // of the file that are there
	Size   int64  // of the whole file; -1 if unknown
	Path   string
	Err    error
	Result *Result
}

func (f *Fetcher) event(e Event) {
	if f.set.Events == nil {
		return
	}
	e.URI = hidePassword(e.URI)
	f.tell.Lock()
	defer f.tell.Unlock()
	f.set.Events(e)
}
