package phase

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"
)

// socketVariable names the socket on which commands that are programs speak to the
// package manager.
const socketVariable = "TUMPLINE_PHASE"

// An ask is what such a command says: that the phase must end (die), or a question
// about installed packages (has_version, best_version).
type ask struct {
	Op      string `json:"op"`
	Message string `json:"message,omitempty"`
	Command string `json:"command,omitempty"`
	Dir     string `json:"dir,omitempty"`
	Root    string `json:"root,omitempty"` // -r, -d or -b
	ROOT    string `json:"ROOT,omitempty"` // the variable, which ebuilds may change
	Atom    string `json:"atom,omitempty"`
}

// An answer is for a question: an exit status and what is printed.
type answer struct {
	Status int    `json:"status"`
	Output string `json:"output"`
}

// A Question is asked by has_version and best_version.
type Question struct {
	Root string // "-r" ROOT, "-d" SYSROOT, "-b" the build host
	ROOT string // the value of ROOT where it was asked
	Atom string
}

// Answers gives the best installed version that matches, as CATEGORY/PF; "" if
// there is none. An atom that cannot be understood is an error.
type Answers func(q Question) (string, error)

// asks is the listening end.
type asks struct {
	path     string
	listener net.Listener
	open     sync.WaitGroup
	ended    chan struct{}
}

// maxSocketPath is what the kernel allows for the name of a socket.
const maxSocketPath = 107

// shortly gives do a name for a socket that the kernel takes: a long one by way of
// its open folder.
func shortly(path string, do func(path string) error) error {
	if len(path) <= maxSocketPath {
		return do(path)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return do(fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path)))
}

// listen serves the commands of one phase. fail is called when one of them ends it.
func listen(b *Build, fail func(*Error)) (*asks, error) {
	a := &asks{path: b.Dir.join(".ipc.socket"), ended: make(chan struct{})}
	if err := removeAll(a.path); err != nil {
		return nil, err
	}
	err := shortly(a.path, func(path string) (err error) {
		a.listener, err = net.Listen("unix", path)
		return err
	})
	if err != nil {
		return nil, err
	}
	a.listener.(*net.UnixListener).SetUnlinkOnClose(false) // by a name that is gone; the next phase removes it
	if err := os.Chmod(a.path, 0o666); err != nil {
		a.close()
		return nil, err
	}
	a.open.Add(1)
	go func() {
		defer a.open.Done()
		for {
			conn, err := a.listener.Accept()
			if err != nil {
				return // closed
			}
			a.open.Add(1)
			go func() {
				defer a.open.Done()
				defer conn.Close()
				b.serve(conn, fail, a.ended)
			}()
		}
	}()
	return a, nil
}

func (a *asks) close() {
	close(a.ended)
	a.listener.Close() // nothing is lost: who speaks now has no phase any more
}

// serve answers one command. One that ends the phase has no answer, and so does not
// return to the shell before that is killed.
func (b *Build) serve(conn net.Conn, fail func(*Error), ended <-chan struct{}) {
	var q ask
	if err := json.NewDecoder(conn).Decode(&q); err != nil {
		return // whoever it was said nothing that means something
	}
	var a answer
	switch q.Op {
	case "die":
		fail(&Error{Message: q.Message, Function: q.Command, Dir: q.Dir})
		<-ended
		return
	case "has_version", "best_version":
		a = b.answer(q)
	default:
		a.Status = 3
	}
	_ = json.NewEncoder(conn).Encode(a) // a command that does not wait has ended
}

func (b *Build) answer(q ask) answer {
	if b.Answers == nil {
		return answer{Status: 3, Output: "no package database is at hand"}
	}
	best, err := b.Answers(Question{Root: q.Root, ROOT: q.ROOT, Atom: q.Atom})
	switch {
	case err != nil:
		return answer{Status: 2, Output: err.Error()}
	case best == "":
		return answer{Status: 1}
	case q.Op == "has_version":
		return answer{}
	}
	return answer{Output: best + "\n"}
}
