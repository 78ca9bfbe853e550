package confine

import (
	"bytes"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"
)

// marker is the name under which this program is a trampoline; its only argument
// is option with the number of the control socket. A program that does not call
// Trampoline ends at an option that it does not know.
const (
	marker = "tumpline-confine"
	option = "--confine-descriptor="
)

// A request is what the trampoline is told.
type request struct {
	Policy Policy
	Path   string   // the program
	Args   []string // with argv[0]
	Env    []string
	First  int  // the first descriptor that the program does not get
	Probe  bool // only tell whether it came so far

	Without []Part // parts not to apply

	Users, PIDs, Mounts, Net, IPC, Hostname bool // namespaces it is in
}

// An answer is what the trampoline tells: what it left out, and whether it
// becomes the program now, or why not.
type answer struct {
	Missing  []*Error
	Listener bool // a descriptor that hears of watched calls follows
	Ready    bool
	Failed   *Error // a part
	Err      string // anything else
}

// writeMessage sends v with its length in front. The encoding keeps strings
// that are not UTF-8.
func writeMessage(w io.Writer, v any) error {
	text := bytes.NewBuffer(make([]byte, 4, 1024))
	if err := gob.NewEncoder(text).Encode(v); err != nil {
		return err
	}
	binary.BigEndian.PutUint32(text.Bytes(), uint32(text.Len()-4))
	_, err := w.Write(text.Bytes())
	return err
}

// readMessage receives what writeMessage sent; io.EOF if there is nothing more.
func readMessage(r io.Reader, v any) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(binary.BigEndian.Uint32(head[:]))))
	if err != nil {
		return err
	}
	if err := gob.NewDecoder(bytes.NewReader(text)).Decode(v); err != nil {
		return fmt.Errorf("internal error: confine: a message of %d bytes: %w", len(text), err)
	}
	return nil
}

// sendFile sends a descriptor beside one byte.
func sendFile(control, fd int) error {
	return unix.Sendmsg(control, []byte{0}, unix.UnixRights(fd), nil, 0)
}

// receiveFile receives what sendFile sent.
func receiveFile(control int) (int, error) {
	var text [1]byte
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(control, text[:], rights, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return -1, err
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return -1, errors.Join(errors.New("internal error: confine: no descriptor came"), err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return -1, errors.Join(errors.New("internal error: confine: no descriptor came"), err)
	}
	return fds[0], nil
}

// A descriptor reads and writes without Go's poller, which the trampoline has
// no use for.
type descriptor int

func (d descriptor) Read(p []byte) (int, error) {
	for {
		n, err := unix.Read(int(d), p)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err == nil && n == 0 && len(p) > 0 {
			return 0, io.EOF
		}
		return max(n, 0), err
	}
}

func (d descriptor) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := unix.Write(int(d), p[done:])
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}
