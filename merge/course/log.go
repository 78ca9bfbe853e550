package course

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// tailLines is how many lines of output are kept for the report of a failure.
const tailLines = 30

// maxTailLine bounds one of them, in bytes.
const maxTailLine = 4096

// A logFile is where the output of phases is kept.
type logFile struct {
	mu     sync.Mutex
	path   string
	file   io.WriteCloser
	gzip   *gzip.Writer
	filter *exec.Cmd
	out    io.Writer // what is written to in the end
	empty  bool
	last   []string
	part   strings.Builder
}

// openLog opens the log of the build, which goes on where an earlier run left it.
func (c *Course) openLog() error {
	if c.log != nil {
		return nil
	}
	l := &logFile{}
	name := "build.log"
	if c.Log.Compress {
		name += ".gz"
	}
	inTemp := filepath.Join(c.Build.Dir.Temp(), name)
	l.path = inTemp
	if c.Log.Dir != "" {
		path, err := c.logName()
		if err != nil {
			c.tell("!!! %v", err)
			c.tell("!!! the log stays in the build directory")
		} else {
			l.path = path
		}
	}
	if l.path != inTemp {
		if to, err := os.Readlink(inTemp); err != nil || to != l.path {
			if err := os.RemoveAll(inTemp); err != nil {
				return err
			}
			if err := os.Symlink(l.path, inTemp); err != nil {
				return err
			}
		}
	}
	if err := l.open(c.Log.Filter); err != nil {
		return err
	}
	c.log, c.Build.Log, c.Build.LogFile = l, l, l.path
	return nil
}

// logName gives the name of the log in the folder for logs, and makes the folders.
// Its time is that of a file that stands for this build, so that all runs share it.
func (c *Course) logName() (string, error) {
	id := filepath.Join(string(c.Build.Dir), ".logid")
	info, err := os.Lstat(id)
	if errors.Is(err, fs.ErrNotExist) {
		if err = c.Build.Dir.Write(".logid", ""); err == nil {
			if err = os.Chtimes(id, c.Log.Now, c.Log.Now); err == nil {
				info, err = os.Lstat(id)
			}
		}
	}
	if err != nil {
		return "", err
	}
	sep := c.Log.Separator
	if sep == "" {
		sep = ":"
	}
	tail := info.ModTime().UTC().Format("20060102-150405") + ".log"
	if c.Log.Compress {
		tail += ".gz"
	}
	dir, name := c.Log.Dir, c.Build.Category+sep+c.Build.PF()+sep+tail
	if c.Log.Split {
		dir, name = filepath.Join(dir, "build", c.Build.Category), c.Build.PF()+sep+tail
	}
	if err := LogFolder(c.Log.Dir, dir, c.Log.Group); err != nil {
		return "", err
	}
	return filepath.Join(dir, name), nil
}

// LogFolder makes a folder at or below the folder for logs; what it makes belongs to
// group (negative: left as it is).
func LogFolder(top, dir string, group int) error {
	for _, d := range below(top, dir) {
		err := os.Mkdir(d, 0o2770)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if errors.Is(err, fs.ErrNotExist) && d == top {
			err = os.MkdirAll(d, 0o2770)
		}
		if err != nil {
			return err
		}
		if group >= 0 {
			if err := os.Chown(d, -1, group); err != nil {
				return err
			}
		}
		if err := os.Chmod(d, fs.ModeSetgid|0o770); err != nil {
			return err
		}
	}
	return nil
}

// below lists the folders from top down to dir.
func below(top, dir string) []string {
	list := []string{dir}
	for dir != top && len(dir) > len(top) {
		dir = filepath.Dir(dir)
		list = append([]string{dir}, list...)
	}
	return list
}

func (l *logFile) open(filter []string) error {
	// Not through a link: the builder may write to the folder.
	f, err := os.OpenFile(l.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o644)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is no regular file", l.path)
	}
	if err != nil {
		f.Close() // nothing was written
		return err
	}
	l.file, l.out, l.empty = f, f, info.Size() == 0
	if strings.HasSuffix(l.path, ".gz") {
		l.gzip = gzip.NewWriter(f)
		l.out = l.gzip
	}
	if len(filter) > 0 {
		return l.through(filter)
	}
	return nil
}

// through makes the log pass a program.
func (l *logFile) through(filter []string) error {
	cmd := exec.Command(filter[0], filter[1:]...)
	cmd.Stdout = l.out
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("PORTAGE_LOG_FILTER_FILE_CMD: %w", err)
	}
	l.filter, l.out = cmd, in
	return nil
}

// Write implements io.Writer.
func (l *logFile) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keep(p)
	l.empty = l.empty && len(p) == 0
	return l.out.Write(p)
}

// keep remembers the last lines.
func (l *logFile) keep(p []byte) {
	for _, b := range p {
		switch {
		case b == '\n':
			if l.last = append(l.last, l.part.String()); len(l.last) > 2*tailLines {
				l.last = append([]string(nil), l.last[tailLines:]...)
			}
			l.part.Reset()
		case l.part.Len() < maxTailLine:
			l.part.WriteByte(b)
		}
	}
}

// flush makes what was written readable in the file.
func (l *logFile) flush() error {
	if l == nil || l.gzip == nil || l.filter != nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.gzip.Flush()
}

func (l *logFile) lastLines() []string {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	lines := append([]string(nil), l.last...)
	if l.part.Len() > 0 {
		lines = append(lines, l.part.String())
	}
	return lines[max(0, len(lines)-tailLines):]
}

func (c *Course) logPath() string {
	if c.log == nil {
		return ""
	}
	return c.log.path
}

// closeLog ends the log; an empty one is removed. That a log could not be completed
// is no reason for a build to fail.
func (c *Course) closeLog() {
	l := c.log
	if l == nil {
		return
	}
	c.log, c.Build.Log = nil, nil
	if l.filter != nil {
		if in, ok := l.out.(io.Closer); ok {
			_ = in.Close()
		}
		_ = l.filter.Wait()
	}
	if l.gzip != nil {
		_ = l.gzip.Close()
	}
	_ = l.file.Close()
	if l.empty {
		_ = os.Remove(l.path)
		_ = os.Remove(filepath.Join(c.Build.Dir.Temp(), filepath.Base("build.log")))
	}
}
