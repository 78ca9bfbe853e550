package confine

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// A resolver finds what paths mean to the processes of one confinement. They all
// have the same root, since none may change it.
type resolver struct {
	root int // a descriptor, -1 as long as there is none

	// What the kernel puts before names in that root: this process and those of the
	// confinement may have the same folder of the machine as root (chroot), but they
	// see it through other mounts.
	prefix string

	// Where folders lead, so that each file in one costs less. Only a new link or
	// another folder in its place changes that; these calls are watched.
	folders map[string]string
}

// maxFolders bounds the folders that are remembered.
const maxFolders = 4096

func newResolver() *resolver { return &resolver{root: -1, folders: map[string]string{}} }

func (r *resolver) forget() { clear(r.folders) }

func (r *resolver) close() {
	if r.root >= 0 {
		unix.Close(r.root)
	}
}

// resolve fills in a name of which Given is known. The folder proc is that of
// the process, base the link in it to the folder where relative paths begin.
func (r *resolver) resolve(n *Name, proc, base string, follow bool) error {
	n.Absolute = n.Given
	if err := r.openRoot(proc); err != nil {
		return err
	}
	if !path.IsAbs(n.Given) {
		dir, err := promptReadlink(unix.AT_FDCWD, proc+"/"+base)
		if err != nil {
			return err
		}
		if !path.IsAbs(dir) { // a pipe, socket or memory file
			n.Absolute, n.there, n.Parent = "", present, true
			return nil
		}
		n.Absolute = r.inside(dir) + "/" + n.Given
	}
	at := n.Absolute
	n.Absolute = path.Clean(n.Absolute)
	for links := 0; ; links++ {
		next, err := r.step(n, at, follow)
		if links == 0 {
			n.Place = n.Resolved
		}
		if err != nil || next == "" {
			return err
		}
		if links > maxLinks {
			return unix.ELOOP
		}
		at = next
	}
}

// openRoot finds the root of the confinement by that of one of its processes.
func (r *resolver) openRoot(proc string) error {
	if r.root >= 0 {
		return nil
	}
	root, err := unix.Open(proc+"/root", unix.O_PATH|unix.O_CLOEXEC|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	prefix, err := os.Readlink("/proc/self/fd/" + strconv.Itoa(root))
	if err != nil {
		unix.Close(root)
		return fmt.Errorf("name of the root: %w", err)
	}
	r.root, r.prefix = root, strings.TrimRight(prefix, "/")
	return nil
}

// inside makes a name that the kernel gives one in the root of the confinement.
func (r *resolver) inside(name string) string {
	rest, ok := strings.CutPrefix(name, r.prefix)
	switch {
	case ok && rest == "":
		return "/"
	case ok && rest[0] == '/':
		return rest
	}
	return name
}

// step resolves the folder of a path and, if links are followed, looks at its last
// part; if that is a link, next is where it leads.
func (r *resolver) step(n *Name, at string, follow bool) (next string, err error) {
	dir, last := path.Split(strings.TrimRight(at, "/"))
	if last == "." || last == ".." || last == "" {
		dir, last = at, ""
	}
	n.Resolved, n.there, n.Parent, n.root = path.Clean(at), absent, false, r.root
	if own(n.Resolved) {
		n.there, n.Parent = present, true
		return "", nil
	}
	real, err := r.folder(dir)
	if errors.Is(err, errMagic) || strings.HasPrefix(n.Resolved, "/proc/self/") || strings.HasPrefix(n.Resolved, "/proc/thread-self/") {
		n.there, n.Parent = present, true // links of /proc to somewhere; where, is not known
		return "", nil
	}
	if err != nil || real == "" {
		return "", err // what the kernel says will be the same
	}
	n.Parent = true
	n.Resolved = path.Join(real, last)
	if last == "" {
		n.there = present
		return "", nil
	}
	if !follow {
		n.there = unknown
		return "", nil
	}
	next, err = promptReadlink(r.root, n.Resolved[1:])
	switch {
	case errors.Is(err, unix.EINVAL): // no link
		n.there = present
	case err == nil:
		n.there = present
		if !path.IsAbs(next) {
			next = real + "/" + next
		}
	}
	return next, nil
}

// errMagic reports links of /proc on the way, which say other things to this
// process than to the one that asks.
var errMagic = errors.New("the path leads through a link of /proc")

// folder gives the name of a folder without links, "" if there is none.
func (r *resolver) folder(dir string) (string, error) {
	if real, ok := r.folders[dir]; ok {
		return real, nil
	}
	fd, err := promptOpen(r.root, dir)
	if errors.Is(err, unix.ELOOP) || errors.Is(err, unix.EXDEV) {
		return "", errMagic
	}
	if err != nil {
		return "", nil
	}
	defer promptClose(fd)
	real, err := promptReadlink(unix.AT_FDCWD, "/proc/self/fd/"+strconv.Itoa(fd))
	if err != nil {
		return "", fmt.Errorf("name of a folder: %w", err)
	}
	if len(r.folders) == maxFolders {
		r.forget()
	}
	real = r.inside(real)
	r.folders[dir] = real
	return real, nil
}
